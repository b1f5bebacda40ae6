"""A till worked over the wire: what is sent, and how odd answers are read."""

import json
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from odd_till import Answer, says

from cardpresent.drivers.pos import NotOffered
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing

SALE = {"sale": "s1", "amount": Money(1230, "usd")}


def test_an_amount_is_sent_as_minor_units_as_a_number_or_as_text(pos, till):
    till.answers["POST /pay"] = says({"state": "paid"})
    driver = pos("""
[operations.start_sale]
method = "POST"
path = "/pay"
outcome = { by = "$.state", accepted = ["paid"] }
[operations.start_sale.json]
minor = "{amount.minor}"
number = "{amount.decimal}"
text = "{amount.string}"
line = "{sale}: {amount.decimal} {amount.currency}"
nested = [{ eligible = "{eligible.minor}" }]
later = "{tip_on_receipt}"
mode = "{tip_on_receipt?later:now}"
literal = "{{sale}}"
""")

    reply = driver.perform("start_sale", {**SALE, "tip_on_receipt": True})

    assert '"number":12.30' in till.asked[0].body
    assert till.asked[0].json == {
        "minor": 1230,
        "number": 12.3,
        "text": "12.30",
        "line": "s1: 12.30 usd",
        "nested": [{"eligible": None}],
        "later": True,
        "mode": "later",
        "literal": "{sale}",
    }
    assert reply.outcome is Outcome.ACCEPTED


def test_forms_queries_headers_and_paths_are_filled_and_quoted(pos, till):
    till.answers["POST /sales/s1/pay?note=a%26b+c"] = says({"state": "paid"})
    driver = pos(
        """
[operations.start_sale]
method = "POST"
path = "/sales/{sale}/pay"
query = { note = "a&b c" }
headers = { X-Run = "{run.salt}" }
form = { amount = "{amount.decimal}", reader = "{reader}" }
outcome = { by = "$.state", accepted = ["paid"] }
""",
        **{"run.salt": "x7"},
    )

    driver.perform("start_sale", {**SALE, "reader": "tmr_1"})

    asked = till.asked[0]
    assert parse_qs(asked.body) == {"amount": ["12.30"], "reader": ["tmr_1"]}
    assert parse_qs(urlsplit(asked.path).query) == {"note": ["a&b c"]}
    assert asked.headers["x-run"] == "x7"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "state, outcome, standing",
    [
        ("paid", Outcome.ACCEPTED, Standing.SETTLED),
        ("declined", Outcome.REFUSED, Standing.SETTLED),
        ("waiting", Outcome.UNKNOWN, Standing.COLLECTING),
        ("held", Outcome.UNKNOWN, Standing.HELD),
        ("never heard of", Outcome.UNKNOWN, Standing.SETTLED),
    ],
)
def test_an_answer_means_what_the_outcome_table_says(pos, till, state, outcome, standing):
    till.answers["POST /pay"] = says({"state": state})

    reply = pos().perform("start_sale", SALE)

    assert (reply.outcome, reply.standing) == (outcome, standing)


@pytest.mark.parametrize(
    "answer, status",
    [
        pytest.param(Answer("<h1>Paid!</h1>"), 200, id="HTML"),
        pytest.param(Answer(b"\xff\xfe\x00"), 200, id="bytes that are no text"),
        pytest.param(Answer(""), 204, id="nothing at all"),
        pytest.param(says([1, 2]), 200, id="a list"),
        pytest.param(says({"state": None}), 200, id="null"),
        pytest.param(says({"state": {"paid": True}}), 200, id="an object"),
        pytest.param(Answer("oops", 500), 500, id="a 500"),
    ],
)
def test_an_answer_nobody_described_is_unknown_and_no_error(pos, till, answer, status):
    till.answers["POST /pay"] = Answer(answer.body, status, answer.headers)

    reply = pos().perform("start_sale", SALE)

    assert (reply.outcome, reply.standing, reply.status) == (Outcome.UNKNOWN, Standing.SETTLED, status)


def test_an_extraction_that_finds_nothing_is_recorded_as_missing(pos, till):
    till.answers["POST /pay"] = says({"state": "paid"})
    driver = pos("""
[operations.start_sale]
method = "POST"
path = "/pay"
words = "$.message"
save = { payment_intent = "$.id" }
outcome = { by = "$.state", accepted = ["paid"] }
record = { paid = "$.captured" }
""")

    reply = driver.perform("start_sale", SALE)

    assert reply.outcome is Outcome.ACCEPTED
    assert reply.saved == {}
    assert reply.record is None
    assert reply.missing == ("payment_intent", "words", "record.paid")


def test_an_error_in_a_200_is_a_refusal_where_the_tables_say_so(pos, till):
    till.answers["POST /pay"] = says({"error": "Reader is busy"})
    driver = pos("""
[operations.start_sale]
method = "POST"
path = "/pay"
words = "$.error"
outcome = [{ by = "$.error", otherwise = "refused" }, { by = "status", accepted = ["2xx"] }]
""")

    refused = driver.perform("start_sale", SALE)
    till.answers["POST /pay"] = says({"ok": True})
    accepted = driver.perform("start_sale", SALE)

    assert (refused.outcome, refused.words) == (Outcome.REFUSED, "Reader is busy")
    assert accepted.outcome is Outcome.ACCEPTED


