"""Crashes, doors and leaks: what survives a kill, who may come in, and what gets out."""

import json
import os
import subprocess
import sys


def test_a_killed_till_takes_every_sale_up_where_it_was(open_shop):
    shop = open_shop()
    held = shop.sell(4000, capture="later")
    shop.venue.tap(held["reader"])
    shop.sees(held, "held")
    tapped, waiting = shop.sell(2450), shop.sell(1500)
    shop.kill()
    shop.venue.tap(tapped["reader"])

    shop.start()

    assert shop.sees(tapped, "paid")["captured"] == 2450
    assert len(shop.venue.intents_of(tapped["sale"])) == 1
    assert shop.sees(waiting, "waiting")["payment_intent"] == waiting["payment_intent"]
    assert shop.done("POST", f"/sales/{held['sale']}/capture", tip=500)["captured"] == 4500
    assert shop.done("POST", f"/sales/{waiting['sale']}/cancel")["closed"]


def test_nobody_gets_in_without_a_token_and_no_cashier_does_the_managers_work(shop):
    for method, path in [("GET", "/sales"), ("POST", "/sales"), ("POST", "/day/close"), ("POST", "/connection_token"),
                         ("GET", "/readers"), ("POST", "/sales/S-1/refunds")]:
        assert shop.http.request(method, shop.url + path).status_code == 401
        assert shop.ask(method, path, token="wrong").status_code == 401
    assert shop.ask("PUT", "/registers/front", reader="tmr_x").status_code == 403


def test_every_connection_token_is_new_and_nothing_may_keep_it(shop):
    first, second = shop.ask("POST", "/connection_token"), shop.ask("POST", "/connection_token")
    assert first.json()["secret"] != second.json()["secret"]
    assert first.headers["cache-control"] == "no-store"


def test_the_page_is_served_and_a_pin_opens_the_till(shop):
    page = shop.http.get(shop.url)
    assert page.status_code == 200 and "<main" in page.text and "http" not in page.headers["content-security-policy"]
    assert shop.http.post(f"{shop.url}/login", json={"pin": "0000"}).status_code == 401

    session = shop.http.post(f"{shop.url}/login", json={"pin": "2580"}).cookies["till_session"]
    shop.http.cookies.clear()

    assert shop.http.get(f"{shop.url}/sales", headers={"Cookie": f"till_session={session}"}).status_code == 200
    assert shop.http.get(f"{shop.url}/sales", headers={"Cookie": "till_session=guess"}).status_code == 401


def test_every_reader_of_a_large_shop_is_listed(shop):
    _, reader = shop.register()
    place = shop.venue.call("GET", f"/v1/terminal/readers/{reader}")["location"]
    added = {shop.venue.call("POST", "/v1/terminal/readers", registration_code="simulated-wpe", location=place)["id"]
             for _ in range(100)}
    assert added < {one["id"] for one in shop.done("GET", "/readers")["readers"]}


def test_nonsense_is_answered_in_a_sentence_without_a_trace(shop):
    headers = {"Authorization": "Bearer cashier-token"}
    for body in (b"{", b"[1]", b"\xff", b'{"sale": 5}', b'{"sale": "S", "amount": {}}'):
        answer = shop.http.post(f"{shop.url}/sales", content=body, headers=headers)
        assert answer.status_code == 400 and "Traceback" not in answer.text
    assert shop.ask("GET", "/sales/S-unknown").status_code == 404
    assert shop.ask("GET", "/nowhere").status_code == 404


def test_the_log_tells_the_story_and_no_secret(open_shop):
    shop = open_shop()
    paid = shop.paid(2450)
    shop.done("POST", "/connection_token")
    client_secret = shop.venue.intent(paid)["client_secret"]

    logged = shop.stop()

    lines = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    told = [(line["what"], line.get("outcome")) for line in lines if line.get("sale") == paid["sale"]]
    assert ("sale", "waiting") in told and ("sale", "paid") in told
    secrets = (shop.venue.key, client_secret, "cashier-token", "manager-token", "2580", "whsec_", "pst_", "42424242")
    assert [secret for secret in secrets if secret in logged] == []


def test_a_live_key_is_refused_without_being_repeated():
    key = "sk_live_" + "0" * 12
    env = {**os.environ, "STRIPE_SECRET_KEY": key, "POS_TOKEN": "a", "POS_MANAGER_TOKEN": "b"}

    ended = subprocess.run([sys.executable, "-m", "cardpresent.reference_pos"],
                           capture_output=True, text=True, timeout=20, env=env, check=False)

    assert ended.returncode == 2 and "live key" in ended.stderr and key not in ended.stderr + ended.stdout
