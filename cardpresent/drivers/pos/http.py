"""Works a till over HTTP, as its integration file describes it."""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode, urljoin

import msgspec

from cardpresent.drivers.pos.extraction import Reading, cookies_of
from cardpresent.drivers.pos.money_kept import record_of, worklist_of
from cardpresent.drivers.pos.newest import NEWEST, Nothing, PaymentsMade
from cardpresent.drivers.pos.nonsense import Knock
from cardpresent.drivers.pos.outcome import BY_STATUS, MEANINGS, meaning_of
from cardpresent.drivers.pos.port import BODY_KEPT, NotOffered, PosReply, TillRecord, TillWorklist, Verb
from cardpresent.drivers.pos.templates import Values
from cardpresent.drivers.pos.transport import (
    CannotBeSent,
    HttpxTransport,
    NoAnswer,
    TillAnswer,
    TillRequest,
    Transport,
)
from cardpresent.profile.integration import Integration
from cardpresent.profile.placeholders import MissingValue
from cardpresent.profile.schema import EMPTY, Extract, Extraction, Identity, Login, Operation, OutcomeTable, Request

STRANGER: Final = "stranger"
# What stands among the missing where a request could not even be written, with what the till had saved for it.
UNSENDABLE: Final = "request"

# A page that logs one in usually answers with a redirect.
_LOGGED_IN: Final = (OutcomeTable(by="status", accepted=("2xx", "3xx"), refused=("4xx",)),)


