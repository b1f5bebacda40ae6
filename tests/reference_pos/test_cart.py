"""The cart on the reader is the sum that is charged, and never pushes a payment off the reader."""


def _cart(shop, sale, register, *amounts, tax=0):
    lines = [{"description": "Paper", "quantity": 1, "amount": amount} for amount in amounts]
    return shop.ask("PUT", f"/sales/{sale}/cart", register=register, lines=lines, tax=tax)


def _shown(shop, reader):
    return shop.venue.call("GET", f"/v1/terminal/readers/{reader}")["action"]


def test_lines_and_tax_make_the_total_that_is_shown_and_charged(shop):
    register, reader = shop.register()

    answer = _cart(shop, "C-1", register, 1500, "5.00", tax=160).json()

    assert answer["total"] == 2160
    assert _shown(shop, reader)["set_reader_display"]["cart"]["total"] == 2160
    sale = shop.done("POST", "/sales", sale="C-1", amount=2160, register=register)
    shop.venue.tap(reader)
    assert shop.sees(sale, "paid")["captured"] == 2160


def test_a_sale_of_another_amount_than_the_customer_saw_is_not_started(shop):
    register, reader = shop.register()
    _cart(shop, "C-2", register, 1500)

    refused = shop.ask("POST", "/sales", sale="C-2", amount=1600, register=register)

    assert (refused.status_code, refused.json()["error"]) == (409, "cart_differs")
    assert _shown(shop, reader)["type"] == "set_reader_display"


def test_a_cart_is_not_shown_over_a_payment_that_waits_for_a_card(shop):
    register, reader = shop.register()
    sale = shop.sell(1500, register=register)

    refused = _cart(shop, sale["sale"], register, 1500)

    assert (refused.status_code, refused.json()["error"]) == (409, "in_payment")
    shop.venue.tap(reader)
    assert shop.sees(sale, "paid")["captured"] == 1500


def test_a_cart_put_away_leaves_the_reader_alone_when_it_has_gone_on(shop):
    register, reader = shop.register()
    _cart(shop, "C-4", register, 1500)
    assert shop.ask("DELETE", "/sales/C-4/cart").status_code == 200
    assert _shown(shop, reader) is None
    _cart(shop, "C-5", register, 1500)
    sale = shop.done("POST", "/sales", sale="C-5", amount=1500, register=register)

    assert shop.ask("DELETE", "/sales/C-5/cart").status_code == 200
    shop.venue.tap(reader)
    assert shop.sees(sale, "paid")["captured"] == 1500


def test_a_cart_without_lines_or_with_a_line_of_nothing_is_no_cart(shop):
    register, _ = shop.register()

    assert _cart(shop, "C-6", register).status_code == 400
    assert shop.ask("PUT", "/sales/C-6/cart", register=register, lines=[{"amount": 100}]).status_code == 400
    assert _cart(shop, "C-6", "no such register", 100).status_code == 409
