"""Holds: how long they last, how they are raised, and how they are captured in one go or in parts."""

import pytest

DAY = 24 * 3600
INCREMENTAL = {"card_present": {"request_incremental_authorization_support": True}}
EXTENDED = {"card_present": {"request_extended_authorization": True}}
HOURS_18 = 18 * 3600


def _raise(shop, payment, amount, **params):
    return shop.client.payment_intents.increment_authorization(payment.id, {"amount": amount, **params})


@pytest.fixture
def held(shop):
    """A hold of 40.00 that may be raised, at a shop without tips on the receipt."""
    shop.control("POST", "account", merchant_category="retail")
    return shop.authorized(4000, payment_method_options=INCREMENTAL)


# ------------------------------------------------------------------------------------------------------------- windows


@pytest.mark.parametrize(
    ("number", "category", "options", "window"),
    [
        ("4242424242424242", "hotels", {}, 4 * DAY + HOURS_18),
        ("4242424242424242", "restaurants", EXTENDED, 4 * DAY + HOURS_18),
        ("4242424242424242", "hotels", EXTENDED, 29 * DAY + HOURS_18),
        ("4242424242424242", "vehicle_rental", EXTENDED, 29 * DAY + HOURS_18),
        ("4242424242424242", "cruise_lines", EXTENDED, 29 * DAY + HOURS_18),
        *[("4242424242424242", category, EXTENDED, 9 * DAY + HOURS_18) for category in (
            "aircraft_rental", "bicycle_rental", "boat_rental", "campgrounds", "clothing_rental", "equipment_rental",
            "furniture_rental", "motor_home_rental", "motorcycle_rental", "video_rental")],
        ("5555555555554444", "restaurants", {}, 2 * DAY),
        ("5555555555554444", "restaurants", EXTENDED, 30 * DAY),
        ("378282246310005", "restaurants", EXTENDED, 2 * DAY),
        ("378282246310005", "hotels", EXTENDED, 30 * DAY),
        ("378282246310005", "vehicle_rental", EXTENDED, 30 * DAY),
        ("378282246310005", "cruise_lines", EXTENDED, 2 * DAY),
        ("6011111111111117", "retail", EXTENDED, 2 * DAY),
        *[("6011111111111117", category, EXTENDED, 30 * DAY) for category in (
            "airlines", "bus_lines", "vehicle_rental", "cruise_lines", "passenger_transport", "hotels")],
        ("3056930009020004", "hotels", EXTENDED, 2 * DAY),
    ],
)
def test_a_hold_lasts_as_brand_and_trade_allow(shop, number, category, options, window):
    shop.control("POST", "account", merchant_category=category)
    payment = shop.authorized(2000, number=number, payment_method_options=options)
    charge = payment.latest_charge
    assert charge.payment_method_details.card_present.capture_before - charge.created == window

    shop.advance(window - 1)
    assert shop.read(payment).status == "requires_capture"
    shop.advance(1)

    ended = shop.read(payment)
    assert (ended.status, ended.cancellation_reason, ended.amount_capturable) == ("canceled", "expired", 0)
    assert (ended.latest_charge.captured, ended.latest_charge.refunded) == (False, True)
    assert shop.events()[-2:] == ["charge.expired", "payment_intent.canceled"]
    refused = shop.refusal(shop.client.payment_intents.capture, payment.id)
    assert refused.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize(
    ("number", "days"), [("4242424242424242", 30), ("3566002020360505", 30), ("378282246310005", 7)]
)
def test_in_japan_holds_last_longer_unasked(shop, number, days):
    shop.control("POST", "account", country="JP")
    shop.reader = shop.client.terminal.readers.create({"registration_code": "simulated-wpe"}).id
    payment = shop.authorized(2000, "jpy", number)
    details = payment.latest_charge.payment_method_details.card_present
    assert details.capture_before - payment.latest_charge.created == days * DAY


def test_what_is_captured_in_time_does_not_lapse(shop):
    payment = shop.captured(2000)
    shop.advance(40 * DAY)
    assert shop.read(payment).status == "succeeded"
    assert "charge.expired" not in shop.events()


# ---------------------------------------------------------------------------------------------------------- increments


