"""Everything behind the wire: the accounts, and the calls that are run against them, one at a time.

Synchronous and the only way in. Whatever changes state arrives through `complete` (a call of Stripe's API),
`control`, `delivery_ended`, `forward`, `cli_connected`, or an account's clock; with a state log each of them is kept
before it is answered, and a start with that log gives them all again (`statelog.py`).
"""

import logging
import re
import secrets
from collections.abc import Callable
from importlib.metadata import version as version_of_package
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

from cardpresent import __version__
from cardpresent.emulator.account import Account, digest_of
from cardpresent.emulator.catalogue import OPERATIONS
from cardpresent.emulator.clock import Clock, HeldClock, WallClock
from cardpresent.emulator.deliveries import Deliveries
from cardpresent.emulator.errors import StripeError, invalid, too_large, unauthorized
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.ids import Ids
from cardpresent.emulator.mobile import link, pages, payments, sessions
from cardpresent.emulator.operations import Call, Cause, Operation, Router
from cardpresent.emulator.resources import configurations, stripecli, webhook_endpoints
from cardpresent.emulator.statelog import Input, StateLog, StateUnusable
from cardpresent.emulator.steering import routes
from cardpresent.emulator.wire.answers import check_expand, encode, error_body, shown
from cardpresent.emulator.wire.authentication import api_key, holds_live_key, live_key_refused
from cardpresent.emulator.wire.idempotency import Answer
from cardpresent.emulator.wire.multipart import MULTIPART, read_parameters
from cardpresent.emulator.wire.request import BODY_BYTES_MAX, UPLOAD_BYTES_MAX, Request
from cardpresent.emulator.wire.traffic import Told
from cardpresent.emulator.wire.versions import NEWEST, known_version

Headers = list[tuple[bytes, bytes]]

_BROKEN: Final = b'{"error":{"message":"emulator: internal error, see its log","type":"api_error"}}'
_BROKEN_CONTROL: Final = b'{"error":"emulator: internal error, see its log"}'
_NO_READER: Final = b'{"error":"out_of_range","message":"no such reader"}'
_NO_GATEWAY: Final = b'{"error":"there is no gateway in this process; `cardpresent emulate` has one"}'
_ACCOUNT_ID: Final = re.compile(r"acct_\w{1,64}", re.ASCII)
_log: Final = logging.getLogger(__name__)

declare(
    "accounts.any_key", "assumed", "",
    "Any test key opens an account, and any acct_… in Stripe-Account a connected one; Stripe refuses unknown ones.",
)


class Reply(NamedTuple):
    """One whole answer."""

    status: int
    body: bytes
    headers: Headers


class Running:
    """A call that was let in and not run yet: `Backend.complete` must follow."""

    __slots__ = ("call", "generation", "operation", "request")

    def __init__(self, request: Request, operation: Operation, call: Call) -> None:
        self.request, self.operation, self.call = request, operation, call
        self.generation = call.account.generation

    @property
    def delay_ms(self) -> float:
        """How long Stripe takes, where the account asks for that."""
        return self.call.account.settings.latency_ms


