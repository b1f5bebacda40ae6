"""A run's processes, in order: server, account, till, proof that the till is redirected; and all of them ended."""

import hashlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import files
from pathlib import Path

from cardpresent.actors.surroundings import Bounds, OfflineLimits, Surroundings
from cardpresent.drivers.pos.at_page import AtPage
from cardpresent.drivers.pos.contract import CheckedPos
from cardpresent.drivers.pos.door import Door
from cardpresent.drivers.pos.http import HttpPos
from cardpresent.drivers.pos.page import PagePos
from cardpresent.drivers.pos.port import PosDriver
from cardpresent.drivers.stripe.books import Books
from cardpresent.drivers.wire import Wire
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.account import Account, account_of
from cardpresent.launch.browser import LAUNCH_ARGUMENTS, Browser, find_browser, install_command
from cardpresent.launch.guard import Guard
from cardpresent.launch.keys import Secrets
from cardpresent.launch.ports import free_port
from cardpresent.launch.server import Addresses, Server
from cardpresent.launch.till import LaunchedTill, scratch_folder
from cardpresent.model.clock import WallClock
from cardpresent.model.money import Money
from cardpresent.profile import Integration
from cardpresent.profile.placeholders import fill_from

PARTS = "journals"
ENTRIES_APART = 1_000_000


class NotRedirected(Exception):
    """The till's Stripe traffic does not come to us; nothing was sold."""


class NoBrowser(Exception):
    """The till is worked at a page alone, and there is no browser to open it in."""


@dataclass(frozen=True, slots=True)
class Run:
    """Everything that is up while scenarios run."""

    integration: Integration
    out: Path
    number: int
    seed: int
    secrets: Secrets
    addresses: Addresses
    server: Server
    till: LaunchedTill
    around: Surroundings
    redirection: str
    values: Mapping[str, object]
    page: PagePos | None

    def opens_page(self, browser: Browser) -> PagePos:
        """The till's page, for scenarios that are about it."""
        return page_of(self.integration, self.till, self.around.wire, self.values, browser)


@contextmanager
def opened(
    integration: Integration, out: Path, seed: int, port: int | None = None, secrets: Secrets | None = None,
    number: int = 1,
) -> Iterator[Run]:  # fmt: skip
    """Start everything, prove the redirection, hand over a Run, and end everything again whatever happens.

    `number` tells the tills of one certification apart: their data, their journals, their sales' names.
    """
    secrets = _salted(secrets or secrets_for(integration), number)
    with ExitStack() as stack:
        till_port = free_port(port)
        guard = Guard()
        stack.callback(guard.end)
        server = Server(journal_part(out, number), secrets.all(), seed, guard, first_entry(number))
        stack.callback(server.end)
        addresses = server.addresses
        wire = stack.enter_context(Wire(addresses.suite))
        account = stack.enter_context(account_of(integration, addresses.suite, secrets))
        values = {
            **_run_values(secrets, addresses, out, number), "location": account.location,
            "register": integration.reader.register, "connected_account": account.seller,
        }  # fmt: skip
        till = LaunchedTill(integration, values, till_port, guard, Redactor(secrets.all()))
        stack.callback(till.end)
        till.start()
        directly = account.platform is not None and account.platform.account is not None
        endpoint = _register_webhooks(integration, wire, till.base_url, values, connect=directly)
        pos = stack.enter_context(HttpPos(integration, till.base_url, values))
        till.on_restart = pos.forget_sessions
        redirection = prove_redirection(integration, wire, pos, secrets.api_key)
        worked: PosDriver = pos
        page = None
        if integration.at_page:
            page = stack.enter_context(page_of(integration, till, wire, values, _browser(integration)))
            worked = AtPage(page, pos)
            till.on_restart = partial(_after_power_cut, pos, page)
        around = _surroundings(integration, secrets, seed, wire, account, till, pos, worked, endpoint)
        yield Run(integration, out, number, seed, secrets, addresses, server, till, around, redirection, values, page)


def _after_power_cut(pos: HttpPos, page: PagePos) -> None:
    """The till's program is back; the browser that its page was open in went down with it."""
    pos.forget_sessions()
    page.open_anew()


def page_of(
    integration: Integration, till: LaunchedTill, wire: Wire, values: Mapping[str, object], browser: Browser
) -> PagePos:
    """The till's page in a browser, with Stripe's Terminal script answered by the stand-in."""

    def note(url: str) -> None:
        wire.note("control", {"what": "page_refused", "url": url}, wire="till")

    return PagePos(
        integration, till.base_url, browser.executable, values, LAUNCH_ARGUMENTS,
        script=terminal_script(str(values["stripe_base"])), on_refused=note,
    )  # fmt: skip


