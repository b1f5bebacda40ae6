"""What an attacker sends, and what only looks odd but is genuine, judged by the official library."""

import copy
from typing import Any

import pytest


@pytest.fixture
def event(bench: Any) -> Any:
    """An event Stripe really made, as the suite reads it back."""
    bench.payment_intent()
    answer = bench.http.get(f"{bench.server.suite}/v1/events", auth=(bench.key, ""))
    return answer.json()["data"][0]


def deliver(bench: Any, endpoint: str, event: Any, **fields: Any) -> Any:
    return bench.control("POST", "deliver", endpoint=endpoint, event=event, **fields)


@pytest.mark.parametrize("signing", ["none", "garbage", "wrong_secret", "stale", "tampered_body"])
def test_a_forged_delivery_is_refused_by_whoever_verifies(bench: Any, receiver: Any, event: Any, signing: str) -> None:
    heard = deliver(bench, bench.listen(receiver), event, signing=signing)

    assert heard["status"] == 400
    (entry,) = bench.entries("webhook")
    label = "forged:no_signature" if signing == "none" else f"forged:{signing}"
    assert (entry["data"]["genuine"], entry["data"]["staging"], entry["data"]["status"]) == (False, label, 400)


@pytest.mark.parametrize(("signing", "label"), [("valid", "duplicate"), ("reserialized",) * 2, ("two_secrets",) * 2])
def test_a_genuine_delivery_is_taken_however_it_is_dressed(
    bench: Any, receiver: Any, event: Any, signing: str, label: str
) -> None:
    heard = deliver(bench, bench.listen(receiver, old_secret="whsec_old_secret_987"), event, signing=signing)

    assert heard == {"status": 200, "error": None, "answer": "thank you, [removed]"}
    (entry,) = bench.entries("webhook")
    assert (entry["data"]["genuine"], entry["data"]["staging"]) == (True, label)


def test_reserialized_is_the_same_event_in_other_bytes(bench: Any, receiver: Any, event: Any) -> None:
    endpoint = bench.listen(receiver)
    deliver(bench, endpoint, event)
    deliver(bench, endpoint, event, signing="reserialized")

    plain, other = receiver.received
    assert plain.body != other.body
    assert b'\n   "api_version"' in other.body


def test_an_event_copied_from_the_journal_is_sent_with_the_secrets_it_lost_there(bench: Any, receiver: Any) -> None:
    endpoint = bench.listen(receiver)
    bench.payment_intent()
    bench.quiet()
    (first,) = bench.entries("webhook")
    deliver(bench, endpoint, first["data"]["body"])

    original, again = receiver.received
    assert again.body == original.body
    assert [entry["data"]["staging"] for entry in bench.entries("webhook")] == [None, "duplicate"]


@pytest.mark.parametrize("change", [{"livemode": True}, {"id": "evt_never_happened"}, {"type": "charge.refunded"}])
def test_a_rightly_signed_event_that_never_happened_is_not_genuine(
    bench: Any, receiver: Any, event: Any, change: dict[str, Any]
) -> None:
    deliver(bench, bench.listen(receiver), {**copy.deepcopy(event), **change})

    (entry,) = bench.entries("webhook")
    assert (entry["data"]["genuine"], entry["data"]["staging"]) == (False, "forged:invented")


def test_a_stale_signature_is_as_old_as_asked(bench: Any, receiver: Any, event: Any) -> None:
    endpoint = bench.listen(receiver)

    assert deliver(bench, endpoint, event, signing="stale", age_s=301)["status"] == 400
    assert deliver(bench, endpoint, event, signing="stale", age_s=200)["status"] == 200


def test_two_secrets_need_an_old_one(bench: Any, receiver: Any, event: Any) -> None:
    endpoint = bench.listen(receiver)

    assert "old_secret" in bench.refused("deliver", endpoint=endpoint, event=event, signing="two_secrets")
    assert "no endpoint we_0" in bench.refused("deliver", endpoint="we_0", event=event)


def test_what_an_endpoint_does_not_answer_is_no_status(bench: Any, event: Any) -> None:
    endpoint = bench.control(
        "POST", "endpoints", url="http://127.0.0.1:1/", secret="whsec_1234", account_key=bench.key
    )["id"]

    assert deliver(bench, endpoint, event) == {"status": None, "error": "no connection", "answer": ""}
