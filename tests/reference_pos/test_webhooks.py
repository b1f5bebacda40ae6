"""Stripe's events: only genuine ones, each once, in any order."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest


@pytest.fixture(scope="module")
def shop(open_shop):
    """A till that hardly polls, so that what these tests see comes from the events."""
    return open_shop(POS_POLL_S="30")


def _approved(shop, amount=2450):
    """A sale whose card was approved while the till does not know it yet, and the event that says so."""
    sale = shop.sell(amount)
    shop.venue.tap(sale["reader"])
    assert shop.done("GET", f"/sales/{sale['sale']}")["outcome"] == "waiting"
    return sale, shop.venue.last_event("payment_intent.amount_capturable_updated", sale["payment_intent"])


def test_a_genuine_event_settles_the_sale_at_once(shop):
    sale, event = _approved(shop)
    assert shop.deliver(event) == 200
    assert shop.sees(sale, "paid")["captured"] == 2450


def test_a_secret_being_rolled_is_accepted(shop):
    sale, event = _approved(shop)
    assert shop.deliver(event, secret="whsec_before_the_roll") == 200
    shop.sees(sale, "paid")


def test_what_the_customer_wrote_in_another_script_is_verified_byte_by_byte(shop):
    sale, event = _approved(shop)
    event["data"]["object"]["description"] = "Café ½"
    assert shop.deliver(json.dumps(event, indent=2, ensure_ascii=False).encode()) == 200
    shop.sees(sale, "paid")


@pytest.mark.parametrize("forgery", [
    {"signature": ""}, {"signature": "t=1,v1=00"}, {"signature": "garbage"}, {"secret": "whsec_of_somebody_else"},
    {"age_s": 301},
])
def test_a_forged_or_stale_event_changes_nothing(shop, forgery):
    sale, event = _approved(shop)
    assert shop.deliver(event, **forgery) == 400
    assert shop.done("GET", f"/sales/{sale['sale']}")["outcome"] == "waiting"
    shop.done("POST", f"/sales/{sale['sale']}/check")


@pytest.mark.parametrize("foreign", [{"livemode": True}, {"account": "acct_of_somebody_else"}])
def test_an_event_of_the_other_mode_or_another_account_changes_nothing(shop, foreign):
    sale, event = _approved(shop)
    assert shop.deliver({**event, **foreign}) == 400
    assert shop.done("GET", f"/sales/{sale['sale']}")["outcome"] == "waiting"
    shop.done("POST", f"/sales/{sale['sale']}/check")


def test_an_event_delivered_five_times_has_its_effect_once(shop):
    paid = _paid(shop)
    event = shop.venue.last_event("payment_intent.succeeded", paid["payment_intent"])
    with ThreadPoolExecutor(5) as deliveries:
        assert set(deliveries.map(lambda _: shop.deliver(event), range(5))) == {200}

    shown = shop.done("GET", f"/sales/{paid['sale']}")
    assert (shown["outcome"], shown["captured"], shown["receipts_queued"]) == ("paid", 2450, 1)


def test_a_refund_made_elsewhere_is_booked_once(shop):
    paid = _paid(shop)
    made = shop.venue.call("POST", "/v1/refunds", payment_intent=paid["payment_intent"], amount=500)
    event = shop.venue.last_event("refund.created", made["id"])
    twin = {**event, "id": "evt_another_for_the_same_fact"}

    assert [shop.deliver(one) for one in (event, event, twin, event)] == [200] * 4

    shown = shop.done("GET", f"/sales/{paid['sale']}")
    assert (shown["refunded"], [one["id"] for one in shown["refunds"]]) == (500, [made["id"]])


def test_the_event_of_the_tills_own_refund_adds_no_second_one(shop):
    paid = _paid(shop)
    shop.done("POST", f"/sales/{paid['sale']}/refunds", amount=500, refund="r1")
    event = shop.venue.last_event("refund.created", paid["payment_intent"])

    assert shop.deliver(event) == 200

    shown = shop.done("GET", f"/sales/{paid['sale']}")
    assert (shown["refunded"], len(shown["refunds"])) == (500, 1)


def test_a_late_decline_does_not_undo_a_payment(shop):
    sale = shop.sell(2450)
    shop.venue.tap(sale["reader"], "4000000000009995")
    declined = shop.venue.last_event("payment_intent.payment_failed", sale["payment_intent"])
    shop.done("POST", f"/sales/{sale['sale']}/check")
    shop.done("POST", f"/sales/{sale['sale']}/pay")
    shop.venue.tap(sale["reader"])
    shop.done("POST", f"/sales/{sale['sale']}/check")

    assert shop.deliver(declined) == 200

    shop.done("POST", f"/sales/{sale['sale']}/check")
    assert shop.done("GET", f"/sales/{sale['sale']}")["outcome"] == "paid"


def test_an_event_about_somebody_elses_payment_is_none_of_the_tills_business(shop):
    _, event = _approved(shop)
    event["data"]["object"]["id"] = "pi_somebody_elses"
    event["data"]["object"]["metadata"] = {}
    assert shop.deliver({**event, "id": "evt_foreign"}) == 200


def _paid(shop):
    sale, _ = _approved(shop)
    paid = shop.done("POST", f"/sales/{sale['sale']}/check")
    assert paid["outcome"] == "paid"
    return paid