class Backend:
    """All accounts of one emulator. `log` None keeps everything in memory alone."""

    def __init__(self, seed: int, clock: Clock, log: StateLog | None = None) -> None:
        self._held = HeldClock(clock)
        self.seed, self.clock = seed, clock if log is None else self._held
        self._router = Router([*OPERATIONS, *stripecli.OPERATIONS, *payments.OPERATIONS, *pages.OPERATIONS])
        self._accounts: dict[tuple[str, str], Account] = {}
        self._known: dict[tuple[str, str], Account] = {}  # by header text, so that a key is read once
        self._request_ids = Ids(seed, "requests")
        self.deliveries = Deliveries()
        self._forward: tuple[str, str] | None = None
        self.on_account: Callable[[Account], None] = lambda account: None
        self.on_clock: Callable[[Account], None] = lambda account: None
        self._log: StateLog | None = None
        self._restoring = log is not None
        if log is not None:
            self._restore(log)
            self._log, self._restoring = log, False

    # -------------------------------------------------------------------------------------------------------- accounts

    def accounts(self) -> list[Account]:
        return list(self._accounts.values())

    def account(self, request: Request) -> Account:
        """The account a request acts on, made when it is first named. Raises Stripe's 401."""
        known = self._known.get((request.authorization, request.account_header))
        if known is not None:
            return known
        if request.authorization.startswith("Bearer pst_"):
            return self._account_of_sdk(request)
        key = api_key(request.authorization)
        account = self.account_of(digest_of(key), request.account_header)
        for one in (account, account.platform):
            if one is not None:
                one.key = key
        self._known[request.authorization, request.account_header] = account
        return account

    def _account_of_sdk(self, request: Request) -> Account:
        secret = request.authorization.removeprefix("Bearer ")
        found = self._find(lambda account: account.id == sessions.account_in(secret))
        if found is None:
            raise unauthorized("Invalid API Key provided.")
        sessions.check(found, secret, request.path)
        return found

    def _find(self, is_it: Callable[[Account], bool]) -> Account | None:
        return next((account for account in self._accounts.values() if is_it(account)), None)

    def account_of(self, digest: str, connected: str = "") -> Account:
        """The account of a key's digest, or one connected to it."""
        platform = self._accounts.get((digest, "")) or self._open(Account(digest, self.seed, self.clock), "")
        if not connected or connected == platform.id:
            return platform
        if not _ACCOUNT_ID.fullmatch(connected):
            raise invalid("The Stripe-Account header must hold an account id (acct_…).")
        account = platform.connected.get(connected)
        if account is None:
            account = platform.connected[connected] = self._open(
                Account(digest, self.seed, self.clock, connected, platform), connected
            )
        return account

    def find_account(self, key: str) -> Account | None:
        return self._accounts.get((digest_of(key), ""))

    def _open(self, account: Account, connected: str) -> Account:
        account.clock.on_timer = lambda: self._tick(account)
        account.open_connected = lambda id: self.account_of(account.digest, id)
        account.deliveries = self.deliveries
        webhook_endpoints.forward_all(account, self._forward)
        self.on_account(account)
        configurations.make_default(account)
        self._accounts[account.digest, connected] = account
        return account

    # ----------------------------------------------------------------------------------------------------------- calls

    def answer(self, request: Request) -> Running | Reply:
        """What a request leads to: a call of Stripe's API, let in or answered, or the answer of the control API."""
        refused = _never_let_in(request)
        if request.path.startswith("/_emulator"):
            return self._controlled(request) if refused is None else _control_refusal(refused)
        if request.path.startswith("/_reader/"):
            return self._linked(request) if refused is None else _control_refusal(refused)
        if request.path.startswith("/_gateway/"):
            return Reply(404, _NO_GATEWAY, [])
        if refused is not None:
            return _refusal(refused, None, request, NEWEST, self._request_ids.new("req"))
        return self.admit(request)

    def _controlled(self, request: Request) -> Reply:
        try:
            status, answer = self.control(self.account(request), request)
            return Reply(status, encode(answer), [])
        except StripeError as refused:
            return _control_refusal(refused)
        except Exception:
            _log.exception("%s %s failed inside the emulator", request.method, request.path)
            return Reply(500, _BROKEN_CONTROL, [(b"x-emulator", b"internal-error")])

    def _linked(self, request: Request) -> Reply:
        """A device's call to a reader beside it, which no key opens."""
        if request.path == "/_reader/nearby":
            return Reply(200, encode(link.nearby(self.accounts(), request)), [])
        account = self._find(lambda account: link.reader_in(request.path) in account.sessions)
        if account is None:
            return Reply(404, _NO_READER, [])
        try:
            status, answer = self.control(account, request)
            return Reply(status, encode(answer), [])
        except Exception:
            _log.exception("%s %s failed inside the emulator", request.method, request.path)
            return Reply(500, _BROKEN_CONTROL, [(b"x-emulator", b"internal-error")])

    def admit(self, request: Request) -> Running | Reply:
        """Lets a call in, or answers it at once: refused, or repeated from its idempotency key. Never raises."""
        request_id = self._request_ids.new("req")
        account: Account | None = None
        version = NEWEST
        try:
            account = self.account(request)
            version = known_version(request.version) if request.version else account.settings.api_version
        except StripeError as refused:
            return _refusal(refused, account, request, version, request_id)
        return self._admit_to(account, request, version, request_id)

    def _admit_to(self, account: Account, request: Request, version: str, request_id: str) -> Running | Reply:
        try:
            running = self._let_in(account, request, version, request_id)
        except StripeError as refused:
            return _refusal(refused, account, request, version, request_id)
        except Exception:
            return _broken(request, version, request_id)
        if isinstance(running, Running):
            return running
        headers: Headers = [
            (b"idempotency-key", request.key.encode("latin-1")), (b"idempotent-replayed", b"true"),
            (b"original-request", running.request_id.encode()),
        ]
        account.traffic.note(Told(account.clock.now(), request, running.status, request_id, version, True, None))
        return _reply(running.status, running.body, headers, version, request_id)

    def complete(self, running: Running) -> Reply:
        """Runs what was let in. Never raises."""
        call, request = running.call, running.request
        version, request_id = call.version, call.cause.request_id or ""
        if running.generation != call.account.generation:
            # the account was reset while this one took its time: it is as if it came now
            again = self._admit_to(call.account, request, version, request_id)
            if not isinstance(again, Running):
                return again
            running, call = again, again.call
        try:
            answer = self._run(running) if self._log is None else self._run_and_keep(running, self._log)
        except StripeError as refused:
            return _refusal(refused, call.account, request, version, request_id)
        except Exception:
            return _broken(request, version, request_id)
        call.account.traffic.note(
            Told(call.account.clock.now(), request, answer.status, request_id, version, False, answer.error)
        )
        headers: Headers = [*answer.headers]
        if call.cause.idempotency_key is not None:
            headers.append((b"idempotency-key", request.key.encode("latin-1")))
        return _reply(answer.status, answer.body, headers, version, request_id)

    def _let_in(self, account: Account, request: Request, version: str, request_id: str) -> Running | Answer:
        """The operation, its form, its idempotency key; or the answer the key has. Raises Stripe's error."""
        found = self._router.find(request.method, request.path)
        if found is None:
            raise _unrecognized(request)
        operation, ids = found
        if account.settings.rate_limit_per_s and not self._restoring:
            account.rate_limits.check(account, operation, ids, self.clock.now())
        text, form = read_parameters(request)
        key = request.key if request.method == "POST" else ""
        if key:
            before = account.keys.begin(key, request.path, text, account.clock.now())
            if before is not None:
                return before
        return Running(request, operation, Call(account, form, ids, Cause(request_id, key or None), version))

    def _run(self, running: Running) -> Answer:
        """The answer, stored under the call's key. Raises Stripe's error where nothing is stored."""
        call, operation = running.call, running.operation
        request_id, key = call.cause
        try:
            call.params = operation.checked(call.params)
            if operation.method != "GET" and "expand" in call.params:
                check_expand(operation.name, call.params["expand"], call.version)
            answer = operation.run(call)
            body = encode(shown(answer, call.account, call.version, call.params.get("expand", ())))
            kept = Answer(200, body, request_id or "")
        except StripeError as error:
            if key is None or not error.kept:
                if key is not None:
                    call.account.keys.drop(key)
                raise
            body = error_body(error, call.account, call.version, request_id or "")
            kept = Answer(error.status, body, request_id or "", error.headers, error.told)
        except BaseException:
            if key is not None:
                call.account.keys.drop(key)
            raise
        if key is not None:
            call.account.keys.end(key, kept)
        return kept

    def control(self, account: Account, request: Request) -> tuple[int, Any]:
        """The status and JSON answer to a call of the control API, or of a device to a reader."""
        if self._log is None or request.method == "GET":
            return self._steer(account, request)
        at = self._held.hold()
        try:
            answer = self._steer(account, request)
            self._log.write(
                at, "control", account.digest, _connected(account), request.method, request.path, request.body
            )
        finally:
            self._held.release()
        return answer

    def _steer(self, account: Account, request: Request) -> tuple[int, Any]:
        if request.path.startswith("/_reader/"):
            return link.handle(account, request)
        return routes.handle(account, request, self.on_clock)

    # ------------------------------------------------------------------------------------------------------ deliveries

    def delivery_ended(self, delivery: str, accepted: bool) -> None:
        self._keep("delivery", lambda: self.deliveries.ended(delivery, accepted), delivery, accepted)

    def forward(self, url: str | None, secret: str) -> None:
        """Where everything goes, from now on and until it is said anew."""
        wanted = None if url is None else (url, secret)
        if wanted != self._forward:
            self._keep("forward", lambda: self._forward_to(wanted), wanted)

    def cli_connected(self, session: str, is_connected: bool) -> None:
        """Stripe's command line client has connected to its session, or has gone away."""
        self._keep("cli", lambda: self.deliveries.switch(session, is_connected), session, is_connected)

    def _forward_to(self, wanted: tuple[str, str] | None) -> None:
        self._forward = wanted
        for account in self._accounts.values():
            webhook_endpoints.forward_all(account, wanted)

    # ----------------------------------------------------------------------------------------------------------- state

    def _keep(self, kind: str, change: Callable[[], None], *data: object) -> None:
        """Makes a change that no account asked for, with its input in the log."""
        if self._log is None:
            change()
            return
        at = self._held.hold()
        try:
            self._log.write(at, kind, *data)
            change()
        finally:
            self._held.release()

    def _run_and_keep(self, running: Running, log: StateLog) -> Answer:
        """As `_run`, with the call in the log before it is answered. A GET changes nothing and is not kept."""
        request, call = running.request, running.call
        if request.method == "GET":
            return self._run(running)
        at = self._held.hold()
        outcome: Answer | StripeError
        try:
            try:
                outcome = self._run(running)
            except StripeError as refused:
                outcome = refused
            log.write(
                at, "call", call.account.digest, _connected(call.account), request.method, request.path, request.query,
                request.body, request.key, request.content_type, call.version, call.cause.request_id, _mark(outcome),
            )
        finally:
            self._held.release()
        if isinstance(outcome, StripeError):
            raise outcome
        return outcome

    def _tick(self, account: Account) -> None:
        """An account's timer: what has come due because the wall clock moved."""
        if self._log is None:
            account.clock.tick()
            return
        at = self._held.hold()
        try:
            if account.clock.is_due():
                self._log.write(at, "tick", account.digest, _connected(account))
            account.clock.tick()
        finally:
            self._held.release()

    def _restore(self, log: StateLog) -> None:
        for number, entry in enumerate(log.inputs(), start=1):
            self._held.hold(entry.at)
            try:
                same = self._again(entry)
            finally:
                self._held.release()
            if not same:
                raise StateUnusable(
                    f"--state {log.path}: input {number} of {log.count} does not lead to the answer it led to when "
                    f"{log.made_by} wrote it; start that version with it, or name a new file."
                )
        self._request_ids = Ids(self.seed, f"requests after {log.count}")

    def _again(self, entry: Input) -> bool:
        """Gives one kept input to the emulator again; whether it led to the same answer."""
        data: list[Any] = entry.data
        if entry.kind == "delivery":
            self.deliveries.ended(data[0], data[1])
            return True
        if entry.kind == "cli":
            self.deliveries.switch(data[0], data[1])
            return True
        if entry.kind == "forward":
            self._forward_to(None if data[0] is None else (data[0][0], data[0][1]))
            return True
        account = self.account_of(data[0], data[1])
        if entry.kind == "tick":
            account.clock.tick()
            return True
        if entry.kind == "control":
            self._steer(account, Request(data[2], data[3], body=data[4]))
            return True
        method, path, query, body, key, content_type, version, request_id, mark = data[2:]
        request = Request(method, path, query, body, key=key, content_type=content_type)
        outcome: Answer | StripeError
        try:
            let_in = self._let_in(account, request, version, request_id)
            outcome = self._run(let_in) if isinstance(let_in, Running) else let_in
        except StripeError as refused:
            outcome = refused
        return _mark(outcome) == int(mark)

    def close(self) -> None:
        """The end. The state is in one file once this returns."""
        if self._log is not None:
            self._log.close()

    def wake(self) -> None:
        """Starts the timers of what is still to come, once an event loop runs."""
        for account in self._accounts.values():
            account.clock.arm()


