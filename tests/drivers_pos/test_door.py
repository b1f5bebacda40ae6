"""What is sent to a till that makes no sense, and what is looked through of its pages."""

from odd_till import Answer

from cardpresent.drivers.pos.door import Door
from cardpresent.drivers.pos.http import HttpPos
from cardpresent.drivers.pos.nonsense import BODIES, MOST, nonsense

REFUND = """
[operations.refund_sale]
method = "POST"
path = "/sales/{sale}/refunds"
json = { amount = "{refund_amount.minor}" }
outcome = { by = "$.state", accepted = ["done"] }
[auth.cashier]
headers = { X-Till = "cashier" }
"""


def test_nonsense_is_the_same_for_a_seed_and_holds_all_that_can_be_wrong_with_a_start_of_a_sale(described):
    file = described(REFUND)

    knocks = nonsense(file, {"sale": "s1"}, 7)

    assert knocks == nonsense(file, {"sale": "s1"}, 7) != nonsense(file, {"sale": "s1"}, 8)
    assert len(knocks) <= MOST
    assert {what for what, _, _ in BODIES} <= {k.what for k in knocks if k.path == "/pay"}


def test_no_nonsense_is_a_sale_or_a_refund(described):
    knocks = nonsense(described(REFUND), {"sale": "s1"}, 7)

    refunds = [k for k in knocks if k.path == "/sales/s1/refunds" and k.method == "POST"]
    assert all(k.body and b"amount" in k.body for k in refunds)
    assert not any(k.body and k.body.isascii() and b'"amount": 1,' in k.body for k in knocks)


def test_nonsense_goes_out_as_it_is_and_a_till_that_hangs_up_ends_nothing(described, till):
    file = described(REFUND)
    with HttpPos(file, till.base_url) as pos:
        answers = list(Door(file, pos, 7).answers_to_nonsense({"sale": "s1"}))

    assert len(answers) == len(nonsense(file, {"sale": "s1"}, 7))
    assert {a.headers.get("x-till") for a in till.asked} == {"cashier", None}


def test_a_page_is_followed_to_its_own_scripts_and_to_no_other_host(described, till):
    page = "<script src='/app.js'></script><a href='https://elsewhere.example/x'>x</a>"
    till.answers["GET /"] = Answer(page, headers=(("content-type", "text/html"),))
    till.answers["GET /app.js"] = Answer("import('/more.js')", headers=(("content-type", "text/javascript"),))
    file = described("")
    with HttpPos(file, till.base_url) as pos:
        seen = {path for path, _ in Door(file, pos, 7).pages()}

    assert seen == {"/", "/app.js", "/more.js"}
