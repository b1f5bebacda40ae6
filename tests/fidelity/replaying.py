"""Recorded tests, put to Stripe: each request again, in Stripe's ids, its answer held against the emulator's."""

import itertools
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from cardpresent.emulator.catalogue import OPERATIONS
from cardpresent.emulator.operations import Router
from cardpresent.emulator.wire.versions import NEWEST
from tests.fidelity import events
from tests.fidelity.accepted import Accepted
from tests.fidelity.comparing import ABSENT, Difference, differences
from tests.fidelity.guest import Guest, NoAnswer, Reply
from tests.fidelity.leavings import Leavings, idempotency_key, tagged
from tests.fidelity.pairs import Pairs
from tests.fidelity.staging import Exchange, Recorded

SETTLE_S: Final = 20.0
SEARCH_SETTLE_S: Final = 90.0  # Stripe: what changed can be searched for within a minute
PAUSE_S: Final = 0.4
HOPELESS_AFTER: Final = 2
UNANSWERED_MAX: Final = 3
FORBIDDEN: Final = 403

# What Stripe works out after it has answered. A difference here is looked at again until it goes or time is up; in the
# answer to a change, only what a reader does: an amount that is wrong there stays wrong, whatever a later read says.
SETTLING: Final = frozenset({
    "status", "action", "failure_code", "failure_message", "latest_charge", "payment_method", "last_payment_error",
    "amount_capturable", "amount_received", "amount_captured", "amount_refunded", "captured", "refunded", "paid",
    "balance_transaction", "next_action", "latest_attempt", "data", "total_count",
})  # fmt: skip
EVENTS: Final = "events told"
_ROUTER: Final = Router(OPERATIONS)


@dataclass(frozen=True, slots=True)
class Found:
    """A difference, and the request whose answer shows it."""

    test: str
    n: int
    operation: str
    request: str
    difference: Difference


@dataclass(slots=True)
class Played:
    """What came of one test at Stripe."""

    test: str
    requests: int
    sent: int = 0
    skipped: int = 0
    found: list[Found] = field(default_factory=list)
    settled: list[tuple[str, str]] = field(default_factory=list)  # operation and place of what went away with time
    stopped: str = ""


class NotAllowed(Exception):
    """A restricted key lacks a permission: that says nothing about the emulator."""


class StripeAway(Exception):
    """Stripe does not answer at all, so that nothing more can be learned."""


