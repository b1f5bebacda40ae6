"""Stripe's rate limits, on request: too many at once are turned away, and nothing is kept of them."""

import pytest

CREATE = "amount=2000&currency=usd&payment_method_types[]=card_present"


@pytest.fixture
def limited(server, shop):
    """A shop that may send `n` requests within the second that begins now."""

    def limit(n: int):
        server.clock.advance(1)
        shop.control("POST", "account", rate_limit_per_s=n)
        return shop

    yield limit
    shop.control("POST", "account", rate_limit_per_s=0)


def test_beyond_the_limit_a_request_is_turned_away_with_the_reason(limited):
    shop = limited(2)
    statuses = [shop.call("GET", "/v1/events").status_code for _ in range(2)]
    refused = shop.call("GET", "/v1/events")
    assert statuses == [200, 200]
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limit")
    assert refused.headers["Stripe-Rate-Limited-Reason"] == "global-rate"


def test_the_next_second_starts_afresh(limited, server):
    shop = limited(1)
    assert [shop.call("GET", "/v1/events").status_code for _ in range(2)] == [200, 429]
    server.clock.advance(1)
    assert shop.call("GET", "/v1/events").status_code == 200


def test_a_turned_away_request_leaves_no_trace_under_its_key(limited, server):
    shop = limited(1)
    shop.call("GET", "/v1/events")
    refused = shop.call("POST", "/v1/payment_intents", CREATE, **{"Idempotency-Key": "a"})
    server.clock.advance(1)
    made = shop.call("POST", "/v1/payment_intents", CREATE, **{"Idempotency-Key": "a"})
    assert (refused.status_code, made.status_code) == (429, 200)
    assert "Idempotent-Replayed" not in made.headers


def test_one_operation_takes_twenty_five_a_second(limited):
    shop = limited(60)
    answers = [shop.call("GET", "/v1/events") for _ in range(26)]
    other = shop.call("GET", "/v1/charges")
    assert [answer.status_code for answer in answers] == [200] * 25 + [429]
    assert answers[-1].headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"
    assert other.status_code == 200


def test_one_payment_intent_takes_a_thousand_updates_an_hour(limited, server):
    shop = limited(100)
    path = f"/v1/payment_intents/{shop.payment().id}"
    statuses = []
    for number in range(1001):
        if number % 20 == 0:
            server.clock.advance(1)
        answer = shop.call("POST", path, f"metadata[n]={number}")
        statuses.append(answer.status_code)
    assert statuses == [200] * 1000 + [429]
    assert answer.json()["error"]["code"] == "payment_intent_rate_limit_exceeded"
    assert answer.headers["Stripe-Rate-Limited-Reason"] == "resource-specific"


def test_without_the_setting_there_is_no_limit(shop):
    assert {shop.call("GET", "/v1/events").status_code for _ in range(60)} == {200}
