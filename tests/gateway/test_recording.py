"""What passes is written down, without its secrets."""

import hashlib
from typing import Any

import pytest
import stripe

CANARY = "canary-7f3a-never-written"


def test_a_request_and_its_reply_are_written_with_who_made_them(bench: Any) -> None:
    intent = bench.payment_intent(2000, metadata={"sale": "s-1"})

    (request,) = bench.entries("request", operation="payment_intent.create")
    (reply,) = bench.entries("reply", request=request["n"])
    assert (request["actor"], request["wire"]) == ("till", "stripe")
    assert request["data"]["path"] == "/v1/payment_intents"
    assert request["data"]["params"]["metadata"] == {"sale": "s-1"}
    assert request["data"]["params"]["payment_method_types"] == ["card_present"]
    assert request["data"]["idempotency_key"].startswith("k_")
    assert reply["data"]["status"] == 200
    assert reply["data"]["body"]["id"] == intent.id
    assert (reply["data"]["delivered"], reply["data"]["committed"], reply["data"]["fault"]) == (True, True, None)
    assert request["n"] < reply["n"]
    assert request["begin_ms"] == reply["begin_ms"] <= reply["end_ms"]


def test_a_call_on_an_object_names_the_object(bench: Any) -> None:
    intent = bench.payment_intent()

    bench.stripe.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})

    (request,) = bench.entries("request", operation="payment_intent.retrieve")
    assert request["data"]["object"] == intent.id
    assert request["data"]["params"] == {"expand": ["latest_charge"]}


def test_what_the_suite_changes_carries_the_suites_name_and_what_it_reads_is_left_to_the_ledger(bench: Any) -> None:
    bench.payment_intent(client=bench.suite_stripe)
    bench.suite_stripe.v1.payment_intents.list()

    assert [(entry["actor"], entry["data"]["operation"]) for entry in bench.entries("request")] == [
        ("suite", "payment_intent.create")
    ]


def test_an_sdk_client_of_the_suite_may_name_itself_and_nobody_may_pose_as_the_till(bench: Any) -> None:
    url = f"{bench.server.suite}/v1/payment_intents"
    as_sdk = bench.http.get(url, auth=(bench.key, ""), headers={"X-Cardpresent-Actor": "sdk"})
    as_till = bench.http.get(url, auth=(bench.key, ""), headers={"X-Cardpresent-Actor": "till"})

    assert (as_sdk.status_code, as_till.status_code) == (200, 400)
    assert [entry["actor"] for entry in bench.entries("request")] == ["sdk"]


def test_secrets_reach_no_line_of_the_journal(bench: Any) -> None:
    card = "4000000000009995"
    intent = bench.payment_intent(description=f"told {CANARY} to the till", metadata={"note": f"key {bench.key}"})
    token = bench.stripe.v1.terminal.connection_tokens.create()
    endpoint = bench.stripe.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9/", "enabled_events": ["charge.captured"]}
    )
    bench.http.post(
        f"{bench.server.suite}/v1/test_helpers/terminal/readers/tmr_x/present_payment_method",
        auth=(bench.key, ""),
        data={"card_present[number]": card},
    )
    log = {"line": f"Authorization: Bearer {bench.key} card {card} secret {intent.client_secret} {CANARY}"}
    bench.control("POST", "entries", entries=[{"kind": "log", "wire": "none", "data": log}])

    text = bench.server.journal.read_text()
    for secret in (CANARY, bench.key, card, intent.client_secret, token.secret, endpoint.secret):
        assert secret
        assert secret not in text
    assert intent.id in text


def test_an_idempotency_key_is_written_as_its_fingerprint(bench: Any) -> None:
    for _ in range(2):
        bench.stripe.v1.payment_intents.create(
            {"amount": 500, "currency": "usd", "payment_method_types": ["card_present"]}, {"idempotency_key": "sale-77"}
        )

    requests = bench.entries("request", operation="payment_intent.create")
    expected = "k_" + hashlib.sha256(b"sale-77").hexdigest()[:12]
    assert [entry["data"]["idempotency_key"] for entry in requests] == [expected, expected]
    assert [entry["data"].get("replayed") for entry in bench.entries("reply")] == [None, True]


def test_headers_pass_both_ways(bench: Any) -> None:
    url, auth = f"{bench.server.till}/v1/payment_intents", (bench.key, "")
    form = {"amount": "900", "currency": "usd", "payment_method_types[]": "card_present"}
    first = bench.http.post(url, auth=auth, data=form, headers={"Idempotency-Key": "again"})
    second = bench.http.post(url, auth=auth, data=form, headers={"Idempotency-Key": "again"})

    assert first.headers["request-id"].startswith("req_")
    assert second.headers["idempotent-replayed"] == "true"
    assert second.content == first.content


