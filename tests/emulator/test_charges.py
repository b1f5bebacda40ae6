"""Charges: read, annotated, made and captured directly, and the refunds below them."""

import pytest

from cardpresent.emulator.paying.issuer import DAY_S


def _charge(shop, source="tok_visa", **params):
    given = {"amount": 2000, "currency": "usd", "source": source, **params}
    return shop.client.charges.create({name: value for name, value in given.items() if value is not None})


# ------------------------------------------------------------------------------------------------------------- reading


def test_a_charge_in_person_tells_of_card_reader_and_outcome(shop):
    charge = shop.call("GET", f"/v1/charges/{shop.captured().latest_charge}").json()
    assert charge["outcome"] == {
        "advice_code": None, "network_advice_code": None, "network_decline_code": None,
        "network_status": "approved_by_network", "reason": None, "risk_level": "not_assessed",
        "seller_message": "Payment complete.", "type": "authorized",
    }
    assert charge["calculated_statement_descriptor"] == "CARDPRESENT EMULATOR"
    assert (charge["receipt_email"], charge["receipt_number"], charge["fraud_details"]) == (None, None, {})
    assert "refunds" not in charge


@pytest.mark.parametrize(
    ("number", "reason", "advice"),
    [("4000000000009995", "insufficient_funds", "try_again_later"),
     ("4000000000009979", "stolen_card", "do_not_try_again"),
     ("4000000000000069", "expired_card", "confirm_card_data")],
)
def test_a_declined_charge_says_why_and_what_to_do(shop, number, reason, advice):
    charge = shop.authorized(2000, number=number).latest_charge
    assert (charge.outcome.type, charge.outcome.reason, charge.outcome.advice_code) == (
        "issuer_declined", reason, advice
    )
    assert (charge.paid, charge.receipt_url, charge.balance_transaction) == (False, None, None)
    assert shop.refusal(shop.client.refunds.create, {"charge": charge.id}).code == "charge_not_refundable"


def test_a_charge_is_annotated_afterwards(shop):
    charge = shop.captured().latest_charge
    customer = shop.client.customers.create({}).id
    changed = shop.client.charges.update(charge, {
        "description": "table 4", "metadata": {"order": "7"}, "receipt_email": "ada@example.com",
        "customer": customer, "transfer_group": "g", "fraud_details": {"user_report": "safe"},
    })
    assert (changed.description, changed.customer, changed.fraud_details.user_report) == ("table 4", customer, "safe")
    assert [found.id for found in shop.client.charges.list({"customer": customer}).data] == [charge]
    assert [found.id for found in shop.client.charges.list({"transfer_group": "g"}).data] == [charge]
    assert shop.events()[-1] == "charge.updated"

    other = shop.client.customers.create({}).id
    assert shop.refusal(shop.client.charges.update, charge, {"customer": other}).code == "charge_invalid_parameter"
    assert shop.client.charges.retrieve(charge).customer == customer


def test_lists_keep_to_all_their_filters(shop):
    customer = shop.client.customers.create({}).id
    first = shop.authorized(2000, customer=customer, transfer_group="a")
    shop.authorized(2000, customer=customer, transfer_group="b")
    found = shop.client.charges.list({"customer": customer, "transfer_group": "a"}).data
    assert [charge.id for charge in found] == [first.latest_charge.id]
    assert shop.client.charges.list({"customer": customer, "transfer_group": "c"}).data == []


# -------------------------------------------------------------------------------------------------------------- making


def test_a_direct_charge_takes_a_token(shop):
    charge = _charge(shop, description="order 7", metadata={"order": "7"}, statement_descriptor_suffix="ORDER 7")
    assert (charge.status, charge.captured, charge.amount_captured) == ("succeeded", True, 2000)
    assert (charge.payment_intent, charge.source.brand, charge.source.last4) == (None, "Visa", "4242")
    assert charge.payment_method_details.card.network == "visa"
    assert charge.calculated_statement_descriptor == "CARDPRES* ORDER 7"
    assert shop.events() == ["charge.succeeded"]
    assert shop.client.payment_intents.list().data == []


