"""PaymentIntents: what create refuses, how much may be captured, what cancel and edit leave behind."""

import pytest


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 49}, "amount_too_small", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"amount": -5}, "parameter_invalid_integer", "amount"),
        ({"amount": "20.00"}, "parameter_invalid_integer", "amount"),
        ({"amount": ""}, "parameter_invalid_integer", "amount"),
        ({"currency": "eur"}, None, "currency"),
        ({"currency": "xyz"}, None, "currency"),
        ({"currency": ""}, "parameter_invalid_empty", "currency"),
        ({"capture_method": "later"}, None, "capture_method"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
        ({"payment_method_options": {"card_present": {"hold": "1"}}}, "parameter_unknown",
         "payment_method_options[card_present][hold]"),
        ({"payment_method_options": {"card_present": {"routing": {"requested_priority": "domestic"}}}},
         "parameter_unknown", "payment_method_options[card_present][routing]"),
        ({"payment_method_types": ["interac_present"]}, None, "currency"),
        ({"metadata": {"k" * 41: "v"}}, None, "metadata"),
        ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"metadata": {f"k{n}": "v" for n in range(51)}}, None, "metadata"),
    ],
)
def test_create_refuses(shop, params, code, param):
    given = {"amount": 2000, "currency": "usd", "payment_method_types": ["card_present"], **params}
    error = shop.refusal(shop.client.payment_intents.create, given)
    assert (error.http_status, error.type) == (400, "invalid_request_error")
    assert (getattr(error, "code", None), error.param) == (code, param)
    assert shop.client.payment_intents.list().data == []


@pytest.mark.parametrize("name", ["amount", "currency"])
def test_create_names_a_missing_parameter(shop, name):
    given = {"amount": 2000, "currency": "usd"}
    del given[name]
    error = shop.refusal(shop.client.payment_intents.create, given)
    assert (error.code, error.param) == ("parameter_missing", name)


def test_a_parameter_stripe_knows_and_the_emulator_does_not_is_refused_loudly(shop):
    answer = shop.call("POST", "/v1/payment_intents", "amount=2000&currency=usd&payment_method_configuration=pmc_1")
    assert (answer.status_code, answer.headers["X-Emulator"]) == (400, "not-emulated")
    assert answer.json()["error"]["param"] == "payment_method_configuration"


@pytest.mark.parametrize("version", ["2020-08-27", "2024-06-20", "2025-02-24.acacia", "2026-10-28.endive"])
def test_payment_method_types_is_taken_at_every_version(shop, version):
    body = "amount=2000&currency=usd&payment_method_types[]=card_present"
    answer = shop.call("POST", "/v1/payment_intents", body, **{"Stripe-Version": version})
    assert answer.json()["payment_method_types"] == ["card_present"]
    assert answer.headers["Stripe-Version"] == version


def test_allowed_payment_method_types_is_the_new_name(shop):
    payment = shop.client.payment_intents.create(
        {"amount": 2000, "currency": "usd", "allowed_payment_method_types": ["card_present"]}
    )
    assert payment.payment_method_types == payment.allowed_payment_method_types == ["card_present"]


# ------------------------------------------------------------------------------------------------------------- capture


@pytest.mark.parametrize(
    ("authorized", "captured", "accepted"),
    [
        (4000, 9000, True), (4000, 9001, False), (12000, 18000, True), (12000, 18001, False),
        (4000, 1, True), (4000, 0, False),
    ],
)
def test_a_tip_on_the_receipt_is_captured_up_to_the_limit(shop, authorized, captured, accepted):
    payment = shop.authorized(authorized)
    if not accepted:
        error = shop.refusal(shop.client.payment_intents.capture, payment.id, {"amount_to_capture": captured})
        assert error.http_status == 400
        assert shop.read(payment).status == "requires_capture"
        return
    taken = shop.client.payment_intents.capture(payment.id, {"amount_to_capture": captured})
    charge = shop.charges(payment)[0]
    assert (taken.amount_received, charge.amount_captured) == (captured, captured)
    assert taken.amount == charge.amount == max(authorized, captured)
    assert charge.payment_method_details.card_present.amount_authorized == authorized


@pytest.mark.parametrize(
    ("country", "category", "currency", "number", "supported"),
    [
        ("US", "restaurants", "usd", None, True), ("US", "retail", "usd", None, False),
        ("US", "restaurants", "usd", "3056930009020004", False), ("GB", "restaurants", "gbp", None, False),
    ],
)
def test_overcapture_needs_country_trade_and_brand(shop_in, country, category, currency, number, supported):
    shop = shop_in(country)
    shop.control("POST", "account", merchant_category=category)
    payment = shop.authorized(4000, currency, number)
    assert payment.latest_charge.payment_method_details.card_present.overcapture_supported is supported
    if not supported:
        error = shop.refusal(shop.client.payment_intents.capture, payment.id, {"amount_to_capture": 4001})
        assert (error.code, error.payment_intent.status) == ("amount_too_large", "requires_capture")


