"""A day at the till, told once: what every one of Stripe's clients does with the emulator, and what it must get."""

from typing import Any

import pytest

from tests.clients.clients import Refusal

ADDRESS = {"line1": "1 Main St", "city": "Springfield", "state": "CA", "postal_code": "94000", "country": "US"}
HEARD = {
    "payment_intent.created", "payment_intent.amount_capturable_updated", "payment_intent.succeeded",
    "payment_intent.payment_failed", "payment_intent.canceled", "charge.succeeded", "charge.captured", "charge.failed",
    "charge.refunded", "refund.created", "terminal.reader.action_succeeded", "terminal.reader.action_failed",
    "setup_intent.succeeded", "payment_method.attached", "customer.created",
}


class Till:
    """A register with a reader, worked with one client."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.reader = self.location = ""

    def do(self, call: str, /, *ids: str, **params: Any) -> Any:
        return self.client.call(call, *ids, **params)

    def refused(self, call: str, /, *ids: str, **params: Any) -> Refusal:
        with pytest.raises(Refusal) as caught:
            self.do(call, *ids, **params)
        return caught.value

    def at_reader(self, command: str, **params: Any) -> Any:
        return self.do(f"terminal.readers.{command}", self.reader, **params)

    def tap(self, number: str | None = None, **params: Any) -> Any:
        card = {"card_present": {"number": number}} if number else {}
        return self.do("test_helpers.terminal.readers.present_payment_method", self.reader, **card, **params)

    def begin(self, amount: int, config: dict[str, str] | None = None, **params: Any) -> str:
        """A payment on the reader's screen."""
        made = self.do(
            "payment_intents.create", amount=amount, currency="usd", payment_method_types=["card_present"],
            capture_method="manual", **params,
        )
        assert made["status"] == "requires_payment_method"
        asked = {"payment_intent": made["id"], **({"process_config": config} if config else {})}
        action = self.at_reader("process_payment_intent", **asked)["action"]
        assert (action["status"], action["process_payment_intent"]["payment_intent"]) == ("in_progress", made["id"])
        return made["id"]

    def read(self, payment: str) -> Any:
        return self.do("payment_intents.retrieve", payment, expand=["latest_charge"])


def opening(till: Till) -> None:
    till.location = till.do("terminal.locations.create", display_name="Shop", address=ADDRESS)["id"]
    code = {"registration_code": "simulated-wpe", "location": till.location, "label": "front"}
    reader = till.do("terminal.readers.create", **code)
    assert (reader["object"], reader["label"], reader["action"]) == ("terminal.reader", "front", None)
    till.reader = reader["id"]
    listed = till.do("terminal.readers.list", location=till.location)
    assert [row["id"] for row in listed["data"]] == [till.reader]
    assert till.do("terminal.connection_tokens.create")["secret"].startswith("pst_test_")


def sale(till: Till) -> str:
    payment = till.begin(2000, description="two coffees", metadata={"sale": "1"})
    assert till.tap()["action"]["status"] == "succeeded"
    held = till.read(payment)
    assert (held["status"], held["amount_capturable"]) == ("requires_capture", 2000)
    card = held["latest_charge"]["payment_method_details"]["card_present"]
    assert (card["brand"], card["last4"], card["reader"]) == ("visa", "4242", till.reader)
    assert card["receipt"]["dedicated_file_name"].startswith("A0000000")
    taken = till.do("payment_intents.capture", payment)
    assert (taken["status"], taken["amount_received"]) == ("succeeded", 2000)
    assert taken["metadata"] == {"sale": "1"}
    return payment


def declined_and_tried_again(till: Till) -> None:
    payment = till.begin(3000)
    action = till.tap("4000000000009995")["action"]
    assert (action["status"], action["failure_code"]) == ("failed", "card_declined")
    open_again = till.read(payment)
    assert open_again["status"] == "requires_payment_method"
    assert open_again["last_payment_error"]["decline_code"] == "insufficient_funds"
    till.at_reader("process_payment_intent", payment_intent=payment)
    till.tap("5555555555554444")
    taken = till.do("payment_intents.capture", payment)
    assert (taken["status"], taken["last_payment_error"]) == ("succeeded", None)
    charges = till.do("charges.list", payment_intent=payment)["data"]
    assert [charge["status"] for charge in charges] == ["succeeded", "failed"]