@dataclass(slots=True)
class _Session:
    """What a role got when it logged in."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    logged_in: bool = False
    cookies: dict[str, str] = field(default_factory=dict)
    saved: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Course:
    """How far the requests of one verb have come."""

    word: str = "unknown"
    words: str = ""
    saved: dict[str, str] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    reading: Reading | None = None
    asked: bool = True
    mark: int = 0


class HttpPos:
    """A PosDriver. `run` holds the values of the run that templates may name: run.salt, stripe_base, pin, …; `made`
    reads the books for a till that returns no id of its payments.

    May be used from several threads at once; every call makes the requests of its verb once, in order, and stops at
    the first that is refused or unclear. Close it at the end.
    """

    def __init__(
        self,
        integration: Integration,
        base_url: str,
        run: Mapping[str, object] = EMPTY,
        transport: Transport | None = None,
        made: PaymentsMade | None = None,
    ) -> None:
        self._integration = integration
        self._base_url = base_url.rstrip("/")
        self._run = {"till": self._base_url, "register": integration.reader.register, **run}
        self._transport = transport or HttpxTransport(integration.timing.answer_within_s)
        self._made = made or Nothing()
        self._sessions = {role: _Session() for role in integration.auth.roles}

    def __enter__(self) -> "HttpPos":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    @property
    def values(self) -> Mapping[str, object]:
        """What every template may name, whatever the sale: {till}, {stripe_base}, {pin}, …"""
        return MappingProxyType(self._run)

    def offers(self, verb: Verb) -> bool:
        return verb in self._integration.operations

    def perform(
        self, verb: Verb, values: Mapping[str, object], *, as_role: str = "cashier", insist: bool = False
    ) -> PosReply:
        """See PosDriver. A request's own `role`, where the file gives one, stands above all but a stranger's."""
        if verb not in self._integration.operations:
            raise NotOffered(verb)
        operation = self._integration.operations[verb]
        course = self._run_through(operation, values, as_role, insist=insist)
        currency = self._integration.till.currencies[0]
        record = worklist = None
        if course.reading and operation.record:
            record = record_of(operation.record, course.reading, values, currency, course.missing)
        if course.reading and operation.worklist and course.word == "accepted":
            worklist = worklist_of(operation.worklist, course.reading, values, currency, course.missing)
        return _reply(course, record, worklist)

    def knock(self, knock: Knock) -> TillAnswer | None:
        """Send a request as it is, with what the role carries; None when nobody answered it."""
        session = self._session(knock.role, EMPTY)
        known = Values(self._run, session.saved if session else {})
        headers = {name.lower(): value for name, value in known.texts(self._identity(knock.role).headers).items()}
        if session and session.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
        # A till may close the connection on nonsense, and the next request must not be lost with it.
        headers["connection"] = "close"
        if knock.kind:
            headers["content-type"] = knock.kind
        request = TillRequest(knock.method, f"{self._base_url}{knock.path}", headers, knock.body)
        try:
            return self._transport.send(request)
        except (NoAnswer, CannotBeSent):
            return None

    def reset(self) -> PosReply | None:
        """The request of `[data] reset`; None where the file declares none."""
        reset = self._integration.data.reset
        if reset is None:
            return None
        return _reply(self._run_through(Operation(steps=(reset,)), EMPTY, "manager"))

    def tries_login(self, role: str) -> PosReply | None:
        """Log `role` in once more, beside its session; None for one that never logs in."""
        login = self._identity(role).login
        if login is None:
            return None
        known = login if login.outcome else msgspec.structs.replace(login, outcome=_LOGGED_IN)
        return _reply(self._run_through(Operation(steps=(known,)), EMPTY, "none"))

    def advance_clock(self, seconds: int) -> PosReply | None:
        """The request of `[clock] advance`, which moves the till's own clock on; None where the file declares none."""
        clock = self._integration.clock
        if clock is None:
            return None
        return _reply(self._run_through(Operation(steps=(clock.advance,)), {"advance_s": seconds}, "manager"))

    def forget_sessions(self) -> None:
        """Log in afresh next time: a till that was started again knows nobody."""
        for session in self._sessions.values():
            with session.lock:
                self._forget(session)

    def _run_through(
        self, operation: Operation, values: Mapping[str, object], as_role: str, *, insist: bool = False
    ) -> _Course:
        course = _Course()
        requests = operation.requests
        if any(_looks_in_books(request) for request in (operation, *requests)):
            course.mark = self._made.mark()
        try:
            for number, request in enumerate(requests, start=1):
                last = number == len(requests)
                # A stranger has nobody's credentials, whoever the file says does this.
                role = as_role if insist or as_role == STRANGER else request.role or operation.role or as_role
                self._take(request, operation, values, role, course, last=last)
                if not last and course.word in {"refused", "unknown"}:
                    break
        except NoAnswer:
            course.word, course.reading = "unknown", None
        except CannotBeSent:
            course.word, course.asked = "unknown", course.reading is not None
            course.missing.append(UNSENDABLE)
        except MissingValue as lost:
            course.word, course.asked = "unknown", course.reading is not None
            course.missing.append(lost.name)
        return course

    def _take(
        self,
        request: Request,
        operation: Operation,
        values: Mapping[str, object],
        role: str,
        course: _Course,
        *,
        last: bool,
    ) -> None:
        session = self._session(role, values)
        known = Values(self._run, session.saved if session else {}, values, course.saved)
        reading = course.reading = self._ask(request, role, session, known, course.mark)
        _save(request.save, reading, course)
        own = request is operation
        if last and not own:
            _save(operation.save, reading, course)
        tables = request.outcomes or (operation.outcomes if last else ()) or BY_STATUS
        course.word, missing = meaning_of(reading, tables)
        course.missing += missing
        accepted = request.expect or operation.expect
        if accepted and reading.answer.status not in accepted:
            course.word = "unknown"
        course.words = _words(request, operation, reading, course, last=last)

    def _ask(self, request: Request, role: str, session: _Session | None, known: Values, mark: int = 0) -> Reading:
        url = self._url(request, known)
        answer = self._send(request, url, role, session, known)
        return Reading(answer, known, url, lambda: self._newest(mark))

    def _newest(self, mark: int) -> str | None:
        """The one payment made since then: of several nobody can say which is this sale's."""
        made = self._made.since(mark)
        return made[0] if made and len(made) == 1 else None

    def _send(self, request: Request, url: str, role: str, session: _Session | None, known: Values) -> TillAnswer:
        identity = self._identity(role)
        headers = {name.lower(): value for name, value in known.texts(identity.headers).items()}
        body, kind = _body(request, known)
        if kind:
            headers["content-type"] = kind
        if session and session.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
        headers.update((name.lower(), value) for name, value in known.texts(request.headers).items())
        answer = self._transport.send(TillRequest(request.method or "GET", url, headers, body, known.patience_s))
        if session:
            self._remember(session, answer)
        return answer

    def _url(self, request: Request, known: Values) -> str:
        try:
            url = urljoin(f"{self._base_url}/", known.text(request.path or "/"))
        except ValueError as error:
            raise CannotBeSent(str(error)) from error
        query = urlencode(known.texts(request.query))
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url

    def _identity(self, role: str) -> Identity:
        return self._integration.auth.roles.get(role, Identity())

    def _session(self, role: str, values: Mapping[str, object]) -> _Session | None:
        """The role's session, logged in. None for `none` and for roles that never log in by cookie or token."""
        session = self._sessions.get(role)
        login = self._identity(role).login
        if session is None or login is None:
            return session
        with session.lock:
            if not session.logged_in:
                session.logged_in = self._log_in(login, session, values)
        return session

    def _log_in(self, login: Login, session: _Session, values: Mapping[str, object]) -> bool:
        """All its requests in order, until one is refused; what they save is kept for the session."""
        word = "unknown"
        for number, request in enumerate(login.requests, start=1):
            reading = self._ask(request, "none", session, Values(self._run, values, session.saved))
            extracts = {**request.save, **(login.save if number == len(login.requests) else {})}
            found = {name: reading.find(extract) for name, extract in extracts.items()}
            session.saved = {**session.saved, **{name: value for name, value in found.items() if value is not None}}
            word, _ = meaning_of(reading, request.outcomes or login.outcomes or _LOGGED_IN)
            if word != "accepted":
                break
        return word == "accepted"

    def _remember(self, session: _Session, answer: TillAnswer) -> None:
        # Replaced, never changed in place: another thread may be writing its headers from it.
        session.cookies = {**session.cookies, **cookies_of(answer)}
        # An expired session is renewed at the next verb, not here: nothing is ever sent twice.
        if answer.status == 401 and session.logged_in:
            self._forget(session)

    @staticmethod
    def _forget(session: _Session) -> None:
        session.logged_in = False
        session.cookies = {}
        session.saved = {}


