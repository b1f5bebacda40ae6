"""The two integration files that come with the suite, each against the answers its till gives."""

from pathlib import Path

import pytest
from odd_till import says

from cardpresent.drivers.pos import CheckedPos, HttpPos
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing
from cardpresent.profile import load

FILES = Path(__file__).parents[2] / "fixtures" / "integrations"
RUN = {"run.salt": "x1", "till_token": "cashier-token", "manager_token": "manager-token"}
ASKED = {
    "sale": "s1",
    "amount": Money(1234, "usd"),
    "tip": Money(200, "usd"),
    "refund_amount": Money(500, "usd"),
    "refund": "r1",
    "reader": "tmr_1",
    "register": "front",
}


@pytest.fixture
def shipped(till):
    opened = []

    def build(name: str) -> CheckedPos:
        driver = HttpPos(load(FILES / f"{name}.toml"), till.base_url, RUN)
        opened.append(driver)
        return CheckedPos(driver)

    yield build
    for driver in opened:
        driver.close()


def _sale(outcome: str, **more: object):
    return says({"sale": "s1", "outcome": outcome, "words": f"It is {outcome}.", "payment_intent": "pi_1", **more})


@pytest.mark.parametrize(
    "told, outcome, standing",
    [
        ("waiting", Outcome.UNKNOWN, Standing.COLLECTING),
        ("held", Outcome.UNKNOWN, Standing.HELD),
        ("paid", Outcome.ACCEPTED, Standing.SETTLED),
        ("not_paid", Outcome.REFUSED, Standing.SETTLED),
        ("not_known", Outcome.UNKNOWN, Standing.SETTLED),
    ],
)
def test_the_reference_pos_tells_where_a_sale_stands(shipped, till, told, outcome, standing):
    books = {"currency": "usd", "captured": 1434, "tip": 200, "refunded": 0}
    till.answers |= {"POST /sales": _sale(told), "GET /sales/s1": _sale(told, **books)}
    pos = shipped("reference_pos")

    started = pos.perform("start_sale", {**ASKED, "tip_on_receipt": True})
    state = pos.perform("sale_state", ASKED)

    assert till.asked[0].headers["authorization"] == "Bearer cashier-token"
    assert till.asked[0].json == {
        "sale": "s1",
        "amount": "12.34",
        "currency": "usd",
        "register": "front",
        "capture": "later",
        "eligible_for_tip": None,
        "skip_tipping": False,
        "order": "counter",
        "look_first": False,
        "customer": None,
        "consent": None,
    }
    assert (started.outcome, started.standing, started.words) == (outcome, standing, f"It is {told}.")
    assert (state.outcome, state.standing, state.saved) == (outcome, standing, {"payment_intent": "pi_1"})
    assert (state.record.paid, state.record.tip) == (Money(1434, "usd"), Money(200, "usd"))


@pytest.mark.parametrize(
    "verb, asked, answer, body, outcome",
    [
        ("cancel_sale", "POST /sales/s1/cancel", _sale("not_paid"), None, Outcome.ACCEPTED),
        ("cancel_sale", "POST /sales/s1/cancel", _sale("paid"), None, Outcome.REFUSED),
        ("edit_sale", "PATCH /sales/s1", says({"words": "no"}, 409), {"amount": "12.34"}, Outcome.REFUSED),
        ("capture_sale", "POST /sales/s1/capture", _sale("paid"), {"tip": 0}, Outcome.ACCEPTED),
        ("tip_on_receipt", "POST /sales/s1/capture", _sale("held"), {"tip": 200}, Outcome.UNKNOWN),
        (
            "refund_sale",
            "POST /sales/s1/refunds",
            _sale("paid", refunds=[{"id": "r0", "status": "failed"}, {"id": "r1", "status": "succeeded"}]),
            {"amount": "5.00", "refund": "r1"},
            Outcome.ACCEPTED,
        ),
        ("refund_sale", "POST /sales/s1/refunds", says({"words": "too much"}, 409), None, Outcome.REFUSED),
        ("refund_state", "GET /sales/s1", _sale("paid", refunds=[{"id": "r1", "status": "waiting"}]), None,
         Outcome.UNKNOWN),
        ("refund_state", "GET /sales/s1", _sale("paid", refunds=[{"id": "r1", "status": "failed"}]), None,
         Outcome.REFUSED),
        ("bind_reader", "PUT /registers/front", says({"words": "abroad"}, 409), None, Outcome.REFUSED),
        ("bind_reader", "PUT /registers/front", says({}), {"reader": "tmr_1"}, Outcome.ACCEPTED),
        ("end_of_day", "POST /day/close", says({"closed": True}), None, Outcome.ACCEPTED),
        ("list_readers", "GET /readers", says([]), None, Outcome.ACCEPTED),
    ],
)
def test_the_reference_pos_says_whether_a_thing_was_done(shipped, till, verb, asked, answer, body, outcome):
    till.answers[asked] = answer

    reply = shipped("reference_pos").perform(verb, ASKED)

    assert reply.outcome is outcome
    assert body is None or till.asked[0].json == body
    expected = "manager-token" if verb in {"bind_reader", "refund_sale"} else "cashier-token"
    assert till.asked[0].headers["authorization"] == f"Bearer {expected}"


