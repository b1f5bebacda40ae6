"""Tills that answer with pages: hidden tokens, redirects, and payments whose ids they never say."""

import threading
from urllib.parse import parse_qs

import pytest
from odd_till import Answer, says

from cardpresent.drivers.pos import CheckedPos, HttpPos
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome

SALE = {"sale": "s1", "amount": Money(1230, "usd")}
FORM = """
<html><body><form id="pay" method="post"><input type="hidden" name="csrf" value="tok&amp;1">
<input name="amount"></form></body></html>
"""
DONE = """<table><tr data-sale="s0"><td class="state">Declined</td></tr>
<tr data-sale="s1"><td class="state big">Paid,
   thank <b>you</b></td></tr></table>"""
FORM_TILL = """
[operations.start_sale]
words = { css = "tr[data-sale='{sale}'] .state" }
outcome = { by = { css = "tr[data-sale='{sale}'] .state" }, accepted = ["Paid, thank you"], refused = ["Declined"] }
[[operations.start_sale.steps]]
method = "GET"
path = "/pay"
save = { csrf = { css = "form#pay input[name=csrf]", attribute = "value" } }
[[operations.start_sale.steps]]
method = "POST"
path = "/pay"
form = { csrf = "{csrf}", amount = "{amount.string}" }
outcome = { by = "status", accepted = ["303"] }
save = { page = { redirect = true }, number = { redirect = 'orders/(\\d+)' } }
[[operations.start_sale.steps]]
method = "GET"
path = "{page}"
"""


@pytest.fixture
def form_till(till):
    till.answers |= {
        "GET /pay": Answer(FORM, 200, (("Set-Cookie", "sid=abc"),)),
        "POST /pay": Answer("", 303, (("Location", "orders/17"),)),
        "GET /orders/17": Answer(DONE),
    }
    return till


def test_a_form_is_fetched_sent_back_with_what_it_hid_and_its_redirect_followed(pos, form_till):
    reply = pos(FORM_TILL).perform("start_sale", SALE)

    assert [f"{asked.method} {asked.path}" for asked in form_till.asked] == ["GET /pay", "POST /pay", "GET /orders/17"]
    assert parse_qs(form_till.asked[1].body) == {"csrf": ["tok&1"], "amount": ["12.30"]}
    assert form_till.asked[1].headers["cookie"] == "sid=abc"
    assert (reply.outcome, reply.words) == (Outcome.ACCEPTED, "Paid, thank you")
    assert (reply.saved["page"], reply.saved["number"]) == (f"{form_till.base_url}/orders/17", "17")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer("<p>No form today</p>"), id="a page without the form"),
        pytest.param(says({"csrf": "tok"}), id="JSON in place of a page"),
        pytest.param(Answer(b"\xff\xfe\x00<<<"), id="bytes that are no page"),
    ],
)
def test_a_form_that_is_not_there_is_missing_and_nothing_is_sent_in_its_place(pos, form_till, answer):
    form_till.answers["GET /pay"] = answer

    reply = pos(FORM_TILL).perform("start_sale", SALE)

    assert (reply.outcome, reply.missing) == (Outcome.UNKNOWN, ("csrf",))
    assert len(form_till.asked) == 1


@pytest.mark.parametrize(
    "answer, found",
    [
        (Answer("", 302, (("Location", "/orders/17?new=1"),)), "17"),
        (Answer("", 303, (("Location", "https://elsewhere.test/orders/18"),)), "18"),
        (Answer("", 200, (("Location", "/orders/17"),)), None),
        (Answer("", 302), None),
        (Answer("", 302, (("Location", "/login"),)), None),
    ],
)
def test_only_a_redirect_points_anywhere(pos, till, answer, found):
    till.answers["GET /readers"] = answer
    driver = pos("""
[operations.list_readers]
method = "GET"
path = "/readers"
save = { number = { redirect = 'orders/(\\d+)' } }
""")

    assert driver.perform("list_readers", {}).saved.get("number") == found


def test_a_value_that_holds_quotes_does_not_end_the_selector_it_stands_in(pos, till):
    till.answers["GET /readers"] = Answer("""<i data-s='x"]b'>no</i><i data-s="it's">yes</i>""")
    driver = pos("""
[operations.list_readers]
method = "GET"
path = "/readers"
save = { line = { css = "i[data-s='{sale}']" } }
""")

    assert driver.perform("list_readers", {"sale": "it's"}).saved == {"line": "yes"}
    assert driver.perform("list_readers", {"sale": 'x"]b'}).saved == {"line": "no"}
    assert driver.perform("list_readers", {"sale": "\\"}).saved == {}


def test_a_log_in_may_take_several_requests(pos, till):
    till.answers |= {
        "GET /login": Answer('<input name="t" value="once">', 200, (("Set-Cookie", "sid=anonymous"),)),
        "POST /login": Answer("", 302, (("Set-Cookie", "sid=known"), ("Location", "/"))),
        "POST /pay": says({"state": "paid"}),
    }
    driver = pos("""
[[auth.cashier.login.steps]]
method = "GET"
path = "/login"
save = { t = { css = "input[name=t]", attribute = "value" } }
[[auth.cashier.login.steps]]
method = "POST"
path = "/login"
form = { t = "{t}", pin = "{pin}" }
""", pin="1234")

    reply = driver.perform("start_sale", SALE)

    assert till.asked[1].body == "t=once&pin=1234"
    assert till.asked[1].headers["cookie"] == "sid=anonymous"
    assert till.asked[2].headers["cookie"] == "sid=known"
    assert reply.outcome is Outcome.ACCEPTED


# A till that says nothing of its payments


class Books:
    """PaymentsMade of a test: what the till has made, in order; None while an answer is outstanding."""

    def __init__(self, made=()):
        self.made = list(made)
        self.lock = threading.Lock()

    def mark(self):
        with self.lock:
            return len(self.made)

    def since(self, mark):
        with self.lock:
            return None if None in self.made[mark:] else self.made[mark:]


NAMELESS = """
[operations.start_sale]
method = "POST"
path = "/pay"
json = { amount = "{amount.minor}" }
save = { payment_intent = { newest = "payment_intent" } }
outcome = { by = "$.state", accepted = ["paid"], collecting = ["waiting"] }
"""


@pytest.fixture
def nameless(described, till):
    books, opened = Books(["pi_old"]), []

    def build(*made: str | None):
        till.answers["POST /pay"] = lambda asked: books.made.extend(made) or says({"state": "waiting"})
        driver = HttpPos(described(NAMELESS), till.base_url, made=books)
        opened.append(driver)
        return CheckedPos(driver)

    yield build
    for driver in opened:
        driver.close()


def test_the_one_payment_made_while_the_till_answered_is_the_sales_own(nameless):
    reply = nameless("pi_new").perform("start_sale", SALE)

    assert reply.saved == {"payment_intent": "pi_new"}
    assert reply.found == {"payment_intent": "newest"}


@pytest.mark.parametrize(
    "made",
    [
        pytest.param((), id="none was made"),
        pytest.param(("pi_a", "pi_b"), id="two were made"),
        pytest.param((None,), id="one whose making has no end yet"),
    ],
)
def test_where_it_cannot_be_told_which_payment_it_is_none_is_named(nameless, made):
    reply = nameless(*made).perform("start_sale", SALE)

    assert (reply.saved, reply.found, reply.missing) == ({}, {}, ("payment_intent",))


def test_without_books_to_read_nothing_is_named(pos, till):
    till.answers["POST /pay"] = says({"state": "waiting"})

    assert pos(NAMELESS).perform("start_sale", SALE).missing == ("payment_intent",)
