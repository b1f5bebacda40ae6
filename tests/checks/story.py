"""A journal told in a few lines: what was asked, what was done to the till, what it said, what the books hold."""

from typing import Any, Self

import msgspec

from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry

SALE = "S1"
USD = "usd"


class Story:
    """Builds entries in order. Amounts in minor units of USD."""

    def __init__(self, sale: str = SALE) -> None:
        self.sale = sale
        self._entries: list[Entry] = []
        self._requests = 0

    @property
    def journal(self) -> Journal:
        return Journal(self._entries)

    def _add(self, kind: Any, data: dict[str, Any], *, actor: Any = "suite", wire: Any = "none", sale: Any = "") -> int:
        n = len(self._entries) + 1
        named = self.sale if sale == "" else sale
        self._entries.append(Entry(n, kind, wire, actor, float(n * 10), float(n * 10), "f.feature::s", named, data))
        return n

    def asked(self, amount: int, verb: str = "start_sale", **more: Any) -> Self:
        self._add("intent", {"verb": verb, "amount": {"minor_units": amount, "currency": USD}, **more})
        return self

    def tip_asked(self, tip: int) -> Self:
        self._add("intent", {"verb": "tip_on_receipt", "tip": {"minor_units": tip, "currency": USD}})
        return self

    def refund_asked(self, amount: int, own: str) -> Self:
        return self.asked(amount, "refund_sale", refund=own)

    def done(self, what: str, **more: Any) -> Self:
        """Something the suite did to the till: a fault that fired, a tap, a kill."""
        self._add("control", {"what": what, **more})
        return self

    def said(self, outcome: str, standing: str = "settled", verb: str = "sale_state", **more: Any) -> Self:
        of_sale = verb == "sale_state"
        data = {"verb": verb, "outcome": outcome, "standing": standing, "words": outcome, "of_sale": of_sale, **more}
        self._add("screen", data, wire="till")
        return self

    def books(
        self, *intents: dict[str, Any], reader_on: str | None = None, refunds: list[Any] | None = None,
        app_asks: bool = False,
    ) -> Self:  # fmt: skip
        charges = [charge for intent in intents for charge in intent.pop("charges")]
        action = None
        if reader_on:
            action = {
                "type": "process_payment_intent", "status": "in_progress",
                "process_payment_intent": {"payment_intent": reader_on},
            }  # fmt: skip
        data = {
            "method": "returned", "payment_intents": list(intents), "charges": charges, "refunds": refunds or [],
            "reader": {"id": "tmr_1", "action": action, **({"asking": True} if app_asks else {})},
        }  # fmt: skip
        self._add("ledger", data)
        return self

    def looked(self, action: dict[str, Any] | None = None, **more: Any) -> Self:
        """The suite looked at the reader, at Stripe."""
        self._add("ledger", {"reader": {"id": "tmr_1", "action": action, **more}}, wire="stripe", sale=None)
        return self

    def answers(self, outcome: str, answers: str = "[]") -> Self:
        """What the till says came of a form."""
        return self.said(outcome, verb="input_answers", answers=answers)

    def cards(self, *cards: dict[str, Any]) -> Self:
        """The suite looked for cards that are kept at Stripe."""
        self._add("ledger", {"cards": list(cards)}, wire="stripe", sale=None)
        return self

    def till_asks(
        self, operation: str, *, key: str | None = "k_1", object_id: str | None = None, status: int | None = 200,
        delivered: bool = True, committed: bool = True, code: str | None = None, params: Any = None, at_ms: float = 0,
        brings: str = "thing", account: str | None = None, param: str | None = None,
    ) -> Self:  # fmt: skip
        """A call of the till and its reply."""
        data = {
            "method": "POST", "path": f"/{operation}", "operation": operation, "object": object_id,
            "params": params or {}, "idempotency_key": key, "account": account,
        }  # fmt: skip
        n = self._add("request", data, actor="till", wire="stripe", sale=None)
        if at_ms:
            last = self._entries[-1]
            self._entries[-1] = Entry(n, "request", "stripe", "till", at_ms, at_ms, last.scenario, None, last.data)
        error = {"error": {"code": code, "param": param}}
        body = error if code else {"id": object_id, "object": brings, "status": "succeeded"}
        reply = {"request": n, "status": status, "body": body, "delivered": delivered, "committed": committed}
        self._add("reply", reply, actor="till", wire="stripe", sale=None)
        return self

    def delivered(
        self, event: str, status: int | None, staging: str | None = None, *, took_ms: float = 0, **more: Any
    ) -> Self:
        data = {"event": event, "status": status, "genuine": staging is None, "staging": staging, **more}
        self._add("webhook", data, actor="gateway", wire="webhook", sale=None)
        made = self._entries[-1]
        self._entries[-1] = msgspec.structs.replace(made, end_ms=made.begin_ms + took_ms)
        return self

    def logged(self, line: str, *leaks: str) -> Self:
        self._add("log", {"line": line, "leaks": list(leaks)}, actor="till", wire="till", sale=None)
        return self


def captured(amount: int, pi: str = "pi_1", *, tip: int | None = None, **card: Any) -> dict[str, Any]:
    """A PaymentIntent that was captured, with its charge."""
    return _intent(pi, "succeeded", amount, received=amount, tip=tip, charges=[_charge(pi, amount, amount, card)])


def held(amount: int, pi: str = "pi_1") -> dict[str, Any]:
    """A PaymentIntent that holds money on the card."""
    return _intent(pi, "requires_capture", amount, capturable=amount, charges=[_charge(pi, amount, 0, {})])


def unpaid(amount: int, pi: str = "pi_1") -> dict[str, Any]:
    """A PaymentIntent that waits for a card."""
    return _intent(pi, "requires_payment_method", amount, charges=[])


def canceled(amount: int, pi: str = "pi_1") -> dict[str, Any]:
    return _intent(pi, "canceled", amount, charges=[])


def refund(amount: int, status: str = "succeeded") -> dict[str, Any]:
    return {"id": f"re_{amount}", "amount": amount, "status": status, "payment_intent": "pi_1"}


def _intent(
    pi: str, status: str, amount: int, *, received: int = 0, capturable: int = 0, tip: int | None = None,
    charges: list[Any],
) -> dict[str, Any]:  # fmt: skip
    details = {"tip": {} if tip is None else {"amount": tip}}
    return {
        "id": pi, "status": status, "amount": amount, "amount_received": received, "amount_capturable": capturable,
        "amount_details": details, "currency": USD, "latest_charge": "ch_1", "charges": charges,
    }  # fmt: skip


def _charge(pi: str, amount: int, taken: int, card: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": f"ch_{pi}", "status": "succeeded", "amount": amount, "captured": taken > 0, "amount_captured": taken,
        "payment_intent": pi, "payment_method_details": {"type": "card_present", "card_present": card},
    }  # fmt: skip