def open_backend(seed: int | None = None, clock: Clock | None = None, state: Path | None = None) -> Backend:
    """As `create_app` in app.py says. Raises StateUnusable."""
    wall = clock or WallClock()
    fresh = secrets.randbits(32) if seed is None else seed
    if state is None:
        return Backend(fresh, wall)
    log = StateLog(state, f"cardpresent {__version__} with stripe {version_of_package('stripe')}", seed, fresh)
    return Backend(log.seed, wall, log)


def _never_let_in(request: Request) -> StripeError | None:
    """What is refused before anybody looks at it, so that nothing of it is kept or repeated."""
    most = UPLOAD_BYTES_MAX if request.content_type.startswith(MULTIPART) else BODY_BYTES_MAX
    if len(request.body) > most:
        return too_large(most)
    return live_key_refused() if holds_live_key(request) else None


def _control_refusal(refused: StripeError) -> Reply:
    return Reply(refused.status, encode({"error": str(refused)}), [])


def _reply(status: int, body: bytes, headers: Headers, version: str, request_id: str) -> Reply:
    headers += [(b"request-id", request_id.encode()), (b"stripe-version", version.encode())]
    return Reply(status, body, headers)


def _refusal(
    refused: StripeError, account: Account | None, request: Request, version: str, request_id: str
) -> Reply:
    if account is not None:
        now = account.clock.now()
        account.traffic.note(Told(now, request, refused.status, request_id, version, False, refused.told))
    body = error_body(refused, account, version, request_id)
    return _reply(refused.status, body, [*refused.headers], version, request_id)


def _broken(request: Request, version: str, request_id: str) -> Reply:
    """A mistake of ours, which must not look like Stripe's own refusal."""
    _log.exception("%s %s failed inside the emulator", request.method, request.path)
    return _reply(500, _BROKEN, [(b"x-emulator", b"internal-error")], version, request_id)


def _connected(account: Account) -> str:
    return account.id if account.is_connected else ""


def _mark(outcome: Answer | StripeError) -> int:
    """A checksum of an answer, or of a refusal."""
    if isinstance(outcome, StripeError):
        return crc32(str(outcome).encode(), outcome.status)
    return crc32(outcome.body, outcome.status)


def _unrecognized(request: Request) -> StripeError:
    message = f"Unrecognized request URL ({request.method}: {request.path}): not a Stripe URL, or not emulated."
    return StripeError(
        404, {"message": message, "type": "invalid_request_error"}, kept=False,
        headers=((b"x-emulator", b"not-emulated"),),
    )
