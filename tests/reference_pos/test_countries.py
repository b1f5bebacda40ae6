"""A till abroad: where its readers may stand, what they take, and refunds that need the card again."""

import pytest

INTERAC = "4506445006931933"
ADDRESSES = {
    "US": {"line1": "1 Quay St", "city": "Portland", "state": "ME", "country": "US", "postal_code": "04101"},
    "CA": {"line1": "1 Front St", "city": "Toronto", "state": "ON", "country": "CA", "postal_code": "M5J 1E6"},
    "AU": {"line1": "40 Elizabeth St", "city": "Hobart", "state": "TAS", "country": "AU", "postal_code": "7000"},
}


def _reader(venue, country):
    location = venue.call("POST", "/v1/terminal/locations", display_name="Shop",
                          **{f"address[{name}]": value for name, value in ADDRESSES[country].items()})
    made = venue.call("POST", "/v1/terminal/readers", registration_code="simulated-wpe", location=location["id"])
    return str(made["id"])


def _shop_in(open_shop, new_venue, country, **env):
    venue = new_venue()
    venue.control("POST", "/account", country=country)
    shop = open_shop(venue, **env)
    shop.reader = _reader(venue, country)
    shop.done("PUT", "/registers/front", "manager-token", reader=shop.reader)
    return shop


@pytest.fixture(scope="module")
def canada(open_shop, new_venue):
    return _shop_in(open_shop, new_venue, "CA", POS_CURRENCY="cad")


def _paid_by_interac(shop, amount=2640):
    sale = shop.sell(amount, register="front")
    shop.venue.tap(shop.reader, **{"type": "interac_present", "interac_present[number]": INTERAC})
    return shop.sees(sale, "paid")


def _refund(shop, sale, amount, name):
    return shop.done("POST", f"/sales/{sale['sale']}/refunds", amount=amount, refund=name)["refunds"][-1]


def _sees_refund(shop, sale, name, status):
    """The refund once the till shows it like this; the last seen otherwise."""
    for _ in range(400):
        shown = shop.done("GET", f"/sales/{sale['sale']}")
        if next(one for one in shown["refunds"] if one["id"] == name)["status"] == status:
            return shown
    raise AssertionError(shown["refunds"])


def test_an_interac_refund_waits_for_the_card_and_counts_once_it_was_presented(canada):
    paid = _paid_by_interac(canada)

    asked = _refund(canada, paid, 880, "r1")
    assert (asked["status"], "waits for the card" in asked["words"]) == ("waiting", True)
    assert canada.done("GET", f"/sales/{paid['sale']}")["refunded"] == 0

    canada.venue.tap(canada.reader, **{"type": "interac_present", "interac_present[number]": INTERAC})

    assert _sees_refund(canada, paid, "r1", "succeeded")["refunded"] == 880


@pytest.mark.parametrize("failing", ["another card", "the customer cancels", "nobody comes"])
def test_an_interac_refund_that_came_to_nothing_is_not_counted_and_can_be_made_again(canada, failing):
    paid = _paid_by_interac(canada)
    _refund(canada, paid, 880, "r1")

    if failing == "another card":
        canada.venue.tap(canada.reader, "4242424242424242")
    elif failing == "the customer cancels":
        canada.venue.control("POST", f"/readers/{canada.reader}/customer_cancel")
    else:
        canada.done("POST", "/time", "manager-token", advance_s=91)

    shown = _sees_refund(canada, paid, "r1", "failed")
    assert (shown["refunded"], shown["refundable"]) == (0, 2640)
    assert (canada.venue.call("GET", f"/v1/terminal/readers/{canada.reader}")["action"] or {}).get(
        "status") != "in_progress"
    _refund(canada, paid, 880, "r2")
    canada.venue.tap(canada.reader, **{"type": "interac_present", "interac_present[number]": INTERAC})
    assert _sees_refund(canada, paid, "r2", "succeeded")["refunded"] == 880


def test_two_interac_refunds_of_one_sale_are_kept_apart(canada):
    paid = _paid_by_interac(canada)
    for name in ("r1", "r2"):
        _refund(canada, paid, 700, name)
        canada.venue.tap(canada.reader, **{"type": "interac_present", "interac_present[number]": INTERAC})
        shown = _sees_refund(canada, paid, name, "succeeded")

    at_stripe = canada.venue.call("GET", "/v1/refunds", payment_intent=paid["payment_intent"])["data"]
    assert (shown["refunded"], [one["amount"] for one in at_stripe]) == (1400, [700, 700])


def test_eftpos_is_paid_at_once_whatever_brand_stands_on_the_card(open_shop, new_venue):
    shop = _shop_in(open_shop, new_venue, "AU", POS_CURRENCY="aud")
    for card in ({"number": "6280000360000978"}, {"number": "4000050360000001", "network": "domestic"}):
        sale = shop.sell(2760, register="front")
        shop.venue.control("POST", f"/readers/{shop.reader}/present", **card)

        assert shop.sees(sale, "paid")["captured"] == 2760


def test_a_reader_registered_abroad_is_not_bound(shop):
    refused = shop.ask("PUT", "/registers/abroad", "manager-token", reader=_reader(shop.venue, "CA"))

    assert (refused.status_code, refused.json()["error"]) == (409, "reader_abroad")
    assert "another country" in refused.json()["words"]
    assert "abroad" not in shop.done("GET", "/readers")["registers"]


@pytest.mark.parametrize(("amount", "currency"), [("20.00", "eur"), ("12.500", "kwd")])
def test_a_currency_that_the_reader_does_not_take_is_refused_by_name_before_it_is_asked(shop, amount, currency):
    register, reader = shop.register()

    refused = shop.sell(amount, currency=currency, register=register)

    assert (refused["outcome"], refused["payment_intent"]) == ("not_paid", None)
    assert f"no payment in {currency.upper()}" in refused["words"]
    assert shop.venue.call("GET", f"/v1/terminal/readers/{reader}")["action"] is None
