"""Confirming without a reader: test cards by name, cards that were saved, banks that ask, and readers' payments."""

import pytest

from cardpresent.emulator.paying.issuer import DAY_S


def _online(shop, **params):
    given = {"amount": 2000, "currency": "usd", "payment_method_types": ["card"], **params}
    return shop.client.payment_intents.create(given)


def _paid(shop, name="pm_card_visa", **params):
    return _online(shop, payment_method=name, confirm=True, **params)


def _asked(shop, payment, succeeds):
    shop.control("POST", f"payment_intents/{payment.id}/authenticate", succeeds=succeeds)
    return shop.read(payment)


def test_a_test_card_pays_online_at_once(shop):
    payment = shop.read(_paid(shop))
    charge = payment.latest_charge
    assert (payment.status, payment.amount_received, payment.payment_method) == (
        "succeeded", 2000, charge.payment_method
    )
    assert charge.payment_method_details.type == "card"
    assert (charge.outcome.risk_level, charge.outcome.type) == ("normal", "authorized")
    assert shop.events() == ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]


def test_create_choose_and_confirm_are_three_calls_just_as_well(shop):
    payment = _online(shop)
    chosen = shop.client.payment_intents.update(payment.id, {"payment_method": "pm_card_mastercard"})
    assert chosen.status == "requires_confirmation"
    assert shop.charges(payment) == []

    done = shop.client.payment_intents.confirm(payment.id)

    assert (done.status, done.payment_method) == ("succeeded", chosen.payment_method)
    assert shop.charges(payment)[0].payment_method_details.card.brand == "mastercard"


@pytest.mark.parametrize("how", ["of the payment", "of the card"])
def test_a_manual_confirmation_holds_the_money_for_seven_days(shop, how):
    manual = {"capture_method": "manual"}
    given = manual if how == "of the payment" else {"payment_method_options": {"card": manual}}
    payment = shop.read(_paid(shop, **given))
    details = payment.latest_charge.payment_method_details.card
    assert (payment.status, payment.amount_capturable) == ("requires_capture", 2000)
    assert details.capture_before - payment.latest_charge.created == 7 * DAY_S
    shop.advance(7 * DAY_S)
    assert shop.read(payment).cancellation_reason == "expired"


