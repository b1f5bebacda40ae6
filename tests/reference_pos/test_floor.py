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


def test_cash_is_taken_off_what_the_card_owes(shop):
    register, reader = shop.register()
    name = f"S-cash-{register}"

    opened = shop.done("POST", f"/sales/{name}/tenders", total=5000, cash=2000, register=register)
    assert (opened["outcome"], opened["amount"]) == ("not_paid", 3000)
    sale = shop.done("POST", "/sales", sale=name, amount=5000, register=register)
    under_way = shop.ask("POST", f"/sales/{name}/tenders", cash=500)
    shop.venue.tap(reader)

    assert under_way.json()["error"] == "cash_in_payment"
    assert shop.sees(sale, "paid")["captured"] == 3000


def test_a_manager_finishes_what_stripe_has_and_nothing_else(shop):
    paid, declined = shop.paid(1500), shop.sell(1500)
    shop.venue.tap(declined["reader"], DECLINED)
    shop.sees(declined, "not_paid")

    def finish(sale, token="manager-token", **body):
        return shop.ask("POST", f"/sales/{sale['sale']}/finish", token, **body)

    assert finish(declined, "cashier-token", reason="stuck").status_code == 403
    assert finish(declined, reason=" ").json()["error"] == "reason_needed"
    assert finish(declined, reason="stuck").json()["error"] == "nothing_at_stripe"
    stolen = finish(declined, reason="stuck", payment_intent=paid["payment_intent"])
    assert stolen.json()["error"] == "other_payment"
    assert finish(paid, reason="stuck", payment_intent=paid["payment_intent"]).json()["outcome"] == "paid"
    assert {"sale": paid["sale"], "reason": "stuck"} in shop.done("POST", "/day/close")["by_hand"]


def test_staff_of_another_shop_find_no_sale_of_this_one(open_shop):
    shop = open_shop(POS_OTHER_TOKEN="other-token", POS_REFUNDS_BY="manager")
    sale = shop.paid(1500)

    for method, path in (("GET", ""), ("POST", "/cancel"), ("POST", "/check"), ("GET", "/receipt")):
        assert shop.ask(method, f"/sales/{sale['sale']}{path}", "other-token").status_code == 404
    again = shop.ask("POST", "/sales", "other-token", sale=sale["sale"], amount=1500, register=sale["register"])
    assert (again.status_code, again.json()["error"]) == (409, "not_yours")
    assert sale["sale"] not in str(shop.done("GET", "/sales", "other-token"))
    refund = shop.ask("POST", f"/sales/{sale['sale']}/refunds", amount=1500, refund="R-1")
    assert refund.status_code == 403


def test_a_refund_made_at_stripe_is_named_when_the_day_is_closed(open_shop):
    shop = open_shop()
    sale = shop.paid(2000)
    shop.venue.call("POST", "/v1/refunds", payment_intent=sale["payment_intent"], amount=500)

    first, second = shop.done("POST", "/day/close"), shop.done("POST", "/day/close")

    assert [one["sale"] for one in first["differences"]] == [sale["sale"]]
    assert first["closed"] and second["differences"] == []
    assert shop.sees(sale, "paid")["refunded"] == 500


def test_a_part_collected_at_stripe_is_neither_paid_nor_forgotten(open_shop):
    shop = open_shop()
    held = shop.sell(4200, capture="later")
    shop.venue.tap(held["reader"])
    shop.sees(held, "held")
    shop.venue.call("POST", f"/v1/payment_intents/{held['payment_intent']}/capture", amount_to_capture=3000)

    closed = shop.done("POST", "/day/close")

    assert not closed["closed"] and [one["why"] for one in closed["differences"]] == ["mismatch"]
    shown = shop.sees(held, "not_known", reason="does not match")
    assert (shown["captured"], shown["refundable"]) == (3000, 3000)


def test_the_goods_go_back_first_and_the_tip_last(shop):
    sale = shop.sell(2000)
    shop.venue.tap(sale["reader"], amount_tip=400)
    shop.sees(sale, "paid")

    def refund(amount, operation):
        shop.done("POST", f"/sales/{sale['sale']}/refunds", amount=amount, refund=operation)
        return shop.done("GET", f"/sales/{sale['sale']}")["tip_refunded"]

    assert (refund(1000, "R-1"), refund(1200, "R-2"), refund(200, "R-3")) == (0, 200, 400)


def test_a_hold_is_raised_where_the_charge_allows_it_and_collected_whole(shop):
    held = shop.sell(4000, capture="later")
    shop.venue.tap(held["reader"])
    shop.sees(held, "held")

    lower = shop.ask("POST", f"/sales/{held['sale']}/hold", total=4000)
    declined = shop.ask("POST", f"/sales/{held['sale']}/hold", total=6005)
    raised = shop.done("POST", f"/sales/{held['sale']}/hold", total=6000)
    shop.done("POST", f"/sales/{held['sale']}/capture")

    assert (lower.json()["error"], declined.json()["error"]) == ("raise_not_higher", "raise_declined")
    assert (raised["outcome"], raised["amount"], raised["approved"]) == ("held", 6000, 6000)
    assert shop.sees(held, "paid")["captured"] == 6000


def test_a_hold_is_raised_ten_times_at_most_and_never_on_a_card_that_forbids_it(shop):
    visa, jcb = (shop.sell(4000, capture="later") for _ in range(2))
    shop.venue.tap(visa["reader"])
    shop.venue.tap(jcb["reader"], "3566002020360505")
    shop.sees(visa, "held"), shop.sees(jcb, "held")

    for number in range(1, 11):
        shop.done("POST", f"/sales/{visa['sale']}/hold", total=4000 + number * 100)
    often = shop.ask("POST", f"/sales/{visa['sale']}/hold", total=5100)
    never = shop.ask("POST", f"/sales/{jcb['sale']}/hold", total=6000)

    assert (often.json()["error"], never.json()["error"]) == ("raise_too_often", "raise_not_possible")
    assert shop.venue.intent(visa)["amount_capturable"] == 5000