def test_a_hold_is_raised_to_a_new_total(shop, held):
    raised = _raise(shop, held, 6000, description="two more nights", metadata={"nights": "2"})
    charge = shop.charges(held)[0]

    assert (raised.status, raised.amount, raised.amount_capturable) == ("requires_capture", 6000, 6000)
    assert (raised.description, raised.metadata["nights"]) == ("two more nights", "2")
    assert (charge.amount, charge.payment_method_details.card_present.amount_authorized) == (6000, 6000)
    assert len(shop.charges(held)) == 1
    assert shop.events()[-2:] == ["charge.updated", "payment_intent.amount_capturable_updated"]
    assert shop.client.payment_intents.capture(held.id).amount_received == 6000


def test_a_declined_increment_leaves_the_old_amount_capturable_and_saves_nothing(shop, held):
    before = len(shop.events())
    error = shop.refusal(_raise, shop, held, 6005, description="more")

    assert (error.http_status, error.type, error.code) == (402, "card_error", "card_declined")
    assert error.payment_intent.amount_capturable == 4000
    payment = shop.read(held)
    assert (payment.status, payment.amount, payment.description) == ("requires_capture", 4000, None)
    assert payment.latest_charge.amount == 4000
    assert len(shop.events()) == before
    assert shop.client.payment_intents.capture(held.id).amount_received == 4000


def test_a_hold_is_raised_ten_times_at_most_declines_included(shop, held):
    for attempt in range(9):
        _raise(shop, held, 4100 + 100 * attempt)
    shop.refusal(_raise, shop, held, 9905)

    error = shop.refusal(_raise, shop, held, 9900)

    assert (error.http_status, error.code) == (400, "payment_intent_unexpected_state")
    assert shop.read(held).amount_capturable == 4900


@pytest.mark.parametrize("amount", [3999, 4000])
def test_a_hold_is_only_raised_to_more(shop, held, amount):
    error = shop.refusal(_raise, shop, held, amount)
    assert (error.http_status, error.param) == (400, "amount")
    assert shop.read(held).amount_capturable == 4000


@pytest.mark.parametrize("state", ["open", "unsupported", "captured"])
def test_what_cannot_be_raised_is_refused(shop, state):
    shop.control("POST", "account", merchant_category="retail")
    payment = shop.payment(4000, payment_method_options=INCREMENTAL) if state == "open" else None
    if state == "unsupported":
        payment = shop.authorized(4000)
    if state == "captured":
        payment = shop.captured(4000)
    error = shop.refusal(_raise, shop, payment, 5000)
    assert (error.http_status, error.code) == (400, "payment_intent_unexpected_state")
    assert shop.read(payment).amount == 4000


@pytest.mark.parametrize(
    ("number", "category", "supported"),
    [
        ("4242424242424242", "retail", True), ("5555555555554444", "retail", True),
        ("378282246310005", "retail", True),
        ("6011111111111117", "retail", False), ("6011111111111117", "hotels", True),
        ("6011111111111117", "parking", True), ("3566002020360505", "hotels", False),
    ],
)
def test_increments_need_a_brand_and_for_discover_a_trade(shop, number, category, supported):
    shop.control("POST", "account", merchant_category=category)
    payment = shop.authorized(4000, number=number, payment_method_options=INCREMENTAL)
    details = payment.latest_charge.payment_method_details.card_present
    assert details.incremental_authorization_supported is supported


def test_a_larger_capture_asks_the_bank_and_may_be_declined(shop, held):
    error = shop.refusal(shop.client.payment_intents.capture, held.id, {"amount_to_capture": 6005})
    assert (error.http_status, error.code) == (402, "card_declined")
    assert (shop.read(held).status, shop.read(held).amount_capturable) == ("requires_capture", 4000)

    taken = shop.client.payment_intents.capture(held.id, {"amount_to_capture": 6000})

    assert (taken.status, taken.amount_received) == ("succeeded", 6000)


def test_a_tip_on_the_receipt_asks_no_bank(shop):
    payment = shop.authorized(4000, payment_method_options=INCREMENTAL)
    taken = shop.client.payment_intents.capture(payment.id, {"amount_to_capture": 4605})
    details = shop.charges(payment)[0].payment_method_details.card_present
    assert (taken.amount_received, details.amount_authorized) == (4605, 4000)


