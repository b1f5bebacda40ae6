"""Deliveries: in order, in the background, retried on the account's clock, and every way they go wrong."""

import contextlib
import json
import socket
import threading
import time
from typing import Any

import pytest
import stripe


def test_events_arrive_signed_and_in_the_order_they_happened(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    intent = bench.payment_intent()
    bench.tap(intent.id)

    assert bench.quiet()["quiet"]
    types = receiver.types()
    assert types.index("payment_intent.created") < types.index("payment_intent.succeeded")
    assert all(one.verified for one in receiver.received)
    webhooks = bench.entries("webhook")
    assert [entry["data"]["event"] for entry in webhooks] == [one.id for one in receiver.received]
    first = webhooks[0]
    assert (first["data"]["type"], first["data"]["object"]) == ("payment_intent.created", intent.id)
    assert (first["data"]["status"], first["data"]["attempt"]) == (200, 1)
    assert (first["data"]["genuine"], first["data"]["staging"]) == (True, None)
    assert first["data"]["answer"] == "thank you, [removed]"


def test_a_delivery_follows_the_answer_it_belongs_to(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    bench.payment_intent()
    receiver.wait_for(1)
    bench.quiet()

    (reply,) = bench.entries("reply")
    (webhook,) = bench.entries("webhook")
    assert reply["n"] < webhook["n"]
    assert reply["end_ms"] <= webhook["begin_ms"] < reply["end_ms"] + 50


def test_a_webhook_may_overtake_an_answer_that_is_held(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    bench.arm("answer_delayed", "payment_intent.create", delay_ms=150)

    bench.payment_intent()

    assert receiver.types() == ["payment_intent.created"]


def test_an_answer_that_is_overtaken_comes_when_its_webhooks_were_answered(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    receiver.pause_s = 0.2
    bench.arm("answer_overtaken", "payment_intent.create")

    bench.payment_intent()

    assert receiver.types() == ["payment_intent.created"]
    (reply,) = bench.entries("reply", fault="answer_overtaken")
    (webhook,) = bench.entries("webhook")
    assert webhook["n"] < reply["n"]


def test_an_answer_that_its_endpoint_waits_for_is_given_after_a_while(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    receiver.pause_s = 0.5
    bench.arm("answer_overtaken", "payment_intent.create", at_most_ms=100)

    bench.payment_intent()
    bench.quiet()

    (reply,) = bench.entries("reply", fault="answer_overtaken")
    (webhook,) = bench.entries("webhook")
    assert reply["n"] < webhook["n"]
    assert reply["end_ms"] - reply["begin_ms"] >= 100


def test_an_endpoint_gets_the_types_and_the_account_it_asked_for(bench: Any, receiver: Any) -> None:
    bench.listen(receiver, "payment_intent.canceled", "terminal.reader.*")
    bench.control("POST", "endpoints", url=receiver.url, secret="whsec_other1", account_key="sk_test_somebodyelse")
    intent = bench.payment_intent()
    bench.stripe.v1.payment_intents.cancel(intent.id)

    bench.quiet()
    assert receiver.types() == ["payment_intent.canceled"]


def test_a_removed_endpoint_hears_nothing_more(bench: Any, receiver: Any) -> None:
    endpoint = bench.listen(receiver)
    bench.control("DELETE", f"endpoints/{endpoint}")
    bench.payment_intent()

    assert bench.quiet()["quiet"]
    assert receiver.received == []


def test_a_slow_endpoint_holds_up_its_deliveries_and_never_an_answer(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    receiver.pause_s = 0.2
    began = time.monotonic()
    bench.payment_intent()
    bench.payment_intent()

    assert time.monotonic() - began < 0.2
    assert bench.quiet()["quiet"]
    assert (len(receiver.received), receiver.most_at_once) == (2, 1)


def test_a_failed_delivery_is_tried_again_only_as_the_accounts_clock_moves(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    receiver.answers = [500, 302, 503, 500, 200]
    bench.payment_intent()
    seen = bench.quiet()
    waiting = len(receiver.received)
    for hours in (1, 2, 4, 24):
        bench.emulator("clock", advance_s=hours * 3600)
        bench.quiet()

    assert (waiting, seen["quiet"], seen["withheld"]) == (1, True, 0)
    attempts = [(entry["data"]["attempt"], entry["data"]["status"]) for entry in bench.entries("webhook")]
    assert attempts == [(1, 500), (2, 302), (3, 503), (4, 500)]
    assert len({one.id for one in receiver.received}) == 1


def test_an_endpoint_that_does_not_answer_in_time_is_told_again_later(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    receiver.pause_s = 0.6
    bench.payment_intent()
    bench.quiet()
    receiver.pause_s = 0.0
    bench.emulator("clock", advance_s=3600)
    bench.quiet()

    first, second = bench.entries("webhook")
    assert (first["data"]["status"], first["data"]["error"]) == (None, "no answer within 0.4 s")
    assert second["data"]["status"] == 200


def test_an_endpoint_nobody_serves_is_an_error_in_the_journal_and_nowhere_else(bench: Any) -> None:
    bench.control("POST", "endpoints", url="http://127.0.0.1:1/none", secret="whsec_x12345", account_key=bench.key)
    bench.payment_intent()

    assert bench.quiet()["quiet"]
    (entry,) = bench.entries("webhook")
    assert (entry["data"]["status"], entry["data"]["error"]) == (None, "no connection")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n", b"x" * 104_857_600], 200),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", *[b"x"] * 1000], None),
        ([b"\x00\xff" * 100], None),
        ([b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nx\xffabc"], 200),
    ],
    ids=["a hundred megabytes", "a byte now and then", "no HTTP", "not packed as it says"],
)
def test_an_endpoint_that_answers_without_sense_holds_nobody_up(
    bench: Any, said: list[bytes], status: int | None
) -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        talking = threading.Thread(target=_talks, args=(server, said, heard))
        talking.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        bench.control("POST", "endpoints", url=url, secret="whsec_x12345", account_key=bench.key)
        bench.payment_intent()
        assert bench.quiet()["quiet"]
        talking.join()

    (entry,) = bench.entries("webhook")
    assert entry["data"]["status"] == status
    assert len(entry["data"]["answer"]) <= 500
    assert len(said) == 1 or len(heard) < len(said), "it was listened to until it had said everything"


def _talks(server: socket.socket, said: list[bytes], heard: list[bytes]) -> None:
    connection, _ = server.accept()
    with connection, contextlib.suppress(OSError):
        connection.recv(65536)
        for part in said:
            connection.sendall(part)
            heard.append(part)
            if len(said) > 2:
                time.sleep(0.1)


def test_stripe_says_of_each_event_whether_it_has_arrived(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    receiver.answers = [500, 200]
    bench.payment_intent()
    bench.payment_intent()
    bench.quiet()
    arrived, failed = bench.suite_stripe.v1.events.list().data
    bench.emulator("clock", advance_s=3600)
    bench.quiet()

    assert (arrived.pending_webhooks, failed.pending_webhooks) == (0, 1)
    assert bench.suite_stripe.v1.events.retrieve(failed.id).pending_webhooks == 0
    assert len({one.body for one in receiver.received if one.id == failed.id}) == 1


def test_a_secret_being_rolled_and_the_new_one_both_verify(bench: Any, receiver: Any) -> None:
    endpoint = bench.listen(receiver)
    old = receiver.secret
    bench.emulator(f"webhook_endpoints/{endpoint}/roll", secret="whsec_the_next_one", expires_in_s=3600)
    seen = []
    for secret in (old, "whsec_the_next_one"):
        receiver.secret = secret
        bench.payment_intent()
        bench.quiet()
        seen.append(receiver.received[-1].verified)
    receiver.secret = old
    bench.emulator("clock", advance_s=3600)
    bench.payment_intent()
    bench.quiet()

    assert seen == [True, True]
    assert not receiver.received[-1].verified
    assert "whsec_the_next_one" not in bench.server.journal.read_text()


def test_secrets_of_any_look_stay_out_of_the_journal(bench: Any) -> None:
    order = {"url": "http://localhost:1/", "secret": "plain-looking-one", "old_secret": "plain-looking-two"}
    made = bench.emulator("webhook_endpoints", **order)
    bench.emulator(f"webhook_endpoints/{made['id']}/roll", secret="plain-looking-three")

    journal = bench.server.journal.read_text()
    assert "webhook_endpoints" in journal
    assert "plain-looking" not in journal


def test_an_old_secret_that_the_suite_names_signs_only_what_is_staged_so(bench: Any, receiver: Any) -> None:
    bench.listen(receiver, old_secret="whsec_old_secret_987")
    receiver.secret = "whsec_old_secret_987"
    bench.payment_intent()
    bench.quiet()

    assert [one.verified for one in receiver.received] == [False]


def test_a_connect_endpoint_gets_the_events_of_connected_accounts(bench: Any, receiver: Any) -> None:
    bench.emulator("webhook_endpoints", url=receiver.url, secret=receiver.secret, connect=True)
    bench.payment_intent()
    bench.stripe.v1.payment_intents.create(
        {"amount": 900, "currency": "usd", "payment_method_types": ["card_present"]},
        {"stripe_account": "acct_1shopinshop"},
    )
    bench.quiet()

    (one,) = receiver.received
    assert (json.loads(one.body)["account"], one.verified) == ("acct_1shopinshop", True)


def test_an_endpoint_of_the_suite_is_one_of_stripes_too(bench: Any, receiver: Any) -> None:
    endpoint = bench.listen(receiver)
    listed = [one.id for one in bench.stripe.v1.webhook_endpoints.list().data]
    bench.control("DELETE", f"endpoints/{endpoint}")

    assert listed == [endpoint]
    assert bench.stripe.v1.webhook_endpoints.list().data == []
    missing = bench.http.delete(f"{bench.server.suite}/_gateway/endpoints/{endpoint}")
    assert (missing.status_code, missing.json()) == (404, {"error": f"there is no endpoint {endpoint}"})


# Faults -----------------------------------------------------------------------------------------------------------


def test_a_withheld_webhook_waits_for_its_release(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    fault = bench.arm("webhook_withheld", types=["payment_intent.*"])
    first, second = bench.payment_intent(), bench.payment_intent()
    seen = bench.quiet()
    before = receiver.types()

    bench.release(fault)
    bench.quiet()

    assert (before, seen["quiet"], seen["withheld"]) == ([], True, 2)
    assert [json.loads(one.body)["data"]["object"]["id"] for one in receiver.received] == [first.id, second.id]
    assert {entry["data"]["staging"] for entry in bench.entries("webhook")} == {"withheld"}


def test_releasing_every_fault_makes_the_withheld_deliveries(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    bench.arm("webhook_withheld")
    bench.payment_intent()

    released = bench.control("DELETE", "faults")["faults"]

    receiver.wait_for(1)
    assert [(record["fired"], record["open"]) for record in released] == [(1, False)]
    assert bench.control("GET", "faults") == {"faults": []}


def test_a_lost_webhook_never_comes(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    fault = bench.arm("webhook_lost", types=["payment_intent.created"], count=1)
    bench.payment_intent()
    bench.emulator("clock", advance_s=86400)
    bench.quiet()
    lost = receiver.types()
    bench.payment_intent()
    bench.quiet()

    assert lost == []
    assert receiver.types() == ["payment_intent.created"]
    assert [one.pending_webhooks for one in bench.suite_stripe.v1.events.list().data] == [0, 0]
    assert bench.release(fault)["fired"] == 1


def test_a_fault_on_one_object_lets_other_webhooks_pass(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    mine, other = bench.payment_intent(), bench.payment_intent()
    receiver.wait_for(2)
    bench.arm("webhook_lost", object=mine.id)
    for intent in (mine, other):
        bench.stripe.v1.payment_intents.cancel(intent.id)

    bench.quiet()
    assert [json.loads(one.body)["data"]["object"]["id"] for one in receiver.received[2:]] == [other.id]


@pytest.mark.parametrize(("concurrent", "most_at_once"), [(False, 1), (True, 3)])
def test_a_duplicated_webhook_arrives_the_same_each_time(
    bench: Any, receiver: Any, concurrent: bool, most_at_once: int
) -> None:
    bench.listen(receiver)
    receiver.pause_s = 0.05
    bench.arm("webhook_duplicated", times=3, concurrent=concurrent, count=1)
    bench.payment_intent()
    bench.quiet()

    assert len({one.body for one in receiver.received}) == 1
    assert (len(receiver.received), receiver.most_at_once) == (3, most_at_once)
    assert all(one.verified for one in receiver.received)
    assert sorted(str(entry["data"]["staging"]) for entry in bench.entries("webhook")) == [
        "None",
        "duplicate",
        "duplicate",
    ]


def test_reordered_webhooks_arrive_newest_first(bench: Any, receiver: Any) -> None:
    bench.listen(receiver, "payment_intent.*")
    bench.arm("webhook_reordered", collect=2, count=2)
    intent = bench.payment_intent()
    bench.stripe.v1.payment_intents.cancel(intent.id)
    bench.quiet()

    assert receiver.types() == ["payment_intent.canceled", "payment_intent.created"]


def test_reordered_webhooks_that_are_too_few_come_on_release(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    fault = bench.arm("webhook_reordered", collect=5)
    intent = bench.payment_intent()
    bench.stripe.v1.payment_intents.cancel(intent.id)
    bench.release(fault)
    bench.quiet()

    assert receiver.types() == ["payment_intent.canceled", "payment_intent.created"]


def test_a_late_webhook_is_overtaken_and_still_counts_as_due(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    bench.arm("webhook_late", delay_ms=150, types=["payment_intent.created"])
    intent = bench.payment_intent()
    bench.stripe.v1.payment_intents.cancel(intent.id)
    receiver.wait_for(1)
    meanwhile = bench.quiet(timeout_ms=30)
    bench.quiet()

    assert (meanwhile["quiet"], meanwhile["deliveries_due"]) == (False, 1)
    assert receiver.types() == ["payment_intent.canceled", "payment_intent.created"]


def test_a_late_webhook_comes_at_once_when_released(bench: Any, receiver: Any) -> None:
    bench.listen(receiver)
    fault = bench.arm("webhook_late", delay_ms=60_000)
    bench.payment_intent()
    bench.release(fault)

    receiver.wait_for(1)
    assert bench.quiet()["quiet"]


# The till's own endpoints -------------------------------------------------------------------------------------------


def test_a_till_may_register_its_endpoint_itself(bench: Any, receiver: Any) -> None:
    endpoints = bench.stripe.v1.webhook_endpoints
    made = endpoints.create({"url": receiver.url, "enabled_events": ["payment_intent.canceled"]})
    receiver.secret = made.secret
    intent = bench.payment_intent()
    bench.stripe.v1.payment_intents.cancel(intent.id)
    bench.quiet()

    assert receiver.types() == ["payment_intent.canceled"]
    assert receiver.received[0].verified
    assert "secret" not in endpoints.retrieve(made.id).to_dict()
    assert [one.id for one in endpoints.list().data] == [made.id]
    assert endpoints.update(made.id, {"enabled_events": ["*"]}).enabled_events == ["*"]
    assert endpoints.update(made.id, {"disabled": True}).status == "disabled"
    assert endpoints.delete(made.id).deleted is True


def test_an_endpoint_without_its_address_is_refused_as_stripe_refuses_it(bench: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        bench.stripe.v1.webhook_endpoints.create({"enabled_events": ["*"]})

    assert (refusal.value.code, refusal.value.param) == ("parameter_missing", "url")


def test_an_endpoint_of_another_account_does_not_exist(bench: Any, receiver: Any) -> None:
    endpoint = bench.control("POST", "endpoints", url=receiver.url, secret="whsec_1234", account_key="sk_test_other")[
        "id"
    ]

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        bench.stripe.v1.webhook_endpoints.retrieve(endpoint)

    assert refusal.value.http_status == 404
