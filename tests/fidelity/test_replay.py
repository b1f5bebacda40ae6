"""The emulator's tests, replayed at a second emulator that stands where Stripe does."""

import copy
from collections import Counter

import pytest

from tests.fidelity.comparing import TAG
from tests.fidelity.staging import why_not

REFUSED = "test_cancelling_an_idle_reader_is_refused"
REGISTERED = "test_a_simulated_reader_registers_online_and_idle[simulated-s700"


def places(outcome):
    """Each difference once: operation, place, and both values."""
    return {(operation, place, ours, theirs) for operation, place, ours, theirs in outcome.by_place()}


def made(tests, path):
    """How many objects the recorded tests made with POST `path`, a repeated answer not counted."""
    return sum(
        (one.method, one.path, one.status) == ("POST", path, 200) and "idempotent-replayed" not in one.answer_headers
        for test in tests for one in test.api
    )


# ------------------------------------------------------------------------------------------------- no difference at all


def test_behind_latency_and_rate_limits_nothing_differs_and_everything_happens_once(replay, upstream, between, chosen):
    upstream.settings(latency_ms=4, rate_limit_per_s=25)
    between.every_nth = 5
    tests = [test for test in chosen("test_sale", "test_idempotency") if why_not(test, "US") is None]

    outcome = replay(tests)

    upstream.settings(latency_ms=0, rate_limit_per_s=0)
    assert places(outcome) == set()
    assert outcome.tries_again == between.limited + sum(heard.status == 429 for heard in between.heard) > 20
    assert [test.stopped for test in outcome.played if test.stopped] == []
    assert len(outcome.played) == len(tests) >= 15
    for path in ("/v1/payment_intents", "/v1/refunds"):
        assert len(upstream.rows(path)) == made(tests, path) > 0


def test_an_answer_that_was_lost_is_asked_for_again_and_takes_effect_once(replay, upstream, between, chosen):
    seen = Counter()

    def lost(heard):
        seen[heard.key] += heard.method == "POST"
        return seen[heard.key] == 1  # every POST has its effect, and its first answer never arrives

    between.lost = lost
    tests = chosen("test_each_move_tells_its_event_in_order")

    outcome = replay(tests)

    assert places(outcome) == set()
    assert len(upstream.rows("/v1/payment_intents")) == len(upstream.rows("/v1/refunds")) == 1
    assert len([row for row in upstream.rows("/v1/events") if row["type"] == "charge.captured"]) == 1


def test_what_is_still_under_way_at_first_is_looked_at_again(replay, between, chosen):
    looks = Counter()

    def unfinished(heard):
        if not heard.path.endswith("/present_payment_method") and looks["begun"] == 0:
            return None
        if heard.answer.get("object") != "terminal.reader" or looks["taken"] == 3:
            return None
        looks.update(["begun", "taken"])
        action = {**heard.answer["action"], "status": "in_progress"}
        return heard.status, {**heard.answer, "action": action}

    between.change = unfinished

    outcome = replay(chosen("test_a_sale_is_authorized_by_the_tap"), settle_s=3)

    assert looks["taken"] == 3
    assert places(outcome) == set()
    assert outcome.played[0].settled == [("present_payment_method", "action.status")]


def test_what_stays_under_way_is_a_difference(replay, between, chosen):
    def never_done(heard):
        if (heard.answer.get("action") or {}).get("status") != "succeeded":
            return None
        return heard.status, {**heard.answer, "action": {**heard.answer["action"], "status": "in_progress"}}

    between.change = never_done

    outcome = replay(chosen("test_a_sale_is_authorized_by_the_tap"))

    assert places(outcome) == {("present_payment_method", "action.status", '"succeeded"', '"in_progress"')}


def test_rows_of_others_in_the_account_are_no_difference(replay, upstream, chosen):
    address = {"line1": "1", "city": "C", "state": "CA", "postal_code": "9", "country": "US"}
    text = "&".join(f"address[{name}]={value}" for name, value in address.items())
    others = upstream.call("POST", f"/v1/terminal/locations?display_name=Others&{text}")
    upstream.call("POST", f"/v1/terminal/readers?registration_code=simulated-wpe&location={others['id']}")
    tests = chosen("test_readers_are_listed_by_what_they_are")

    outcome = replay(tests)

    assert places(outcome) == set()
    assert [row["id"] for row in upstream.rows("/v1/terminal/locations")] == [others["id"]]
    assert len(upstream.rows("/v1/terminal/readers")) == 1


# ---------------------------------------------------------------------------------------- exactly the differences there


def test_an_account_that_answers_otherwise_is_told_by_its_status_and_code(replay, upstream, chosen):
    upstream.settings(idle_cancel="ok")

    outcome = replay(chosen(REFUSED))

    refusal = '"400 invalid_request_error resource_missing"'
    assert places(outcome) == {("reader.cancel_action", "status_code", refusal, '"200"')}
    assert [test.stopped for test in outcome.played] == ["request 3 ended another way than on the emulator"]


def dropped(heard):
    return heard.status, {name: value for name, value in heard.answer.items() if name != "ip_address"}


def recoded(heard):
    answer = copy.deepcopy(heard.answer)
    if heard.status != 400:
        return None
    answer["error"] |= {"code": "parameter_invalid_empty", "message": "Other words, which nobody branches on."}
    return 400, answer


def dearer(heard):
    if not heard.path.endswith("/capture"):
        return None
    return heard.status, {**heard.answer, "amount_received": heard.answer["amount_received"] + 1}