# -------------------------------------------------------------------------------------------------- what else it says


def test_a_capture_may_change_the_statement_and_the_metadata(shop):
    payment = shop.authorized(2000, metadata={"table": "4"})
    shop.client.payment_intents.capture(
        payment.id, {"statement_descriptor_suffix": "TABLE 4", "metadata": {"tip": "none"}}
    )
    taken = shop.read(payment)
    assert taken.metadata.to_dict() == {"table": "4", "tip": "none"}
    assert taken.latest_charge.calculated_statement_descriptor == "CARDPRES* TABLE 4"


def test_a_payment_in_person_is_captured_once(shop):
    payment = shop.authorized(4000)
    error = shop.refusal(
        shop.client.payment_intents.capture, payment.id, {"amount_to_capture": 1000, "final_capture": False}
    )
    assert (error.http_status, error.param) == (400, "final_capture")
    assert shop.read(payment).amount_capturable == 4000


# -------------------------------------------------------------------------------------------------------- multicapture


@pytest.fixture
def in_parts(shop):
    return shop.client.payment_intents.create({
        "amount": 4000, "currency": "usd", "payment_method_types": ["card"], "payment_method": "pm_card_visa",
        "payment_method_options": {"card": {"request_multicapture": "if_available"}}, "capture_method": "manual",
        "confirm": True,
    })


def test_an_online_payment_is_captured_in_parts_until_the_last(shop, in_parts):
    capture = shop.client.payment_intents.capture
    first = capture(in_parts.id, {"amount_to_capture": 1000, "final_capture": False})
    second = capture(in_parts.id, {"amount_to_capture": 500, "final_capture": False})

    assert (first.status, first.amount_capturable, first.amount_received) == ("requires_capture", 3000, 1000)
    assert (second.amount_capturable, second.amount_received) == (2500, 1500)
    assert shop.charges(in_parts)[0].refunded is False

    last = capture(in_parts.id, {"amount_to_capture": 700})
    charge = shop.charges(in_parts)[0]

    assert (last.status, last.amount_capturable, last.amount_received) == ("succeeded", 0, 2200)
    assert (charge.amount_captured, charge.amount_refunded) == (2200, 1800)
    booked = shop.client.balance_transactions.list({"source": charge.id}).data
    assert [entry.amount for entry in booked] == [700, 500, 1000]
    assert shop.refusal(capture, in_parts.id).code == "payment_intent_unexpected_state"


def test_parts_are_never_more_than_is_held(shop, in_parts):
    capture = shop.client.payment_intents.capture
    capture(in_parts.id, {"amount_to_capture": 3500, "final_capture": False})
    error = shop.refusal(capture, in_parts.id, {"amount_to_capture": 501})
    assert (error.code, shop.read(in_parts).amount_received) == ("amount_too_large", 3500)


@pytest.mark.parametrize("how", ["cancelled", "lapsed"])
def test_what_was_not_captured_of_the_parts_is_let_go(shop, in_parts, how):
    shop.client.payment_intents.capture(in_parts.id, {"amount_to_capture": 1000, "final_capture": False})
    early = shop.refusal(shop.client.refunds.create, {"payment_intent": in_parts.id})
    assert early.code == "charge_not_refundable"
    if how == "cancelled":
        shop.client.payment_intents.cancel(in_parts.id)
    else:
        shop.advance(7 * DAY)

    ended, charge = shop.read(in_parts), shop.charges(in_parts)[0]

    assert (ended.status, ended.amount_received, ended.amount_capturable) == ("succeeded", 1000, 0)
    assert (charge.amount_captured, charge.amount_refunded, charge.refunded) == (1000, 3000, False)
    assert shop.client.refunds.create({"payment_intent": in_parts.id}).amount == 1000


def test_capturing_all_that_is_left_ends_the_payment(shop, in_parts):
    capture = shop.client.payment_intents.capture
    capture(in_parts.id, {"amount_to_capture": 1000, "final_capture": False})
    assert capture(in_parts.id, {"amount_to_capture": 3000, "final_capture": False}).status == "succeeded"
