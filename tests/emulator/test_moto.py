"""Extension moto: cards typed in at the reader."""

import pytest

TYPED = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034, "cvc": "123"}


@pytest.fixture
def phone_shop(shop):
    shop.control("POST", "account", extensions=["moto"])
    return shop


def order(shop, amount=2000, **params):
    return shop.payment(amount, payment_method_types=["card"], **params)


def type_in(shop, **card):
    return shop.present(type="card", card={**TYPED, **card})


def test_without_the_extension_moto_is_unknown(shop):
    error = shop.refusal(shop.process, order(shop), moto=True)
    assert (error.code, error.param) == ("parameter_unknown", "process_config[moto]")
    assert shop.action() is None


@pytest.mark.parametrize(("capture_method", "status"), [("manual", "requires_capture"), ("automatic", "succeeded")])
def test_a_typed_in_card_is_charged_as_one_that_is_not_present(phone_shop, capture_method, status):
    payment = order(phone_shop, capture_method=capture_method)
    action = phone_shop.process(payment, moto=True).action
    assert action.process_payment_intent.to_dict() == {"payment_intent": payment.id}
    assert type_in(phone_shop, exp_year=2031).action.status == "succeeded"
    read = phone_shop.read(payment)
    details = read.latest_charge.payment_method_details
    assert (read.status, details.type, details.card.exp_year) == (status, "card", 2031)
    assert phone_shop.events()[-1] == "terminal.reader.action_succeeded"


def test_a_declined_typed_in_card_leaves_the_order_open(phone_shop):
    payment = order(phone_shop)
    phone_shop.process(payment, moto=True)
    action = type_in(phone_shop, number="4000000000009995").action
    assert (action.status, action.failure_code, action.api_error.decline_code) == (
        "failed", "card_declined", "insufficient_funds",
    )
    assert phone_shop.read(payment).status == "requires_payment_method"
    phone_shop.process(payment, moto=True)
    assert type_in(phone_shop).action.status == "succeeded"
    assert [charge.status for charge in phone_shop.charges(payment)] == ["failed", "succeeded"]


def test_a_card_that_wants_authentication_is_charged_for_nobody_is_there_to_give_it(phone_shop):
    payment = order(phone_shop)
    phone_shop.process(payment, moto=True)
    assert type_in(phone_shop, number="4000002760003184").action.status == "succeeded"
    assert phone_shop.read(payment).status == "requires_capture"


def test_typing_in_and_presenting_are_not_taken_for_each_other(phone_shop):
    phone_shop.process(order(phone_shop), moto=True)
    assert phone_shop.refusal(phone_shop.present, "4242424242424242").param == "type"
    phone_shop.process(phone_shop.payment())
    assert phone_shop.refusal(type_in, phone_shop).param == "type"
    assert phone_shop.action().status == "in_progress"


def test_moto_needs_a_payment_that_takes_card_and_a_reader_that_can(phone_shop):
    assert phone_shop.refusal(phone_shop.process, phone_shop.payment(), moto=True).param == "payment_intent"
    assert phone_shop.refusal(phone_shop.process, order(phone_shop)).param == "payment_intent"
    printer = phone_shop.client.terminal.readers.create({"registration_code": "simulated-v660p"}).id
    error = phone_shop.refusal(
        phone_shop.client.terminal.readers.process_payment_intent, printer,
        {"payment_intent": order(phone_shop).id, "process_config": {"moto": True}},
    )
    assert error.param == "process_config[moto]"