@pytest.mark.parametrize("door", ["till", "suite"])
def test_a_live_key_is_refused_and_nothing_of_it_is_kept(bench: Any, door: str) -> None:
    live = "sk_" + "live_" + "51Never"
    for auth in ({"Authorization": f"Bearer {live}"}, None):
        answer = bench.http.get(
            f"{getattr(bench.server, door)}/v1/payment_intents",
            **({"headers": auth} if auth else {"auth": (live, "")}),
        )
        assert answer.status_code == 401
        assert answer.json()["error"]["type"] == "invalid_request_error"
        assert live not in answer.text

    assert live not in bench.server.journal.read_text()
    assert bench.entries("request") == []
    assert len(bench.entries("control", what="live_key_refused")) == 2


def test_a_live_key_anywhere_else_is_refused_too_and_is_not_in_the_journal(bench: Any) -> None:
    live = "sk_" + "live_" + "51Never"
    url, auth = f"{bench.server.till}/v1/customers", {"Authorization": f"Bearer {bench.key}"}
    answers = [
        bench.http.post(url, headers=auth, data={"name": live}),
        bench.http.get(f"{url}/{live}", headers=auth),
        bench.http.get(f"{bench.server.suite}/_gateway/{live}", headers=auth),
        bench.http.get(f"{bench.server.till}/{live}", headers=auth),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 404, 404]
    assert live not in "".join(answer.text for answer in answers) + bench.server.journal.read_text()


@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 100_000, b"a" + b"[a]" * 10_000 + b"=1"])
def test_what_nests_too_deep_passes_and_is_recorded(bench: Any, content: bytes) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        headers = {"Authorization": f"Bearer {bench.key}", "Content-Type": kind}
        answer = bench.http.post(f"{bench.server.till}/v1/customers", headers=headers, content=content)
        assert answer.status_code == 400
    for path in ("_gateway/faults", "_emulator/account"):
        headers = {"Authorization": f"Bearer {bench.key}"}
        assert bench.http.post(f"{bench.server.suite}/{path}", headers=headers, content=content).status_code == 400


def test_heads_and_bodies_have_an_end(bench: Any) -> None:
    headers = {"Authorization": f"Bearer {bench.key}"}
    long = bench.http.get(f"{bench.server.till}/v1/customers", headers={**headers, "X-Long": "x" * 1_000_000})
    large = bench.http.post(f"{bench.server.till}/v1/files", headers=headers, content=b"x" * 34_000_000)
    assert (long.status_code, large.status_code) == (431, 413)


def test_a_key_that_is_none_is_refused_by_stripe_itself(bench: Any) -> None:
    stranger = stripe.StripeClient("not-a-key", base_addresses={"api": bench.server.till}, max_network_retries=0)

    with pytest.raises(stripe.AuthenticationError):
        stranger.v1.payment_intents.list()

    (reply,) = bench.entries("reply")
    assert (reply["data"]["status"], reply["data"]["committed"]) == (401, False)


def test_the_tills_port_serves_stripe_and_nothing_else(bench: Any) -> None:
    for path in ("/_gateway/journal", "/_emulator/clock", "/", "/v2/core"):
        assert bench.http.get(bench.server.till + path).status_code == 404


def test_entries_of_the_suite_are_stamped_with_epoch_and_sale(bench: Any) -> None:
    bench.control("POST", "epoch", scenario="sale/decline:one")
    intent = {"verb": "start_sale", "amount": {"minor_units": 2000, "currency": "usd"}}
    numbers = bench.control(
        "POST", "entries", entries=[{"kind": "intent", "wire": "till", "sale": "s-9", "data": intent}]
    )["n"]
    bench.control("POST", "epoch", scenario=None)

    (entry,) = bench.entries("intent")
    assert [entry["n"]] == numbers
    assert (entry["scenario"], entry["sale"], entry["actor"]) == ("sale/decline:one", "s-9", "suite")
    assert entry["data"] == intent


def test_an_entry_of_no_known_kind_is_refused_in_one_sentence(bench: Any) -> None:
    sentence = bench.refused("entries", entries=[{"kind": "rumour", "data": {}}])

    assert "rumour" in sentence


def test_redirection_is_proven_by_the_fingerprint_of_the_key(bench: Any) -> None:
    before = bench.control("GET", "redirection")
    bench.stripe.v1.payment_intents.list()
    bench.stripe.v1.payment_intents.list()
    bench.suite_stripe.v1.payment_intents.list()

    seen = bench.control("GET", "redirection")
    assert seen["requests_by_key"][hashlib.sha256(bench.key.encode()).hexdigest()[:12]] == 2
    assert seen["till_requests"] == before["till_requests"] + 2
    assert bench.key not in str(seen)