@pytest.mark.parametrize(
    ("name", "code", "decline_code", "advice"),
    [
        ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline", "try_again_later"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card", "do_not_try_again"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", None, "confirm_card_data"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None, "confirm_card_data"),
        ("pm_card_radarBlock", "card_declined", "fraudulent", "do_not_try_again"),
    ],
)
def test_a_declined_confirmation_tells_the_whole_payment_and_waits_for_another_card(
    shop, name, code, decline_code, advice
):
    payment = _online(shop)
    error = shop.refusal(shop.client.payment_intents.confirm, payment.id, {"payment_method": name})
    assert (error.http_status, error.type, error.code) == (402, "card_error", code)
    assert (getattr(error, "decline_code", None), error.advice_code) == (decline_code, advice)
    assert error.payment_intent.id == payment.id
    after = shop.read(payment)
    assert (after.status, after.payment_method) == ("requires_payment_method", None)
    assert (after.last_payment_error.code, after.latest_charge.id) == (code, error.charge)
    assert (after.latest_charge.paid, after.amount_received) == (False, 0)
    assert shop.events()[1:] == ["charge.failed", "payment_intent.payment_failed"]

    assert shop.client.payment_intents.confirm(payment.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


def test_a_payment_blocked_by_radar_never_reached_a_bank(shop):
    shop.refusal(_paid, shop, "pm_card_radarBlock")
    outcome = shop.client.charges.list().data[0].outcome
    assert (outcome.type, outcome.network_status, outcome.reason) == (
        "blocked", "not_sent_to_network", "highest_risk_level"
    )


def test_a_create_that_is_declined_leaves_its_payment_behind(shop):
    error = shop.refusal(_paid, shop, "pm_card_visa_chargeDeclined")
    assert shop.read(error.payment_intent).status == "requires_payment_method"


def test_a_saved_card_pays_again_off_session_and_an_unsaved_one_does_not(shop):
    customer = shop.client.customers.create({}).id
    first = _paid(shop, customer=customer, setup_future_usage="off_session")
    assert "payment_method.attached" in shop.events()

    again = _paid(shop, first.payment_method, customer=customer, off_session=True)
    assert again.status == "succeeded"

    used_up = _paid(shop).payment_method
    refused = shop.refusal(_paid, shop, used_up)
    assert refused.http_status == 400
    stranger = shop.refusal(_paid, shop, first.payment_method)
    assert stranger.param == "payment_method"
    assert len(shop.client.charges.list().data) == 3


def test_the_card_behind_a_tap_pays_off_session(shop):
    customer = shop.client.customers.create({}).id
    tapped = shop.payment(2000, customer=customer, setup_future_usage="off_session")
    shop.process(tapped, allow_redisplay="always")
    shop.present()
    generated = shop.read(tapped).latest_charge.payment_method_details.card_present.generated_card

    later = _paid(shop, generated, customer=customer, off_session=True, amount=900)

    assert (later.status, later.amount_received) == ("succeeded", 900)


@pytest.mark.parametrize("types", [["card_present"], ["card", "card_present"]])
def test_a_card_on_the_reader_is_never_confirmed_from_the_server(shop, types):
    payment = shop.payment(2000, payment_method_types=types)
    shop.collect(payment)
    shop.present()
    collected = shop.read(payment)
    assert collected.status == "requires_confirmation"

    error = shop.refusal(shop.client.payment_intents.confirm, payment.id)

    assert error.http_status == 400
    assert shop.read(payment).status == "requires_confirmation"
    assert shop.charges(payment) == []


def test_an_online_card_does_not_pay_a_readers_payment(shop):
    payment = shop.payment(2000)
    error = shop.refusal(shop.client.payment_intents.confirm, payment.id, {"payment_method": "pm_card_visa"})
    assert error.code == "payment_intent_incompatible_payment_method"
    assert shop.read(payment).status == "requires_payment_method"
    assert shop.client.payment_methods.list().data == []


@pytest.mark.parametrize("state", ["without a method", "succeeded", "canceled", "held"])
def test_a_confirm_in_the_wrong_state_charges_nothing(shop, state):
    payment = {
        "without a method": lambda: _online(shop), "succeeded": lambda: _paid(shop),
        "canceled": lambda: shop.client.payment_intents.cancel(_online(shop).id),
        "held": lambda: _paid(shop, capture_method="manual"),
    }[state]()
    charges = len(shop.charges(payment))
    error = shop.refusal(shop.client.payment_intents.confirm, payment.id)
    assert (error.code, error.payment_intent.status) == ("payment_intent_unexpected_state", payment.status)
    assert len(shop.charges(payment)) == charges


@pytest.mark.parametrize(
    ("params", "accepted"),
    [
        ({}, False), ({"return_url": "https://example.com"}, True), ({"off_session": True}, True),
        ({"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}, True),
    ],
)
def test_automatic_methods_want_a_return_url(shop, params, accepted):
    given = {"amount": 2000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True, **params}
    if accepted:
        assert shop.client.payment_intents.create(given).status == "succeeded"
        return
    assert shop.refusal(shop.client.payment_intents.create, given).http_status == 400
    assert shop.client.payment_intents.list().data == []


# ------------------------------------------------------------------------------------------------------ authentication


@pytest.mark.parametrize(("succeeds", "status"), [(True, "succeeded"), (False, "requires_payment_method")])
def test_a_bank_that_asks_is_answered_by_the_customer(shop, succeeds, status):
    payment = _paid(shop, "pm_card_authenticationRequired", return_url="https://example.com/back")
    assert payment.status == "requires_action"
    assert payment.next_action.redirect_to_url.return_url == "https://example.com/back"
    assert (shop.charges(payment), shop.events()[-1]) == ([], "payment_intent.requires_action")

    after = _asked(shop, payment, succeeds)

    assert (after.status, after.next_action) == (status, None)
    assert after.amount_received == (2000 if succeeds else 0)
    if succeeds:
        assert after.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"
    else:
        assert after.last_payment_error.code == "payment_intent_authentication_failure"
        assert shop.charges(payment) == []


def test_a_payment_that_awaits_the_customer_may_be_cancelled_edited_or_confirmed_with_another_card(shop):
    confirm = shop.client.payment_intents.confirm
    cancelled, edited, switched = (_paid(shop, "pm_card_threeDSecure2Required") for _ in range(3))
    assert cancelled.next_action.type == "use_stripe_sdk"
    assert shop.client.payment_intents.cancel(cancelled.id).status == "canceled"
    assert shop.client.payment_intents.update(edited.id, {"amount": 2100}).status == "requires_confirmation"
    assert confirm(edited.id).status == "requires_action"
    assert confirm(switched.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("pm_card_authenticationRequired", {"off_session": True}),
        ("pm_card_threeDSecure2Required", {"off_session": "recurring"}),
        ("pm_card_authenticationRequired", {"error_on_requires_action": True}),
    ],
)
def test_where_nobody_can_answer_the_bank_declines(shop, name, params):
    error = shop.refusal(_paid, shop, name, **params)
    assert (error.http_status, error.code) == (402, "authentication_required")
    assert shop.read(error.payment_intent).status == "requires_payment_method"


def test_three_d_secure_is_asked_where_the_merchant_wants_it(shop):
    options = {"card": {"request_three_d_secure": "any"}}
    assert _paid(shop, "pm_card_threeDSecureOptional").status == "succeeded"
    asked = _paid(shop, "pm_card_threeDSecureOptional", payment_method_options=options)
    assert asked.status == "requires_action"


# ----------------------------------------------------------------------------------------------------- holds and checks


@pytest.mark.parametrize(
    ("options", "brand", "shown"),
    [
        ({}, "visa", ("disabled", "unavailable", "unavailable")),
        ({"request_extended_authorization": "if_available"}, "visa", ("enabled", "unavailable", "unavailable")),
        ({"request_incremental_authorization": "if_available"}, "amex", ("disabled", "available", "unavailable")),
        ({"request_multicapture": "if_available"}, "mastercard", ("disabled", "unavailable", "available")),
        ({"request_multicapture": "never"}, "mastercard", ("disabled", "unavailable", "unavailable")),
        ({"request_multicapture": "if_available"}, "jcb", ("disabled", "unavailable", "available")),
        ({"request_incremental_authorization": "if_available"}, "jcb", ("disabled", "unavailable", "unavailable")),
    ],
)
def test_what_may_be_done_with_a_hold_is_told(shop, options, brand, shown):
    payment = _paid(shop, f"pm_card_{brand}", capture_method="manual", payment_method_options={"card": options})
    card = shop.read(payment).latest_charge.payment_method_details.card
    told = (card.extended_authorization.status, card.incremental_authorization.status, card.multicapture.status)
    assert told == shown
    assert card.overcapture.status == "unavailable"


def test_an_online_hold_is_raised_where_it_was_asked_for(shop):
    options = {"card": {"request_incremental_authorization": "if_available"}}
    payment = _paid(shop, capture_method="manual", payment_method_options=options)
    raised = shop.client.payment_intents.increment_authorization(payment.id, {"amount": 2500})
    assert raised.amount_capturable == 2500


def test_a_failed_cvc_check_and_an_elevated_risk_stand_in_the_charge(shop):
    card = {"type": "card", "card": {"number": "4000000000000101", "exp_month": 12, "exp_year": 2034, "cvc": "314"}}
    method = shop.client.payment_methods.create(card).id
    charge = shop.read(_paid(shop, method)).latest_charge
    assert charge.payment_method_details.card.checks.cvc_check == "fail"
    assert shop.read(_paid(shop, "pm_card_riskLevelElevated")).latest_charge.outcome.risk_level == "elevated"


def test_an_early_fraud_warning_is_refused_loudly_before_anything_is_made(shop):
    body = "amount=2000&currency=usd&payment_method_types[]=card&confirm=true"
    answer = shop.call("POST", "/v1/payment_intents", f"{body}&payment_method=pm_card_createIssuerFraudRecord")
    assert (answer.status_code, answer.headers["X-Emulator"]) == (400, "not-emulated")
    assert shop.client.payment_intents.list().data == []


def test_a_script_answers_online_too(shop):
    shop.control("POST", "issuer", answers=[{"kind": "decline", "decline_code": "do_not_honor"}])
    assert shop.refusal(_paid, shop).decline_code == "do_not_honor"
    assert _paid(shop).status == "succeeded"
