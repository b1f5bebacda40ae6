"""Closing the books of a load run: what the till is asked when everybody has gone, and what is made of what it says."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType, SimpleNamespace
from typing import Any

from cardpresent.actors.errors import TillGone
from cardpresent.drivers.pos.port import PosReply
from cardpresent.drivers.stripe.books import Snapshot
from cardpresent.loadgen.brief import Lane
from cardpresent.loadgen.reconcile import Reconciled, reconcile
from cardpresent.model.outcome import Outcome, Standing

LANE = Lane("lane-1", "tmr_1", "one")


def reply(outcome: str = "unknown", standing: str = "settled", status: int | None = 200, **more: Any) -> PosReply:
    return PosReply(Outcome(outcome), Standing(standing), "", MappingProxyType({}), status, None, "", **more)


PAID, NOT_PAID, NOT_KNOWN = reply("accepted"), reply("refused"), reply()
WAITS, HELD, STRANGE = reply(standing="collecting"), reply(standing="held"), reply(status=404)


def intent(**more: Any) -> dict[str, Any]:
    return {"id": "pi_1", "status": "succeeded", "amount": 500, "amount_received": 500, "amount_capturable": 0,
            "currency": "usd", "metadata": {"sale": "LD-1"}, "latest_charge": "ch_1", **more}  # fmt: skip


CHARGE = {"id": "ch_1", "status": "succeeded", "amount": 500, "captured": True, "amount_captured": 500,
          "payment_intent": "pi_1", "currency": "usd"}  # fmt: skip
REFUSAL = {"outcome": "refused", "standing": "settled", "words": "", "status": 409, "of_sale": False, "record": None}


@dataclass
class Evening:
    """A till that answers by a script, one sale of 5.00 USD in the journal, and books."""

    answers: Mapping[str, Iterator[PosReply] | PosReply | Callable[[], PosReply]]
    snapshot: Snapshot = field(default_factory=Snapshot)
    told: Mapping[str, Any] | None = field(default_factory=lambda: {**REFUSAL, "outcome": "unknown"})
    captures: bool = False
    sales: int = 1
    sweep_s: float | None = None
    gone: TillGone | None = None
    now: float = 0.0
    asked: list[str] = field(default_factory=list)
    journal: list[dict[str, Any]] = field(default_factory=list)

    def note_all(self, entries: list[Mapping[str, Any]]) -> None:
        for entry in entries:
            self.journal.append({
                "n": len(self.journal) + 1, "wire": "none", "actor": "suite", "begin_ms": 0.0, "end_ms": 0.0,
                "scenario": "load/ours", "sale": None, **entry,
            })  # fmt: skip

    def perform(self, verb: str, values: Mapping[str, Any], **_: Any) -> PosReply:
        self.asked.append(verb)
        self.note_all([{"kind": "request", "actor": "till", "data": {"operation": "payment_intent.retrieve"}}])
        answer = self.answers[verb]
        if isinstance(answer, PosReply):
            return answer
        return answer() if callable(answer) else next(answer)

    def quiet(self, quiet_ms: int, timeout_ms: int) -> bool:
        self.now += timeout_ms / 1000
        return True

    def closes(self) -> Reconciled:
        amount = {"minor_units": 500, "currency": "usd"}
        for number in range(1, self.sales + 1):
            sale, begun = f"LD-{number}", {"verb": "start_sale", "amount": amount, "lane": "lane-1", "reader": "tmr_1"}
            self.note_all([{"kind": "intent", "sale": sale, "data": begun}])
            if self.told is not None:
                screen = {"verb": "start_sale", **self.told}
                self.note_all([{"kind": "screen", "sale": sale, "data": screen}])
        wire = SimpleNamespace(
            quiet=self.quiet, note_all=self.note_all, deliveries_due=lambda: 0,
            lines=lambda after: [json.dumps(entry).encode() for entry in self.journal[after:]],
        )  # fmt: skip
        pos = SimpleNamespace(perform=self.perform, offers=lambda verb: verb in self.answers)
        around = SimpleNamespace(
            wire=wire, pos=pos, books=SimpleNamespace(read=lambda *since: self.snapshot),
            clock=SimpleNamespace(now_s=lambda: self.now), secrets=(), metadata_key="sale",
            cashier_captures=self.captures, till=SimpleNamespace(ended=lambda: self.gone),
            bounds=SimpleNamespace(settle_s=2.0, unknown_within_s=2.0, deadline_s=2.0, sweep_s=self.sweep_s),
        )  # fmt: skip
        return reconcile(around, [LANE], None, 0, lambda what, done, of: None)


def broken(closed: Reconciled) -> set[str]:
    return {finding.check for finding in closed.findings if finding.holds is False}


def undecided(closed: Reconciled) -> set[str]:
    return {finding.check for finding in closed.findings if finding.holds is None}


def test_a_sale_that_is_paid_at_the_till_and_at_stripe_is_right():
    closed = Evening({"sale_state": PAID}, Snapshot((intent(),), (CHARGE,))).closes()

    assert not broken(closed) and not undecided(closed)
    assert (closed.accepted, closed.unsettled) == (1, 0)


def test_a_payment_that_is_held_when_everybody_has_gone_is_a_fault_though_the_till_calls_it_held():
    held = intent(status="requires_capture", amount_received=0, amount_capturable=500)
    closed = Evening({"sale_state": HELD}, Snapshot((held,))).closes()

    assert broken(closed) == {"load.no_hold_left"}


def test_a_hold_that_belongs_to_no_sale_is_a_fault():
    held = intent(status="requires_capture", amount_received=0, amount_capturable=500, metadata={})
    closed = Evening({"sale_state": NOT_PAID}, Snapshot((held,))).closes()

    assert broken(closed) == {"load.no_hold_left"}


def test_what_is_held_and_the_cashiers_to_take_is_taken_once():
    evening = Evening({"sale_state": iter([HELD, HELD, PAID]), "capture_sale": PAID},
                      Snapshot((intent(),), (CHARGE,)), captures=True)  # fmt: skip

    assert not broken(evening.closes())
    assert evening.asked.count("capture_sale") == 1


def test_a_sale_that_only_later_is_seen_to_wait_for_a_card_is_cancelled():
    evening = Evening({"sale_state": iter([NOT_KNOWN, WAITS, WAITS, NOT_PAID]), "cancel_sale": NOT_PAID})

    assert not broken(evening.closes())
    assert evening.asked.count("cancel_sale") == 1


def test_a_sale_that_was_turned_away_and_cannot_be_asked_about_is_not_in_doubt():
    closed = Evening({"sale_state": replace(NOT_KNOWN, asked=False, status=None)}, told=REFUSAL).closes()

    assert not broken(closed) and not undecided(closed)
    assert (closed.refused, closed.unsettled) == (1, 0)


def test_a_sale_that_a_killed_worker_may_never_have_asked_for_decides_nothing():
    evening = Evening({"sale_state": STRANGE}, told=None, sweep_s=60)
    closed = evening.closes()

    assert not broken(closed)
    assert undecided(closed) == {"load.rung_up"}
    assert evening.now < 10


def test_a_sale_that_the_till_did_take_and_does_not_know_any_more_is_a_fault():
    assert broken(Evening({"sale_state": STRANGE}).closes())


def test_a_sale_of_a_killed_worker_that_was_charged_is_judged():
    closed = Evening({"sale_state": STRANGE}, Snapshot((intent(),), (CHARGE,)), told=None).closes()

    assert broken(closed)


def test_what_the_till_asks_when_it_is_asked_about_its_sales_is_no_part_of_a_payment():
    evening = Evening({"sale_state": PAID}, Snapshot((intent(),), (CHARGE,)))
    evening.note_all([{"kind": "request", "actor": "till", "data": {"operation": "payment_intent.create"}}])

    assert evening.closes().calls == 1


def test_a_till_that_is_never_asked_about_a_sale_has_said_its_word_when_it_took_it():
    said = {**REFUSAL, "outcome": "accepted", "of_sale": True}
    said["record"] = {"paid": 500}
    closed = Evening({}, Snapshot((intent(),), (CHARGE,)), told=said).closes()

    assert not broken(closed)
    assert (closed.accepted, closed.unsettled) == (1, 0)
    assert closed.till_paid == {"usd": 500}


def test_a_till_that_answers_nobody_any_more_is_not_waited_for_once_for_each_sale():
    evening = Evening({"sale_state": NOT_KNOWN}, sales=500)

    def silent() -> PosReply:
        evening.now += 30
        return reply(status=None)

    evening.answers = {"sale_state": silent}
    closed = evening.closes()

    assert broken(closed)
    assert evening.now < 120


SILENT = reply(status=None)
CUT_OFF = TillGone("the till was ended by SIGKILL from outside", by_itself=False)
CRASHED = TillGone("the till ended with code 1", by_itself=True)


def test_a_till_that_was_ended_from_outside_is_not_held_to_words_that_it_cannot_say():
    closed = Evening({"sale_state": SILENT}, Snapshot((intent(),), (CHARGE,)), gone=CUT_OFF).closes()

    assert not broken(closed)
    assert "invariants.captured_as_told" in undecided(closed)


def test_what_it_could_not_let_go_any_more_decides_nothing():
    held = intent(status="requires_capture", amount_received=0, amount_capturable=500)
    closed = Evening({"sale_state": SILENT}, Snapshot((held,)), gone=CUT_OFF).closes()

    assert not broken(closed)
    assert "load.no_hold_left" in undecided(closed)


def test_a_till_that_crashed_is():
    assert broken(Evening({"sale_state": SILENT}, Snapshot((intent(),), (CHARGE,)), gone=CRASHED).closes())


def test_what_was_charged_twice_was_charged_twice_whoever_ended_the_till():
    twice = {**CHARGE, "id": "ch_2"}
    closed = Evening({"sale_state": SILENT}, Snapshot((intent(),), (CHARGE, twice)), gone=CUT_OFF).closes()

    assert "invariants.captured_as_told" in broken(closed)
