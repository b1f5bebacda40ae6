"""Online the SDK is let in with a token, reads a card, asks Stripe, and leaves the capture to the backend."""

import pytest
import stripe

from cardpresent.sdk import ErrorCode, PaymentIntentParameters, TerminalError
from tests.sdk.conftest import Doing, Shop

SALE = PaymentIntentParameters(2000, "usd", "manual", {"sale": "s1"})
SCA_CARD = "4000008260000075"


def test_a_card_is_authorized_through_the_reader_and_captured_by_the_backend(shop: Shop) -> None:
    terminal = shop.connected()

    confirmed = shop.sale(terminal)

    assert (confirmed.status, confirmed.amount, confirmed.offline_details) == ("requires_capture", 2000, None)
    assert confirmed.card_present is not None and confirmed.card_present.last4 == "4242"
    assert confirmed.id is not None
    assert shop.backend.payment_intents.capture(confirmed.id).status == "succeeded"
    assert shop.intents()[0].metadata["sale"] == "s1"


def test_an_intent_of_the_backend_is_taken_by_its_client_secret(shop: Shop) -> None:
    terminal = shop.connected()
    made = shop.backend.payment_intents.create(
        {"amount": 1500, "currency": "usd", "payment_method_types": ["card_present"], "capture_method": "manual"}
    )

    intent = terminal.retrieve_payment_intent(str(made.client_secret))
    confirmed = terminal.confirm_payment_intent(shop.collected(terminal, intent))

    assert (confirmed.id, confirmed.status) == (made.id, "requires_capture")


def test_a_declined_card_leaves_the_same_intent_for_another_card(shop: Shop) -> None:
    terminal = shop.connected()
    intent = terminal.create_payment_intent(SALE)

    with pytest.raises(TerminalError) as declined:
        terminal.confirm_payment_intent(shop.collected(terminal, intent, "4000000000009995"))

    again = declined.value.payment_intent
    assert (declined.value.code, declined.value.decline_code) == (
        ErrorCode.DECLINED_BY_STRIPE_API, "insufficient_funds"
    )
    assert again is not None and (again.id, again.status) == (intent.id, "requires_payment_method")
    assert terminal.confirm_payment_intent(shop.collected(terminal, again)).status == "requires_capture"


def test_a_bank_that_wants_a_pin_gets_it_and_leaves_two_charges(shop: Shop) -> None:
    terminal = shop.connected()

    confirmed = shop.sale(terminal, number=SCA_CARD)

    charges = shop.stripe.charges.list({"payment_intent": str(confirmed.id)}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]
    assert confirmed.status == "requires_capture"


def test_a_lost_answer_comes_without_an_intent_and_the_same_intent_confirms_again(shop: Shop) -> None:
    terminal = shop.connected()
    intent = shop.collected(terminal, terminal.create_payment_intent(SALE))
    shop.arm("answer_lost", "sdk.confirm_payment_intent", count=1)

    with pytest.raises(TerminalError) as lost:
        terminal.confirm_payment_intent(intent)

    assert (lost.value.code, lost.value.payment_intent) == (ErrorCode.REQUEST_TIMED_OUT, None)
    assert terminal.confirm_payment_intent(intent).status == "requires_capture"
    assert len(shop.stripe.charges.list({}).data) == 1


def test_a_create_whose_answer_is_lost_makes_one_intent(shop: Shop) -> None:
    terminal = shop.connected()
    shop.arm("answer_lost", "sdk.create_payment_intent", count=1)

    intent = terminal.create_payment_intent(SALE)

    assert [made.id for made in shop.intents()] == [intent.id]


def test_a_collected_card_is_forgotten_after_thirty_seconds(shop: Shop) -> None:
    terminal = shop.connected()
    intent = shop.collected(terminal, terminal.create_payment_intent(SALE))
    shop.control("POST", "clock", advance_s=31)

    with pytest.raises(TerminalError) as refused:
        terminal.confirm_payment_intent(intent)

    assert refused.value.code is ErrorCode.STRIPE_API_ERROR
    assert shop.stripe.charges.list({}).data == []


def test_a_collect_that_is_cancelled_clears_the_reader_and_the_next_one_goes_on(shop: Shop) -> None:
    terminal = shop.connected()
    intent = terminal.create_payment_intent(SALE)
    collecting = Doing(lambda: terminal.collect_payment_method(intent))
    shop.waits_for_card()

    terminal.cancel_collect()

    assert collecting.failed().code is ErrorCode.CANCELED
    assert shop.screen() == "idle"
    assert terminal.confirm_payment_intent(shop.collected(terminal, intent)).status == "requires_capture"


def test_the_customer_may_cancel_where_the_till_lets_them(shop: Shop) -> None:
    terminal = shop.connected()
    intent = terminal.create_payment_intent(SALE)
    collecting = Doing(lambda: terminal.collect_payment_method(intent, customer_cancellation=True))
    shop.waits_for_card()

    shop.control("POST", f"readers/{shop.reader}/customer_cancel")

    assert collecting.failed().code is ErrorCode.CANCELED


def test_operations_that_overlap_are_refused_as_busy(shop: Shop) -> None:
    terminal = shop.connected()
    intent = terminal.create_payment_intent(SALE)
    collecting = Doing(lambda: terminal.collect_payment_method(intent))
    shop.waits_for_card()

    with pytest.raises(TerminalError) as busy:
        terminal.collect_payment_method(intent)

    assert busy.value.code is ErrorCode.READER_BUSY
    terminal.cancel_collect()
    collecting.failed()


def test_a_tip_chosen_at_the_reader_is_in_the_amount_after_confirming(shop: Shop) -> None:
    default = shop.stripe.terminal.configurations.list({"is_account_default": True}).data[0].id
    shop.stripe.terminal.configurations.update(default, {"tipping": {"usd": {"fixed_amounts": [100, 200, 300]}}})
    terminal = shop.connected()
    intent = terminal.create_payment_intent(SALE)

    collected = shop.collected(terminal, intent, amount_tip=300)
    confirmed = terminal.confirm_payment_intent(collected)

    assert (collected.amount, collected.amount_tip, confirmed.amount, confirmed.amount_tip) == (2000, 300, 2300, 300)


def test_a_till_in_the_middle_of_a_payment_is_not_the_servers_to_drive(shop: Shop) -> None:
    terminal = shop.connected()
    intent = terminal.create_payment_intent(SALE)
    collecting = Doing(lambda: terminal.collect_payment_method(intent))
    shop.waits_for_card()

    with pytest.raises(stripe.InvalidRequestError, match=r"terminal_reader_busy|processing"):
        shop.stripe.terminal.readers.process_payment_intent(shop.reader, {"payment_intent": str(intent.id)})

    terminal.cancel_collect()
    collecting.failed()
