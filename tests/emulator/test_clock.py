"""Account time and the windows of authorizations."""

import pytest

DAY = 24 * 3600


@pytest.mark.parametrize(
    ("number", "window"),
    [("4242424242424242", 4 * DAY + 18 * 3600), ("5555555555554444", 2 * DAY), ("378282246310005", 2 * DAY)],
)
def test_an_authorization_lapses_at_the_end_of_its_brands_window(shop, number, window):
    payment = shop.authorized(2000, number=number)
    details = payment.latest_charge.payment_method_details.card_present
    assert details.capture_before == payment.latest_charge.created + window

    shop.advance(window - 1)
    assert shop.read(payment).status == "requires_capture"
    shop.advance(1)
    lapsed = shop.read(payment)

    assert (lapsed.status, lapsed.cancellation_reason, lapsed.amount_capturable) == ("canceled", "expired", 0)
    assert lapsed.canceled_at == details.capture_before
    assert lapsed.latest_charge.captured is False
    assert shop.events()[-2:] == ["charge.expired", "payment_intent.canceled"]
    assert shop.refusal(shop.client.payment_intents.capture, payment.id).code == "payment_intent_unexpected_state"


def test_an_extended_authorization_holds_thirty_days(shop):
    options = {"card_present": {"request_extended_authorization": True}}
    payment = shop.authorized(2000, number="5555555555554444", payment_method_options=options)
    shop.advance(30 * DAY - 1)
    assert shop.read(payment).status == "requires_capture"


def test_a_captured_payment_does_not_lapse(shop):
    payment = shop.captured()
    shop.advance(40 * DAY)
    assert shop.read(payment).status == "succeeded"
    assert "charge.expired" not in shop.events()


def test_the_clock_moves_one_account_and_only_forward(shop):
    before = shop.control("GET", "clock")["now"]
    shop.advance(60)
    assert shop.control("GET", "clock") == {"now": before + 60, "offset_s": 60}
    assert shop.payment().created == before + 60
    assert shop.server.app.account_time(shop.key) == before + 60
    assert shop.server.app.account_time(shop.key + "other") == int(shop.server.clock.now())
    backwards = shop.server.http.post(
        "/_emulator/clock", json={"advance_s": -1}, headers={"Authorization": f"Bearer {shop.key}"}
    )
    assert backwards.status_code == 400


def test_whoever_asked_hears_of_a_moved_clock(shop):
    heard = []
    shop.server.app.on_clock(heard.append)
    shop.advance(5)
    assert heard == [shop.key]


def test_events_on_the_way_carry_the_time_they_happened(shop):
    payment = shop.authorized(2000, number="5555555555554444")
    shop.advance(10 * DAY)
    event = next(e for e in shop.server.events[shop.key] if e["type"] == "charge.expired")
    assert event["created"] == payment.latest_charge.created + 2 * DAY
    assert event["request"] == {"id": None, "idempotency_key": None}
