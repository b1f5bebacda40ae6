"""PaymentMethods: test cards by their names, one customer at a time, and the card behind a presented one."""

import pytest

from cardpresent.emulator.paying.online_cards import BY_NAME, BY_NUMBER, is_well_formed

DECLINED = {
    "visa_chargeDeclined": ("card_declined", "generic_decline"),
    "visa_chargeDeclinedInsufficientFunds": ("card_declined", "insufficient_funds"),
    "visa_chargeDeclinedLostCard": ("card_declined", "lost_card"),
    "visa_chargeDeclinedStolenCard": ("card_declined", "stolen_card"),
    "chargeDeclinedExpiredCard": ("expired_card", None),
    "chargeDeclinedIncorrectCvc": ("incorrect_cvc", None),
    "chargeDeclinedProcessingError": ("processing_error", None),
    "visa_chargeDeclinedVelocityLimitExceeded": ("card_declined", "card_velocity_exceeded"),
}
CARD = {"number": "4242424242424242", "exp_month": 4, "exp_year": 31, "cvc": "123"}


def card(shop, **params):
    return shop.client.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}, **params})


def test_every_test_card_has_a_number_that_cards_may_have():
    assert all(is_well_formed(number) for number in BY_NUMBER)
    assert {card.number for card in BY_NAME.values()} <= set(BY_NUMBER)


# ------------------------------------------------------------------------------------------------------------- making


@pytest.mark.parametrize(
    ("token", "brand", "last4", "funding"),
    [
        ("tok_visa", "visa", "4242", "credit"), ("tok_visa_debit", "visa", "5556", "debit"),
        ("tok_mastercard", "mastercard", "4444", "credit"), ("tok_amex", "amex", "0005", "credit"),
        ("tok_createDispute", "visa", "0259", "credit"), ("tok_chargeDeclinedExpiredCard", "visa", "0069", "credit"),
    ],
)
def test_a_token_is_a_card(shop, token, brand, last4, funding):
    made = card(shop, card={"token": token})
    assert (made.type, made.card.brand, made.card.last4, made.card.funding) == ("card", brand, last4, funding)
    assert (made.customer, made.card.generated_from, made.allow_redisplay) == (None, None, "unspecified")


def test_a_number_is_a_card_with_its_expiry(shop):
    made = card(shop, card=CARD, billing_details={"name": "Amy", "address": {"postal_code": "94000"}})
    assert (made.card.exp_month, made.card.exp_year, made.card.checks.cvc_check) == (4, 2031, "pass")
    assert (made.billing_details.name, made.billing_details.address.postal_code) == ("Amy", "94000")
    assert (made.billing_details.email, made.billing_details.address.city) == (None, None)
    assert made.card.fingerprint == card(shop).card.fingerprint


@pytest.mark.parametrize(
    ("wrong", "code", "param"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"exp_month": 13}, "invalid_expiry_month", "exp_month"),
        ({"exp_year": 1999}, "invalid_expiry_year", "exp_year"),
        ({"cvc": "12"}, "invalid_cvc", "cvc"),
    ],
)
def test_invalid_card_data_is_a_card_error(shop, wrong, code, param):
    error = shop.refusal(card, shop, card={**CARD, **wrong})
    assert (error.http_status, error.type, error.code, error.param) == (402, "card_error", code, param)
    assert shop.client.payment_methods.list().data == []


@pytest.mark.parametrize(
    "body", ["type=sepa_debit&sepa_debit[iban]=DE89", "type=card&card[number]=4111111111111111&card[exp_month]=1"
             "&card[exp_year]=2030"],
)
def test_what_is_no_test_card_is_refused_loudly(shop, body):
    answer = shop.call("POST", "/v1/payment_methods", body)
    assert (answer.status_code, answer.headers["X-Emulator"]) == (400, "not-emulated")


def test_a_test_name_cannot_be_read(shop):
    answer = shop.call("GET", "/v1/payment_methods/pm_card_visa")
    assert (answer.status_code, answer.headers["X-Emulator"]) == (404, "not-emulated")


# ---------------------------------------------------------------------------------------------------------- attaching


def test_each_use_of_a_test_name_attaches_another_card(shop):
    customer = shop.client.customers.create({})
    first = shop.client.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    second = shop.client.payment_methods.attach("pm_card_visa", {"customer": customer.id})

    assert first.id != second.id
    assert (first.customer, second.customer) == (customer.id, customer.id)
    listed = shop.client.payment_methods.list({"customer": customer.id, "type": "card"}).data
    assert [method.id for method in listed] == [second.id, first.id]
    assert shop.client.customers.payment_methods.retrieve(customer.id, first.id).id == first.id
    assert shop.events()[-1] == "payment_method.attached"


def test_a_card_belongs_to_one_customer_and_only_once(shop):
    one, other = shop.client.customers.create({}), shop.client.customers.create({})
    method = card(shop)
    shop.client.payment_methods.attach(method.id, {"customer": one.id})

    refusal = shop.refusal(shop.client.payment_methods.attach, method.id, {"customer": other.id})

    assert (refusal.http_status, refusal.type) == (400, "invalid_request_error")
    assert shop.client.payment_methods.list({"customer": other.id}).data == []
    assert shop.refusal(
        shop.client.customers.payment_methods.retrieve, other.id, method.id
    ).code == "resource_missing"


