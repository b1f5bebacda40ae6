"""Taking a payment: what the cashier is told, and what is on the books at Stripe."""

from concurrent.futures import ThreadPoolExecutor

import pytest

DECLINED = "4000000000009995"
INTERAC = "4506445006931933"


def test_an_approved_card_pays_the_sale_once(shop):
    sale = shop.sell(2450)
    assert (sale["outcome"], sale["next"]) == ("waiting", "wait")

    shop.venue.tap(sale["reader"])

    paid = shop.sees(sale, "paid")
    assert (paid["captured"], paid["tip"], paid["refunded"]) == (2450, 0, 0)
    assert shop.venue.intent(paid)["amount_received"] == 2450
    assert len(shop.venue.intents_of(sale["sale"])) == 1


def test_a_declined_card_charges_nothing_and_another_card_pays_with_the_same_payment_intent(shop):
    sale = shop.sell(1600)
    shop.venue.tap(sale["reader"], DECLINED)
    declined = shop.sees(sale, "not_paid")
    assert "declined the card ending 9995" in declined["words"] and "insufficient" not in declined["words"]

    again = shop.done("POST", f"/sales/{sale['sale']}/pay")
    assert again["payment_intent"] == sale["payment_intent"]
    shop.venue.tap(sale["reader"])

    assert shop.sees(sale, "paid")["captured"] == 1600
    assert len(shop.venue.intents_of(sale["sale"])) == 1


def test_the_same_sale_sent_five_times_at_once_is_one_payment(shop):
    register, reader = shop.register()
    order = {"sale": f"S-many-{register}", "amount": 1900, "register": register}
    with ThreadPoolExecutor(5) as cashiers:
        answers = list(cashiers.map(lambda _: shop.done("POST", "/sales", **order), range(5)))

    shop.venue.tap(reader)

    paid = shop.sees(answers[0], "paid")
    assert {answer["sale"] for answer in answers} == {paid["sale"]}
    assert [one["amount_received"] for one in shop.venue.intents_of(paid["sale"])] == [1900]


def test_a_started_sale_cannot_change_its_amount_by_being_sent_again(shop):
    sale = shop.sell(1900)
    order = {"sale": sale["sale"], "amount": 2900, "register": sale["register"]}

    assert shop.ask("POST", "/sales", **order).status_code == 409
    assert shop.ask("PATCH", f"/sales/{sale['sale']}", amount=2900).status_code == 409
    assert shop.venue.intent(sale)["amount"] == 1900


def test_a_changed_basket_is_paid_at_its_new_total(shop):
    sale = shop.sell(1600)
    shop.venue.tap(sale["reader"], DECLINED)
    shop.sees(sale, "not_paid")

    shop.done("PATCH", f"/sales/{sale['sale']}", amount=1850)
    shop.done("POST", f"/sales/{sale['sale']}/pay")
    shop.venue.tap(sale["reader"])

    assert shop.sees(sale, "paid")["captured"] == 1850
    assert [one["amount_received"] for one in shop.venue.intents_of(sale["sale"])] == [1850]


@pytest.fixture
def country(shop):
    """Moves the merchant abroad for one test."""
    yield lambda code: shop.venue.control("POST", "/account", country=code)
    shop.venue.control("POST", "/account", country="US")


@pytest.mark.parametrize(("price", "currency", "minor"), [
    ("19.99", "usd", 1999), ("4.35", "usd", 435), ("67.96", "usd", 6796), ("1.10", "usd", 110), ("1000", "jpy", 1000),
])
def test_a_price_as_typed_reaches_stripe_exactly(shop, country, price, currency, minor):
    register, _ = shop.register()
    country("JP" if currency == "jpy" else "US")
    sale = shop.sell(price, currency=currency, register=register)

    assert (sale["amount"], shop.venue.intent(sale)["amount"]) == (minor, minor)
    assert shop.done("POST", f"/sales/{sale['sale']}/cancel")["outcome"] == "not_paid"