CHAIN = """
[operations.start_sale]
[[operations.start_sale.steps]]
method = "POST"
path = "/create"
save = { payment_intent = "$.id" }
outcome = [{ by = "$.error", otherwise = "refused" }, { by = "status", accepted = ["2xx"] }]
[[operations.start_sale.steps]]
method = "POST"
path = "/process"
json = { pi = "{payment_intent}" }
outcome = { by = "$.state", collecting = ["waiting"] }
"""


def test_chained_steps_hand_on_what_they_saved(pos, till):
    till.answers |= {"POST /create": says({"id": "pi_1"}), "POST /process": says({"state": "waiting"})}

    reply = pos(CHAIN).perform("start_sale", SALE)

    assert till.asked[1].json == {"pi": "pi_1"}
    assert reply.saved == {"payment_intent": "pi_1"}
    assert reply.standing is Standing.COLLECTING


def test_a_refused_step_ends_the_chain(pos, till):
    till.answers["POST /create"] = says({"error": "no such reader", "id": "pi_1"})

    reply = pos(CHAIN).perform("start_sale", SALE)

    assert reply.outcome is Outcome.REFUSED
    assert [asked.path for asked in till.asked] == ["/create"]


def test_a_step_whose_value_was_never_saved_is_not_sent(pos, till):
    till.answers["POST /create"] = says({})

    reply = pos(CHAIN).perform("start_sale", SALE)

    assert (reply.outcome, reply.status) == (Outcome.UNKNOWN, 200)
    assert reply.missing == ("payment_intent",)
    assert len(till.asked) == 1


def test_a_status_that_is_no_answer_leaves_the_outcome_unknown(pos, till):
    till.answers["POST /pay"] = says({"state": "paid"}, 502)
    driver = pos("""
[operations.start_sale]
method = "POST"
path = "/pay"
expect = [200, 402]
outcome = { by = "$.state", accepted = ["paid"] }
""")

    reply = driver.perform("start_sale", SALE)

    assert (reply.outcome, reply.status) == (Outcome.UNKNOWN, 502)


def test_a_till_that_is_not_there_is_unknown_without_a_status(pos, till):
    driver = pos()
    till.__exit__()

    reply = driver.perform("start_sale", SALE)

    assert (reply.outcome, reply.status, reply.words, reply.body) == (Outcome.UNKNOWN, None, "", "")
    till.__enter__()


def test_a_till_that_dies_in_the_middle_of_its_answer_is_unknown(pos, till):
    till.answers["POST /pay"] = Answer('{"state": "paid"', promised=400)

    reply = pos().perform("start_sale", SALE)

    assert (reply.outcome, reply.status) == (Outcome.UNKNOWN, None)
    assert len(till.asked) == 1


RECORD = """
[operations.sale_state]
method = "GET"
path = "/sales/{sale}"
outcome = { by = "$.state", accepted = ["paid"] }
record = { UNITpaid = "$.paid", tip = "$.tip", refunded = "$.refunded" }
"""


@pytest.mark.parametrize(
    "unit, paid, tip",
    [
        ("", 1530, "300"),
        ('unit = "main", ', "15.30", 3.0),
        ('unit = "main", ', "$15.30", "3"),
        ('unit = "main", ', "15.30 USD", "3.00"),
        ('unit = "main", ', "USD 15.30", 3),
    ],
)
def test_the_tills_own_books_are_read_in_its_own_unit(pos, till, unit, paid, tip):
    till.answers["GET /sales/s1"] = says({"state": "paid", "paid": paid, "tip": tip, "refunded": None})

    reply = pos(RECORD.replace("UNIT", unit)).perform("sale_state", SALE)

    assert (reply.record.paid, reply.record.tip) == (Money(1530, "usd"), Money(300, "usd"))
    assert reply.record.refunded is None
    assert reply.missing == ("record.refunded",)


@pytest.mark.parametrize("written", ["fifteen", "15.305", "", "NaN", "15.30.10", "15,30", [15]])
def test_an_amount_that_is_none_is_missing_never_guessed(pos, till, written):
    till.answers["GET /sales/s1"] = says({"state": "paid", "paid": written})

    reply = pos(RECORD.replace("UNIT", 'unit = "main", ')).perform("sale_state", SALE)

    assert reply.record is None
    assert "record.paid" in reply.missing


def test_a_value_can_stand_in_a_header_a_cookie_a_text_or_behind_a_filter(pos, till):
    body = {"lines": [{"id": "other", "status": "no"}, {"id": "it's", "status": "yes"}], "html": "<b>Ref 77</b>"}
    till.answers["GET /readers"] = says(body, 200, ("Location", "/next"), ("Set-Cookie", "sid=abc; Path=/; HttpOnly"))
    driver = pos("""
[operations.list_readers]
method = "GET"
path = "/readers"
[operations.list_readers.save]
next = { header = "Location" }
sid = { cookie = "sid" }
ref = { regex = 'Ref (\\d{2})' }
line = "$.lines[?@.id=='{sale}'].status"
fixed = { constant = "for {sale}" }
""")

    reply = driver.perform("list_readers", {"sale": "it's"})

    assert reply.saved == {"next": "/next", "sid": "abc", "ref": "77", "line": "yes", "fixed": "for it's"}


