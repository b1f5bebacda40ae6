"""One team's till as its file describes it, once the file has been found sound."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from cardpresent.model.capability import Capability
from cardpresent.model.money import Money
from cardpresent.profile import placeholders, schema
from cardpresent.profile.digests import Digests
from cardpresent.profile.prices import Prices
from cardpresent.profile.vocabulary import CAPABILITIES, Verb

MAIN: Final = "main"


@dataclass(frozen=True, slots=True)
class Integration:
    """The file's tables as typed attributes. `digests` are of the whole file, its shops included.

    `shop` is the name under `[shops]`, MAIN for the file's own till; that one knows the others as `shops`.
    """

    path: Path
    digests: Digests
    till: schema.Till
    process: schema.Process
    processes: Mapping[str, schema.Beside] = field(hash=False)
    stripe: schema.Stripe
    auth: schema.Auth
    reader: schema.Reader
    identity: schema.SaleIdentity
    timing: schema.Timing
    operations: Mapping[Verb, schema.Operation] = field(hash=False)
    webhooks: schema.Webhooks | None
    capabilities: Mapping[str, bool | str] = field(hash=False)
    page: schema.Page | None
    adapter: schema.Adapter | None
    data: schema.Data
    offline: schema.Offline
    load: schema.Load
    clock: schema.Clock | None
    logs: schema.Logs
    shop: str = MAIN
    shops: Mapping[str, "Integration"] = field(default_factory=dict, hash=False)

    @property
    def every_shop(self) -> Mapping[str, "Integration"]:
        """The file's own till first, then its shops in their order."""
        return {self.shop: self, **self.shops}

    @property
    def prices(self) -> Prices:
        """In which money, and at which prices, the till can be asked."""
        currency, fixed = self.till.currencies[0], self.till.fixed_amount
        return Prices(currency, None if fixed is None else Money(fixed, currency))

    def capability(self, name: str) -> Capability:
        """What the file says of a capability. Raises KeyError for a name that no till can have."""
        if name not in CAPABILITIES:
            raise KeyError(name)
        declared = self.capabilities.get(name)
        if declared is True:
            return Capability("present")
        if isinstance(declared, str):
            return Capability("not_applicable", declared)
        return Capability("absent", None if declared is False else "not declared in the integration file")

    def names(self, verb: Verb, value: str) -> bool:
        """Whether any request of the verb sends `value`, or its steps at the page do: "eligible" in whatever form,
        "amount.currency" as such."""
        steps: tuple[schema.PageStep, ...] = getattr(self.page, verb, None) or () if self.at_page else ()
        places = [place for place in (self.operations.get(verb), *steps) if place is not None]
        named = (found for place in places for found in placeholders.found_in(msgspec.to_builtins(place)))
        return any(value in {name, name.partition(".")[0]} for _, name in named)

    @property
    def at_page(self) -> bool:
        """Whether its sales are worked at its page and nowhere else."""
        return self.till.kind == "js-sdk"

    @property
    def plays_app(self) -> bool:
        """Whether the suite is the app before this till: its file describes what a backend does for one.

        A native app's file may leave that out; then its sales are taken on the device alone.
        """
        return self.till.kind == "sdk" or (self.till.kind == "native" and "start_sale" in self.operations)

    def reads_words(self, verb: Verb) -> bool:
        """Whether the file says where the till's words stand in its answer to the verb. A page's are read always."""
        if self.at_page and getattr(self.page, verb, None):
            return True
        operation = self.operations.get(verb)
        return operation is not None and bool(operation.words or operation.requests[-1].words)

    @property
    def cwd(self) -> Path:
        """The folder the till's commands run in, absolute."""
        return (self.path.parent / self.process.cwd).resolve()

    @property
    def names_stripe_base(self) -> bool:
        """Whether the till itself takes Stripe's base URL, so that no shim is needed to redirect it."""
        places = [self.process.env, self.process.command, *(beside.env for beside in self.processes.values())]
        return any(name == "stripe_base" for place in places for _, name in placeholders.found_in(place))

    @property
    def by_shims(self) -> bool:
        """Whether the till is started with shims: it is not told where Stripe is, or a port in it is to be moved."""
        moved = self.process.ports or any(beside.ports for beside in self.processes.values())
        wanted = not self.names_stripe_base or bool(moved)
        return bool(self.process.command) and self.process.shims and wanted
