"""Disputes: cards that are charged and then taken back, evidence that wins or loses, and what is left to refund."""

import pytest

from cardpresent.emulator.paying.issuer import DAY_S

FRAUDULENT, NOT_RECEIVED, INQUIRY = (
    "pm_card_createDispute", "pm_card_createDisputeProductNotReceived", "pm_card_createDisputeInquiry"
)


class Disputed:
    """A payment of 20.00 whose dispute has arrived."""

    def __init__(self, shop, card):
        self.shop = shop
        self.payment = shop.client.payment_intents.create({
            "amount": 2000, "currency": "usd", "payment_method_types": ["card"], "payment_method": card,
            "confirm": True,
        })
        self.at_first = self.charge().disputed
        shop.advance(5)
        self.path = f"/v1/charges/{self.payment.latest_charge}/dispute"

    def charge(self):
        return self.shop.client.charges.retrieve(self.payment.latest_charge)

    def dispute(self):
        return self.shop.call("GET", self.path).json()

    def answer(self, text):
        return self.shop.call("POST", self.path, f"evidence[uncategorized_text]={text}").json()

    def close(self):
        return self.shop.call("POST", f"{self.path}/close")

    def money(self):
        return [entry["amount"] for entry in self.dispute()["balance_transactions"]]


@pytest.mark.parametrize(("card", "reason"), [(FRAUDULENT, "fraudulent"), (NOT_RECEIVED, "product_not_received")])
def test_a_disputed_card_pays_and_its_bank_takes_the_money_back(shop, card, reason):
    disputed = Disputed(shop, card)
    dispute, charge = disputed.dispute(), disputed.charge()

    assert disputed.at_first is False
    assert (dispute["status"], dispute["reason"], dispute["amount"]) == ("needs_response", reason, 2000)
    assert (charge.disputed, charge.refunded, charge.amount_refunded) == (True, False, 0)
    assert (dispute["is_charge_refundable"], disputed.money()) == (False, [-2000])
    assert dispute["balance_transactions"][0]["fee"] == 1500
    assert shop.events()[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


def test_a_card_in_person_is_never_disputed(shop):
    payment = shop.captured(2000)
    shop.advance(30 * DAY_S)
    assert shop.read(payment).latest_charge.disputed is False
    missing = shop.call("GET", f"/v1/charges/{payment.latest_charge}/dispute")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "resource_missing")


@pytest.mark.parametrize(
    ("evidence", "status", "money"),
    [("winning_evidence", "won", [-2000, 2000]), ("losing_evidence", "lost", [-2000]),
     ("it was him", "under_review", [-2000])],
)
def test_evidence_decides(shop, evidence, status, money):
    disputed = Disputed(shop, FRAUDULENT)
    answered = disputed.answer(evidence)
    assert (answered["status"], answered["evidence"]["uncategorized_text"]) == (status, evidence)
    assert (answered["evidence_details"]["has_evidence"], disputed.money()) == (True, money)
    expected = {
        "won": ["charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_reinstated"],
        "lost": ["charge.dispute.updated", "charge.dispute.closed"], "under_review": ["charge.dispute.updated"],
    }[status]
    assert shop.events()[-len(expected) :] == expected
    if status != "under_review":
        assert "error" in disputed.answer("more")
        assert disputed.dispute()["status"] == status


def test_evidence_may_be_staged_before_it_is_sent(shop):
    disputed = Disputed(shop, FRAUDULENT)
    staged = shop.call("POST", disputed.path, "evidence[customer_name]=Ada&submit=false").json()
    assert (staged["status"], staged["evidence_details"]["submission_count"]) == ("needs_response", 0)
    sent = disputed.answer("it was him")
    assert (sent["evidence"]["customer_name"], sent["evidence_details"]["submission_count"]) == ("Ada", 1)


@pytest.mark.parametrize(
    ("evidence", "param"),
    [("evidence[receipt]=file_none", "evidence[receipt]"), ("evidence[appeal][reason]=x", "evidence[appeal]")],
)
def test_evidence_that_cannot_be_is_refused(shop, evidence, param):
    disputed = Disputed(shop, FRAUDULENT)
    answer = shop.call("POST", disputed.path, evidence)
    assert (answer.status_code, disputed.dispute()["status"]) == (400, "needs_response")
    assert answer.json()["error"]["param"].startswith(param)


def test_the_money_of_a_dispute_leads_back_to_it(shop):
    disputed = Disputed(shop, FRAUDULENT)
    booked = disputed.dispute()["balance_transactions"][0]
    assert (booked["type"], booked["reporting_category"]) == ("adjustment", "dispute")
    found = shop.client.balance_transactions.retrieve(booked["id"], {"expand": ["source"]})
    assert (found.source.object, found.source.charge) == ("dispute", disputed.payment.latest_charge)


def test_a_dispute_that_is_closed_or_left_alone_is_lost(shop):
    closed, forgotten = Disputed(shop, FRAUDULENT), Disputed(shop, FRAUDULENT)
    assert closed.close().json()["status"] == "lost"
    assert closed.close().status_code == 400

    shop.advance(9 * DAY_S)

    late = forgotten.dispute()
    assert (late["status"], late["evidence_details"]["past_due"]) == ("lost", True)
    assert shop.events()[-1] == "charge.dispute.closed"


def test_what_is_disputed_is_not_refunded_as_well(shop):
    disputed = Disputed(shop, FRAUDULENT)
    error = shop.refusal(shop.client.refunds.create, {"payment_intent": disputed.payment.id})
    assert (error.http_status, error.code) == (400, "charge_disputed")
    assert shop.client.refunds.list().data == []


def test_an_inquiry_moves_no_money_and_a_full_refund_ends_it(shop):
    inquiry = Disputed(shop, INQUIRY)
    assert (inquiry.dispute()["status"], inquiry.dispute()["is_charge_refundable"]) == ("warning_needs_response", True)
    assert (inquiry.money(), inquiry.charge().disputed) == ([], False)

    shop.client.refunds.create({"payment_intent": inquiry.payment.id, "amount": 500})
    assert inquiry.dispute()["status"] == "warning_needs_response"
    shop.client.refunds.create({"payment_intent": inquiry.payment.id})

    assert inquiry.dispute()["status"] == "warning_closed"


def test_an_inquiry_may_become_a_dispute(shop):
    inquiry = Disputed(shop, INQUIRY)
    escalated = inquiry.answer("escalate_inquiry_evidence")
    assert (escalated["status"], escalated["is_charge_refundable"]) == ("needs_response", False)
    assert (inquiry.money(), inquiry.charge().disputed) == ([-2000], True)


@pytest.mark.parametrize("evidence", ["winning_evidence", "losing_evidence"])
def test_an_inquiry_ends_without_a_winner(shop, evidence):
    inquiry = Disputed(shop, INQUIRY)
    assert inquiry.answer(evidence)["status"] == "warning_closed"
    assert inquiry.money() == []


def test_a_disputes_metadata_is_the_merchants(shop):
    disputed = Disputed(shop, FRAUDULENT)
    changed = shop.call("POST", disputed.path, "metadata[case]=7").json()
    assert (changed["metadata"], changed["status"]) == ({"case": "7"}, "needs_response")
