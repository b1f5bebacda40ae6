"""One key, one effect."""

import asyncio

import httpx
import pytest

CREATE = "amount=2000&currency=usd&payment_method_types[]=card_present"


def create(shop, key, body=CREATE):
    return shop.call("POST", "/v1/payment_intents", body, **{"Idempotency-Key": key})


def test_a_repeated_request_gets_the_first_answer_again(shop):
    first, again = create(shop, "a"), create(shop, "a")
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"]
    assert len(shop.client.payment_intents.list().data) == 1


def test_a_key_with_other_parameters_is_refused(shop):
    create(shop, "a")
    answer = create(shop, "a", CREATE.replace("2000", "2100"))
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "idempotency_error")
    capture = shop.call("POST", "/v1/payment_intents/pi_x/capture", **{"Idempotency-Key": "a"})
    assert capture.json()["error"]["type"] == "idempotency_error"


def test_a_repeated_capture_takes_the_money_once(shop):
    payment = shop.authorized(2000)
    path = f"/v1/payment_intents/{payment.id}/capture"
    answers = [shop.call("POST", path, **{"Idempotency-Key": "c"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert shop.events().count("charge.captured") == 1


def test_a_failure_that_began_is_repeated_and_a_refused_parameter_is_not(shop):
    payment = shop.payment()
    path = f"/v1/payment_intents/{payment.id}/capture"
    too_early = shop.call("POST", path, **{"Idempotency-Key": "k"})
    shop.process(payment)
    shop.present()
    assert shop.call("POST", path, **{"Idempotency-Key": "k"}).content == too_early.content

    assert create(shop, "v", "amount=2000").status_code == 400
    assert create(shop, "v").status_code == 200


def test_a_reader_timeout_is_repeated_under_its_key(shop):
    payment = shop.payment()
    shop.fault("timeout_not_sent", count=1)
    path = f"/v1/terminal/readers/{shop.reader}/process_payment_intent"
    codes = [
        shop.call("POST", path, f"payment_intent={payment.id}", **{"Idempotency-Key": key}).status_code
        for key in ("p", "p", "q")
    ]
    assert codes == [400, 400, 200]


def test_a_key_is_forgotten_after_a_day(shop):
    first = create(shop, "a").json()["id"]
    shop.advance(24 * 3600 - 1)
    assert create(shop, "a").json()["id"] == first
    shop.advance(1)
    assert create(shop, "a").json()["id"] != first


def test_keys_belong_to_their_account(shop):
    mine = create(shop, "a").json()["id"]
    headers = {"Authorization": f"Bearer {shop.key}other", "Idempotency-Key": "a"}
    assert shop.call("POST", "/v1/payment_intents", CREATE, **headers).json()["id"] != mine


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_keys_are_ignored_where_nothing_is_posted(shop, method):
    answer = shop.call(method, "/v1/terminal/readers/tmr_none", **{"Idempotency-Key": "a"})
    assert answer.status_code == 404
    assert create(shop, "a").status_code == 200


def test_a_race_on_one_key_makes_one_object(shop):
    shop.control("POST", "account", latency_ms=30)
    headers = {"Authorization": f"Bearer {shop.key}", "Idempotency-Key": "race"}

    async def race():
        async with httpx.AsyncClient(base_url=shop.server.url, trust_env=False) as client:
            calls = [client.post("/v1/payment_intents", content=CREATE, headers=headers) for _ in range(20)]
            return await asyncio.gather(*calls)

    answers = asyncio.run(race())
    shop.control("POST", "account", latency_ms=0)

    won = [answer for answer in answers if answer.status_code == 200]
    lost = [answer.json()["error"] for answer in answers if answer.status_code == 409]
    assert len(won) + len(lost) == 20
    assert len(lost) >= 1
    assert len({answer.json()["id"] for answer in won}) == 1
    assert {error["code"] for error in lost} == {"idempotency_key_in_use"}
    assert len(shop.client.payment_intents.list().data) == 1


def test_the_order_of_parameters_makes_no_other_request(shop):
    first = create(shop, "a")
    turned = create(shop, "a", "&".join(reversed(CREATE.split("&"))))
    assert turned.json()["id"] == first.json()["id"]