def test_the_naive_till_starts_a_sale_in_two_requests(shipped, till):
    till.answers |= {
        "POST /create_payment_intent": says({"id": "pi_1"}),
        "POST /process": says({"ok": True}),
    }

    reply = shipped("naive_till").perform("start_sale", ASKED)

    assert [asked.json for asked in till.asked] == [
        {"amount": "12.34"},
        {"payment_intent_id": "pi_1", "reader_id": "tmr_1"},
    ]
    assert (reply.standing, reply.saved) == (Standing.COLLECTING, {"payment_intent": "pi_1"})


@pytest.mark.parametrize("failing, sent", [("POST /create_payment_intent", 1), ("POST /process", 2)])
def test_an_error_that_the_naive_till_sends_with_200_is_a_refusal(shipped, till, failing, sent):
    till.answers |= {
        "POST /create_payment_intent": says({"id": "pi_1"}),
        "POST /process": says({"ok": True}),
    }
    till.answers[failing] = says({"error": "Reader is busy"})

    reply = shipped("naive_till").perform("start_sale", ASKED)

    assert (reply.outcome, reply.words, len(till.asked)) == (Outcome.REFUSED, "Reader is busy", sent)


@pytest.mark.parametrize(
    "status, outcome, standing",
    [
        ("requires_payment_method", Outcome.UNKNOWN, Standing.COLLECTING),
        ("requires_capture", Outcome.UNKNOWN, Standing.HELD),
        ("succeeded", Outcome.ACCEPTED, Standing.SETTLED),
        ("canceled", Outcome.REFUSED, Standing.SETTLED),
    ],
)
def test_the_naive_till_speaks_in_stripes_own_statuses(shipped, till, status, outcome, standing):
    till.answers["GET /status?payment_intent_id=pi_1"] = says({"status": status})

    reply = shipped("naive_till").perform("sale_state", {**ASKED, "payment_intent": "pi_1"})

    assert (reply.outcome, reply.standing) == (outcome, standing)


def test_a_decline_that_the_naive_till_passes_on_is_a_refusal_until_another_card_pays(shipped, till):
    declined = {"status": "requires_payment_method", "last_payment_error": {"code": "card_declined"}}
    till.answers["GET /status?payment_intent_id=pi_1"] = says(declined)
    pos = shipped("naive_till")

    refused = pos.perform("sale_state", {**ASKED, "payment_intent": "pi_1"})
    till.answers["GET /status?payment_intent_id=pi_1"] = says({"status": "succeeded", "last_payment_error": None})
    paid = pos.perform("sale_state", {**ASKED, "payment_intent": "pi_1"})

    assert (refused.outcome, paid.outcome) == (Outcome.REFUSED, Outcome.ACCEPTED)


def test_a_naive_till_that_never_named_a_payment_is_not_asked_about_it(shipped, till):
    reply = shipped("naive_till").perform("sale_state", ASKED)

    assert (reply.asked, reply.status, reply.missing) == (False, None, ("payment_intent",))
    assert till.asked == []


@pytest.mark.parametrize("name, told", [("reference_pos", True), ("naive_till", False)])
def test_the_file_tells_whether_the_till_can_be_told_what_is_tippable(name, told):
    assert load(FILES / f"{name}.toml").names("start_sale", "eligible") is told
