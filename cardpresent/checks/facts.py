"""One sale as the journal shows it: what was asked, what the till says, what the books at Stripe hold."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cardpresent.evidence.journal import Journal, money_of
from cardpresent.model.entry import Entry
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing

# A PaymentIntent in one of these can still end in a charge.
# Documented: https://docs.stripe.com/payments/paymentintents/lifecycle
LIVE = frozenset(
    {"requires_payment_method", "requires_confirmation", "requires_action", "processing", "requires_capture"}
)
# What changes the amount of a sale that was started, where the till does not refuse it.
CHANGES = frozenset({"edit_sale", "raise_hold"})
# Refunds in these move, or have moved, money. Documented: https://docs.stripe.com/api/refunds/object
MOVING = frozenset({"pending", "requires_action", "succeeded"})
# Who gives a sale up: the cashier cancels it, nobody pays in time, or the till dies over it.
GIVEN_UP = frozenset({"cancel_sale", "nobody_pays", "deadline_passes", "kill"})


class NothingSeen(LookupError):
    """The journal holds nothing about the sale that a check is about."""


@dataclass(frozen=True, slots=False)
class SaleFacts:
    """Read once per check; everything below is derived from the journal and from nothing else."""

    journal: Journal
    sale: str

    @cached_property
    def mine(self) -> list[Entry]:
        return self.journal.of_sale(self.sale)

    @cached_property
    def ledger(self) -> Entry:
        entry = self.journal.last_ledger(self.sale)
        if entry is None:
            raise NothingSeen(f"sale {self.sale}: the books at Stripe were never read")
        return entry

    @cached_property
    def word(self) -> Entry:
        entry = self.journal.last_word(self.sale)
        if entry is None:
            raise NothingSeen(f"sale {self.sale}: the till never said a word about it")
        return entry

    @property
    def ambiguous(self) -> bool:
        return bool(self.ledger.data["method"] == "ambiguous")

    @property
    def evidence(self) -> tuple[int, ...]:
        """The books, and the till's word where it said one: money can be judged without it."""
        word = self.journal.last_word(self.sale)
        return (word.n, self.ledger.n) if word else (self.ledger.n,)

    @cached_property
    def asked(self) -> Money:
        """What the customer owes for the goods: the first amount, or the last edit the till accepted."""
        amount: Money | None = None
        edit: Money | None = None
        for entry in self.mine:
            if entry.kind == "intent" and entry.data["verb"] == "start_sale" and amount is None:
                amount = money_of(entry.data["amount"])
            elif entry.kind == "intent" and entry.data["verb"] in CHANGES:
                edit = money_of(entry.data["amount"])
            elif entry.kind == "screen" and entry.data["verb"] in CHANGES and edit is not None:
                amount = edit if entry.data["outcome"] != Outcome.REFUSED.value else amount
                edit = None
        if amount is None:
            raise NothingSeen(f"sale {self.sale} was never started")
        return amount

    @property
    def currency(self) -> str:
        return self.asked.currency

    def money(self, minor_units: int) -> Money:
        return Money(minor_units, self.currency)

    @cached_property
    def tip(self) -> Money:
        """The tip the customer gave: chosen on the reader, or written on the receipt and accepted by the till."""
        on_reader = sum(self._reader_tip(p) for p in self.intents if p["status"] in {"succeeded", "requires_capture"})
        return self.money(on_reader + self._receipt_tip())

    def _reader_tip(self, intent: dict[str, Any]) -> int:
        return int(((intent.get("amount_details") or {}).get("tip") or {}).get("amount") or 0)

    def _receipt_tip(self) -> int:
        tip, offered = 0, 0
        for entry in self.mine:
            if entry.kind == "intent" and entry.data["verb"] == "tip_on_receipt":
                offered = money_of(entry.data["tip"]).minor_units
            elif entry.kind == "screen" and entry.data["verb"] == "tip_on_receipt":
                tip += offered if entry.data["outcome"] == Outcome.ACCEPTED.value else 0
                offered = 0
        return tip

    @cached_property
    def contradicted(self) -> bool:
        """Somebody collected another sum at Stripe: an honest till can only say that a person has to look."""
        behind = any(e.kind == "control" and e.data.get("what") == "captured_behind_the_till" for e in self.mine)
        return behind and 0 < self.captured.minor_units != self.owed.minor_units

    @cached_property
    def tendered(self) -> Money:
        """What the till took in another tender: cash it was offered and did not refuse."""
        taken, offered = 0, 0
        for entry in self.mine:
            if entry.kind == "intent" and entry.data["verb"] == "take_cash":
                offered = money_of(entry.data["cash"]).minor_units
            elif entry.kind == "screen" and entry.data["verb"] == "take_cash":
                taken += offered if entry.data["outcome"] != Outcome.REFUSED.value else 0
                offered = 0
        return self.money(taken)

    @property
    def owed(self) -> Money:
        """What the card owes: the goods and the tip, less what the till took in cash."""
        return self.asked + self.tip - self.tendered

    # What the till says

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.word.data["outcome"])

    @property
    def standing(self) -> Standing:
        return Standing(self.word.data["standing"])

    @property
    def said(self) -> str:
        return self._quoted(120)

    @property
    def said_in_short(self) -> str:
        """For a headline, which has room for the first of the till's words only."""
        return self._quoted(40)

    def _quoted(self, most: int) -> str:
        words = str(self.word.data.get("words") or "").strip()
        if len(words) > most:
            words = f"{words[:most].rpartition(' ')[0] or words[:most]}…"
        return f"{self.outcome.value}, {self.standing.value} ({f'“{words}”' if words else 'no words'})"

    @cached_property
    def offline(self) -> bool:
        """Had the till no way to Stripe when the scenario was last changed?"""
        scenario = self.journal.scenario_of(self.sale)
        turns = [e for e in self.journal.controls("offline", "online") if e.scenario == scenario]
        return bool(turns and turns[-1].data["what"] == "offline")

    @property
    def record(self) -> dict[str, Any] | None:
        """The till's own books for the sale, minor units: {paid, tip, refunded}; None where it offers none."""
        record = self.word.data.get("record")
        return dict(record) if record else None

    # What the books hold

    @cached_property
    def intents(self) -> list[dict[str, Any]]:
        return list(self.ledger.data["payment_intents"])

    @property
    def named(self) -> frozenset[str]:
        """The PaymentIntents that are the sale's at Stripe, and those that the till named for it."""
        return frozenset({*(str(p["id"]) for p in self.intents), *self.ledger.data.get("named", ())})

    @cached_property
    def charges(self) -> list[dict[str, Any]]:
        return [c for c in self.ledger.data["charges"] if c["status"] == "succeeded"]

    @cached_property
    def captures(self) -> list[dict[str, Any]]:
        return [c for c in self.charges if c["captured"] and c["amount_captured"] > 0]

    @cached_property
    def captured(self) -> Money:
        return self.money(sum(int(c["amount_captured"]) for c in self.captures))

    @cached_property
    def capturable(self) -> Money:
        return self.money(sum(int(p["amount_capturable"]) for p in self.intents))

    @cached_property
    def refunds(self) -> list[dict[str, Any]]:
        return list(self.ledger.data["refunds"])

    @cached_property
    def refunded(self) -> Money:
        return self.money(sum(int(r["amount"]) for r in self.refunds if r["status"] in MOVING))

    @cached_property
    def reversed(self) -> bool:
        """Whether a sale that was given up was paid all the same, and the till gave all of it back and says not paid.

        Where Stripe captures by itself, or for networks that never wait, a refund is the one way to undo an approval
        that came too late. Documented: https://docs.stripe.com/terminal/features/refunds.
        """
        told = self.standing is Standing.SETTLED and self.outcome is Outcome.REFUSED
        return told and bool(self.captured) and self.refunded == self.captured and self._given_up

    @property
    def _given_up(self) -> bool:
        scenario = self.journal.scenario_of(self.sale)
        deeds = (e for e in self.journal if e.sale == self.sale or (e.sale is None and e.scenario == scenario))
        return any((e.data.get("verb") if e.kind == "intent" else e.data.get("what")) in GIVEN_UP for e in deeds)

    @cached_property
    def live(self) -> list[dict[str, Any]]:
        return [p for p in self.intents if p["status"] in LIVE]

    @cached_property
    def on_reader(self) -> bool:
        """Is the reader still asking somebody to pay for this sale?"""
        reader = self.ledger.data.get("reader") or {}
        if reader.get("asking"):
            return self._last_asked
        action = reader.get("action") or {}
        if action.get("status") != "in_progress":
            return False
        target = (action.get(str(action.get("type"))) or {}).get("payment_intent")
        return any(p["id"] == target for p in self.intents)

    @property
    def _last_asked(self) -> bool:
        """Was this the last sale that a card was asked for? An app's reader does not say whose payment it shows."""
        scenario = self.journal.scenario_of(self.sale)
        asked = [
            e for e in self.journal.kind("intent")
            if e.scenario == scenario and e.n < self.ledger.n and e.data["verb"] in {"start_sale", "retry_sale"}
            and not self._turned_away(e)
        ]  # fmt: skip
        return bool(asked and asked[-1].sale == self.sale)

    def _turned_away(self, asked: Entry) -> bool:
        """Whether the till refused at once what it was asked: then its reader was never sent it."""
        answers = (
            e for e in self.journal.kind("screen")
            if e.n > asked.n and e.sale == asked.sale and e.data["verb"] == asked.data["verb"]
        )  # fmt: skip
        answer = next(answers, None)
        return answer is not None and answer.data["outcome"] == Outcome.REFUSED.value

    @property
    def books(self) -> str:
        parts = [f"{self.captured} captured in {len(self.captures)} charge(s)"]
        if self.capturable:
            parts.append(f"{self.capturable} held")
        if self.on_reader:
            parts.append("the reader still asking for a card")
        if self.refunds:
            parts.append(f"{self.refunded} refunded")
        return ", ".join(parts)