def test_a_direct_charge_that_is_declined_stays_as_a_failed_one(shop):
    error = shop.refusal(_charge, shop, "tok_chargeDeclinedInsufficientFunds")
    assert (error.http_status, error.code, error.decline_code) == (402, "card_declined", "insufficient_funds")
    failed = shop.client.charges.retrieve(error.charge)
    assert (failed.status, failed.paid, failed.amount_captured) == ("failed", False, 0)
    assert shop.events() == ["charge.failed"]


@pytest.mark.parametrize(
    ("params", "status", "code", "param"),
    [
        ({"amount": None}, 400, "parameter_missing", "amount"),
        ({"currency": None}, 400, "parameter_missing", "currency"),
        ({"amount": 49}, 400, "amount_too_small", "amount"), ({"source": None}, 400, "parameter_missing", None),
        ({"source": "tok_none"}, 400, "resource_missing", "source"),
        ({"statement_descriptor": "ADAS CAFE"}, 400, None, "statement_descriptor"),
        ({"application_fee_amount": 10}, 400, None, "application_fee_amount"),
    ],
)
def test_a_direct_charge_refuses(shop, params, status, code, param):
    error = shop.refusal(_charge, shop, **params)
    assert (error.http_status, getattr(error, "code", None), getattr(error, "param", None)) == (status, code, param)
    assert shop.client.charges.list().data == []


def test_a_customer_without_a_source_has_no_card_to_charge(shop):
    customer = shop.client.customers.create({}).id
    error = shop.refusal(_charge, shop, None, customer=customer)
    assert (error.http_status, error.code) == (402, "missing")
    answer = shop.call("POST", "/v1/charges", f"amount=2000&currency=usd&source=tok_visa&customer={customer}")
    assert answer.headers["X-Emulator"] == "not-emulated"
    assert shop.client.charges.list().data == []


def test_a_held_charge_is_captured_once(shop):
    held = _charge(shop, capture=False)
    assert (held.captured, held.balance_transaction) == (False, None)
    taken = shop.client.charges.capture(held.id, {"amount": 1500})
    assert (taken.captured, taken.amount_captured, taken.amount_refunded) == (True, 1500, 500)
    assert shop.refusal(shop.client.charges.capture, held.id).code == "charge_already_captured"
    assert shop.events() == ["charge.succeeded", "charge.captured"]


def test_a_held_charge_lapses_after_seven_days(shop):
    held = _charge(shop, capture=False)
    too_much = shop.refusal(shop.client.charges.capture, held.id, {"amount": 2001})
    assert too_much.code == "amount_too_large"
    shop.advance(7 * DAY_S)
    assert shop.events()[-1] == "charge.expired"
    assert shop.refusal(shop.client.charges.capture, held.id).code == "charge_expired_for_capture"
    assert shop.client.charges.retrieve(held.id).amount_captured == 0


def test_a_payments_charge_is_captured_through_the_payment(shop):
    payment = shop.authorized(2000)
    error = shop.refusal(shop.client.charges.capture, payment.latest_charge.id)
    assert (error.http_status, error.code) == (400, "charge_invalid_parameter")
    assert shop.read(payment).status == "requires_capture"


# ------------------------------------------------------------------------------------------------ refunds below charges


def test_the_refund_of_old_answers_the_charge(shop):
    charge = shop.captured().latest_charge
    answered = shop.call("POST", f"/v1/charges/{charge}/refund", "amount=500").json()
    assert (answered["object"], answered["id"], answered["amount_refunded"]) == ("charge", charge, 500)


