"""Every fault on the wire, as the official client sees it and as Stripe's books show it."""

import threading
import time
from typing import Any

import pytest
import stripe


def in_background(action: Any) -> tuple[threading.Thread, list[Any]]:
    got: list[Any] = []

    def run() -> None:
        try:
            got.append(action())
        except stripe.StripeError as problem:
            got.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, got


def test_a_lost_answer_looks_like_no_answer_and_stripe_has_done_it(bench: Any) -> None:
    fault = bench.arm("answer_lost", "payment_intent.create", count=1)

    with pytest.raises(stripe.APIConnectionError):
        bench.payment_intent(2000)

    (reply,) = bench.entries("reply", fault="answer_lost")
    (intent,) = bench.intents_at_stripe()
    assert reply["data"]["delivered"] is False
    assert reply["data"]["committed"] is True
    assert reply["data"]["body"]["id"] == intent.id
    assert bench.release(fault)["fired"] == 1


def test_the_official_clients_retry_meets_the_open_line_and_repeats_the_call_under_its_key(bench: Any) -> None:
    bench.arm("answer_lost", "payment_intent.create", count=1)

    intent = bench.payment_intent(2000, client=bench.client(bench.server.till, retries=2))

    assert [one.id for one in bench.intents_at_stripe()] == [intent.id]
    first, second = bench.entries("request", operation="payment_intent.create")
    assert first["data"]["idempotency_key"] == second["data"]["idempotency_key"]


@pytest.mark.parametrize("command", ["process_payment_intent", "collect_payment_method"])
def test_a_fault_on_asking_for_a_card_befalls_either_way_of_asking(bench: Any, command: str) -> None:
    fault = bench.arm("server_error", "reader.ask_for_card", count=1)

    with pytest.raises(stripe.APIError):
        getattr(bench.stripe.v1.terminal.readers, command)("tmr_1", {"payment_intent": "pi_1"})

    assert bench.release(fault)["fired"] == 1


def test_a_fault_on_every_other_call_lets_the_others_pass(bench: Any) -> None:
    fault = bench.arm("rate_limited", "payment_intent.create", every=2)

    for _ in range(2):
        with pytest.raises(stripe.RateLimitError):
            bench.payment_intent()
        bench.payment_intent()

    assert len(bench.intents_at_stripe()) == 2
    assert bench.release(fault)["fired"] == 2


@pytest.mark.parametrize(("fault", "every"), [("rate_limited", 0), ("rate_limited", "2"), ("webhook_lost", 2)])
def test_a_fault_that_lets_calls_pass_says_how_many(bench: Any, fault: str, every: Any) -> None:
    armed = bench.http.post(f"{bench.server.suite}/_gateway/faults", json={"fault": fault, "every": every})

    assert armed.status_code == 400


def test_a_refused_connection_leaves_nothing_at_stripe(bench: Any) -> None:
    bench.arm("connection_refused", "payment_intent.create", count=1)

    with pytest.raises(stripe.APIConnectionError):
        bench.payment_intent()

    (reply,) = bench.entries("reply", fault="connection_refused")
    assert bench.intents_at_stripe() == []
    assert (reply["data"]["status"], reply["data"]["delivered"], reply["data"]["committed"]) == (None, False, False)


def test_a_till_cut_off_reaches_stripe_with_no_operation_until_released(bench: Any) -> None:
    fault = bench.arm("till_cut_off")
    for attempt in (bench.payment_intent, bench.stripe.v1.terminal.readers.list, bench.stripe.v1.refunds.list):
        with pytest.raises(stripe.APIConnectionError):
            attempt()

    assert bench.release(fault)["fired"] == 3
    assert bench.payment_intent().status == "requires_payment_method"


def test_a_held_answer_comes_when_it_is_released_and_stripe_has_long_done_it(bench: Any) -> None:
    fault = bench.arm("answer_delayed", "payment_intent.create")
    thread, got = in_background(bench.payment_intent)
    (intent,) = until(bench.intents_at_stripe)
    held = bench.quiet(timeout_ms=60)

    bench.release(fault)
    thread.join(5)

    assert (held["quiet"], held["till_in_flight"]) == (False, 1)
    assert got[0].id == intent.id


def test_a_held_answer_may_come_by_itself_after_its_delay(bench: Any) -> None:
    bench.arm("answer_delayed", "payment_intent.create", delay_ms=60)
    began = time.monotonic()

    bench.payment_intent()

    assert time.monotonic() - began >= 0.06
    (reply,) = bench.entries("reply", fault="answer_delayed")
    assert reply["data"]["delivered"] is True


def test_an_answer_held_longer_than_the_till_waits_is_never_delivered(bench: Any) -> None:
    bench.arm("answer_delayed", "payment_intent.create")
    form = {"amount": "700", "currency": "usd", "payment_method_types[]": "card_present"}
    with pytest.raises(bench.timeouts):
        bench.http.post(f"{bench.server.till}/v1/payment_intents", auth=(bench.key, ""), data=form, timeout=0.1)

    assert bench.quiet()["quiet"]
    (reply,) = bench.entries("reply", fault="answer_delayed")
    assert (reply["data"]["delivered"], reply["data"]["committed"]) == (False, True)


def test_a_rate_limit_names_its_reason_and_changes_nothing(bench: Any) -> None:
    bench.arm("rate_limited", "payment_intent.create", count=1, reason="global-rate")

    with pytest.raises(stripe.RateLimitError) as refusal:
        bench.payment_intent()

    assert refusal.value.headers["stripe-rate-limited-reason"] == "global-rate"
    assert bench.intents_at_stripe() == []


