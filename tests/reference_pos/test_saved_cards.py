"""Cards are kept as allowed, where Stripe says they can be charged again, and charged once when they are."""

import time

import pytest

from tests.waiting import until

WITHIN_S = 5.0
JCB = "3566002020360505"
DECLINED = "4000000000000002"


@pytest.fixture
def customer():
    return f"C-{time.monotonic_ns()}"


def _told(shop, customer, *states):
    def told():
        return shop.done("GET", f"/customers/{customer}")

    until(lambda: told()["card"] in states, lambda: f"{states}; last saw {told()}", WITHIN_S)
    return told()


def _kept_at_stripe(shop, customer):
    every = shop.venue.call("GET", "/v1/customers", limit=100)["data"]
    ids = [one["id"] for one in every if one["metadata"].get("customer") == customer]
    return [card for one in ids for card in shop.venue.call("GET", f"/v1/customers/{one}/payment_methods")["data"]]


def test_a_card_is_kept_with_a_sale_as_its_owner_allowed(shop, customer):
    sale = shop.sell(2000, customer=customer, consent="limited")
    shop.venue.tap(sale["reader"])

    assert shop.sees(sale, "paid")["captured"] == 2000
    assert "4242" in _told(shop, customer, "kept")["words"]
    assert [card["allow_redisplay"] for card in _kept_at_stripe(shop, customer)] == ["limited"]


def test_a_card_that_leaves_nothing_to_charge_later_is_not_kept(shop, customer):
    sale = shop.sell(2000, customer=customer, consent="limited")
    shop.venue.tap(sale["reader"], JCB)

    assert shop.sees(sale, "paid")["captured"] == 2000
    _told(shop, customer, "none")
    assert _kept_at_stripe(shop, customer) == []


def test_a_declined_card_is_not_kept_and_the_next_one_is(shop, customer):
    sale = shop.sell(2000, customer=customer, consent="always")
    shop.venue.tap(sale["reader"], DECLINED)
    shop.sees(sale, "not_paid")
    _told(shop, customer, "none")

    shop.done("POST", f"/sales/{sale['sale']}/pay")
    shop.venue.tap(sale["reader"])

    shop.sees(sale, "paid")
    _told(shop, customer, "kept")


def test_nothing_is_kept_that_nobody_allowed(shop, customer):
    register, _ = shop.register()

    assert shop.ask("POST", "/sales", sale="K-1", amount=100, register=register, customer=customer,
                    consent="unspecified").status_code == 400
    assert shop.ask("POST", f"/customers/{customer}/card", register=register).status_code == 400


@pytest.fixture
def kept(shop, customer):
    register, reader = shop.register()
    assert shop.done("POST", f"/customers/{customer}/card", register=register, consent="limited")["card"] == "waiting"
    shop.venue.tap(reader)
    _told(shop, customer, "kept")
    return customer


def test_a_card_that_is_kept_without_a_sale_is_charged_later_and_once(shop, kept):
    sale = shop.done("POST", f"/customers/{kept}/sales", sale=f"K-{kept}", amount=3500)
    again = shop.done("POST", f"/customers/{kept}/sales", sale=f"K-{kept}", amount=3500)

    assert shop.sees(sale, "paid")["captured"] == 3500
    assert again["payment_intent"] == sale["payment_intent"]
    assert len(shop.venue.intents_of(f"K-{kept}")) == 1


def test_a_saving_that_is_declined_or_left_keeps_nothing(open_shop, customer):
    shop = open_shop(POS_DEADLINE_S="0.3")
    for present in (lambda reader: shop.venue.tap(reader, DECLINED), lambda reader: None):
        register, reader = shop.register()
        shop.done("POST", f"/customers/{customer}/card", register=register, consent="limited")
        present(reader)
        _told(shop, customer, "none")
        shop.paid(1200, register=register)


def test_a_customer_without_a_card_cannot_be_charged(shop, customer):
    refused = shop.ask("POST", f"/customers/{customer}/sales", sale="K-9", amount=3500)

    assert (refused.status_code, refused.json()["error"]) == (409, "no_card_kept")
    assert shop.venue.intents_of("K-9") == []
