"""Interac: money goes back at the reader, to the card that paid."""

import pytest

INTERAC = "4506445006931933"


@pytest.fixture
def canada(shop_in):
    return shop_in("CA")


def paid(shop, amount=2000, **params):
    payment = shop.payment(amount, "cad", payment_method_types=["card_present", "interac_present"],
                           capture_method="automatic", **params)
    shop.process(payment)
    shop.present(type="interac_present", interac_present={"number": INTERAC})
    payment = shop.read(payment)
    assert payment.status == "succeeded"
    return payment


def refund(shop, **params):
    return shop.client.terminal.readers.refund_payment(shop.reader, params)


def test_an_interac_payment_is_refunded_when_its_card_is_presented(canada):
    payment = paid(canada)
    action = refund(canada, payment_intent=payment.id, metadata={"why": "returned"}).action
    assert (action.type, action.status) == ("refund_payment", "in_progress")
    assert action.refund_payment.to_dict() == {
        "amount": 2000, "metadata": {"why": "returned"}, "payment_intent": payment.id,
    }
    assert canada.client.refunds.list().data == []

    action = canada.present(type="interac_present").action
    made = canada.client.refunds.retrieve(action.refund_payment.refund)

    assert (action.status, made.amount, made.status) == ("succeeded", 2000, "succeeded")
    assert (made.charge, made.metadata.to_dict()) == (payment.latest_charge.id, {"why": "returned"})
    assert canada.read(payment).latest_charge.refunded is True
    assert canada.events()[-3:] == ["charge.refunded", "refund.created", "terminal.reader.action_succeeded"]


def test_an_interac_payment_is_refunded_in_parts_up_to_its_amount(canada):
    payment = paid(canada)
    charge = payment.latest_charge.id
    for _ in range(2):
        refund(canada, charge=charge, amount=800, refund_payment_config={"enable_customer_cancellation": True})
        canada.present(type="interac_present")
    assert canada.read(payment).latest_charge.amount_refunded == 1600
    assert canada.refusal(refund, canada, charge=charge, amount=401).param == "amount"
    refund(canada, charge=charge)
    canada.present(type="interac_present")
    assert [row.amount for row in canada.client.refunds.list({"charge": charge}).data] == [400, 800, 800]
    assert canada.refusal(refund, canada, charge=charge).code == "charge_already_refunded"


@pytest.mark.parametrize("amount", [101, 105, 155, 165, 175])
def test_a_partial_refund_with_a_magic_ending_is_declined(canada, amount):
    payment = paid(canada)
    refund(canada, payment_intent=payment.id, amount=amount)
    action = canada.present(type="interac_present").action
    assert (action.status, action.failure_code, action.api_error.type) == ("failed", "card_declined", "card_error")
    assert "refund" not in action.refund_payment
    assert canada.client.refunds.list().data == []
    assert canada.read(payment).latest_charge.amount_refunded == 0
    assert canada.events()[-1] == "terminal.reader.action_failed"


def test_another_card_than_the_one_that_paid_gets_nothing(canada):
    payment = paid(canada)
    refund(canada, payment_intent=payment.id)
    action = canada.present("4242424242424242").action
    assert (action.status, action.failure_code) == ("failed", "charge_not_refundable")
    assert canada.client.refunds.list().data == []


def test_a_payment_that_is_not_interac_is_refused_only_when_the_card_is_read(shop):
    payment = shop.captured()
    assert refund(shop, payment_intent=payment.id).action.status == "in_progress"
    action = shop.present(type="interac_present").action
    assert (action.status, action.failure_code) == ("failed", "charge_not_refundable")
    assert shop.client.refunds.list().data == []
    assert shop.client.refunds.create({"payment_intent": payment.id}).status == "succeeded"


def test_there_must_be_something_to_refund(shop):
    held = shop.authorized()
    assert shop.refusal(refund, shop, payment_intent=held.id).code == "charge_not_refundable"
    assert shop.refusal(refund, shop, charge="ch_none").param == "charge"
    assert shop.refusal(refund, shop).http_status == 400
    assert shop.refusal(refund, shop, payment_intent=shop.captured().id, amount=0).param == "amount"
    assert shop.action().type == "process_payment_intent"


def test_the_platforms_fee_goes_back_only_where_there_is_one(canada):
    payment = paid(canada)
    for name in ("refund_application_fee", "reverse_transfer"):
        assert canada.refusal(refund, canada, payment_intent=payment.id, **{name: True}).param == name
    seller = {"stripe_account": "acct_1SellerOfTea"}
    terminal = canada.client.terminal
    reader = terminal.readers.create({"registration_code": "simulated-wpe"}, seller).id
    canada.server.http.post("/_emulator/account", json={"country": "CA"}, headers={
        "Authorization": f"Bearer {canada.key}", "Stripe-Account": seller["stripe_account"]})
    direct = canada.client.payment_intents.create({
        "amount": 2000, "currency": "cad", "payment_method_types": ["interac_present"],
        "capture_method": "automatic", "application_fee_amount": 300,
    }, seller)
    present = canada.client.test_helpers.terminal.readers.present_payment_method
    terminal.readers.process_payment_intent(reader, {"payment_intent": direct.id}, seller)
    present(reader, {}, seller)
    action = terminal.readers.refund_payment(
        reader, {"payment_intent": direct.id, "refund_application_fee": True}, seller
    ).action
    assert action.refund_payment.refund_application_fee is True
    assert [fee.amount_refunded for fee in canada.client.application_fees.list().data] == [0]
    assert present(reader, {}, seller).action.status == "succeeded"
    assert [fee.amount_refunded for fee in canada.client.application_fees.list().data] == [300]


def test_a_refund_that_waits_for_the_card_is_cancelled(canada):
    payment = paid(canada)
    refund(canada, payment_intent=payment.id)
    assert canada.client.terminal.readers.cancel_action(canada.reader).action is None
    assert canada.refusal(canada.present).http_status == 400
    assert canada.client.refunds.list().data == []


def test_interac_is_not_refunded_without_the_reader(canada):
    payment = paid(canada)
    assert canada.refusal(canada.client.refunds.create, {"payment_intent": payment.id}).code == (
        "charge_not_refundable"
    )