def tipped(till: Till) -> None:
    payment = till.begin(2000)
    till.tap(amount_tip=300)
    taken = till.do("payment_intents.capture", payment)
    assert (taken["amount"], taken["amount_received"], taken["amount_details"]["tip"]["amount"]) == (2300, 2300, 300)


def incremented(till: Till) -> None:
    card = {"request_incremental_authorization_support": True}
    payment = till.begin(2000, payment_method_options={"card_present": card})
    till.tap()
    more = till.do("payment_intents.increment_authorization", payment, amount=3500)
    assert (more["status"], more["amount"], more["amount_capturable"]) == ("requires_capture", 3500, 3500)
    taken = till.do("payment_intents.capture", payment, amount_to_capture=3200)
    assert taken["amount_received"] == 3200


def refunded(till: Till, payment: str) -> None:
    part = till.do("refunds.create", payment_intent=payment, amount=500)
    assert (part["amount"], part["status"]) == (500, "succeeded")
    rest = till.do("refunds.create", payment_intent=payment)
    assert rest["amount"] == 1500
    charge = till.read(payment)["latest_charge"]
    assert (charge["refunded"], charge["amount_refunded"]) == (True, 2000)
    again = till.refused("refunds.create", payment_intent=payment)
    assert again.code == "charge_already_refunded"
    assert again.kind in ("InvalidRequestError", None)


def card_saved(till: Till) -> None:
    customer = till.do("customers.create", name="Ada", email="ada@example.com")["id"]
    setup = till.do("setup_intents.create", payment_method_types=["card_present"], customer=customer)["id"]
    till.at_reader("process_setup_intent", setup_intent=setup, allow_redisplay="always")
    assert till.tap()["action"]["status"] == "succeeded"
    done = till.do("setup_intents.retrieve", setup, expand=["latest_attempt"])
    assert done["status"] == "succeeded"
    card = done["latest_attempt"]["payment_method_details"]["card_present"]["generated_card"]
    saved = till.do("payment_methods.retrieve", card)
    assert (saved["type"], saved["customer"], saved["card"]["last4"]) == ("card", customer, "4242")


def card_saved_after_payment(till: Till) -> None:
    customer = till.do("customers.create", name="Grace")["id"]
    allowed = {"allow_redisplay": "always"}
    payment = till.begin(1500, allowed, customer=customer, setup_future_usage="off_session")
    till.tap()
    till.do("payment_intents.capture", payment)
    card = till.read(payment)["latest_charge"]["payment_method_details"]["card_present"]["generated_card"]
    assert till.do("payment_methods.retrieve", card)["customer"] == customer


def cancelled(till: Till) -> None:
    payment = till.begin(1200)
    assert till.at_reader("cancel_action")["action"] is None
    gone = till.do("payment_intents.cancel", payment, cancellation_reason="requested_by_customer")
    assert (gone["status"], gone["cancellation_reason"]) == ("canceled", "requested_by_customer")
    held = till.begin(1300)
    till.tap()
    gone = till.do("payment_intents.cancel", held)
    assert (gone["status"], gone["amount_received"], gone["amount_capturable"]) == ("canceled", 0, 0)
    late = till.refused("payment_intents.capture", held)
    assert late.code == "payment_intent_unexpected_state"


def repeated_and_refused(till: Till) -> None:
    """An answer that got lost is asked for again; what is not there is said so."""
    key = {"idempotency_key": "a-lost-answer"}
    first, second = (till.do("payment_intents.create", amount=700, currency="usd", options=key) for _ in range(2))
    assert first["id"] == second["id"]
    missing = till.refused("payment_intents.retrieve", "pi_none")
    assert (missing.code, missing.param) == ("resource_missing", "intent")
    unknown = till.refused("payment_intents.create", amount=700, currency="usd", nonsense="x")
    assert (unknown.code, unknown.param) == ("parameter_unknown", "nonsense")


def closing(till: Till) -> None:
    types = {event["type"] for event in till.do("events.list", limit=100)["data"]}
    assert types >= HEARD
    assert till.do("terminal.readers.delete", till.reader)["deleted"] is True
    assert till.do("terminal.locations.delete", till.location)["deleted"] is True


def whole_day(till: Till) -> None:
    opening(till)
    payment = sale(till)
    declined_and_tried_again(till)
    tipped(till)
    incremented(till)
    refunded(till, payment)
    card_saved(till)
    card_saved_after_payment(till)
    cancelled(till)
    repeated_and_refused(till)
    closing(till)
