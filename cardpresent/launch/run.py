"""A run's processes, in order: server, account, till, proof that the till is redirected; and all of them ended."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cardpresent.actors.cards import INTERAC
from cardpresent.actors.surroundings import Bounds, Looks, OfflineLimits, OwnReader, Surroundings
from cardpresent.drivers.pos.at_page import AtPage
from cardpresent.drivers.pos.contract import CheckedPos
from cardpresent.drivers.pos.door import Door
from cardpresent.drivers.pos.http import HttpPos
from cardpresent.drivers.pos.port import PosDriver
from cardpresent.drivers.stripe.books import Books
from cardpresent.drivers.wire import Wire, WireError
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.account import Account, account_of
from cardpresent.launch.beside import addresses_of, beside
from cardpresent.launch.browser import Browser
from cardpresent.launch.emptying import empty, must_consent
from cardpresent.launch.folders import first_entry, hello_folder, journal_part, scratch_folder
from cardpresent.launch.from_shell import must_be_set
from cardpresent.launch.guard import Guard
from cardpresent.launch.hands import worked_by
from cardpresent.launch.keys import Secrets
from cardpresent.launch.made import MadeByTill
from cardpresent.launch.minting import secrets_for
from cardpresent.launch.pages import after_power_cut, browser_for, page_of
from cardpresent.launch.ports import free_port
from cardpresent.launch.proof import Proof, prove_redirection
from cardpresent.launch.redirecting import Redirecting
from cardpresent.launch.server import Addresses, Server
from cardpresent.launch.staging import RemoteGateway
from cardpresent.launch.test_mode import unhurried
from cardpresent.launch.till import LaunchedTill
from cardpresent.model.clock import WallClock
from cardpresent.model.money import Money
from cardpresent.profile import Integration
from cardpresent.profile.merchants import SampleMerchant
from cardpresent.profile.placeholders import fill_from

if TYPE_CHECKING:
    from cardpresent.drivers.pos.page import PagePos

OWN_LABEL = "cardpresent"


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that is up while scenarios run."""

    integration: Integration
    out: Path
    number: int
    seed: int
    secrets: Secrets
    addresses: Addresses
    server: Server | RemoteGateway
    till: LaunchedTill
    pos: HttpPos
    around: Surroundings
    redirection: str
    values: Mapping[str, object]
    page: "PagePos | None"

    def opens_page(self, browser: Browser) -> "PagePos":
        """The till's page, for scenarios that are about it."""
        return page_of(self.integration, self.till.base_url, self.around.wire, self.values, browser)


@contextmanager
def opened(
    integration: Integration, out: Path, seed: int, port: int | None = None, secrets: Secrets | None = None,
    number: int = 1, *, venue: str = "emulator", on_left: Callable[[Mapping[str, Any]], None] = lambda left: None,
) -> Iterator[Run]:  # fmt: skip
    """Start everything, prove the redirection, hand over a Run, and end everything again whatever happens.

    `number` tells the tills of one certification apart: their data, their journals, their sales' names. `venue`: which
    Stripe, "emulator" or "test". `on_left` hears what was taken back at Stripe, and what had to be left.
    """
    must_consent(integration)
    must_be_set(integration)
    secrets = _salted(secrets or secrets_for(integration), number)
    # What is started here is told places in it, and stands elsewhere.
    out = out.absolute()
    if venue == "test":
        integration = unhurried(integration)
    with ExitStack() as stack:
        till_port = free_port(port)
        guard = Guard()
        stack.callback(guard.end)
        server = _server(integration, journal_part(out, number), secrets, seed, guard, number, venue)
        stack.callback(server.end)
        addresses = server.addresses
        wire = stack.enter_context(Wire(addresses.door, after=server.after))
        stack.callback(_leave, wire, server, on_left)
        account = stack.enter_context(account_of(integration, venue, addresses.door, secrets))
        values = {
            **_run_values(secrets, addresses, out, number), "location": account.location,
            "register": integration.reader.register, "connected_account": account.seller,
            **addresses_of(integration), "till": f"http://127.0.0.1:{till_port}",
        }  # fmt: skip
        own_reader = _own_reader(integration, account)
        if own_reader:
            values["reader"] = own_reader.id
        redactor = Redactor(secrets.all())
        redirecting = Redirecting(hello_folder(out, number), with_shims=integration.by_shims)
        stack.callback(redirecting.end)
        further = beside(integration, values, guard, redactor, redirecting)
        till = LaunchedTill(integration, values, till_port, guard, redactor, redirecting, further)
        stack.callback(till.end)
        till.start()
        directly = account.platform is not None and account.platform.account is not None
        endpoint = _register_webhooks(integration, wire, till.base_url, values, connect=directly)
        made = MadeByTill(stack.enter_context(Wire(addresses.door, after=server.after)))
        values |= {"till": till.base_url}
        pos = stack.enter_context(HttpPos(integration, till.base_url, values, made=made))
        till.on_restart = pos.forget_sessions
        worked = worked_by(stack, integration, pos, addresses.till, scratch_folder(out, number))
        proof = Proof(integration, wire, secrets.api_key, redirecting, till.groups)
        redirection = prove_redirection(proof, CheckedPos(worked))
        empty(integration, wire, pos)
        page = None
        if integration.at_page:
            page = stack.enter_context(page_of(integration, till.base_url, wire, values, browser_for(integration)))
            worked = AtPage(page, pos)
            till.on_restart = partial(after_power_cut, pos, page)
        around = _surroundings(integration, secrets, seed, wire, account, till, pos, worked, endpoint, own_reader)
        yield Run(
            integration, out, number, seed, secrets, addresses, server, till, pos, around, redirection, values, page
        )