class Replay:
    """One run at Stripe. `settle_s` bounds the wait for what Stripe does after it has answered."""

    def __init__(self, guest: Guest, leavings: Leavings, accepted: Accepted, settle_s: float = SETTLE_S) -> None:
        self._guest, self._leavings, self._accepted, self._settle_s = guest, leavings, accepted, settle_s
        self._numbers = itertools.count(1)
        self._hopeless: Counter[tuple[str, str]] = Counter()
        self._unanswered = 0

    def play(self, test: Recorded) -> Played:
        """Plays one test to its end, or to the first request after which going on would only repeat a difference."""
        played, pairs, number = Played(test.name, len(test.api)), Pairs(), next(self._numbers)
        for n, exchange in enumerate(test.api, start=1):
            if exchange.is_refused_loudly:
                played.skipped += 1
                continue
            strangers = pairs.strangers(exchange.text)
            if strangers:
                played.stopped = f"request {n} names {strangers[0]}, for which Stripe has no counterpart"
                break
            try:
                parted = self._exchange(exchange, number, n, pairs, played)
            except NotAllowed as refused:
                played.stopped = str(refused)
                break
            except NoAnswer as failed:
                self._unheard(exchange, failed)
                played.stopped = f"request {n} got no answer ({failed})"
                break
            self._unanswered = 0
            if parted:
                played.stopped = f"request {n} ended another way than on the emulator"
                break
        if test.events and not played.stopped:
            self._events(test, pairs, played)
        return played

    def _events(self, test: Recorded, pairs: Pairs, played: Played) -> None:
        """What both sides told about the test's objects. Stripe tells a moment later."""
        ours, until = events.told_by_emulator(test.events, pairs), time.monotonic() + self._settle_s
        headers = {"Stripe-Version": NEWEST}
        while True:
            try:
                page = self._guest.ask("GET", events.PAGE, None, headers).answer
            except NoAnswer as failed:
                played.stopped = f"the events got no answer ({failed})"
                return
            played.sent += 1
            found = events.differences(ours, events.told_by_stripe(page, pairs))
            waiting = [one for one in self._accepted.sift(EVENTS, found) if self._hopeful(EVENTS, one)]
            if not waiting or time.monotonic() > until:
                break
            self._pause()
        self._hopeless.update((EVENTS, one.place) for one in waiting)
        self._report(played, len(test.api) + 1, EVENTS, f"GET {events.PAGE}", found)

    def _unheard(self, exchange: Exchange, failed: NoAnswer) -> None:
        self._leavings.unsure = self._leavings.unsure or exchange.method == "POST"
        self._unanswered += 1
        if self._unanswered >= UNANSWERED_MAX:
            raise StripeAway(f"{self._unanswered} requests in a row got no answer, the last one {failed}")

    def _exchange(self, exchange: Exchange, number: int, n: int, pairs: Pairs, played: Played) -> bool:
        """Sends one request and compares. Whether the two sides now stand apart, so that the rest says nothing."""
        operation = named(exchange)
        path, query = pairs.to_stripe(exchange.path), pairs.to_stripe(exchange.query)
        body = pairs.to_stripe(exchange.body)
        headers = {"Stripe-Version": exchange.answer_headers.get("stripe-version", NEWEST), **exchange.headers}
        if exchange.method == "POST":
            if headers.get("content-type", "").startswith("application/x-www-form-urlencoded") or not body:
                body = tagged(path, query, body, self._leavings.run)
                headers["content-type"] = "application/x-www-form-urlencoded"
            own = exchange.headers.get("idempotency-key")
            headers["idempotency-key"] = idempotency_key(self._leavings.run, number, own, n)
        target = f"{path}?{query}" if query else path
        content = body.encode("latin-1") or None
        reply = self._guest.ask(exchange.method, target, content, headers, exchange.scheme)
        played.sent += 1
        self._leavings.saw(exchange.method, path, reply.status, reply.answer)
        if reply.status == FORBIDDEN != exchange.status:
            raise NotAllowed(f"request {n}: this key may not {exchange.method} {exchange.path}")
        found = self._compared(exchange, reply, pairs)
        at_first = {one.place for one in found}
        found = self._settled(exchange, operation, target, headers, reply, found, pairs)
        played.settled += [(operation, place) for place in sorted(at_first - {one.place for one in found})]
        pairs.issued(exchange.answer)
        self._report(played, n, operation, f"{exchange.method} {exchange.path}", found)
        return reply.status != exchange.status and exchange.method != "GET"

    def _report(self, played: Played, n: int, operation: str, request: str, found: list[Difference]) -> None:
        self._accepted.count(operation, found)
        left = self._accepted.sift(operation, found)
        played.found += [Found(played.test, n, operation, request, one) for one in left]

    # ------------------------------------------------------------------------------------------------------- comparing

    def _compared(self, exchange: Exchange, reply: Reply, pairs: Pairs) -> list[Difference]:
        if reply.status != exchange.status:
            ours, theirs = _told(exchange.status, exchange.answer), _told(reply.status, reply.answer)
            return [Difference("status_code", ours, theirs)]
        found = []
        replayed = (exchange.answer_headers.get("idempotent-replayed"), reply.headers.get("idempotent-replayed"))
        if reply.tries == 1 and replayed[0] != replayed[1]:
            found.append(Difference("header Idempotent-Replayed", *(value or ABSENT for value in replayed)))
        return found + differences(exchange.answer, reply.answer, pairs)

    def _settled(
        self, exchange: Exchange, operation: str, target: str, headers: dict[str, str], reply: Reply,
        found: list[Difference], pairs: Pairs,
    ) -> list[Difference]:
        """`found` without what went away when Stripe was given time. Only reads are repeated."""
        reads = exchange.method == "GET"
        again = target if reads else _reader_of(reply)
        waiting = self._waited_for(operation, found, reads)
        if again is None or not waiting or reply.status != 200:
            return found
        allowed_s = SEARCH_SETTLE_S if again.partition("?")[0].endswith("/search") else SETTLE_S
        until = time.monotonic() + min(allowed_s, self._settle_s)
        while waiting and time.monotonic() < until:
            self._pause()
            looked = self._guest.ask("GET", again, None, {"Stripe-Version": headers["Stripe-Version"]}, exchange.scheme)
            self._leavings.saw("GET", again, looked.status, looked.answer)
            if looked.status != 200:
                continue
            later = self._compared(exchange, Reply(200, looked.answer, reply.headers, reply.tries), pairs)
            if reads:
                found, waiting = later, self._waited_for(operation, later, reads)
            else:
                places = {one.path for one in later}
                waiting = [one for one in waiting if one.path in places]
                found = [one for one in found if not _settles(one, reads) or one.path in places]
        self._hopeless.update((operation, one.place) for one in waiting)
        return found

    def _waited_for(self, operation: str, found: list[Difference], reads: bool) -> list[Difference]:
        left = self._accepted.sift(operation, found)
        return [one for one in left if _settles(one, reads) and self._hopeful(operation, one)]

    def _hopeful(self, operation: str, one: Difference) -> bool:
        """What did not go away twice is waited for no more: a difference in every test would make a run endless."""
        return self._hopeless[operation, one.place] < HOPELESS_AFTER

    def _pause(self) -> None:
        time.sleep(min(PAUSE_S, self._settle_s / 10))


def named(exchange: Exchange) -> str:
    """The operation's name in the emulator's catalogue."""
    known = _ROUTER.find(exchange.method, exchange.path)
    return known[0].name if known else f"{exchange.method} {exchange.path}"


def _settles(difference: Difference, reads: bool) -> bool:
    if not reads:
        return difference.path.partition(".")[0] == "action"
    return difference.leaf in SETTLING


def _reader_of(reply: Reply) -> str | None:
    """Where the reader of this answer can be read again."""
    answer = reply.answer if isinstance(reply.answer, dict) else {}
    return f"/v1/terminal/readers/{answer['id']}" if answer.get("object") == "terminal.reader" else None


def _told(status: int, answer: Any) -> str:
    """A status, and for a refusal what programs branch on."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return str(status)
    return " ".join([str(status), *(str(error[name]) for name in ("type", "code", "decline_code", "param")
                                    if error.get(name))])
