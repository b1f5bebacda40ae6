"""After the card was approved: collecting with a tip, giving back, receipts, and the end of the day."""

import pytest


def _held(shop, amount=4000):
    sale = shop.sell(amount, capture="later")
    shop.venue.tap(sale["reader"])
    return shop.sees(sale, "held")


@pytest.mark.parametrize(("amount", "tip"), [(4000, 0), (4000, 5000), (12_000, 6000)])
def test_a_tip_on_the_receipt_is_collected_with_the_sale(shop, amount, tip):
    held = _held(shop, amount)
    assert shop.venue.intent(held)["status"] == "requires_capture" and held["next"] == "collect"

    paid = shop.done("POST", f"/sales/{held['sale']}/capture", tip=tip)

    assert (paid["outcome"], paid["captured"], paid["tip"]) == ("paid", amount + tip, tip)
    assert shop.venue.intent(paid)["amount_received"] == amount + tip
    assert shop.done("POST", f"/sales/{held['sale']}/capture", tip=tip)["captured"] == amount + tip


@pytest.mark.parametrize(("amount", "tip"), [(4000, 5001), (12_000, 6001)])
def test_a_tip_above_the_limit_is_refused_before_stripe_is_asked(shop, amount, tip):
    held = _held(shop, amount)

    refused = shop.ask("POST", f"/sales/{held['sale']}/capture", tip=tip)

    assert (refused.status_code, refused.json()["error"]) == (409, "tip_too_large")
    assert shop.venue.intent(held)["status"] == "requires_capture"
    assert shop.done("POST", f"/sales/{held['sale']}/capture", tip=0)["captured"] == amount


def test_cancelling_a_held_sale_releases_the_hold(shop):
    held = _held(shop)
    shown = shop.done("POST", f"/sales/{held['sale']}/cancel")
    assert (shown["outcome"], shown["next"]) == ("not_paid", "closed")
    assert shop.venue.intent(held)["status"] == "canceled"
    assert shop.ask("POST", f"/sales/{held['sale']}/pay").status_code == 409


def test_a_cancelled_sale_clears_the_reader_and_charges_nothing(shop):
    sale = shop.sell(2100)

    shown = shop.done("POST", f"/sales/{sale['sale']}/cancel")

    assert (shown["outcome"], shown["words"]) == ("not_paid", "Not paid. Nothing was charged. The sale was cancelled.")
    assert shop.venue.call("GET", f"/v1/terminal/readers/{sale['reader']}")["action"] is None
    assert shop.venue.intent(sale)["status"] == "canceled"


def test_a_paid_sale_cannot_be_cancelled_only_refunded(shop):
    paid = shop.paid(2100)
    answer = shop.ask("POST", f"/sales/{paid['sale']}/cancel")
    assert (answer.status_code, answer.json()["outcome"]) == (409, "paid")


def test_refunds_end_at_what_was_captured(shop):
    paid = shop.paid(2450)
    path = f"/sales/{paid['sale']}/refunds"
    first = shop.done("POST", path, amount=850, refund="r1")
    assert (first["refunded"], first["refundable"]) == (850, 1600)

    again = shop.done("POST", path, amount=850, refund="r1")
    twin = shop.done("POST", path, amount=850, refund="r2")
    over = shop.ask("POST", path, amount=751, refund="r3")
    rest = shop.done("POST", path, amount=750, refund="r4")

    assert (again["refunded"], twin["refunded"], rest["refunded"]) == (850, 1700, 2450)
    assert (over.status_code, over.json()["error"]) == (409, "refund_too_large")
    assert shop.ask("POST", path, amount=1, refund="r5").status_code == 409
    at_stripe = shop.venue.call("GET", "/v1/refunds", payment_intent=paid["payment_intent"])["data"]
    assert sorted(one["amount"] for one in at_stripe) == [750, 850, 850]


def test_what_is_only_held_is_cancelled_and_not_refunded(shop):
    held = _held(shop)
    refused = shop.ask("POST", f"/sales/{held['sale']}/refunds", amount=100, refund="r1")
    assert (refused.status_code, refused.json()["error"]) == (409, "refund_not_paid")


def test_a_receipt_prints_the_card_and_what_was_captured(shop):
    sale = shop.sell(2000)
    assert shop.ask("GET", f"/sales/{sale['sale']}/receipt").status_code == 409
    shop.venue.tap(sale["reader"], amount_tip=300)
    shop.sees(sale, "paid")

    receipt = shop.done("GET", f"/sales/{sale['sale']}/receipt")

    assert (receipt["amount"], receipt["tip"], receipt["currency"]) == (2300, 300, "usd")
    assert receipt["aid"] in receipt["text"] and receipt["application"] in receipt["text"]
    assert "23.00" in receipt["text"] and "3.00" in receipt["text"]


def test_the_day_closes_when_every_sale_is_settled_and_agrees_with_stripe(open_shop):
    shop = open_shop()
    paid, held, waiting, declined = shop.paid(2450), _held(shop, 1860), shop.sell(1111), shop.sell(1400)
    shop.venue.tap(declined["reader"], "4000000000000002")
    shop.sees(declined, "not_paid")
    shop.done("POST", f"/sales/{paid['sale']}/refunds", amount=450, refund="r1")
    stranger = shop.venue.call("POST", "/v1/payment_intents", amount=700, currency="usd", capture_method="manual",
                               **{"payment_method_types[]": "card_present", "metadata[sale]": "S-lost"})

    first = shop.done("POST", "/day/close")
    assert not first["closed"]
    assert {item["sale"] for item in first["needs_you"]} == {held["sale"], waiting["sale"], "S-lost"}
    assert declined["sale"] in first["settled"] and shop.venue.intent(declined)["status"] == "canceled"

    shop.done("POST", f"/sales/{held['sale']}/capture", tip=0)
    shop.done("POST", f"/sales/{waiting['sale']}/cancel")
    shop.venue.call("POST", f"/v1/payment_intents/{stranger['id']}/cancel")
    second = shop.done("POST", "/day/close")

    assert second["closed"] and second["needs_you"] == []
    assert (second["totals"]["captured"], second["totals"]["refunded"]) == (2450 + 1860, 450)
    assert second["totals"]["stripe"] == {"captured": 2450 + 1860, "refunded": 450}
    assert shop.done("GET", "/sales")["sales"] == []