def _server(
    integration: Integration, journal: Path, secrets: Secrets, seed: int, guard: Guard, number: int, venue: str
) -> Server | RemoteGateway:
    if integration.stripe.gateway:
        return RemoteGateway(integration, journal, secrets.salt, secrets.all(), venue)
    return Server(
        journal, secrets.all(), seed, guard, first_entry(number), venue=venue, till_key=secrets.api_key,
        run=secrets.salt,
    )  # fmt: skip


def _leave(wire: Wire, server: Server | RemoteGateway, on_left: Callable[[Mapping[str, Any]], None]) -> None:
    """What the run made at Stripe is taken back, and its journal kept, however the run ended."""
    if not server.alive:
        return
    try:
        on_left(wire.clean_up())
    except WireError as error:
        on_left({"cleaned": [], "left": [{"id": "all of it", "why": str(error)}]})
    server.keep_journal(wire)


def _surroundings(
    integration: Integration, secrets: Secrets, seed: int, wire: Wire, account: Account, till: LaunchedTill,
    pos: HttpPos, worked: PosDriver, endpoint: str | None, own_reader: OwnReader | None,
) -> Surroundings:  # fmt: skip
    """What the actors are handed: everything that is up, and what the till's file says of itself."""
    return Surroundings(
        wire=wire, stripe=account.client, books=Books(account.client), emulator=account.emulator,
        pos=CheckedPos(worked), till=till, clock=WallClock(), bounds=_bounds(integration),
        currency=integration.till.currencies[0], prices=integration.prices,
        metadata_key=integration.identity.metadata_key, salt=secrets.salt, secrets=secrets.all(),
        location=account.location, own_reader=own_reader,
        register=integration.reader.register, endpoint=endpoint, webhook_secret=secrets.webhook_secret,
        news_types=integration.webhooks.types if integration.webhooks else (),
        foreign_key=secrets.foreign_key, cashier_captures=integration.till.captures == "cashier",
        refunds_parts=_refunds_parts(integration),
        tells_eligible=integration.names("start_sale", "eligible"), reads_words=integration.reads_words,
        merchant=_customers_of(integration, account.merchant), limits=_limits(integration),
        advance_till=pos.advance_clock,
        door=Door(integration, pos, seed), platform=account.platform,
        by_sdk=integration.till.kind != "server-driven", till_taps=integration.till.taps == "till",
        blocks=frozenset(verb for verb, operation in integration.operations.items() if operation.blocks),
        looks=_looks(integration), at_page=integration.at_page,
    )  # fmt: skip


def _own_reader(integration: Integration, account: Account) -> OwnReader | None:
    """The reader that a till is started with, where it knows but one."""
    if integration.reader.chosen != "fixed":
        return None
    order: Any = {"registration_code": "simulated-wpe", "location": account.location, "label": OWN_LABEL}
    return OwnReader(str(account.client.v1.terminal.readers.create(order).id), OWN_LABEL)


def _customers_of(integration: Integration, merchant: SampleMerchant) -> SampleMerchant:
    """Who comes to the shop: nobody pays by Interac where it is not taken."""
    if integration.capability("interac").state == "present":
        return merchant
    return replace(merchant, cards={name: card for name, card in merchant.cards.items() if card not in INTERAC})


def _refunds_parts(integration: Integration) -> bool:
    """Whether the till is told how much to give back. One that is not gives back whole sales; an adapter is told."""
    described = "refund_sale" in integration.operations and integration.adapter is None
    return not described or integration.names("refund_sale", "refund_amount")


def _salted(secrets: Secrets, number: int) -> Secrets:
    return replace(secrets, salt=f"{secrets.salt}{number}")


def _register_webhooks(
    integration: Integration, wire: Wire, till: str, values: Mapping[str, object], *, connect: bool
) -> str | None:
    """The till's webhook address; signed with the secret its file names, else with the one minted for this run."""
    hooks = integration.webhooks
    if hooks is None:
        return None
    named = os.environ.get(hooks.secret_env, "") if hooks.secret_env else hooks.secret or "{webhook_secret}"
    place, secret = fill_from(hooks.path, values), fill_from(named, values)
    url = place if place.startswith("http") else till + place
    key, old = str(values["stripe_key"]), str(values["old_webhook_secret"])
    return wire.add_endpoint(url, secret, key, hooks.types, old, connect=connect)


def _run_values(secrets: Secrets, addresses: Addresses, out: Path, number: int) -> dict[str, object]:
    return {
        "run.salt": secrets.salt,
        "scratch": str(scratch_folder(out, number)),
        "stripe_base": addresses.till,
        "stripe_key": secrets.api_key,
        "webhook_secret": secrets.webhook_secret,
        "old_webhook_secret": secrets.old_webhook_secret,
        "till_token": secrets.till_token,
        "manager_token": secrets.manager_token,
        "other_token": secrets.other_token,
        "pin": secrets.pin,
    }


def _bounds(integration: Integration) -> Bounds:
    timing = integration.timing
    return Bounds(
        timing.settle_s, timing.late_s, timing.unknown_within_s, timing.deadline_s, timing.sweep_s,
        timing.waiting_calls_per_s,
    )  # fmt: skip


def _looks(integration: Integration) -> Looks | None:
    start = integration.operations.get("start_sale")
    poll = start.poll if start else None
    if poll is None or not poll.captures:
        return None
    return Looks(poll.every_ms / 1000, poll.within_s or integration.timing.deadline_s)


def _limits(integration: Integration) -> OfflineLimits:
    offline, currency = integration.offline, integration.till.currencies[0]
    each, total = (None if m is None else Money(m, currency) for m in (offline.each_max, offline.total_max))
    return OfflineLimits(each, total)
