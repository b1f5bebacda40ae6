"""What goes wrong between the till and Stripe: nothing is done twice, and nothing is called what it is not."""

import pytest

from tests.waiting import until


@pytest.fixture(scope="module")
def shop(open_shop, new_venue, gateway_ports):
    """A till behind a gateway that hears Stripe's events as well."""
    venue = new_venue(gateway_ports["suite"], gateway_ports["till"])
    shop = open_shop(venue, POS_STRIPE_TIMEOUT_S="0.5", POS_STRIPE_ATTEMPTS="3")
    venue.gateway("POST", "/endpoints", url=f"{shop.url}/webhooks/stripe", secret="whsec_test_of_the_till",
                  types=["*"], account_key=venue.key)
    return shop


@pytest.fixture(autouse=True)
def calm(shop):
    yield
    shop.venue.gateway("DELETE", "/faults")


def _arm(shop, fault, operation, count=1, **params):
    return shop.venue.gateway("POST", "/faults", fault=fault, operation=operation, count=count, **params)


def _fired(shop):
    return [fault["fired"] for fault in shop.venue.gateway("GET", "/faults")["faults"]]


LOST_ONCE = [("answer_lost", {}), ("connection_refused", {}), ("server_error", {"committed": False}),
             ("rate_limited", {}), ("rate_limited", {"lock_timeout": True}), ("conflict", {})]


@pytest.mark.parametrize(("fault", "params"), LOST_ONCE)
@pytest.mark.parametrize(
    "operation", ["payment_intent.create", "reader.process_payment_intent", "payment_intent.capture"])
def test_one_answer_gone_wrong_is_one_payment(shop, operation, fault, params):
    _arm(shop, fault, operation, **params)
    sale = shop.sell(2100)
    shop.sees(sale, "waiting", reason="card")
    shop.venue.tap(sale["reader"])

    shop.sees(sale, "paid")

    assert _fired(shop) == [1]
    assert [one["amount_received"] for one in shop.venue.intents_of(sale["sale"])] == [2100]


def test_a_command_whose_answers_never_come_is_watched_and_the_tap_is_found(shop):
    _arm(shop, "answer_lost", "reader.process_payment_intent", count=3)
    sale = shop.sell(2100)
    shop.venue.tap(sale["reader"])
    assert shop.sees(sale, "paid")["captured"] == 2100
    assert len(shop.venue.intents_of(sale["sale"])) == 1


def test_a_command_that_never_arrived_ends_without_a_charge(shop):
    _arm(shop, "connection_refused", "reader.process_payment_intent", count=3)
    sale = shop.sell(2100)
    assert "declined" not in shop.sees(sale, "not_paid")["words"]
    shop.done("POST", f"/sales/{sale['sale']}/pay")
    shop.venue.tap(sale["reader"])
    assert shop.sees(sale, "paid")["captured"] == 2100


def test_a_service_too_busy_is_not_called_a_decline(shop):
    _arm(shop, "rate_limited", "payment_intent.create", count=None)
    sale = shop.sell(2100)
    assert sale["outcome"] == "not_paid" and "busy" in sale["words"] and "declined" not in sale["words"]


def test_a_sale_is_not_paid_before_the_capture_is_confirmed(shop):
    held = _arm(shop, "server_error", "payment_intent.capture", count=None, committed=False)
    sale = shop.sell(2100)
    shop.venue.tap(sale["reader"])
    shown = shop.sees(sale, "held")
    assert "keeps trying" in shown["words"] or "collecting" in shown["words"]

    shop.venue.gateway("DELETE", f"/faults/{held['id']}")

    assert shop.sees(sale, "paid")["captured"] == 2100
    assert [one["amount_received"] for one in shop.venue.intents_of(sale["sale"])] == [2100]


def test_a_capture_that_happened_but_was_answered_with_an_error_is_found(shop):
    _arm(shop, "server_error", "payment_intent.capture", count=3, committed=True)
    sale = shop.sell(2100)
    shop.venue.tap(sale["reader"])
    assert shop.sees(sale, "paid")["captured"] == 2100


@pytest.mark.parametrize("count", [1, 3])
def test_a_refund_whose_answer_is_lost_is_one_refund(shop, count):
    paid = shop.paid(2450)
    _arm(shop, "answer_lost", "refund.create", count=count)

    shop.done("POST", f"/sales/{paid['sale']}/refunds", amount=450, refund="r1")

    until(lambda: shop.done("GET", f"/sales/{paid['sale']}")["refunded"], "the refund in the till's books", 3.0)
    shown = shop.done("GET", f"/sales/{paid['sale']}")
    assert (shown["refunded"], len(shown["refunds"])) == (450, 1)
    made = shop.venue.call("GET", "/v1/refunds", payment_intent=paid["payment_intent"])["data"]
    assert [one["amount"] for one in made] == [450]


@pytest.mark.parametrize("operation", ["payment_intent.cancel", "reader.cancel_action"])
def test_a_cancellation_whose_answer_is_lost_ends_cancelled(shop, operation):
    sale = shop.sell(2100)
    _arm(shop, "answer_lost", operation, count=3)
    shop.done("POST", f"/sales/{sale['sale']}/cancel")
    assert shop.sees(sale, "not_paid")["closed"]
    assert shop.venue.intent(sale)["status"] == "canceled"


def test_a_till_cut_off_after_the_tap_says_it_does_not_know_and_then_knows(shop):
    sale = shop.sell(2100)
    cut = _arm(shop, "till_cut_off", "*", count=None)
    shop.venue.tap(sale["reader"])
    shown = shop.sees(sale, "not_known")
    assert shown["words"].startswith("Not known yet. Do not charge again.")
    for wrong in ("failed", "declined", "not charged", "Nothing was charged"):
        assert wrong not in shown["words"]

    shop.venue.gateway("DELETE", f"/faults/{cut['id']}")

    assert shop.sees(sale, "paid")["captured"] == 2100


def test_a_stalled_command_does_not_stall_the_payment(shop):
    """The answers stay held until the fault is taken away: the sale was paid without one of them."""
    stall = _arm(shop, "answer_delayed", "reader.process_payment_intent", count=None)
    register, reader = shop.register()
    shop.http.post(f"{shop.url}/sales", json={"sale": "S-stalled", "amount": 2300, "register": register},
                   headers={"Authorization": "Bearer cashier-token"})
    shop.venue.tap(reader)
    assert shop.sees({"sale": "S-stalled"}, "paid")["captured"] == 2300
    assert _fired(shop)[0] >= 1
    shop.venue.gateway("DELETE", f"/faults/{stall['id']}")
