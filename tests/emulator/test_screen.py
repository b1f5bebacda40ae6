"""What a page of a reader is told: the screen, the amounts, what the customer may do."""

import pytest


def screen(shop):
    return shop.control("GET", f"readers/{shop.reader}")


@pytest.fixture
def tipping_shop(shop):
    """A shop whose readers ask for a tip: 15, 18 or 20 per cent from 10.00 on, else 1.00, 2.00 or 3.00."""
    choice = {"percentages": [15, 18, 20], "fixed_amounts": [100, 200, 300], "smart_tip_threshold": 1000}
    configuration = shop.client.terminal.configurations.create({"tipping": {"usd": choice}})
    shop.client.terminal.locations.update(shop.location, {"configuration_overrides": configuration.id})
    return shop


def test_a_sale_goes_from_idle_to_the_card_to_approved(shop):
    assert (screen(shop)["screen"], screen(shop)["shop"]) == ("idle", "Shop")
    payment = shop.payment(2450)
    shop.process(payment)

    waiting = screen(shop)
    shop.present()
    paid = screen(shop)

    assert waiting["screen"] == "card"
    assert waiting["payment"] == {
        "payment_intent": payment.id, "amount": 2450, "currency": "usd", "tip": None,
        "status": "requires_payment_method",
    }
    assert (waiting["may_cancel"], waiting["tips"]) == (False, [])
    assert (paid["screen"], paid["payment"]["status"]) == ("approved", "requires_capture")


def test_the_tip_comes_first_with_what_the_customer_would_pay(tipping_shop):
    tipping_shop.process(tipping_shop.payment(2450), enable_customer_cancellation=True)
    told = screen(tipping_shop)
    assert (told["screen"], told["may_cancel"]) == ("tip", True)
    assert told["tips"] == [
        {"percentage": 15, "tip": 368, "total": 2818}, {"percentage": 18, "tip": 441, "total": 2891},
        {"percentage": 20, "tip": 490, "total": 2940},
    ]


def test_small_amounts_get_fixed_tips_and_percentages_are_of_what_is_eligible(tipping_shop):
    tipping_shop.process(tipping_shop.payment(999))
    fixed = [choice["tip"] for choice in screen(tipping_shop)["tips"]]
    tipping_shop.process(tipping_shop.payment(5000), tipping={"amount_eligible": 2000})
    of_part = [(choice["tip"], choice["total"]) for choice in screen(tipping_shop)["tips"]]
    assert fixed == [100, 200, 300]
    assert of_part == [(300, 5300), (360, 5360), (400, 5400)]


def test_a_skipped_tip_is_not_asked_for(tipping_shop):
    tipping_shop.process(tipping_shop.payment(), skip_tipping=True)
    assert screen(tipping_shop)["screen"] == "card"


def test_a_decline_and_a_cancel_are_told_apart(shop):
    shop.process(shop.payment())
    shop.present("4000000000000002")
    declined = screen(shop)["screen"]
    shop.process(shop.payment(), enable_customer_cancellation=True)
    shop.control("POST", f"readers/{shop.reader}/customer_cancel")
    assert (declined, screen(shop)["screen"]) == ("declined", "canceled")


def test_the_reader_shows_that_it_is_busy_lost_offline_updating_or_elsewhere(shop):
    seen = []
    for fault, tap in (
        ("slow_issuer", True), ("stuck_action", True), ("reader_offline", False), ("reader_updating", False),
        ("reader_in_other_mode", False),
    ):
        shop.control("DELETE", "faults")
        if tap:
            shop.process(shop.payment())
        shop.fault(fault)
        if tap:
            shop.present()
        seen.append(screen(shop)["screen"])
        shop.control("DELETE", "faults")
        if fault == "stuck_action":
            shop.client.terminal.readers.cancel_action(shop.reader)
    assert seen == ["processing", "lost", "offline", "updating", "elsewhere"]


def test_a_cart_and_questions_are_shown_until_they_are_gone(shop):
    cart = {"currency": "usd", "total": 300, "line_items": [{"amount": 300, "description": "Tea", "quantity": 1}]}
    shop.client.terminal.readers.set_reader_display(shop.reader, {"type": "cart", "cart": cart})
    carted = screen(shop)["screen"]
    question = {"type": "email", "custom_text": {"title": "Your address?"}}
    shop.client.terminal.readers.collect_inputs(shop.reader, {"inputs": [question]})
    asked = screen(shop)["screen"]
    shop.client.terminal.readers.cancel_action(shop.reader)
    assert (carted, asked, screen(shop)["screen"]) == ("cart", "input", "idle")


def test_the_battery_is_told_while_it_runs_down(shop):
    assert screen(shop)["battery_percent"] is None
    shop.fault("flat_battery", percent=8, s_per_percent=60)
    shop.advance(150)
    assert screen(shop)["battery_percent"] == 6
    shop.advance(400)
    assert (screen(shop)["battery_percent"], screen(shop)["screen"]) == (0, "offline")


def test_all_readers_are_listed(shop):
    assert [one["reader"]["id"] for one in shop.control("GET", "readers")["readers"]] == [shop.reader]