def another_object(heard):
    if heard.answer.get("object") != "terminal.reader" or not isinstance(heard.answer.get("location"), str):
        return None
    return heard.status, {**heard.answer, "location": "tml_NobodysPlace01"}


@pytest.mark.parametrize(
    ("words", "change", "expected"),
    [
        pytest.param((REGISTERED,), dropped, {("reader.create", "ip_address", '"0.0.0.0"', "(absent)")},
                     id="a key is gone"),
        pytest.param((REFUSED,), recoded,
                     {("reader.cancel_action", "error.code", '"resource_missing"', '"parameter_invalid_empty"')},
                     id="another error code"),
        pytest.param(("test_a_sale_is_authorized_by_the_tap",), dearer,
                     {("payment_intent.capture", "amount_received", "2000", "2001")}, id="another amount"),
    ],
)
def test_a_tampered_answer_is_listed_with_its_place_and_both_values(replay, between, chosen, words, change, expected):
    between.change = change

    outcome = replay(chosen(*words))

    assert places(outcome) == expected


def test_an_id_that_means_another_object_is_a_difference(replay, between, chosen):
    between.change = another_object

    outcome = replay(chosen(REGISTERED))

    assert {(one.operation, one.difference.path) for one in outcome.found} == {("reader.create", "location")}
    assert {one.difference.stripe for one in outcome.found} == {"tml_NobodysPlace01"}


def test_an_event_that_is_not_told_is_a_difference(replay, between, chosen):
    def silent(heard):
        if heard.path != "/v1/events":
            return None
        rows = [row for row in heard.answer["data"] if row["type"] != "charge.captured"]
        return heard.status, {**heard.answer, "data": rows}

    between.change = silent

    outcome = replay(chosen("test_each_move_tells_its_event_in_order"))

    assert places(outcome) == {("events told", "charge.captured", "1", "0")}


def test_what_is_accepted_is_counted_and_not_reported(replay, between, chosen, tmp_path):
    between.change = dropped
    accepted = tmp_path / "accepted.toml"
    accepted.write_text('[[accepted]]\noperation = "reader.*"\npath = "ip_address"\nreason = "A test says so."\n')

    outcome = replay(chosen(REGISTERED), accepted)

    assert places(outcome) == set()


def test_after_an_object_that_stripe_refused_nothing_is_asked_about_it(replay, between, chosen):
    def refused(heard):
        if heard.path != "/v1/refunds" or heard.method != "POST":
            return None
        return 402, {"error": {"type": "card_error", "code": "refund_refused", "message": "No."}}

    between.change = refused

    outcome = replay(chosen("test_only_the_metadata_of_a_refund_changes"))

    assert places(outcome) == {("refund.create", "status_code", '"200"', '"402 card_error refund_refused"')}
    assert not [heard for heard in between.heard if heard.path.startswith("/v1/refunds/")]


def test_what_a_restricted_key_may_not_do_is_no_difference(replay, between, chosen):
    def forbidden(heard):
        if heard.path != "/v1/refunds":
            return None
        return 403, {"error": {"type": "invalid_request_error", "message": "The key lacks a permission."}}

    between.change = forbidden

    outcome = replay(chosen("test_each_move_tells_its_event_in_order"))

    assert places(outcome) == set()
    assert outcome.played[0].stopped.endswith("this key may not POST /v1/refunds")


# ------------------------------------------------------------------------------------------------------- a polite guest


def test_nothing_is_left_and_everything_made_carried_the_name_of_the_run(replay, upstream, between, chosen):
    outcome = replay(chosen("test_sale", "test_readers"))

    assert places(outcome) == set()
    assert outcome.kept == []
    assert outcome.removed > 50
    assert upstream.rows("/v1/terminal/readers") == upstream.rows("/v1/terminal/locations") == []
    intents = upstream.rows("/v1/payment_intents")
    assert {row["status"] for row in intents} <= {"canceled", "succeeded"}
    assert {row["metadata"].get(TAG) for row in intents} == {outcome.run}
    created = ("POST", "/v1/terminal/readers", 200)
    readers = [heard.answer for heard in between.heard if (heard.method, heard.path, heard.status) == created]
    assert {reader["metadata"][TAG] for reader in readers} == {outcome.run}


def test_a_creation_nobody_heard_of_is_found_by_its_name_and_removed(replay, upstream, between, chosen):
    between.lost = lambda heard: (heard.method, heard.path) == ("POST", "/v1/terminal/locations")

    outcome = replay(chosen(REGISTERED), tries=2)

    assert next(heard.status for heard in between.heard if heard.path == "/v1/terminal/locations") == 200
    assert "got no answer" in outcome.played[0].stopped
    assert places(outcome) == set()
    assert upstream.rows("/v1/terminal/locations") == []


def test_a_stripe_that_is_away_ends_the_run(replay, between, chosen):
    between.lost = lambda heard: True

    outcome = replay(chosen("test_sale"), tries=2)

    assert outcome.cut_short.startswith("3 requests in a row got no answer")
    assert len(outcome.played) == 2


def test_where_stripe_asks_not_to_try_again_its_answer_stands(replay, between, chosen):
    between.per_second, between.should_retry = 1, "false"

    outcome = replay(chosen(REGISTERED))

    assert ("reader.create", "status_code", '"200"', '"429 invalid_request_error rate_limit"') in places(outcome)
    assert outcome.tries_again == 0