def test_a_lock_timeout_is_retried_by_the_official_client(bench: Any) -> None:
    bench.arm("rate_limited", "payment_intent.create", count=1, lock_timeout=True)

    bench.payment_intent(client=bench.client(bench.server.till, retries=1))

    assert [entry["data"]["status"] for entry in bench.entries("reply") if entry["actor"] == "till"] == [429, 200]


@pytest.mark.parametrize(("committed", "intents"), [(False, 0), (True, 1)])
def test_a_server_error_says_nothing_about_what_stripe_did(bench: Any, committed: bool, intents: int) -> None:
    bench.arm("server_error", "payment_intent.create", count=1, committed=committed)

    with pytest.raises(stripe.APIError):
        bench.payment_intent()

    (reply,) = bench.entries("reply", fault="server_error")
    assert (reply["data"]["status"], reply["data"]["delivered"]) == (500, True)
    assert reply["data"]["committed"] is committed
    assert len(bench.intents_at_stripe()) == intents


def test_a_conflict_is_stripes_answer_to_a_key_in_use(bench: Any) -> None:
    bench.arm("conflict", "payment_intent.create", count=1)

    with pytest.raises(stripe.StripeError) as refusal:
        bench.payment_intent()

    assert (refusal.value.http_status, refusal.value.error.code) == (409, "idempotency_key_in_use")
    assert bench.intents_at_stripe() == []


def test_faults_leave_the_suite_alone(bench: Any) -> None:
    fault = bench.arm("answer_lost", "*")

    bench.payment_intent(client=bench.suite_stripe)

    assert bench.release(fault)["fired"] == 0


def test_a_fault_on_one_object_leaves_the_others_alone(bench: Any) -> None:
    mine, other = bench.payment_intent(), bench.payment_intent()
    bench.arm("server_error", "payment_intent.cancel", object=mine.id)

    assert bench.stripe.v1.payment_intents.cancel(other.id).status == "canceled"
    with pytest.raises(stripe.APIError):
        bench.stripe.v1.payment_intents.cancel(mine.id)


def test_a_fault_finds_its_object_among_the_parameters_too(bench: Any) -> None:
    intent = bench.payment_intent()
    fault = bench.arm("server_error", "refund.create", object=intent.id)

    with pytest.raises(stripe.APIError):
        bench.stripe.v1.refunds.create({"payment_intent": intent.id})

    assert bench.release(fault)["fired"] == 1


def test_a_counted_fault_closes_by_itself(bench: Any) -> None:
    fault = bench.arm("server_error", "payment_intent.list", count=2)
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            bench.stripe.v1.payment_intents.list()
    bench.stripe.v1.payment_intents.list()

    record = bench.release(fault)
    assert (record["fired"], record["open"]) == (2, False)


def test_a_sticky_fault_covers_the_whole_call_and_no_other(bench: Any) -> None:
    fault = bench.arm("connection_refused", "payment_intent.create", sticky=True)
    with pytest.raises(stripe.APIConnectionError):
        bench.payment_intent(client=bench.client(bench.server.till, retries=2))

    bench.payment_intent(3000)

    record = bench.release(fault)
    assert record["fired"] == 3
    assert [intent.amount for intent in bench.intents_at_stripe()] == [3000]


def test_a_sticky_fault_knows_a_call_without_a_key_by_its_body(bench: Any) -> None:
    bench.arm("server_error", "payment_intent.create", sticky=True, count=1)
    form = {"amount": "900", "currency": "usd", "payment_method_types[]": "card_present"}

    def create(amount: str) -> int:
        sent = {**form, "amount": amount}
        return int(
            bench.http.post(f"{bench.server.till}/v1/payment_intents", auth=(bench.key, ""), data=sent).status_code
        )

    assert [create("900"), create("901"), create("900")] == [500, 200, 500]


def test_what_was_armed_what_fired_and_what_was_released_stands_in_the_journal(bench: Any) -> None:
    fault = bench.arm("server_error", "payment_intent.list", count=1)
    with pytest.raises(stripe.APIError):
        bench.stripe.v1.payment_intents.list()
    bench.release(fault)

    story = [entry["data"] for entry in bench.entries("control") if entry["data"].get("fault_id") == fault]
    assert [line["what"] for line in story] == ["fault_armed", "fault_fired", "fault_released"]
    (request,) = bench.entries("request", operation="payment_intent.list")
    assert story[1]["request"] == request["n"]
    assert story[2]["fired"] == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"fault": "gremlins"}, 'no fault is called "gremlins"'),
        ({"fault": "answer_lost", "operation": "payment.take"}, 'no operation is called "payment.take"'),
        ({"fault": "answer_lost", "delay_ms": 5}, "delay_ms"),
        ({"fault": "answer_delayed", "delay_ms": "long"}, "delay_ms"),
        ({"fault": "answer_lost", "count": 0}, "count is a whole number from 1"),
        ({"operation": "*"}, "a fault needs its name"),
        ({"fault": "webhook_lost", "sticky": True}, "sticky"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_in_one_sentence(bench: Any, asked: dict[str, Any], said: str) -> None:
    assert said in bench.refused("faults", **asked)
    assert bench.control("GET", "faults") == {"faults": []}


def until(read: Any, within_s: float = 5.0) -> Any:
    """What `read` gives once it gives anything."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = read()
        if found:
            return found
    raise AssertionError("nothing came")