def test_a_detached_card_is_never_attached_again(shop):
    customer = shop.client.customers.create({})
    method = shop.client.payment_methods.attach("pm_card_visa", {"customer": customer.id})

    assert shop.client.payment_methods.detach(method.id).customer is None

    event = shop.server.events[shop.key][-1]
    assert (event["type"], event["data"]["previous_attributes"]) == (
        "payment_method.detached", {"customer": customer.id},
    )
    assert shop.client.payment_methods.list({"customer": customer.id}).data == []
    assert shop.refusal(shop.client.payment_methods.attach, method.id, {"customer": customer.id}).http_status == 400
    assert shop.refusal(shop.client.payment_methods.detach, method.id).http_status == 400


@pytest.mark.parametrize(("name", "codes"), DECLINED.items())
@pytest.mark.parametrize("how", ["by name", "by token"])
def test_a_declined_test_card_cannot_be_attached(shop, name, codes, how):
    customer = shop.client.customers.create({})
    id = f"pm_card_{name}" if how == "by name" else card(shop, card={"token": f"tok_{name}"}).id
    error = shop.refusal(shop.client.payment_methods.attach, id, {"customer": customer.id})
    assert (error.http_status, error.code, getattr(error, "decline_code", None)) == (402, *codes)
    assert shop.client.payment_methods.list({"customer": customer.id}).data == []


def test_a_card_declined_only_afterwards_can_be_attached(shop):
    customer = shop.client.customers.create({})
    method = shop.client.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer.id})
    assert method.customer == customer.id


def test_a_presented_card_cannot_be_attached(shop):
    payment, customer = shop.authorized(), shop.client.customers.create({})
    error = shop.refusal(shop.client.payment_methods.attach, payment.payment_method, {"customer": customer.id})
    assert (error.http_status, error.type) == (400, "invalid_request_error")
    assert shop.client.payment_methods.list().data == []


@pytest.mark.parametrize(("id", "customer"), [("pm_none", "cus"), ("pm_card_visa", "cus_none")])
def test_attaching_names_what_is_missing(shop, id, customer):
    made = shop.client.customers.create({}).id
    error = shop.refusal(shop.client.payment_methods.attach, id, {"customer": made if customer == "cus" else customer})
    assert error.code == "resource_missing"
    assert (error.http_status, error.param) == ((404, "payment_method") if id == "pm_none" else (400, "customer"))


# ----------------------------------------------------------------------------------------------------------- updating


def test_only_an_attached_card_is_updated(shop):
    customer, method = shop.client.customers.create({}), card(shop)
    change = {"card": {"exp_year": 2040}, "allow_redisplay": "always", "billing_details": {"email": "a@example.com"}}
    assert shop.refusal(shop.client.payment_methods.update, method.id, change).http_status == 400
    shop.client.payment_methods.attach(method.id, {"customer": customer.id})

    changed = shop.client.payment_methods.update(method.id, change)

    assert (changed.card.exp_year, changed.card.exp_month, changed.allow_redisplay) == (2040, 12, "always")
    assert changed.billing_details.email == "a@example.com"
    event = shop.server.events[shop.key][-1]
    assert event["type"] == "payment_method.updated"
    assert set(event["data"]["previous_attributes"]) == {"card", "allow_redisplay", "billing_details"}
    wanted = {"customer": customer.id, "allow_redisplay": "always"}
    assert [found.id for found in shop.client.payment_methods.list(wanted).data] == [method.id]
    assert shop.client.payment_methods.list({**wanted, "allow_redisplay": "limited"}).data == []


# ------------------------------------------------------------------------------------------------- the generated card


def saving(shop, number=None):
    payment = shop.payment(setup_future_usage="off_session")
    shop.process(payment, allow_redisplay="limited")
    shop.present(number)
    return shop.read(payment).latest_charge


def test_a_payment_for_later_use_makes_a_card_that_can_be_attached(shop):
    charge = saving(shop)

    method = shop.client.payment_methods.retrieve(charge.payment_method_details.card_present.generated_card)

    assert (method.type, method.customer, method.card.last4) == ("card", None, "4242")
    assert method.allow_redisplay == "limited"
    assert method.card.generated_from.charge == charge.id
    assert method.card.generated_from.setup_attempt is None
    assert method.card.generated_from.payment_method_details.card_present.read_method == "contactless_emv"
    customer = shop.client.customers.create({})
    assert shop.client.payment_methods.attach(method.id, {"customer": customer.id}).customer == customer.id


def test_a_payment_that_asks_for_nothing_makes_no_card(shop):
    payment = shop.authorized()
    assert payment.latest_charge.payment_method_details.card_present.generated_card is None


@pytest.mark.parametrize("number", ["3566002020360505", "4000000000000002"], ids=["jcb", "declined"])
def test_a_card_that_cannot_be_kept_makes_none(shop, number):
    charge = saving(shop, number)
    assert charge.payment_method_details.card_present.generated_card is None
    assert shop.client.payment_methods.list().data == []