LOGIN = """
[auth.cashier]
headers = { X-Token = "{token}" }
[auth.cashier.login]
method = "POST"
path = "/login"
form = { pin = "{pin}" }
save = { token = "$.token" }
[auth.manager]
headers = { X-Token = "boss" }
"""


def test_a_role_logs_in_once_and_keeps_its_cookie_to_itself(pos, till):
    till.answers["POST /login"] = says({"token": "t1"}, 200, ("Set-Cookie", "sid=c1"))
    till.answers["POST /pay"] = says({"state": "paid"})
    driver = pos(LOGIN, pin="1234")

    driver.perform("start_sale", SALE)
    driver.perform("start_sale", SALE)
    driver.perform("start_sale", SALE, as_role="manager")
    driver.perform("start_sale", SALE, as_role="none")

    assert [asked.path for asked in till.asked] == ["/login", "/pay", "/pay", "/pay", "/pay"]
    assert till.asked[0].body == "pin=1234"
    assert [asked.headers.get("x-token") for asked in till.asked[1:]] == ["t1", "t1", "boss", None]
    assert [asked.headers.get("cookie") for asked in till.asked[1:]] == ["sid=c1", "sid=c1", None, None]


def test_an_expired_session_is_renewed_at_the_next_verb_and_nothing_is_sent_twice(pos, till):
    till.answers["POST /login"] = says({"token": "t1"})
    till.answers["POST /pay"] = Answer("log in first", 401)
    driver = pos(LOGIN, pin="1234")

    first = driver.perform("start_sale", SALE)
    till.answers["POST /pay"] = says({"state": "paid"})
    second = driver.perform("start_sale", SALE)

    assert (first.outcome, first.status) == (Outcome.UNKNOWN, 401)
    assert second.outcome is Outcome.ACCEPTED
    assert [asked.path for asked in till.asked] == ["/login", "/pay", "/login", "/pay"]


def test_two_cashiers_press_at_the_same_moment_over_one_client(pos, till):
    both_there = threading.Barrier(2, timeout=5)

    def answer(asked):
        both_there.wait()
        return says({"state": "paid", "echo": asked.json["amount"]})

    till.answers["POST /pay"] = answer
    driver = pos()
    replies = []
    presses = [threading.Thread(target=lambda: replies.append(driver.perform("start_sale", SALE))) for _ in range(2)]
    for press in presses:
        press.start()
    for press in presses:
        press.join()

    assert [reply.outcome for reply in replies] == [Outcome.ACCEPTED, Outcome.ACCEPTED]


def test_a_verb_the_file_does_not_describe_is_not_offered(pos, till):
    driver = pos()

    assert not driver.offers("refund_sale")
    with pytest.raises(NotOffered, match="does not describe refund_sale"):
        driver.perform("refund_sale", SALE)
    assert till.asked == []


def test_a_long_body_is_kept_to_its_first_part(pos, till):
    till.answers["POST /pay"] = says({"state": "paid", "noise": "x" * 50_000})

    reply = pos().perform("start_sale", SALE)

    assert len(reply.body) == 20_000
    assert reply.outcome is Outcome.ACCEPTED


def test_a_connection_token_is_told_apart_by_a_digest(pos, till):
    till.answers["POST /token"] = says({"secret": "pst_test_1"})
    driver = pos("""
[operations.connection_token]
method = "POST"
path = "/token"
save = { secret = "$.secret" }
""")

    reply = driver.perform("connection_token", {})

    assert reply.saved["secret"] == "pst_test_1"
    assert len(reply.saved["secret_digest"]) == 16


def test_a_live_key_in_the_environment_reaches_no_till(pos, till, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "sk_" + "live_" + "abc")
    driver = pos("""
[operations.start_sale]
method = "POST"
path = "/pay"
headers = { X-Key = "{env.SOME_KEY}" }
outcome = { by = "$.state", accepted = ["paid"] }
""")

    reply = driver.perform("start_sale", SALE)

    assert till.asked == []
    assert reply.missing == ("env.SOME_KEY",)


def test_the_tills_clock_and_data_are_moved_by_the_requests_the_file_names(described, till):
    from cardpresent.drivers.pos import HttpPos

    till.answers |= {"POST /time": says({}), "POST /reset": Answer("done")}
    integration = described("""
[clock.advance]
method = "POST"
path = "/time"
json = { advance_s = "{advance_s}" }
[data.reset]
method = "POST"
path = "/reset"
""")
    with HttpPos(integration, till.base_url) as driver:
        moved, cleared = driver.advance_clock(90), driver.reset()

    assert json.loads(till.asked[0].body) == {"advance_s": 90}
    assert (moved.outcome, cleared.outcome) == (Outcome.ACCEPTED, Outcome.ACCEPTED)
