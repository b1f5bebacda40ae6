"""A till that sells for others: on the seller's account, or on the platform's and handed on."""

from collections.abc import Callable

import pytest

from tests.reference_pos.conftest import Json, Shop, Venue

SELLER = "acct_1SellerOfTheTest"


class SellersVenue(Venue):
    """The same emulator, seen from the seller's account."""

    def call(self, method: str, path: str, **params: object) -> Json:
        where = {"params": params} if method == "GET" else {"data": params}
        headers = {"Stripe-Account": SELLER}
        answer = self._http.request(method, self.url + path, auth=(self.key, ""), headers=headers, **where)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        body: Json = answer.json()
        return body


@pytest.fixture(scope="module")
def direct(open_shop: Callable[..., Shop], new_venue: Callable[..., Venue]) -> Shop:
    platform = new_venue()
    venue = SellersVenue(platform._http, platform.url)
    return open_shop(venue, POS_ACCOUNT=SELLER, POS_FEE_PERCENT="5")


@pytest.fixture(scope="module")
def destination(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop(None, POS_DESTINATION=SELLER, POS_FEE_PERCENT="5")


def charge_of(shop: Shop, sale: Json) -> Json:
    charge: Json = shop.venue.call("GET", f"/v1/charges/{shop.venue.intent(sale)['latest_charge']}")
    return charge


def test_a_direct_sale_is_all_on_the_sellers_account(direct: Shop) -> None:
    sale = direct.paid(2400)

    direct.done("POST", f"/sales/{sale['sale']}/refunds", amount=400, refund="R1")

    charge = charge_of(direct, sale)
    assert (charge["amount_captured"], charge["amount_refunded"], charge["application_fee_amount"]) == (2400, 400, 120)
    assert direct.done("POST", "/day/close")["closed"] is True


def test_a_direct_till_takes_events_of_its_seller_only(direct: Shop) -> None:
    sale = direct.sell()
    intent = {**direct.venue.intent(sale), "status": "succeeded"}
    event = {"id": "evt_1", "type": "payment_intent.succeeded", "livemode": False, "data": {"object": intent}}

    assert direct.deliver(event) == 400
    assert direct.deliver({**event, "account": "acct_1Another"}) == 400
    assert direct.deliver({**event, "account": SELLER}) == 200


def test_a_destination_sale_is_handed_on_and_a_refund_taken_back(destination: Shop) -> None:
    sale = destination.paid(2400)

    destination.done("POST", f"/sales/{sale['sale']}/refunds", amount=400, refund="R1")

    charge = charge_of(destination, sale)
    assert (charge["transfer_data"]["destination"], charge["on_behalf_of"]) == (SELLER, SELLER)
    assert charge["application_fee_amount"] == 120
    refund = destination.venue.call("GET", "/v1/refunds", charge=charge["id"])["data"][0]
    assert (refund["amount"], refund["transfer_reversal"] is not None) == (400, True)


@pytest.mark.parametrize("where", ["direct", "destination"])
def test_the_fee_is_that_of_the_sum_that_is_captured(where: str, request: pytest.FixtureRequest) -> None:
    shop: Shop = request.getfixturevalue(where)
    sale = shop.sell(8400, capture="later")
    shop.venue.tap(sale["reader"], "4000000000009995")
    shop.sees(sale, "not_paid")
    shop.done("PATCH", f"/sales/{sale['sale']}", amount=2600)
    shop.done("POST", f"/sales/{sale['sale']}/pay")
    shop.venue.tap(sale["reader"])
    shop.sees(sale, "held")

    shop.done("POST", f"/sales/{sale['sale']}/capture", tip=0)

    assert charge_of(shop, shop.sees(sale, "paid"))["application_fee_amount"] == 130
