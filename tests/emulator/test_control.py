"""The control API: what an account is, what it was sent, and starting afresh."""

import pytest


def refused(shop, method, path, **order):
    answer = shop.server.http.request(
        method, f"/_emulator/{path}", json=order, headers={"Authorization": f"Bearer {shop.key}"}
    )
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("country", "XX", "country must be one of"),
        ("merchant_category", "bakery", "merchant_category must be one of"),
        ("latency_ms", -1, "latency_ms must be"),
        ("latency_ms", True, "latency_ms must be"),
        ("rate_limit_per_s", "many", "rate_limit_per_s must be"),
        ("api_version", "2027-01-01", "api_version must be a version"),
        ("extensions", ["telepathy"], "extensions must be a list of"),
        ("colour", "red", 'there is no setting "colour"; there are: api_version'),
    ],
)
def test_a_setting_that_cannot_be_is_refused_with_what_can(shop, setting, value, says):
    status, sentence = refused(shop, "POST", "account", **{setting: value})
    assert status == 400
    assert says in sentence


def test_one_bad_setting_leaves_the_others_as_they_were(shop):
    refused(shop, "POST", "account", country="GB", latency_ms="slow")
    assert shop.control("GET", "account")["country"] == "US"


def test_an_accounts_own_version_is_that_of_requests_that_name_none_and_of_its_events(shop):
    shop.control("POST", "account", api_version="2022-08-01")
    payment = shop.captured()
    path = f"/v1/payment_intents/{payment.id}"

    plain = shop.call("GET", path)
    named = shop.call("GET", path, **{"Stripe-Version": "2026-10-28.endive"})
    event = shop.call("GET", "/v1/events?type=payment_intent.succeeded").json()["data"][0]

    assert plain.headers["Stripe-Version"] == "2022-08-01"
    assert "charges" in plain.json()
    assert "charges" not in named.json()
    assert event["api_version"] == "2022-08-01"
    assert "charges" in event["data"]["object"]


# ------------------------------------------------------------------------------------------------------------- journal


def test_the_journal_tells_each_call_and_how_it_was_answered(shop):
    start = shop.control("GET", "journal")["last"]
    body = "amount=2000&currency=usd&payment_method_types[]=card_present&metadata[sale]=7"
    made = shop.call("POST", "/v1/payment_intents", body, **{"Idempotency-Key": "k"})
    shop.call("POST", "/v1/payment_intents", body, **{"Idempotency-Key": "k"})
    shop.call("POST", f"/v1/payment_intents/{made.json()['id']}/capture")

    told = shop.control("GET", f"journal?after={start}")

    first, again, refusal = told["calls"]
    assert told["last"] == start + 3
    assert (first["method"], first["path"], first["status"]) == ("POST", "/v1/payment_intents", 200)
    assert first["params"]["metadata"] == {"sale": "7"}
    assert first["request_id"] == made.headers["Request-Id"]
    assert [(call["replayed"], call["idempotency_key"]) for call in (first, again)] == [(False, "k"), (True, "k")]
    assert (refusal["status"], refusal["error"]) == (400, "payment_intent_unexpected_state")


def test_the_journal_is_read_page_by_page(shop):
    start = shop.control("GET", "journal")["last"]
    for _ in range(5):
        shop.call("GET", "/v1/events")
    numbers = [call["n"] for call in shop.control("GET", f"journal?after={start + 1}&limit=2")["calls"]]
    assert numbers == [start + 2, start + 3]


def test_the_journal_shows_no_secret(shop):
    payment = shop.payment()
    shop.call("GET", f"/v1/payment_intents/{payment.id}?client_secret={payment.client_secret}")
    shop.process(payment)
    shop.present("4000056655665556")
    told = str(shop.control("GET", "journal"))
    assert payment.client_secret not in told
    assert "4000056655665556" not in told
    assert shop.key not in told


def test_a_bad_place_in_the_journal_is_named(shop):
    assert refused(shop, "GET", "journal", after="last") == (400, "after must be a whole number from 0")


# --------------------------------------------------------------------------------------------------------------- reset


def test_a_reset_with_a_seed_makes_the_same_ids_again(shop):
    def ids():
        shop.control("POST", "reset", seed=11)
        return [shop.payment().id for _ in range(3)]

    assert ids() == ids()


def test_a_reset_without_a_seed_never_makes_an_id_again(shop):
    def ids():
        shop.control("POST", "reset")
        return {shop.payment().id for _ in range(3)}

    assert not ids() & ids()


def test_a_seed_is_a_number(shop):
    assert refused(shop, "POST", "reset", seed="x")[0] == 400
