"""Readers and issuers that misbehave: the till says what it knows, and never charges twice."""

import pytest


def _sell_under(shop, fault, amount=2200, count=None, **params):
    register, reader = shop.register()
    armed = shop.venue.control("POST", f"/readers/{reader}/faults", fault=fault, count=count, **params)
    return shop.sell(amount, register=register), reader, armed


@pytest.mark.parametrize(("fault", "said"), [
    ("reader_offline", "offline"), ("reader_busy", "busy"), ("timeout_not_sent", "did not answer"),
])
def test_a_reader_that_never_got_the_sale_charges_nothing_and_the_sale_can_be_paid_later(shop, fault, said):
    sale, reader, armed = _sell_under(shop, fault)
    shown = shop.sees(sale, "not_paid")
    assert said in shown["words"] and "declined" not in shown["words"]

    shop.venue.control("DELETE", f"/faults/{armed['id']}")
    shop.done("POST", f"/sales/{sale['sale']}/pay")
    shop.venue.tap(reader)

    assert shop.sees(sale, "paid")["captured"] == 2200
    assert len(shop.venue.intents_of(sale["sale"])) == 1


def test_a_reader_that_got_the_sale_but_was_too_slow_to_say_so_is_believed(shop):
    sale, reader, _ = _sell_under(shop, "timeout_after_send", count=1)
    assert sale["outcome"] == "waiting"

    shop.venue.tap(reader)

    assert shop.sees(sale, "paid")["captured"] == 2200
    assert len(shop.venue.intents_of(sale["sale"])) == 1


def test_an_approval_behind_a_connection_error_is_found_and_collected(shop):
    sale, reader, _ = _sell_under(shop, "connection_error", approved=True, count=1)
    shop.venue.tap(reader)
    assert shop.sees(sale, "paid")["captured"] == 2200


def test_a_connection_error_without_an_approval_charges_nothing(shop):
    sale, reader, _ = _sell_under(shop, "connection_error", approved=False, count=1)
    shop.venue.tap(reader)

    assert "lost contact" in shop.sees(sale, "not_paid")["words"]
    assert shop.venue.intent(sale)["status"] == "requires_payment_method"


def test_an_approval_on_a_reader_that_froze_is_collected(shop):
    sale, reader, _ = _sell_under(shop, "stuck_action", approved=True, count=1)
    shop.venue.tap(reader)
    assert shop.sees(sale, "paid")["captured"] == 2200


def test_a_cancellation_during_authorization_waits_for_the_bank_and_gives_the_money_back(shop):
    sale, reader, armed = _sell_under(shop, "slow_issuer")
    shop.venue.tap(reader)
    asked = shop.done("POST", f"/sales/{sale['sale']}/cancel")
    assert asked["outcome"] == "waiting" and "bank is answering" in asked["words"]

    shop.venue.control("DELETE", f"/faults/{armed['id']}")

    shown = shop.sees(sale, "not_paid")
    assert shown["closed"] and shop.venue.intent(sale)["status"] == "canceled"


def test_a_part_that_the_bank_approved_is_never_taken_for_the_whole(shop):
    shop.venue.control("POST", "/account", extensions=["partial_authorization"])
    register, reader = shop.register()
    shop.venue.control("POST", f"/readers/{reader}/faults", fault="approve_less", amount=4000, count=1)
    sale = shop.sell(10_000, register=register)
    shop.venue.tap(reader)

    shown = shop.sees(sale, "held")
    assert "40.00 USD" in shown["words"] and "60.00 USD" in shown["words"]
    assert shop.ask("POST", f"/sales/{sale['sale']}/capture", tip=0).status_code == 409

    assert shop.done("POST", f"/sales/{sale['sale']}/cancel")["outcome"] == "not_paid"
    assert shop.venue.intent(sale)["status"] == "canceled"



@pytest.mark.parametrize("path", ["/sales", "/sales/{sale}/pay"])
def test_an_error_that_nobody_expected_is_answered_in_one_sentence_and_logged_without_what_was_sent(open_shop, path):
    shop = open_shop()
    sale = shop.paid()
    nested = "[" * 20_000

    answer = shop.http.post(
        shop.url + path.format(sale=sale["sale"]), content=nested, headers={"Authorization": "Bearer cashier-token"})

    assert answer.status_code in (400, 500)
    assert set(answer.json()) == {"error", "words"}
    logged = shop.stop()
    assert "Traceback" not in logged
    assert nested[:100] not in logged
