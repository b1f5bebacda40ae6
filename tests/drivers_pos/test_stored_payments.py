"""Payments taken without a network: a standing of their own, and the till's list of them."""

import sys

import pytest

from cardpresent.drivers.pos.port import TillWorklist
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing
from cardpresent.profile.errors import IntegrationError

odd_till = sys.modules["odd_till"]
SALE = {"sale": "s1", "amount": Money(1230, "usd")}
STORED = """
[operations.start_sale]
method = "POST"
path = "/pay"
json = { amount = "{amount.minor}" }
outcome = { by = "$.state", accepted = ["paid"], stored = ["waits_for_network"] }
"""
LIST = """
[operations.stored_payments]
method = "GET"
path = "/stored"
[operations.stored_payments.worklist]
listed = "$.payments[?@.sale=='{sale}'].state"
stored = ["stored"]
lost = ["payment_lost"]
paid = ["forwarded"]
owner = "$.payments[?@.sale=='{sale}'].owner"
overdue = "$.payments[?@.sale=='{sale}'].overdue"
count = "$.count"
sum_stored = "$.sums.stored"
sum_lost = "$.sums.lost"
"""


def says(value):
    return odd_till.says(value)


def test_a_payment_no_bank_has_seen_is_neither_yes_nor_no(pos, till):
    till.answers["POST /pay"] = says({"state": "waits_for_network"})

    reply = pos(STORED).perform("start_sale", SALE)

    assert (reply.outcome, reply.standing) == (Outcome.UNKNOWN, Standing.STORED)


def test_the_list_is_read_for_the_sale_in_hand(pos, till):
    payments = [
        {"sale": "s0", "state": "stored", "owner": None, "overdue": False},
        {"sale": "s1", "state": "payment_lost", "owner": "manager", "overdue": True},
    ]
    till.answers["GET /stored"] = says({"count": 1, "sums": {"stored": 500, "lost": 1230}, "payments": payments})

    reply = pos(LIST).perform("stored_payments", SALE)

    assert reply.worklist == TillWorklist("lost", "manager", True, 1, Money(500, "usd"), Money(1230, "usd"))
    assert reply.missing == ()


@pytest.mark.parametrize(
    "answer, worklist, missing",
    [
        ({"count": 0, "sums": {"stored": 0, "lost": 0}, "payments": []},
         TillWorklist(count=0, sum_stored=Money(0, "usd"), sum_lost=Money(0, "usd")), ()),
        ({"payments": "none"}, TillWorklist(), ("worklist.count", "worklist.sum_stored", "worklist.sum_lost")),
    ],
    ids=["an empty list", "no list at all"],
)  # fmt: skip
def test_a_sale_that_is_not_listed_is_no_mistake_of_the_file(pos, till, answer, worklist, missing):
    till.answers["GET /stored"] = says(answer)

    reply = pos(LIST).perform("stored_payments", SALE)

    assert (reply.worklist, reply.missing) == (worklist, missing)


def test_a_list_that_was_refused_says_nothing(pos, till):
    till.answers["GET /stored"] = odd_till.Answer("{}", 403)

    assert pos(LIST).perform("stored_payments", SALE).worklist is None


def test_a_list_must_say_which_values_mean_what(described):
    with pytest.raises(IntegrationError, match="which values mean stored and lost"):
        described(LIST.replace('lost = ["payment_lost"]\n', ""))
