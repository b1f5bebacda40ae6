"""One in-person payment under load: a cashier, a customer, a lane. Works on any way of working a till."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, Final

from cardpresent.actors.cards import APPROVED, DECLINED_FOR
from cardpresent.actors.screen_entry import screen_entry
from cardpresent.drivers.pos.port import PosDriver, PosReply, Verb
from cardpresent.evidence.journal import as_data
from cardpresent.loadgen.arrivals import Arrival
from cardpresent.loadgen.brief import Lane, Patience
from cardpresent.loadgen.hand import Hand
from cardpresent.loadgen.scribe import Scribe
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing
from cardpresent.profile.prices import WHOLE_UNITS
from cardpresent.profile.vocabulary import STARTS

DECLINED: Final = DECLINED_FOR["generic_decline"]
# A reader is asked for by the till a moment after the cashier was answered, or a moment before.
AGAIN_S: Final = 0.03
# A cashier whose reader is in use tries again.
BUSY_S: Final = 0.25

Record = Callable[[str, float, str | None], None]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every payment of a process shares. `record(step, ms, problem)`; `naming(step)`: whose requests these are."""

    pos: PosDriver
    hand: Hand
    scribe: Scribe
    patience: Patience
    secrets: tuple[str, ...]
    collects: bool
    blocks: frozenset[Verb]
    record: Record
    naming: Callable[[str], AbstractContextManager[None]] = lambda step: nullcontext()
    now_s: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class End:
    """How a payment ended. `word`: accepted, refused, or unsettled. `problem`: why that is not what was come for."""

    word: str
    problem: str | None = None
    waited_s: float = 0.0