def test_refunds_live_below_their_charge_and_nowhere_else(shop):
    charge, other = shop.captured().latest_charge, shop.captured().latest_charge
    made = shop.call("POST", f"/v1/charges/{charge}/refunds", "amount=500&metadata[item]=a").json()
    path = f"/v1/charges/{charge}/refunds/{made['id']}"

    assert shop.call("GET", path).json() == made
    changed = shop.call("POST", path, "metadata[item]=b").json()
    assert (changed["metadata"], changed["amount"]) == ({"item": "b"}, 500)
    assert [r["id"] for r in shop.call("GET", f"/v1/charges/{charge}/refunds").json()["data"]] == [made["id"]]

    assert shop.call("GET", f"/v1/charges/{other}/refunds").json()["data"] == []
    elsewhere = shop.call("GET", f"/v1/charges/{other}/refunds/{made['id']}")
    assert (elsewhere.status_code, elsewhere.json()["error"]["param"]) == (404, "refund")
    assert shop.call("POST", "/v1/charges/ch_none/refunds").status_code == 404


# ------------------------------------------------------------------------------------------- captured in the background


@pytest.fixture
def booked_later(shop):
    shop.control("POST", "account", async_books="later")


@pytest.mark.parametrize("how", ["in person", "online"])
@pytest.mark.usefixtures("booked_later")
def test_an_asynchronous_capture_is_booked_a_moment_later(shop, how):
    if how == "in person":
        payment = shop.authorized(2000, capture_method="automatic_async")
    else:
        payment = shop.client.payment_intents.create({
            "amount": 2000, "currency": "usd", "payment_method_types": ["card"], "payment_method": "pm_card_visa",
            "confirm": True,
        })
    at_first = shop.charges(payment)[0]
    assert (payment.status, at_first.captured, at_first.amount_captured) == ("succeeded", True, 2000)
    assert at_first.balance_transaction is None
    assert shop.client.balance_transactions.list().data == []

    shop.advance(0)

    booked = shop.client.balance_transactions.list().data
    assert [entry.id for entry in booked] == [shop.charges(payment)[0].balance_transaction]
    updated = shop.server.events[shop.key][-1]
    assert updated["type"] == "charge.updated"
    assert updated["data"]["previous_attributes"] == {"balance_transaction": None}


@pytest.mark.parametrize("method", ["automatic", "manual"])
@pytest.mark.usefixtures("booked_later")
def test_other_captures_are_booked_at_once(shop, method):
    payment = shop.authorized(2000, capture_method=method)
    if method == "manual":
        shop.client.payment_intents.capture(payment.id)
    assert shop.charges(payment)[0].balance_transaction is not None
    shop.advance(10)
    assert "charge.updated" not in shop.events()


def test_an_asynchronous_capture_is_booked_at_once_unless_the_account_says_otherwise(shop):
    assert shop.authorized(2000, capture_method="automatic_async").latest_charge.balance_transaction is not None


@pytest.mark.usefixtures("booked_later")
def test_a_refund_right_after_an_asynchronous_capture_finds_it_booked(shop):
    payment = shop.authorized(2000, capture_method="automatic_async")
    shop.client.refunds.create({"payment_intent": payment.id})
    assert [entry.amount for entry in shop.client.balance_transactions.list().data] == [-2000, 2000]
    shop.advance(10)
    assert len(shop.client.balance_transactions.list().data) == 2


def test_a_direct_payments_fee_arrives_with_the_booking(shop):
    account = {"Stripe-Account": "acct_seller"}
    as_json = {**account, "Content-Type": "application/json"}
    shop.call("POST", "/_emulator/account", '{"async_books": "later"}', **as_json)
    body = ("amount=2000&currency=usd&payment_method_types[]=card&payment_method=pm_card_visa&confirm=true"
            "&application_fee_amount=100&expand[]=latest_charge")
    charge = shop.call("POST", "/v1/payment_intents", body, **account).json()["latest_charge"]
    assert (charge["application_fee_amount"], charge["application_fee"]) == (100, None)
    assert shop.client.application_fees.list().data == []

    shop.call("POST", "/_emulator/clock", '{"advance_s": 0}', **as_json)

    [fee] = shop.client.application_fees.list().data
    assert (fee.amount, fee.charge) == (100, charge["id"])