def _body(request: Request, known: Values) -> tuple[bytes | None, str | None]:
    if request.json is not None:
        return known.json(request.json), "application/json"
    if request.form is not None:
        return urlencode(known.texts(request.form)).encode(), "application/x-www-form-urlencoded"
    if request.body is not None:
        return known.text(request.body).encode(), "text/plain; charset=utf-8"
    return None, None


def _save(wanted: Mapping[str, Extract], reading: Reading, course: _Course) -> None:
    for name, extract in wanted.items():
        value = reading.find(extract)
        if value is None:
            course.missing.append(name)
        else:
            course.saved[name] = value
            if _by_books(extract):
                course.found[name] = NEWEST


def _by_books(extract: Extract) -> bool:
    return isinstance(extract, Extraction) and extract.newest is not None


def _looks_in_books(request: Request) -> bool:
    return any(_by_books(extract) for extract in request.save.values())


def _words(request: Request, operation: Operation, reading: Reading, course: _Course, *, last: bool) -> str:
    wanted = request.words or operation.words
    if wanted is None:
        return ""
    words = reading.find(wanted)
    # The verb's own words are those of its last answer; one before it says nothing unless it ends the chain.
    if words is None and (last or request.words):
        course.missing.append("words")
    return words or ""


def _reply(course: _Course, record: TillRecord | None = None, worklist: TillWorklist | None = None) -> PosReply:
    outcome, standing = MEANINGS[course.word]
    if "secret" in course.saved:
        # What is compared and written down later is never the secret itself.
        course.saved["secret_digest"] = hashlib.sha256(course.saved["secret"].encode()).hexdigest()[:16]
    answer = course.reading.answer if course.reading else None
    return PosReply(
        outcome=outcome,
        standing=standing,
        words=course.words if answer else "",
        saved=MappingProxyType(dict(course.saved)),
        status=answer.status if answer else None,
        record=record,
        body=answer.text[:BODY_KEPT] if answer else "",
        missing=tuple(dict.fromkeys(course.missing)),
        asked=course.asked,
        worklist=worklist,
        found=MappingProxyType(dict(course.found)),
    )
