"""What lies between the till, its reader and Stripe, and everything that goes wrong there."""

from typing import Any, Final

from cardpresent.actors.errors import NotApplicable, OutOfReach, Undecided
from cardpresent.actors.stage import Stage
from cardpresent.drivers.stripe.emulated import EmulatedStripe
from cardpresent.drivers.stripe.reader_faults import READER_FAULTS, can_be_refused

# What a feature calls a step of a payment → the logical operation on the wire.
STEPS: Final[dict[str, str]] = {
    "creating the payment": "payment_intent.create",
    "sending it to the reader": "reader.ask_for_card",
    "collecting the money": "payment_intent.capture",
    "raising the hold": "payment_intent.increment_authorization",
    "cancelling the payment": "payment_intent.cancel",
    "the refund": "refund.create",
    "asking for the card to keep": "reader.process_setup_intent",
    "reading the payment": "payment_intent.retrieve",
    "confirming the payment": "sdk.confirm_payment_intent",
    "sending a stored payment": "sdk.forward",
    "giving out a connection token": "connection_token.create",
}

# Where an app's or a page's own SDK drives the reader, what is sent to it is the payment that the SDK asks for first.
BY_SDK: Final[dict[str, str]] = {"sending it to the reader": "sdk.retrieve_payment_intent"}

# A reader holds a collected card for so long.
# Documented: https://docs.stripe.com/terminal/payments/collect-card-payment
CARD_HELD_S: Final = 30

# Calls that change a PaymentIntent or a reader take its lock.
# Documented: https://docs.stripe.com/rate-limits#object-lock-timeouts
LOCKED: Final = frozenset({"sending it to the reader", "collecting the money", "cancelling the payment"})

# What a feature calls a piece of news → the events that bring it.
NEWS: Final[dict[str, tuple[str, ...]]] = {
    "failed payments": ("payment_intent.payment_failed", "charge.failed", "terminal.reader.action_failed"),
    "the approval": ("payment_intent.amount_capturable_updated", "charge.succeeded"),
    "the reader": ("terminal.reader.*",),
    "the money": ("payment_intent.succeeded", "charge.captured", "charge.updated"),
}

# A call that failed is repeated sooner than this, or left for later.
BUSY_FOR_S: Final = 1.5
WATCHED_FOR_S: Final = 1.2
# Longer than news takes to reach a till and to make it ask.
DAWDLES_MS: Final = 120
NEWS_WITHIN_MS: Final = 20_000
SLOW_MS: Final = 250
REPEATED_WITHIN_S: Final = 0.8
# Two minutes without a signal, and the reader counts as offline.
# Documented: https://docs.stripe.com/terminal/payments/collect-card-payment?terminal-sdk-platform=server-driven
BATTERY_NOTICED_S: Final = 125
# A failed delivery is made again within hours; a day at Stripe is past the second of them.
# Documented: https://docs.stripe.com/webhooks ("three times over the course of a few hours" in a sandbox).
REDELIVERED_WITHIN_S: Final = 86_400