def terminal_script(stripe_base: str) -> str:
    """The stand-in of Stripe's Terminal script, told where its Stripe is."""
    text = (files("cardpresent") / "sdk" / "terminal.js").read_text(encoding="utf-8")
    assert text.count('"{stripe_base}"') == 1
    return text.replace('"{stripe_base}"', json.dumps(stripe_base))


def _browser(integration: Integration) -> Browser:
    browser = find_browser()
    if browser is None:
        raise NoBrowser(
            f"{integration.path}: page: a till of kind {integration.till.kind} is worked in a browser, and none was "
            f"found; to install one: {install_command()}"
        )
    return browser


def _surroundings(
    integration: Integration, secrets: Secrets, seed: int, wire: Wire, account: Account, till: LaunchedTill,
    pos: HttpPos, worked: PosDriver, endpoint: str | None,
) -> Surroundings:  # fmt: skip
    """What the actors are handed: everything that is up, and what the till's file says of itself."""
    return Surroundings(
        wire=wire, stripe=account.client, books=Books(account.client), emulated=account.emulated,
        pos=CheckedPos(worked), till=till, clock=WallClock(), bounds=_bounds(integration),
        currency=integration.till.currencies[0],
        metadata_key=integration.identity.metadata_key, salt=secrets.salt, secrets=secrets.all(),
        location=account.location, reader_per_sale=integration.reader.chosen in {"per_sale", "bound"},
        register=integration.reader.register, endpoint=endpoint, webhook_secret=secrets.webhook_secret,
        foreign_key=secrets.foreign_key, cashier_captures=integration.till.captures == "cashier",
        tells_eligible=integration.names("start_sale", "eligible"), reads_words=integration.reads_words,
        merchant=account.merchant, limits=_limits(integration), advance_till=pos.advance_clock,
        door=Door(integration, pos, seed), platform=account.platform,
        by_sdk=integration.till.kind != "server-driven", at_page=integration.at_page,
    )  # fmt: skip


def _salted(secrets: Secrets, number: int) -> Secrets:
    return replace(secrets, salt=f"{secrets.salt}{number}")


def journal_part(out: Path, number: int) -> Path:
    """Where the journal of the `number`th till of a certification is written."""
    return out / PARTS / f"{number}.jsonl"


def first_entry(number: int) -> int:
    """The number of its first entry: no two tills of a certification share one, so their journals can be joined."""
    return (number - 1) * ENTRIES_APART + 1


def prove_redirection(integration: Integration, wire: Wire, pos: HttpPos, key: str) -> str:
    """How it is known that this till's Stripe calls reach the gateway. Raises NotRedirected before any sale.

    The key was minted by this run, so a request that carries it can come from no other till.
    """
    probe = integration.stripe.probe
    if probe == "startup":
        _await_call(wire, key, integration.process.ready_within_s)
    elif not _seen(wire, key):
        pos.perform(probe, {"register": integration.reader.register})
    if _seen(wire, key):
        return f"the till's own calls arrived with a key minted for this run (probe: {probe.replace('_', ' ')})"
    raise NotRedirected(
        f"{integration.path}: stripe.probe: the till made no call to this run's Stripe when asked to "
        f"{probe.replace('_', ' ')}, so it was stopped before its first sale; "
        "pass {stripe_base} and {stripe_key} to it in process.env, see that it uses both instead of an address of its "
        "own, and let the probe be something that calls Stripe"
    )


def _await_call(wire: Wire, key: str, within_s: float) -> None:
    """A till that calls Stripe when it starts may do so a moment after it answers."""
    deadline = time.monotonic() + within_s
    while not _seen(wire, key) and (left_s := deadline - time.monotonic()) > 0:
        wire.follow(wait_ms=int(min(left_s, 0.5) * 1000) + 1)


def _seen(wire: Wire, key: str) -> bool:
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    return bool(wire.redirection()["requests_by_key"].get(digest))


def secrets_for(integration: Integration) -> Secrets:
    """Fresh secrets, beside the webhook secret the till has already where its file says so."""
    hooks = integration.webhooks
    told = ""
    if hooks is not None:
        told = os.environ.get(hooks.secret_env, "") if hooks.secret_env else hooks.secret or ""
    # A placeholder in it stands for one of the fresh ones.
    return Secrets.mint(*([told] if told and "{" not in told else []))


def _register_webhooks(
    integration: Integration, wire: Wire, till: str, values: Mapping[str, object], *, connect: bool
) -> str | None:
    """The till's webhook address; signed with the secret its file names, else with the one minted for this run."""
    hooks = integration.webhooks
    if hooks is None:
        return None
    named = os.environ.get(hooks.secret_env, "") if hooks.secret_env else hooks.secret or "{webhook_secret}"
    url, secret = till + hooks.path, fill_from(named, values)
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


def _limits(integration: Integration) -> OfflineLimits:
    offline, currency = integration.offline, integration.till.currencies[0]
    each, total = (None if m is None else Money(m, currency) for m in (offline.each_max, offline.total_max))
    return OfflineLimits(each, total)
