"""What nobody well-meaning sends: refused in Stripe's form, kept nowhere, and nothing breaks."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

INTENTS = "/v1/payment_intents"
CREATE = "amount=2000&currency=usd&payment_method_types[]=card_present"
LIVE = "sk_" + "live_0123456789abcdefghij"


def control(shop, method, path, body):
    return shop.server.http.request(
        method, f"/_emulator/{path}", content=body, headers={"Authorization": f"Bearer {shop.key}"}
    )


# ----------------------------------------------------------------------------------------------------------- live keys


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        (INTENTS, f"{CREATE}&description={LIVE}", {}),
        (INTENTS, f"{CREATE}&metadata[key]={LIVE.replace('_', '%5F')}", {}),
        (f"{INTENTS}?description={LIVE}", CREATE, {}),
        (INTENTS, CREATE, {"Idempotency-Key": LIVE}),
        (f"{INTENTS}/{LIVE}", "", {}),
        (INTENTS, CREATE, {"Stripe-Version": LIVE}),
        (INTENTS, CREATE, {"Stripe-Account": f"acct_{LIVE}"}),
    ],
)
def test_a_live_key_anywhere_in_a_request_is_turned_away_and_kept_nowhere(shop, path, body, headers):
    answer = shop.call("POST", path, body, **headers)
    assert answer.status_code == 401
    assert LIVE not in answer.text
    assert "live_0123" not in control(shop, "GET", "journal", b"").text
    assert shop.client.payment_intents.list().data == []


def test_the_control_api_takes_no_live_key_either(shop):
    order = f'{{"url": "http://127.0.0.1:9/", "secret": "{LIVE}"}}'.encode()
    answer = control(shop, "POST", "webhook_endpoints", order)
    assert (answer.status_code, LIVE in answer.text) == (401, False)


def test_words_that_only_look_alike_are_no_keys(shop):
    assert shop.call("POST", INTENTS, f"{CREATE}&description=desk_live_music").status_code == 200


# --------------------------------------------------------------------------------------------------------------- forms


@pytest.mark.parametrize(
    "body",
    [
        f"{CREATE}&{'a' + '[x]' * 10_000}=1",
        f"{CREATE}&a[=1",
        f"{CREATE}&a]b=1",
        f"{CREATE}&payment_method_types[{'9' * 5000}]=card",
        f"amount={'9' * 400}&currency=usd",
        f"amount={'9' * 5000}&currency=usd",
        f"{CREATE}&%00=%00",
        "amount=²&currency=usd",
        f"{CREATE}&amount[]=1&amount=2&amount[x]=3",
        f"{CREATE}&expand[5][x]=1&expand[][x]=2",
        f"{CREATE}&payment_method_types[x]=a&payment_method_types[][y]=b",
        f"{CREATE}&{'x' * 100_000}=1",
        "&".join(f"x{n}=1" for n in range(100_000)),
    ],
    ids=[
        "deep", "open", "closed", "index", "huge", "huger", "nul", "superscript", "mixed", "list and hash",
        "hash and list", "long", "many",
    ],
)
def test_a_broken_form_is_a_bad_request_and_makes_nothing(shop, body):
    answer = shop.call("POST", INTENTS, body)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert len(answer.content) < 2000
    assert shop.client.payment_intents.list().data == []


def test_an_unnamed_entry_overwrites_none_that_has_a_number(shop):
    body = "amount=2000&currency=usd&payment_method_types[1]=card_present&payment_method_types[]=card"
    assert sorted(shop.call("POST", INTENTS, body).json()["payment_method_types"]) == ["card", "card_present"]


def test_what_is_long_is_not_kept_for_the_journal(shop):
    shop.call("POST", INTENTS, "&".join(f"metadata[k{n}]={'v' * 500}" for n in range(100)))
    told = shop.control("GET", "journal")["calls"][-1]
    assert (told["status"], told["params"]) == (400, {"(body)": "(too long to keep)"})


def test_a_body_beyond_all_measure_is_turned_away(shop):
    answer = shop.call("POST", INTENTS, f"{CREATE}&description={'x' * 3_000_000}")
    assert answer.status_code == 413
    assert shop.client.payment_intents.list().data == []


@pytest.mark.parametrize("id", ["acct_" + "x" * 10_000, "acct_", "acct_../../x", "acct_\xff"])
def test_an_account_id_that_is_none_opens_no_account(shop, id):
    answer = shop.call("GET", INTENTS, **{"Stripe-Account": id.encode("latin-1")})
    assert answer.status_code == 400


# --------------------------------------------------------------------------------------------------------- control API


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", b'{"advance_s": 1000000000000000000}'),
        ("clock", b'{"advance_s": 1e3}'),
        ("clock", b'{"advance_s": true}'),
        ("clock", b"[]"),
        ("clock", b"null"),
        ("clock", b"{" + b'"a":{' * 50_000),
        ("account", b'{"country": ["US"]}'),
        ("account", b'{"extensions": [[]]}'),
        ("account", b'{"latency_ms": 1e300}'),
        ("reset", b'{"seed": "x"}'),
        ("issuer", b'{"answers": 7}'),
        ("issuer", b'{"answers": [null]}'),
    ],
)
def test_a_control_call_that_makes_no_sense_is_refused_with_a_sentence(shop, path, body):
    answer = control(shop, "POST", path, body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert "X-Emulator" not in answer.headers


@pytest.mark.parametrize(
    "order",
    [
        b'{"fault": []}', b'{"fault": "reader_offline", "silent_s": -1}', b'{"fault": "slow_issuer", "hold_s": 1e9}',
        b'{"fault": "slow_issuer", "hold_s": 99999999999999999999}', b'{"fault": "reader_busy", "count": 0}',
    ],
)
def test_a_fault_that_cannot_be_is_refused(shop, order):
    answer = control(shop, "POST", f"readers/{shop.reader}/faults", order)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
    assert shop.control("GET", "faults")["faults"] == []


@pytest.mark.parametrize("order", [b'{"number": 42}', b'{"amount_tip": "1"}', b'{"amount_tip": -1}'])
def test_a_card_that_is_no_card_is_not_presented(shop, order):
    shop.process(shop.payment())
    assert control(shop, "POST", f"readers/{shop.reader}/present", order).status_code == 400
    assert shop.action().status == "in_progress"


# --------------------------------------------------------------------------------------------------------------- races


def test_a_call_that_was_on_its_way_during_a_reset_comes_after_it(shop):
    shop.control("POST", "account", latency_ms=300)
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(shop.call, "POST", INTENTS, CREATE, **{"Idempotency-Key": "slow"})
        deadline = time.monotonic() + 10
        while not shop.server.app._backend.find_account(shop.key).keys._entries:
            assert time.monotonic() < deadline
        shop.control("POST", "reset")
        made = slow.result()
    shop.control("POST", "account", latency_ms=0)
    again = shop.call("POST", INTENTS, CREATE, **{"Idempotency-Key": "slow"})
    assert made.status_code == 200
    assert again.content == made.content
    assert [one.id for one in shop.client.payment_intents.list().data] == [made.json()["id"]]