@dataclass(slots=True)
class Payment:
    """`sale`: its id at the till; `amount`: what it costs; `tip`: what a customer picks on the reader."""

    desk: Desk
    lane: Lane
    arrival: Arrival
    sale: str
    amount: Money
    tip: Money
    word: PosReply | None = None
    saved: dict[str, str] = field(default_factory=dict)
    idle_s: float = 0.0
    _open: Thread | None = None

    def take(self) -> End:
        """All of it, to the end. `waited_s` of it is the customer's own time."""
        kind = self.arrival.kind
        if not self._starts():
            return self._ended("refused", f"{kind}: the till took no sale: {self._words()}")
        if kind == "cancel":
            self._cancels()
            return self._ended_as("refused")
        first = DECLINED if kind in {"decline", "second_card"} else APPROVED
        self._pays(first)
        if kind == "decline":
            self._leaves()
            return self._ended_as("refused")
        if kind == "second_card" and not self._accepted:
            self._tries_again()
            self._pays(APPROVED)
        end = self._ended_as("accepted")
        if end.problem is None and kind in {"refund", "part_refund"}:
            return self._refunds(self.amount if kind == "refund" else half(self.amount)) or end
        return end

    # What the cashier and the customer do

    def _starts(self) -> bool:
        """Ring it up, as often as the customer's patience lets a cashier whose reader is in use try."""
        until = self.desk.now_s() + self.desk.patience.customer_s
        with self._step("start sale") as problem:
            if self.arrival.kind == "double_press":
                self._presses_twice()
            else:
                self._asks("start_sale")
            self._waits_for_open_line()
            self._resolves()
            while self._turned_away and self.desk.now_s() < until:
                self.desk.pause(BUSY_S)
                self._asks_again()
                self._waits_for_open_line()
                self._resolves()
            if self._turned_away:
                problem.append(self._words())
        return not self._turned_away

    def _asks_again(self) -> None:
        """As a cashier does: try the sale again, or ring it up anew where the till gave nothing to try again with."""
        if self.desk.pos.offers("retry_sale"):
            self._asks("retry_sale")
            if self.word is None or self.word.asked:
                return
        self._asks("start_sale")

    def _presses_twice(self) -> None:
        """Two requests of one sale under way at once; what the till says of the sale then is its word."""
        self._intends("start_sale")
        self._note("control", {"what": "double_submit"})
        said: list[PosReply] = []
        presses = [Thread(target=self._press, args=(said,), daemon=True) for _ in range(2)]
        for press in presses:
            press.start()
        for press in presses:
            press.join()
        # One of the two may well be turned away, and the sale be none the worse for it.
        self.word = next((one for one in said if one.outcome is not Outcome.REFUSED), self.word)
        self._hears()

    def _press(self, said: list[PosReply]) -> None:
        with self.desk.naming("start sale"):
            said.append(self._performs("start_sale", {}))

    def _resolves(self) -> None:
        """Where the till cannot say yet, ask it again: nobody presses Pay a second time on a guess."""
        until = self.desk.now_s() + self.desk.patience.unknown_within_s
        while self._in_doubt and self.desk.now_s() < until:
            self.desk.pause(self.desk.patience.poll_s)
            self._hears()

    def _tries_again(self) -> None:
        """A second card, where the till does not ask for one by itself."""
        if self._settled or not self.desk.hand.asked(self.lane.reader):
            with self._step("ask again"):
                self._asks_again()

    def _pays(self, number: str) -> None:
        """Present a card once the reader asks for it, and wait for the till's word."""
        if self._settled:
            return
        with self._step("reader asks") as problem:
            if not self._presents(number):
                problem.append("the reader asked for no card")
                return
        declined = number == DECLINED
        with self._step("decline" if declined else "approval") as problem:
            if not self._told(self._declined if declined else self._done):
                problem.append(f"no last word: {self._words()}")

    def _waits_for_open_line(self) -> None:
        """A till that answers only in the end has not turned the sale away once its reader asks for the card."""
        until = self.desk.now_s() + self.desk.patience.deadline_s + self.desk.patience.settle_s
        while self._open is not None and self._open.is_alive() and self.desk.now_s() < until:
            if self._reader_asks_me():
                return
            self.desk.pause(AGAIN_S)

    def _presents(self, number: str) -> bool:
        desk, tip = self.desk, self.tip.minor_units if self.arrival.kind == "tip" else None
        until = desk.now_s() + desk.patience.deadline_s + desk.patience.settle_s
        if desk.patience.hand_s:
            # Nobody takes a card out for a reader that does not ask: till then it is the till that takes its time.
            if not self._waits_for_reader(until):
                return False
            self._idle(desk.patience.hand_s)
        asked_s = desk.now_s()
        self._note("control", {"what": "tap", **({"tip": as_data(self.tip)} if tip is not None else {})})
        while desk.now_s() < until:
            if self._reader_is_mine() and desk.hand.presents(self.lane.reader, number, tip):
                return True
            # A till that has given the sale up asks nobody any more.
            if desk.now_s() - asked_s > desk.patience.poll_s and self._hears() and self._settled:
                return False
            desk.pause(AGAIN_S)
        return False

    def _waits_for_reader(self, until: float) -> bool:
        """Until it asks for this customer's card; False where the till gave the sale up, or it took too long."""
        desk, looked_s = self.desk, self.desk.now_s()
        while desk.now_s() < until:
            if self._reader_asks_me():
                return True
            if desk.now_s() - looked_s > desk.patience.poll_s:
                looked_s = desk.now_s()
                if self._hears() and self._settled:
                    return False
            desk.pause(AGAIN_S)
        return False

    def _reader_is_mine(self) -> bool:
        """At a reader of one's own whatever it asks is for the customer who stands there."""
        return not self.lane.shared or self._reader_asks_me()

    def _reader_asks_me(self) -> bool:
        asked = self.desk.hand.asked(self.lane.reader)
        if asked is None or not self.lane.shared:
            return asked is not None
        mine = self.saved.get("payment_intent")
        return bool(asked["payment_intent"] == mine if mine else asked["amount"] == self.amount.minor_units)

    def _leaves(self) -> None:
        """The customer has no other card: what the till still asks for is cancelled, or left to the till's own
        deadline where nobody can cancel. For that the next customer waits, but this one has gone."""
        if self._settled:
            return
        if self.desk.pos.offers("cancel_sale"):
            self._cancels()
            return
        begun_s = self.desk.now_s()
        with self._step("deadline") as problem:
            if not self._told(self._done, self.desk.patience.deadline_s):
                problem.append(f"no last word: {self._words()}")
            self.idle_s += self.desk.now_s() - begun_s

    def _cancels(self) -> None:
        with self._step("cancel") as problem:
            if self.desk.pos.offers("cancel_sale"):
                self._asks("cancel_sale")
            if not self._told(self._done):
                problem.append(f"no last word: {self._words()}")

    def _refunds(self, amount: Money) -> End | None:
        """Give it back; the end where that went wrong."""
        own = f"{self.sale}-R1"
        given: dict[str, object] = {"refund_amount": amount, "refund": own}
        with self._step("refund") as problem:
            self._intends("refund_sale", amount=amount, refund=own)
            reply = self._performs("refund_sale", given)
            until = self.desk.now_s() + self.desk.patience.settle_s
            while reply.outcome is Outcome.UNKNOWN and self.desk.pos.offers("refund_state"):
                if self.desk.now_s() > until:
                    break
                self.desk.pause(self.desk.patience.poll_s)
                reply = self._performs("refund_state", given)
            if reply.outcome is Outcome.ACCEPTED:
                return None
            problem.append(f"refund {reply.outcome.value}: {reply.words}")
            return self._ended("accepted", problem[0])

    # What the till says

    def _asks(self, verb: Verb) -> None:
        """Ask for the sale to be paid, or for it to end; whatever it says of the sale is its word."""
        self._intends(verb)
        if verb in self.desk.blocks:
            # What it said of the sale before is no word on this try.
            self.word = None
            self._open = Thread(target=self._performs_named, args=(verb, "start sale"), daemon=True)
            self._open.start()
            return
        self._performs(verb, {})

    def _told(self, done: Callable[[], bool], more_s: float = 0.0) -> bool:
        """Wait for the till's last word, with its cashier's part done on the way; False when its time is up."""
        desk, bounds = self.desk, self.desk.patience
        until = desk.now_s() + bounds.settle_s + more_s
        self._hears()
        while not done():
            if desk.now_s() > until + (bounds.unknown_within_s if self._in_doubt else 0.0):
                return False
            if desk.collects and self._standing is Standing.HELD:
                with self._step("capture"):
                    self._intends("capture_sale")
                    self._performs("capture_sale", {"tip": Money.zero(self.amount.currency)})
            desk.pause(bounds.poll_s)
            self._hears()
        return True

    def _hears(self) -> bool:
        if self._open is not None and self._open.is_alive():
            return False
        if self.desk.pos.offers("sale_state"):
            self._performs("sale_state", {})
        return self.word is not None

    def _done(self) -> bool:
        return self._settled and not self._in_doubt

    def _declined(self) -> bool:
        """Said no, or asks for another card by itself."""
        waits = self._standing is Standing.COLLECTING or (self._open is not None and self._open.is_alive())
        return self._done() or (waits and self.desk.hand.asked(self.lane.reader) is not None)

    def _performs_named(self, verb: Verb, step: str) -> None:
        with self.desk.naming(step):
            self._performs(verb, {})

    def _performs(self, verb: Verb, more: Mapping[str, object]) -> PosReply:
        given: dict[str, object] = {
            "register": self.lane.register, "reader": self.lane.reader, "reader_label": self.lane.label,
            "sale": self.sale, "amount": self.amount, "tip_on_receipt": False, "eligible": None, **self.saved, **more,
        }  # fmt: skip
        reply = self.desk.pos.perform(verb, given)
        if verb == "sale_state" and not reply.asked and self.word is not None:
            # A till that gave nothing to ask by has said its word.
            return self.word
        news = verb != "sale_state" or self.word is None or _said(reply) != _said(self.word)
        self.saved.update(reply.saved)
        speaks = verb == "sale_state" or (verb in STARTS and not self.desk.pos.offers("sale_state"))
        if verb == "sale_state" or verb in STARTS:
            self.word = reply
        if news:
            data = screen_entry(verb, reply, given, self.desk.secrets, role="cashier", of_sale=speaks)
            kept = {name: value for name, value in self.saved.items() if "secret" not in name}
            self._note("screen", {**data, "saved": kept}, wire="till")
        return reply

    @property
    def _standing(self) -> Standing | None:
        return self.word.standing if self.word else None

    @property
    def _settled(self) -> bool:
        return self._standing is Standing.SETTLED

    @property
    def _in_doubt(self) -> bool:
        return self._settled and self.word is not None and self.word.outcome is Outcome.UNKNOWN

    @property
    def _accepted(self) -> bool:
        return self._settled and self.word is not None and self.word.outcome is Outcome.ACCEPTED

    @property
    def _turned_away(self) -> bool:
        """Refused before anybody could pay."""
        return self._settled and self.word is not None and self.word.outcome is Outcome.REFUSED

    def _words(self) -> str:
        return (self.word.words if self.word else "")[:80] or "no words"

    # What is written down

    def _ended_as(self, expected: str) -> End:
        word = self.word
        if word is None or not self._done():
            return self._ended("unsettled", f"{self.arrival.kind}: unsettled: {self._words()}")
        said = word.outcome.value
        return self._ended(said, None if said == expected else f"{self.arrival.kind}: {said}: {self._words()}")

    def _ended(self, word: str, problem: str | None) -> End:
        return End(word, problem, self.idle_s)

    def _idle(self, seconds: float) -> None:
        """The customer's or the cashier's own time, which is no latency of the till's."""
        self.desk.pause(seconds)
        self.idle_s += seconds

    @contextmanager
    def _step(self, name: str) -> Iterator[list[str]]:
        """Measured without the time that is the customer's own; a problem put into the list is its failure."""
        problem: list[str] = []
        begun, idle = self.desk.now_s(), self.idle_s
        with self.desk.naming(name):
            yield problem
        spent = self.desk.now_s() - begun - (self.idle_s - idle)
        self.desk.record(name, spent * 1000, problem[0] if problem else None)

    def _intends(self, verb: Verb, **said: Any) -> None:
        """What is about to be asked stands in the journal before it is asked, or nobody could say later what was."""
        data = {name: as_data(value) if isinstance(value, Money) else value for name, value in said.items()}
        data.setdefault("amount", as_data(self.amount))
        entry = {"kind": "intent", "sale": self.sale, "data": {"verb": verb, "kind": self.arrival.kind, **data,
                 "lane": self.lane.register, "reader": self.lane.reader}}  # fmt: skip
        self.desk.scribe.write_first(entry)

    def _note(self, kind: str, data: Mapping[str, Any], wire: str = "none") -> None:
        self.desk.scribe.write({"kind": kind, "wire": wire, "sale": self.sale, "data": dict(data)})


def half(amount: Money) -> Money:
    return in_steps(Money(amount.minor_units // 2, amount.currency))


def in_steps(amount: Money) -> Money:
    """Rounded down to what can be charged in every currency: fils go by ten, kronur by the hundred.

    Documented: https://docs.stripe.com/currencies ("Special cases", "Three-decimal currencies").
    """
    step = 100 if amount.currency in WHOLE_UNITS else 10
    return Money(amount.minor_units // step * step, amount.currency) or amount


def _said(reply: PosReply) -> tuple[object, ...]:
    return (reply.outcome, reply.standing, reply.words, reply.record, reply.status)
