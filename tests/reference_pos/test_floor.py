"""What a sale owes when it moves between registers and tenders, and who may end it."""

DECLINED = "4000000000009995"


def test_a_second_register_is_told_who_collects_and_its_reader_stays_at_rest(shop):
    sale = shop.sell(2450)
    second, reader = shop.register()

    refused = shop.ask("POST", "/sales", sale=sale["sale"], amount=2450, register=second)

    assert (refused.status_code, refused.json()["error"]) == (409, "at_other_register")
    assert shop.venue.call("GET", f"/v1/terminal/readers/{reader}")["action"] is None
    shop.venue.tap(sale["reader"])
    assert shop.sees(sale, "paid")["captured"] == 2450


def test_a_declined_sale_moves_to_another_register_and_its_cancellation_with_it(shop):
    sale = shop.sell(1600)
    shop.venue.tap(sale["reader"], DECLINED)
    shop.sees(sale, "not_paid")
    second, reader = shop.register()

    moved = shop.done("POST", f"/sales/{sale['sale']}/pay", register=second)
    assert moved["reader"] == reader
    shop.done("POST", f"/sales/{sale['sale']}/cancel")

    assert shop.venue.call("GET", f"/v1/terminal/readers/{reader}")["action"] is None
    assert shop.venue.intent(moved)["status"] == "canceled"