class Network:
    """Arms faults and remembers them: one that never fired leaves its scenario undecided."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._wire_faults: dict[str, str] = {}
        self._reader_faults: dict[str, str] = {}
        self._refusals: dict[str, str] = {}
        self._never_fired: list[str] = []
        self._may_be_missed: set[str] = set()
        self._vanished = ""
        self._updates: set[str] = set()
        # Checks read the journal only, so what fired at the reader stands there before any books are read.
        stage.before_books = self._note_reader_faults

    # On the wire between till and Stripe

    def loses_answer(self, step: str, *, times: int = 1) -> None:
        """Stripe carries the call out; its answer never arrives. `times` counts attempts, those of an SDK too."""
        self._arm("answer_lost", self._operation(step), count=times)

    def fails(self, step: str, *, times: int | None = 1) -> None:
        """Stripe answers 500 and has done nothing; None: until the network recovers."""
        self._arm("server_error", self._operation(step), count=times)

    def limits(self, step: str, *, lock_timeout: bool = False, times: int = 2) -> None:
        """Stripe is too busy: 429, by rate or by a lock."""
        self._arm("rate_limited", self._operation(step), count=times, lock_timeout=lock_timeout)

    def limits_everything(self) -> None:
        """Whatever the till asks is one call too many for Stripe, until the network recovers."""
        self._arm("rate_limited", "*", reason="global-rate")

    def limits_each_step(self) -> None:
        """At the busiest minute Stripe puts each step of a payment off, by rate or by lock; no till makes all."""
        # How an SDK of Stripe's deals with its own calls being put off is not the till's to answer for.
        for step in (s for s in STEPS if not self._operation(s).startswith("sdk.")):
            self.limits(step, lock_timeout=step in LOCKED)
        self._may_be_missed |= self._wire_faults.keys() - {next(iter(self._wire_faults))}

    def answers_late(self, step: str, *, must_be_met: bool = False) -> None:
        """Stripe does what is asked at once and keeps its answer until the network recovers."""
        fault = self._arm("answer_delayed", self._operation(step))
        if not must_be_met:
            self._may_be_missed.add(fault)

    def answers_one_late(self, step: str) -> None:
        """Stripe does what is asked next and keeps its answer until the network recovers; others are answered."""
        self._arm("answer_delayed", self._operation(step), count=1)

    def dawdles(self, step: str) -> None:
        """Each answer of Stripe to this step takes a while, long enough for somebody else to ask the same."""
        self._arm("answer_delayed", self._operation(step), delay_ms=DAWDLES_MS)

    def overtakes(self, step: str) -> None:
        """The news of what was done reaches the till before Stripe's own answer does."""
        self._arm("answer_overtaken", self._operation(step), count=1)

    def is_cut(self, *, must_be_met: bool = True) -> None:
        """The till reaches Stripe no more, until the network recovers.

        A till that asks nothing meanwhile does not meet it: where that is right, too, it need not be met.
        """
        fault = self._arm("till_cut_off", "*")
        if not must_be_met:
            self._may_be_missed.add(fault)

    def goes_offline(self) -> None:
        """The shop's line is down, as far as the till can tell, until the network recovers.

        What the till's list of stored payments says before is read first: it may hold more than this scenario's.
        """
        stage = self._stage
        if stage.around.pos.offers("stored_payments"):
            stage.perform("stored_payments", None)
        stage.control("offline")
        stage.offline = True
        self.is_cut()

    def recovers_roughly(self, fault: str, step: str, times: int) -> None:
        """The line is back, and the first calls over it go wrong: `answer_lost` after they were carried out,
        `server_error` before."""
        self._arm(fault, self._operation(step), count=times)
        self._reconnects()

    def recovers_slowly(self) -> None:
        """The line is back, and Stripe takes its time to answer the first stored payment."""
        self._arm("answer_delayed", STEPS["sending a stored payment"], count=1, delay_ms=SLOW_MS)
        self._reconnects()

    def _reconnects(self) -> None:
        """The cut is over; whatever else is armed stays so."""
        cut = [fault_id for fault_id, name in self._wire_faults.items() if name == "till_cut_off"]
        for fault_id in cut:
            released = self._stage.around.wire.release(fault_id)
            self._never_fired += [] if released["fired"] else ["till_cut_off"]
            del self._wire_faults[fault_id]
        self._comes_online()

    def await_failure(self) -> None:
        """Wait until the till has run into what is armed on the wire, and has come to rest after it."""
        stage, ids = self._stage, set(self._wire_faults)

        def met() -> bool:
            if stage.sales:
                # Some tills ask Stripe only when they are asked themselves.
                stage.hear(stage.sales[-1])
                stage.collects(stage.sales[-1])
            faults = [f for f in stage.around.wire.faults() if f["id"] in ids]
            return any(f["fired"] for f in faults if not f["fault"].startswith("webhook"))

        stage.until(met, stage.around.bounds.settle_s)
        stage.settle()

    def await_pause(self) -> None:
        """Wait until the till lets the failing call be for now: while it still repeats it, it has said nothing yet.

        Reads do not count: a till that polls never stops reading.
        """
        clock, bounds = self._stage.around.clock, self._stage.around.bounds
        seen, since_s = -1, clock.now_s()

        def paused() -> bool:
            nonlocal seen, since_s
            asked = [e.n for e in self._stage.followed().till_requests() if e.data["method"] != "GET"]
            last = max(asked, default=0)
            if last != seen:
                seen, since_s = last, clock.now_s()
            return clock.now_s() - since_s >= REPEATED_WITHIN_S

        self._stage.until(paused, bounds.settle_s)

    def recovers(self) -> None:
        """Everything on the wire works again, and what was withheld arrives."""
        if any(fault.startswith("webhook") for fault in self._wire_faults.values()):
            # What is to be kept from the till has to have come from Stripe, or there is nothing to keep.
            self._stage.around.wire.hears_news(NEWS_WITHIN_MS)
        self._stage.remember_word()
        self._never_fired += self._release_wire()
        self._comes_online()

    def _comes_online(self) -> None:
        if self._stage.offline:
            self._stage.control("online")
            self._stage.offline = False

    def brings_news_again(self) -> None:
        """Stripe delivers once more what the till did not take; the till reaches Stripe again by then."""
        self._stage.settle()
        self._never_fired += self._release_wire()
        self._stage.control("redelivered")
        self._stage.around.emulated.advance_s(REDELIVERED_WITHIN_S)

    def _operation(self, step: str) -> str:
        """The call on the wire that a step of a payment is at this till."""
        return BY_SDK.get(step, STEPS[step]) if self._stage.around.by_sdk else STEPS[step]

    # Webhooks

    def loses_webhooks(self) -> None:
        """No webhook arrives. Where the till takes none there is nothing to lose."""
        if self._stage.around.endpoint is None:
            return
        self._arm("webhook_lost", types=["*"])

    def withholds_webhooks(self, *types: str) -> None:
        self._arm("webhook_withheld", types=list(types) or ["*"])

    def withholds_news(self, what: str) -> None:
        """News of one thing is kept back. Raises NotApplicable at a till that asked for no such events."""
        if not any(_overlap(kept, heard) for kept in NEWS[what] for heard in self._stage.around.news_types):
            raise NotApplicable(f"the till takes no webhooks about {what.removeprefix('the ')}")
        self.withholds_webhooks(*NEWS[what])

    def delivers_twice(self) -> None:
        self._arm("webhook_duplicated", types=["*"], times=2)

    def delivers_in_reverse(self) -> None:
        self._arm("webhook_reordered", types=["*"], collect=50)

    # At the reader and the bank

    def is_watched(self) -> None:
        """A sale waits for its card, nobody asks the till, and every call it makes to Stripe meanwhile is counted."""
        stage = self._stage
        if not stage.until(stage.prompting, stage.around.bounds.settle_s):
            raise Undecided("the reader asks for no card, so nothing waits that could be watched", "product")
        stage.control("watch_begins", stage.sales[-1])
        stage.until(lambda: False, min(WATCHED_FOR_S, stage.around.bounds.deadline_s / 2))
        stage.control("watch_ends", stage.sales[-1])

    def reader_fault(self, fault: str, **params: Any) -> None:
        """Arm a fault of the reader or of the bank behind it; see cardpresent/emulator/faults for names.

        Where Stripe is a real one the gateway refuses in the reader's place: only faults that are no more than that can
        be armed then.
        """
        if self._stage.around.emulator is None:
            self._refuses_for_reader(fault, **params)
            return
        fault_id = self._stage.around.emulated.arm(self._stage.reader, fault, **params)
        self._reader_faults[fault_id] = fault
        self._stage.staged.append(f"emulated: {fault}")
        self._stage.control("fault_armed", fault=fault, **params)

    def _refuses_for_reader(self, fault: str, **params: Any) -> None:
        if not can_be_refused(fault):
            raise OutOfReach(f"{READER_FAULTS[fault]} cannot be staged at a real Stripe")
        reader = self._stage.reader
        self._refusals[self._stage.around.wire.arm(fault, object=reader, **params)] = fault
        self._stage.staged.append(f"injected: {fault}")

    def battery_runs_out(self) -> None:
        """The reader is off by the time the next sale is sent to it, and Stripe has noticed."""
        self.reader_fault("flat_battery", percent=1, s_per_percent=1)
        self._stage.around.emulated.advance_s(BATTERY_NOTICED_S)

    def reader_vanishes(self) -> None:
        """The reader drops off the network while nobody uses it; it need not be met by any command."""
        self._vanished = self._stage.around.emulated.arm(self._stage.reader, "reader_offline")
        self._stage.staged.append("emulated: reader_offline")
        self._stage.control("reader_vanished", reader=self._stage.reader)

    def update_waits(self, reader: str, **params: Any) -> None:
        """New software waits for a mobile reader; whether it is installed is the till's to say."""
        self._updates.add(self._stage.around.emulated.arm(reader, "reader_outdated", **params))
        self._stage.staged.append("emulated: reader_outdated")

    def breaks_link(self) -> None:
        """The link between the device and its reader breaks while the reader asks for a card."""
        stage = self._stage
        stage.until(stage.prompting, stage.around.bounds.settle_s)
        stage.hear(stage.sales[-1])
        self.reader_fault("reader_link_lost", when="now")

    def stalls_before_confirming(self) -> None:
        """Once the reader asks for a card the line stalls: the card is read, and the SDK waits to confirm it."""
        stage = self._stage
        stage.until(stage.prompting, stage.around.bounds.settle_s)
        self._arm("answer_delayed", "sdk.reach", count=1)

    def outlasts_card(self) -> None:
        """The line stays stalled until the reader has forgotten the card, and then works again."""
        stage = self._stage
        stage.until(lambda: any(f["fired"] for f in stage.around.wire.faults()), stage.around.bounds.settle_s)
        stage.around.emulated.advance_s(CARD_HELD_S + 1)
        stage.control("card_forgotten")
        self._never_fired += self._release_wire()

    def stays_busy(self) -> None:
        """The till runs into the busy reader, and the reader stays busy for a while after that."""
        self.await_reader_fault()
        self._stage.until(lambda: False, BUSY_FOR_S)

    def reader_recovers(self) -> None:
        """The reader and the bank work again; a slow bank answers now."""
        self._note_reader_faults()
        self._never_fired += self._release_refusals()
        if self._stage.around.emulator is not None:
            self._never_fired += [str(f["fault"]) for f in self._stage.around.emulator.release_all() if not f["fired"]]
        self._reader_faults.clear()

    def await_reader_fault(self) -> None:
        """Wait until every armed reader fault has fired."""
        self._stage.until(
            lambda: all(fault["fired"] for fault in self._armed_at_reader()), self._stage.around.bounds.settle_s
        )

    def _armed_at_reader(self) -> list[dict[str, Any]]:
        around = self._stage.around
        at_reader = around.emulator.faults() if around.emulator is not None and self._reader_faults else []
        in_its_place = around.wire.faults() if self._refusals else []
        return [
            *(f for f in at_reader if f["id"] in self._reader_faults),
            *(f for f in in_its_place if f["id"] in self._refusals),
        ]

    def _release_refusals(self) -> list[str]:
        """Withdraw what the gateway refuses in the reader's place; the names of those that never fired."""
        released = [self._stage.around.wire.release(fault_id) for fault_id in self._refusals]
        self._refusals.clear()
        return [str(f["fault"]) for f in released if not f["fired"]]

    # Ending

    def lets_go(self) -> list[str]:
        """Release everything; the names of what was armed and never fired."""
        self._note_reader_faults()
        missed = self._release_refusals()
        if self._stage.around.emulator is not None:
            missed += self._release_at(self._stage.around.emulator)
        missed += self._never_fired + self._release_wire()
        self._comes_online()
        self._reader_faults.clear()
        self._never_fired.clear()
        return missed

    def _release_at(self, emulated: EmulatedStripe) -> list[str]:
        """Release what is armed at the reader and the bank; the names of what never fired."""
        if self._vanished:
            emulated.release(self._vanished)
        for fault in emulated.faults() if self._updates else []:
            if fault["id"] in self._updates:
                emulated.release(str(fault["id"]))
        self._updates.clear()
        reader = emulated.release_all() if self._reader_faults else []
        return [str(f["fault"]) for f in reader if f["id"] in self._reader_faults and not f["fired"]]

    def ends(self) -> None:
        """Release everything; raise Undecided when something that was armed never fired."""
        missed = self.lets_go()
        if missed:
            self._stage.control("fault_missed", faults=missed)
            names = ", ".join(missed)
            raise Undecided(f"armed, but never met by the till: {names}; the scenario proves nothing about it")

    def _arm(self, fault: str, operation: str | None = None, **params: Any) -> str:
        fault_id = self._stage.around.wire.arm(fault, operation, **params)
        self._wire_faults[fault_id] = fault
        self._stage.staged.append(f"injected: {fault}" + (f" on {operation}" if operation else ""))
        return fault_id

    def _release_wire(self) -> list[str]:
        """Release what is armed on the wire; the names of those that never fired."""
        if not self._wire_faults:
            return []
        wire = self._stage.around.wire
        # What stands in for the reader stays: the wire recovers, the reader does so by itself.
        released = [wire.release(one) for one in self._wire_faults] if self._refusals else wire.release_all()
        expected = self._wire_faults.keys() - self._may_be_missed
        missed = [str(f["fault"]) for f in released if f["id"] in expected and not f["fired"]]
        self._wire_faults.clear()
        return missed

    def _note_reader_faults(self) -> None:
        """Put into the journal which reader faults fired: the emulator knows, and checks read nothing else."""
        if not self._reader_faults or self._stage.around.emulator is None:
            return
        noted = {
            e.data["id"] for e in self._stage.journal.controls("fault_fired") if e.data.get("source") == "emulator"
        }
        for fault in self._stage.around.emulator.faults():
            if fault["id"] in self._reader_faults and fault["fired"] and fault["id"] not in noted:
                self._stage.control(
                    "fault_fired", source="emulator", id=fault["id"], fault=fault["fault"], fired=fault["fired"]
                )
        self._stage.around.wire.follow()


def _overlap(one: str, other: str) -> bool:
    """Whether two patterns of event types, which may end in `*`, have a type in common."""
    return (
        one == other
        or (one.endswith("*") and other.startswith(one[:-1]))
        or (other.endswith("*") and one.startswith(other[:-1]))
    )