@pytest.mark.parametrize("amount", [0, -5, 10.5, True, "4.355", "four", None, 100_000_000])
def test_what_is_no_amount_is_refused_in_words(shop, amount):
    register, _ = shop.register()
    answer = shop.ask("POST", "/sales", sale=f"S-{register}", amount=amount, register=register)
    assert (answer.status_code, answer.json()["error"]) == (400, "bad_request")


def test_a_tip_on_the_reader_is_collected_once(shop):
    sale = shop.sell(2000)
    shop.venue.tap(sale["reader"], amount_tip=300)

    paid = shop.sees(sale, "paid")

    assert (paid["amount"], paid["tip"], paid["captured"]) == (2000, 300, 2300)
    assert shop.venue.intent(paid)["amount_received"] == 2300


def test_a_customer_who_stops_on_the_reader_can_pay_after_all(shop):
    sale = shop.sell(1700)
    shop.venue.control("POST", f"/readers/{sale['reader']}/customer_cancel")
    assert "stopped the payment" in shop.sees(sale, "not_paid")["words"]

    shop.done("POST", f"/sales/{sale['sale']}/pay")
    shop.venue.tap(sale["reader"])
    assert shop.sees(sale, "paid")["captured"] == 1700


def test_a_second_sale_never_takes_the_reader_from_the_first(shop):
    first = shop.sell(1200)
    second = shop.sell(3300, register=first["register"])
    assert second["outcome"] == "not_paid" and first["sale"] in second["words"]

    shop.venue.tap(first["reader"])

    assert shop.sees(first, "paid")["captured"] == 1200
    assert shop.done("GET", f"/sales/{second['sale']}")["captured"] == 0


def test_another_tills_payment_on_the_reader_is_left_alone(shop):
    register, reader = shop.register()
    theirs = shop.venue.call("POST", "/v1/payment_intents", amount=900, currency="usd", capture_method="manual",
                             **{"payment_method_types[]": "card_present"})
    shop.venue.call("POST", f"/v1/terminal/readers/{reader}/process_payment_intent", payment_intent=theirs["id"])

    sale = shop.sell(1300, register=register)

    assert sale["outcome"] == "not_paid" and "busy" in sale["words"]
    action = shop.venue.call("GET", f"/v1/terminal/readers/{reader}")["action"]
    assert (action["status"], action["process_payment_intent"]["payment_intent"]) == ("in_progress", theirs["id"])


def test_a_customer_who_never_comes_ends_the_attempt_and_clears_the_reader(shop):
    sale = shop.sell(1500)

    shop.done("POST", "/time", "manager-token", advance_s=91)

    assert "No card was presented" in shop.sees(sale, "not_paid")["words"]
    assert shop.venue.call("GET", f"/v1/terminal/readers/{sale['reader']}")["action"] is None
    shop.done("POST", f"/sales/{sale['sale']}/pay")
    shop.venue.tap(sale["reader"])
    assert shop.sees(sale, "paid")["captured"] == 1500


def test_a_canadian_debit_card_is_collected_at_once_and_not_a_second_time(shop, country):
    country("CA")
    location = shop.venue.call("POST", "/v1/terminal/locations", display_name="Toronto", **{
        "address[line1]": "1 Front St", "address[city]": "Toronto", "address[state]": "ON",
        "address[country]": "CA", "address[postal_code]": "M5J"})
    reader = shop.venue.call("POST", "/v1/terminal/readers", registration_code="simulated-wpe", location=location["id"])
    shop.done("PUT", "/registers/lane-ca", "manager-token", reader=reader["id"])
    sale = shop.sell(2600, register="lane-ca", currency="cad")

    shop.venue.tap(reader["id"], **{"type": "interac_present", "interac_present[number]": INTERAC})

    paid = shop.sees(sale, "paid")
    assert (paid["captured"], shop.venue.intent(paid)["amount_received"]) == (2600, 2600)
