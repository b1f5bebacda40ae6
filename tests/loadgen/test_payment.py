"""One payment under load: what the cashier asks, what the customer does, and how it ends. Time stands still here."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pytest

from cardpresent.drivers.pos.port import PosReply
from cardpresent.loadgen.arrivals import Arrival
from cardpresent.loadgen.brief import Lane, Patience
from cardpresent.loadgen.payment import DECLINED, Desk, End, Payment, half
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing

PATIENCE = Patience(poll_s=0.1, deadline_s=2, settle_s=3, unknown_within_s=2, customer_s=5, hand_s=0.5)


def reply(outcome: str = "unknown", standing: str = "settled", words: str = "") -> PosReply:
    saved = MappingProxyType({"payment_intent": "pi_1", "client_secret": "not for the journal"})
    return PosReply(Outcome(outcome), Standing(standing), words, saved, 200, None, "")


WAITS = reply(standing="collecting")
PAID, NOT_PAID, NOT_KNOWN, HELD = reply("accepted"), reply("refused"), reply(), reply(standing="held")


@dataclass
class Scene:
    """A till that answers by a script, a reader, and a clock that moves only when somebody waits."""

    answers: Mapping[str, Iterator[PosReply] | PosReply | Callable[[str], PosReply]]
    takes: Callable[[str], bool] = lambda number: True
    asks: bool = True
    asks_from: float = 0.0
    blocks: frozenset[str] = frozenset()
    now: float = 0.0
    asked: list[str] = field(default_factory=list)
    presented: list[tuple[str, int | None]] = field(default_factory=list)
    noted: list[Mapping] = field(default_factory=list)
    steps: list[tuple[str, float, str | None]] = field(default_factory=list)

    def offers(self, verb: str) -> bool:
        return verb in self.answers

    def perform(self, verb: str, values: Mapping, **_: object) -> PosReply:
        self.asked.append(verb)
        answer = self.answers[verb]
        if callable(answer):
            return answer(verb)
        return answer if isinstance(answer, PosReply) else next(answer)

    def presents(self, reader: str, number: str, tip: int | None) -> bool:
        self.presented.append((number, tip))
        return self.takes(number)

    def asked_for(self, reader: str) -> Mapping | None:
        rests = not self.asks and len(self.presented) == 1 and "retry_sale" not in self.asked
        return None if rests or self.now < self.asks_from else {"payment_intent": "pi_1", "amount": 1200}

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def take(self, kind: str = "sale", *, collects: bool = False, shared: bool = False) -> End:
        hand = type("Hand", (), {"presents": staticmethod(self.presents), "asked": staticmethod(self.asked_for)})
        scribe = type("Scribe", (), {"write": self.noted.append, "write_first": self.noted.append})
        desk = Desk(
            self, hand, scribe, PATIENCE, (), collects, self.blocks, lambda *step: self.steps.append(step),
            now_s=lambda: self.now, pause=self.pause,
        )  # fmt: skip
        amount = Money(1200, "usd")
        tip = Money(120, "usd") if kind == "tip" else Money.zero("usd")
        lane = Lane("lane-1", "tmr_1", "one", shared=shared)
        return Payment(desk, lane, Arrival(0.0, 1, kind, 1200, 10), "LD-1", amount, tip).take()

    def intents(self) -> list[str]:
        return [entry["data"]["verb"] for entry in self.noted if entry["kind"] == "intent"]


def test_a_sale_is_rung_up_paid_at_the_reader_and_accepted():
    scene = Scene({"start_sale": WAITS, "sale_state": iter([WAITS, PAID])})

    end = scene.take()

    assert (end.word, end.problem) == ("accepted", None)
    assert scene.asked == ["start_sale", "sale_state", "sale_state"]
    assert [name for name, _, _ in scene.steps] == ["start sale", "reader asks", "approval"]


def test_what_is_about_to_be_asked_is_written_down_before_it_is_asked():
    scene = Scene({"start_sale": iter(())})
    with pytest.raises(StopIteration):
        scene.take()

    assert scene.intents() == ["start_sale"]


def test_the_customers_own_time_is_told_apart_and_counts_in_no_step():
    scene = Scene({"start_sale": WAITS, "sale_state": PAID})

    end = scene.take()

    assert end.waited_s == PATIENCE.hand_s
    assert {name: ms for name, ms, _ in scene.steps}["reader asks"] == 0


def test_a_tip_is_picked_on_the_reader_and_noted_as_one():
    scene = Scene({"start_sale": WAITS, "sale_state": PAID})
    scene.take("tip")

    assert scene.presented[0][1] == 120
    taps = [entry["data"] for entry in scene.noted if entry["data"].get("what") == "tap"]
    assert taps[0]["tip"] == {"minor_units": 120, "currency": "usd"}


def test_a_declined_customer_leaves_and_that_is_no_error():
    scene = Scene({"start_sale": WAITS, "sale_state": NOT_PAID})

    assert scene.take("decline") == End("refused", None, PATIENCE.hand_s)
    assert scene.presented == [(DECLINED, None)]


def test_where_the_reader_asks_on_after_a_decline_the_cashier_cancels():
    scene = Scene({"start_sale": WAITS, "sale_state": iter([WAITS, NOT_PAID]), "cancel_sale": NOT_PAID})

    assert scene.take("decline").word == "refused"
    assert "cancel_sale" in scene.asked


def test_a_declined_card_at_a_till_that_nobody_can_cancel_at_is_left_to_its_own_deadline():
    waits = PATIENCE.deadline_s + 0.9 * PATIENCE.settle_s
    scene = Scene({"start_sale": WAITS, "sale_state": lambda verb: WAITS if scene.now < waits else NOT_PAID})

    end = scene.take("decline")

    assert (end.word, end.problem) == ("refused", None)
    assert end.waited_s > PATIENCE.settle_s


def test_a_second_card_is_asked_for_where_the_till_does_not_ask_by_itself():
    scene = Scene({"start_sale": WAITS, "sale_state": iter([NOT_PAID, WAITS, PAID]), "retry_sale": WAITS}, asks=False)

    assert scene.take("second_card").problem is None
    assert len(scene.presented) == 2


def test_a_cashier_who_collects_does_so_once_the_card_has_approved():
    scene = Scene({"start_sale": WAITS, "sale_state": iter([HELD, PAID]), "capture_sale": PAID})

    assert scene.take(collects=True).word == "accepted"
    assert scene.asked.count("capture_sale") == 1


def test_a_till_that_does_not_know_is_asked_and_never_pressed_again():
    scene = Scene({"start_sale": NOT_KNOWN, "sale_state": iter([NOT_KNOWN, WAITS, PAID])})

    assert scene.take().word == "accepted"
    assert scene.asked.count("start_sale") == 1


def test_a_till_that_never_says_a_last_word_leaves_the_sale_unsettled():
    end = Scene({"start_sale": WAITS, "sale_state": WAITS}).take()

    assert end.word == "unsettled"
    assert end.problem.startswith("sale: unsettled")


def test_a_cashier_whose_reader_is_in_use_tries_again_while_the_customer_waits():
    scene = Scene({"start_sale": iter([NOT_PAID, NOT_PAID, WAITS]), "sale_state": PAID})

    assert scene.take().word == "accepted"
    assert scene.asked.count("start_sale") == 3


def test_a_sale_the_till_knows_is_tried_again_and_not_rung_up_twice():
    scene = Scene({"start_sale": NOT_PAID, "retry_sale": iter([NOT_PAID, WAITS]), "sale_state": PAID})

    assert scene.take().word == "accepted"
    assert scene.asked[:3] == ["start_sale", "retry_sale", "retry_sale"]


def test_a_sale_that_gave_nothing_to_try_again_with_is_rung_up_anew():
    unasked = replace(NOT_PAID, asked=False)
    scene = Scene({"start_sale": iter([NOT_PAID, WAITS]), "retry_sale": unasked, "sale_state": PAID})

    assert scene.take().word == "accepted"
    assert scene.asked[:3] == ["start_sale", "retry_sale", "start_sale"]


def test_a_customer_who_waited_long_enough_leaves_and_that_is_an_error():
    end = Scene({"start_sale": NOT_PAID, "sale_state": NOT_PAID}).take()

    assert end.word == "refused"
    assert "the till took no sale" in end.problem


def test_at_a_shared_reader_nobody_presents_a_card_for_somebody_elses_sale():
    scene = Scene({"start_sale": WAITS, "sale_state": NOT_PAID})
    scene.asked_for = lambda reader: {"payment_intent": "pi_of_another", "amount": 1200}

    scene.take(shared=True)

    assert scene.presented == []


def test_a_hurried_cashier_presses_twice_and_the_second_answer_is_no_word_on_the_sale():
    scene = Scene({"start_sale": iter([WAITS, NOT_PAID]), "sale_state": iter([WAITS, PAID])})

    assert scene.take("double_press").word == "accepted"
    assert scene.intents() == ["start_sale"]
    assert any(entry["data"].get("what") == "double_submit" for entry in scene.noted)


def test_a_refund_follows_a_sale_that_was_paid_and_is_asked_about_until_it_is_known():
    scene = Scene(
        {"start_sale": WAITS, "sale_state": PAID, "refund_sale": NOT_KNOWN, "refund_state": iter([NOT_KNOWN, PAID])}
    )

    assert scene.take("refund").problem is None
    refund = next(entry["data"] for entry in scene.noted if entry["data"].get("verb") == "refund_sale")
    assert refund["amount"] == {"minor_units": 1200, "currency": "usd"}


def test_what_a_till_takes_before_its_reader_asks_is_not_the_customers_own_time():
    scene = Scene({"start_sale": WAITS, "sale_state": PAID}, asks_from=0.4)
    scene.answers = {"start_sale": WAITS, "sale_state": iter([WAITS] * 5 + [PAID])}

    end = scene.take()

    asked = next(ms for name, ms, _ in scene.steps if name == "reader asks")
    assert asked >= 400
    assert end.waited_s == PATIENCE.hand_s


def test_a_till_that_gave_nothing_to_ask_by_has_said_its_word():
    nothing = replace(NOT_KNOWN, asked=False)
    scene = Scene({"start_sale": NOT_PAID, "sale_state": nothing})

    end = scene.take()

    assert end.word == "refused"
    assert not [entry for entry in scene.noted if entry["data"].get("verb") == "sale_state"]


def test_half_of_a_sale_is_an_amount_that_its_currency_has():
    assert half(Money(5_010, "usd")) == Money(2_500, "usd")
    assert half(Money(50_130, "kwd")) == Money(25_060, "kwd")
    assert half(Money(50_100, "isk")) == Money(25_000, "isk")
    assert half(Money(5, "usd")) == Money(2, "usd")


def test_a_second_try_at_a_till_that_answers_only_in_the_end_waits_for_its_own_answer():
    """The answer to the first try, refused, says nothing of the second."""
    paid = threading.Event()
    answers = iter([NOT_PAID, PAID])

    def at_the_end(verb: str) -> PosReply:
        assert paid.wait(5)
        paid.clear()
        return next(answers)

    def presented(number: str) -> bool:
        paid.set()
        return True

    scene = Scene({"start_sale": at_the_end, "retry_sale": at_the_end}, takes=presented, asks=False,
                  blocks=frozenset({"start_sale", "retry_sale"}))  # fmt: skip
    scene.pause = lambda seconds: time.sleep(0.005)

    assert scene.take("second_card").word == "accepted"
    assert len(scene.presented) == 2


def test_a_sale_is_cancelled_once_a_till_that_answers_only_in_the_end_has_its_reader_ask():
    looked, begun, ended = threading.Event(), threading.Event(), threading.Event()

    def at_the_end(verb: str) -> PosReply:
        # Its reader asks only after somebody has looked and seen it at rest.
        assert looked.wait(5)
        begun.set()
        assert ended.wait(5)
        return NOT_PAID

    def cancelled(verb: str) -> PosReply:
        assert begun.is_set()
        ended.set()
        return NOT_PAID

    def asked_for(reader: str) -> Mapping | None:
        asks = begun.is_set()
        looked.set()
        return {"payment_intent": "pi_1", "amount": 1200} if asks else None

    scene = Scene({"start_sale": at_the_end, "cancel_sale": cancelled}, blocks=frozenset({"start_sale"}))
    scene.asked_for = asked_for
    scene.pause = lambda seconds: time.sleep(0.005)

    assert scene.take("cancel").word == "refused"


def test_no_secret_of_a_sale_is_kept_for_whoever_asks_about_it_later():
    scene = Scene({"start_sale": WAITS, "sale_state": PAID})
    scene.take()

    saved = [entry["data"]["saved"] for entry in scene.noted if entry["kind"] == "screen"]
    assert saved and all(kept == {"payment_intent": "pi_1"} for kept in saved)