def test_without_overcapture_a_larger_capture_raises_an_incremental_authorization(shop):
    shop.control("POST", "account", merchant_category="retail")
    options = {"card_present": {"request_incremental_authorization_support": True}}
    payment = shop.authorized(4000, payment_method_options=options)
    shop.client.payment_intents.capture(payment.id, {"amount_to_capture": 9900})
    assert shop.charges(payment)[0].payment_method_details.card_present.amount_authorized == 9900


def test_a_partial_capture_releases_the_rest(shop):
    payment = shop.authorized(4000)
    taken = shop.client.payment_intents.capture(payment.id, {"amount_to_capture": 2500})
    charge = shop.charges(payment)[0]
    assert (taken.amount, taken.amount_received, taken.amount_capturable) == (4000, 2500, 0)
    assert (charge.amount_captured, charge.amount_refunded, charge.refunded) == (2500, 1500, False)
    assert shop.client.refunds.create({"payment_intent": payment.id}).amount == 2500


@pytest.mark.parametrize("before", ["open", "captured", "canceled"])
def test_a_capture_in_the_wrong_state_takes_nothing_and_shows_the_payment(shop, before):
    payment = shop.payment() if before == "open" else shop.authorized()
    if before == "captured":
        shop.client.payment_intents.capture(payment.id)
    if before == "canceled":
        shop.client.payment_intents.cancel(payment.id)
    received = shop.read(payment).amount_received

    error = shop.refusal(shop.client.payment_intents.capture, payment.id)

    assert (error.http_status, error.code) == (400, "payment_intent_unexpected_state")
    assert error.payment_intent.id == payment.id
    assert shop.read(payment).amount_received == received


# ------------------------------------------------------------------------------------------------------ cancel, update


def test_cancelling_a_hold_releases_it(shop):
    payment = shop.authorized(2000)
    ended = shop.client.payment_intents.cancel(payment.id, {"cancellation_reason": "abandoned"})
    charge = shop.charges(payment)[0]
    assert (ended.status, ended.cancellation_reason, ended.amount_capturable) == ("canceled", "abandoned", 0)
    assert (charge.captured, charge.amount_captured, charge.refunded) == (False, 0, True)
    assert shop.events()[-2:] == ["charge.refunded", "payment_intent.canceled"]


def test_a_captured_payment_cannot_be_cancelled(shop):
    payment = shop.captured()
    assert shop.refusal(shop.client.payment_intents.cancel, payment.id).code == "payment_intent_unexpected_state"
    assert shop.read(payment).status == "succeeded"


def test_an_open_payment_can_be_edited_and_a_held_one_only_in_its_notes(shop):
    payment = shop.payment(2000)
    edited = shop.client.payment_intents.update(payment.id, {"amount": 2100, "metadata": {"order": "7"}})
    assert (edited.amount, edited.metadata["order"]) == (2100, "7")
    shop.process(payment)
    shop.present()

    assert shop.refusal(shop.client.payment_intents.update, payment.id, {"amount": 2200}).code == (
        "payment_intent_unexpected_state"
    )
    noted = shop.client.payment_intents.update(payment.id, {"description": "table 4", "metadata": {"order": ""}})
    assert (noted.amount, noted.description, noted.metadata.to_dict()) == (2100, "table 4", {})
    assert shop.client.payment_intents.update(payment.id, {"description": ""}).description is None


@pytest.mark.parametrize(("sent_again", "charged"), [(False, 2000), (True, 2100)])
def test_a_payment_edited_while_on_the_reader_is_charged_as_the_reader_shows_it(shop, sent_again, charged):
    payment = shop.payment(2000)
    shop.process(payment)
    shop.client.payment_intents.update(payment.id, {"amount": 2100})
    if sent_again:
        shop.process(payment)
    shop.present()
    assert shop.read(payment).amount_capturable == charged


def test_a_card_presented_after_the_payment_was_cancelled_charges_nothing(shop):
    payment = shop.payment(2000)
    shop.process(payment)
    shop.client.payment_intents.cancel(payment.id)

    assert shop.present().action.status == "failed"
    assert shop.action().failure_code == "payment_intent_unexpected_state"
    assert shop.charges(payment) == []
