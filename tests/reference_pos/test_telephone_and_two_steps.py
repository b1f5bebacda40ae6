"""Orders by telephone, and cards that are read before they are charged."""


import pytest

from tests.waiting import until

WITHIN_S = 5.0


@pytest.fixture(scope="module")
def keyed_shop(open_shop, new_venue):
    """A till whose account may type card numbers in."""
    venue = new_venue()
    venue.control("POST", "/account", extensions=["moto"])
    return open_shop(venue)


def _action(shop, reader):
    return shop.venue.call("GET", f"/v1/terminal/readers/{reader}")["action"] or {}


def _until(shop, reader, kind):
    until(lambda: _action(shop, reader).get("type") == kind, f"the reader to come to {kind}", WITHIN_S)


def _type_in(shop, reader, number):
    path = f"/v1/test_helpers/terminal/readers/{reader}/present_payment_method"
    card = {"number": number, "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    shop.venue.call("POST", path, type="card", **{f"card[{name}]": value for name, value in card.items()})


def test_an_order_by_telephone_is_typed_in_and_collected(keyed_shop):
    sale = keyed_shop.sell(3400, order="telephone")

    _type_in(keyed_shop, sale["reader"], "4242424242424242")

    assert keyed_shop.sees(sale, "paid")["captured"] == 3400
    assert keyed_shop.venue.intent(sale)["payment_method_types"] == ["card"]


def test_a_typed_card_that_is_declined_is_not_paid_and_can_be_typed_in_again(keyed_shop):
    sale = keyed_shop.sell(3400, order="telephone")
    _type_in(keyed_shop, sale["reader"], "4000000000000002")
    assert keyed_shop.sees(sale, "not_paid")["captured"] == 0

    keyed_shop.done("POST", f"/sales/{sale['sale']}/pay")
    _type_in(keyed_shop, sale["reader"], "4242424242424242")

    assert keyed_shop.sees(sale, "paid")["captured"] == 3400


def test_the_cart_is_off_the_reader_before_a_number_is_typed_in(keyed_shop):
    register, reader = keyed_shop.register()
    lines = [{"description": "Paper", "quantity": 1, "amount": 3400}]
    keyed_shop.done("PUT", "/sales/T-3/cart", register=register, lines=lines)

    sale = keyed_shop.done("POST", "/sales", sale="T-3", amount=3400, register=register, order="telephone")

    _type_in(keyed_shop, reader, "4242424242424242")
    assert keyed_shop.sees(sale, "paid")["captured"] == 3400


def test_an_order_comes_by_telephone_or_over_the_counter(keyed_shop):
    register, _ = keyed_shop.register()

    assert keyed_shop.ask("POST", "/sales", sale="T-4", amount=100, register=register, order="fax").status_code == 400


def test_a_card_that_is_read_first_is_confirmed_at_its_reader(shop):
    sale = shop.sell(2600, look_first=True)
    assert _action(shop, sale["reader"])["type"] == "collect_payment_method"

    shop.venue.tap(sale["reader"])
    _until(shop, sale["reader"], "confirm_payment_intent")
    shop.venue.tap(sale["reader"])

    assert shop.sees(sale, "paid")["captured"] == 2600


def test_a_sale_whose_card_was_read_can_still_be_cancelled(shop):
    sale = shop.sell(2600, look_first=True)
    shop.venue.tap(sale["reader"])

    shop.done("POST", f"/sales/{sale['sale']}/cancel")

    assert shop.sees(sale, "not_paid")["captured"] == 0
    assert _action(shop, sale["reader"]) == {}
    assert shop.venue.intent(sale)["status"] == "canceled"


def test_a_card_that_was_read_and_declined_on_confirmation_is_not_paid(shop):
    sale = shop.sell(2600, look_first=True)
    shop.venue.tap(sale["reader"], "4000000000000002")
    _until(shop, sale["reader"], "confirm_payment_intent")
    shop.venue.tap(sale["reader"], "4000000000000002")

    assert shop.sees(sale, "not_paid")["captured"] == 0
