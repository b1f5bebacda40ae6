"""What a reader asks the customer for beside a card."""

import pytest

TEXT = {"title": "Tell us"}
ALL = [
    {"type": "selection", "custom_text": {**TEXT, "description": "d" * 500}, "required": True,
     "selection": {"choices": [{"id": "yes", "text": "Yes", "style": "primary"}, {"id": "no", "text": "No"}]}},
    {"type": "signature", "custom_text": {**TEXT, "submit_button": "Sign"}, "required": True},
    {"type": "email", "custom_text": {**TEXT, "skip_button": "No"}},
    {"type": "phone", "custom_text": TEXT},
    {"type": "text", "custom_text": TEXT,
     "toggles": [{"title": "News", "default_value": "enabled"}, {"description": "Ads"}]},
]


def collect(shop, inputs, **params):
    return shop.client.terminal.readers.collect_inputs(shop.reader, {"inputs": inputs, **params})


def succeed(shop, **params):
    return shop.client.test_helpers.terminal.readers.succeed_input_collection(shop.reader, params)


def test_inputs_are_asked_for_and_filled_in(shop):
    asked = collect(shop, ALL, metadata={"order": "7"}).action
    assert (asked.type, asked.status) == ("collect_inputs", "in_progress")
    assert asked.collect_inputs.metadata.to_dict() == {"order": "7"}
    selection, signature, email, _, text = asked.collect_inputs.inputs
    assert (selection.selection.id, signature.signature.value, email.email.value) == (None, None, None)
    assert (email.required, email.custom_text.skip_button, email.custom_text.submit_button) == (False, "No", None)
    assert [toggle.value for toggle in text.toggles] == [None, None]

    done = succeed(shop).action

    selection, signature, email, phone, text = done.collect_inputs.inputs
    assert (done.status, done.failure_code) == ("succeeded", None)
    assert (selection.selection.id, selection.selection.text) == ("yes", "Yes")
    assert signature.signature.value.startswith("file_")
    assert "@" in email.email.value
    assert phone.phone.value.startswith("+")
    assert [toggle.value for toggle in text.toggles] == ["enabled", "disabled"]
    assert [one.skipped for one in done.collect_inputs.inputs] == [False] * 5
    assert shop.events()[-1] == "terminal.reader.action_succeeded"


def test_inputs_that_are_not_required_may_be_skipped(shop):
    collect(shop, ALL)
    inputs = succeed(shop, skip_non_required_inputs="all").action.collect_inputs.inputs
    assert [one.skipped for one in inputs] == [False, False, True, True, True]
    assert inputs[2].email.value is None
    assert inputs[4].toggles[0].value is None
    assert inputs[0].selection.id == "yes"


def test_inputs_fail_after_two_minutes_and_not_before(shop):
    collect(shop, ALL)
    shop.advance(119)
    assert shop.action().status == "in_progress"
    shop.advance(1)
    action = shop.action()
    assert (action.status, action.failure_code) == ("failed", "collect_inputs_timeout")
    assert action.collect_inputs.inputs[2].email.value is None
    assert shop.events()[-1] == "terminal.reader.action_failed"
    assert shop.refusal(succeed, shop).http_status == 400


def test_the_helper_lets_inputs_time_out_at_once(shop):
    collect(shop, ALL)
    action = shop.client.test_helpers.terminal.readers.timeout_input_collection(shop.reader).action
    assert (action.status, action.failure_code) == ("failed", "collect_inputs_timeout")


def test_the_two_minutes_of_finished_inputs_do_not_end_later_ones(shop):
    collect(shop, ALL)
    shop.advance(100)
    succeed(shop)
    collect(shop, ALL)
    shop.advance(100)
    assert shop.action().status == "in_progress"
    assert shop.events().count("terminal.reader.action_failed") == 0


def test_inputs_are_cancelled_and_replaced_like_any_action(shop):
    collect(shop, ALL)
    assert shop.refusal(shop.present).http_status == 400
    assert shop.client.terminal.readers.cancel_action(shop.reader).action is None
    shop.advance(200)
    assert shop.action() is None
    collect(shop, ALL)
    payment = shop.payment()
    assert shop.process(payment).action.type == "process_payment_intent"
    assert shop.refusal(succeed, shop).http_status == 400
    assert shop.present().action.status == "succeeded"


def test_a_reader_that_asks_an_issuer_collects_no_inputs(shop):
    shop.process(shop.payment())
    slow = shop.fault("slow_issuer")
    shop.present()
    assert shop.refusal(collect, shop, ALL).code == "terminal_reader_busy"
    shop.release(slow)


def text(**given):
    return {"type": "text", "custom_text": {**TEXT, **given}}


def choose(*choices, **given):
    return {"type": "selection", "custom_text": {**TEXT, **given}, "selection": {"choices": list(choices)}}


YES = {"id": "yes", "text": "Yes"}


@pytest.mark.parametrize(
    ("inputs", "param"),
    [
        ([text()] * 6, "inputs"),
        ([text(title="x" * 41)], "inputs[0][custom_text][title]"),
        ([text(), text(description="x" * 101)], "inputs[1][custom_text][description]"),
        ([choose(YES, description="x" * 501)], "inputs[0][custom_text][description]"),
        ([text(submit_button="x" * 31)], "inputs[0][custom_text][submit_button]"),
        ([text(skip_button="x" * 15)], "inputs[0][custom_text][skip_button]"),
        ([choose(*[YES] * 5)], "inputs[0][selection][choices]"),
        ([choose({"id": "x" * 51, "text": "Yes"})], "inputs[0][selection][choices][0][id]"),
        ([choose(YES, {"id": "no", "text": "x" * 31})], "inputs[0][selection][choices][1][text]"),
        ([{"type": "selection", "custom_text": TEXT}], "inputs[0][selection]"),
        ([{**text(), "selection": {"choices": [YES]}}], "inputs[0][selection]"),
        ([{**text(), "toggles": [{"title": "x"}] * 5}], "inputs[0][toggles]"),
        ([{**text(), "toggles": [{"title": "x" * 51}]}], "inputs[0][toggles][0][title]"),
        ([{**text(), "toggles": [{"default_value": "enabled"}]}], "inputs[0][toggles][0]"),
        ([{"type": "text", "custom_text": {"description": "x"}}], "inputs[0][custom_text][title]"),
    ],
)
def test_inputs_beyond_the_limits_are_refused_by_name(shop, inputs, param):
    error = shop.refusal(collect, shop, inputs)
    assert (error.http_status, error.param) == (400, param)
    assert shop.action() is None


@pytest.mark.parametrize(
    "inputs",
    [
        [text(title="x" * 40, description="x" * 100, submit_button="x" * 30, skip_button="x" * 14)] * 5,
        [choose(*[{"id": "x" * 50, "text": "x" * 30}] * 4, description="x" * 500)],
        [{**text(), "toggles": [{"title": "x" * 50, "description": "x" * 50}] * 4}],
    ],
)
def test_inputs_at_the_limits_are_taken(shop, inputs):
    assert collect(shop, inputs).action.status == "in_progress"
