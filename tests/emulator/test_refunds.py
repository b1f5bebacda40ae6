"""Refunds: parts, limits, and the one that comes back."""

import pytest


def test_parts_may_be_refunded_up_to_what_was_captured(shop):
    payment = shop.captured(2000)
    first = shop.client.refunds.create({"payment_intent": payment.id, "amount": 500, "metadata": {"item": "a"}})
    second = shop.client.refunds.create({"charge": payment.latest_charge, "amount": 500})
    assert (first.status, first.amount, first.metadata["item"]) == ("succeeded", 500, "a")

    error = shop.refusal(shop.client.refunds.create, {"payment_intent": payment.id, "amount": 1001})

    assert (error.http_status, error.param) == (400, "amount")
    assert shop.client.refunds.create({"payment_intent": payment.id}).amount == 1000
    charge = shop.charges(payment)[0]
    assert (charge.amount_refunded, charge.refunded) == (2000, True)
    listed = shop.client.refunds.list({"payment_intent": payment.id}).data
    assert [refund.id for refund in listed][1:] == [second.id, first.id]


def test_what_is_wholly_refunded_is_not_refunded_again(shop):
    payment = shop.captured(2000)
    shop.client.refunds.create({"payment_intent": payment.id})
    error = shop.refusal(shop.client.refunds.create, {"payment_intent": payment.id})
    assert (error.http_status, error.code) == (400, "charge_already_refunded")
    assert len(shop.client.refunds.list().data) == 1


def test_a_refund_needs_a_captured_charge(shop):
    held = shop.authorized(2000)
    assert shop.refusal(shop.client.refunds.create, {"payment_intent": held.id}).code == "charge_not_refundable"
    open_payment = shop.payment(2000)
    assert shop.refusal(shop.client.refunds.create, {"payment_intent": open_payment.id}).http_status == 400
    assert shop.refusal(shop.client.refunds.create, {"amount": 100}).http_status == 400
    assert shop.client.refunds.list().data == []


@pytest.mark.parametrize("params", [{"payment_intent": "pi_none"}, {"charge": "ch_none"}])
def test_a_refund_of_nothing_names_what_is_missing(shop, params):
    error = shop.refusal(shop.client.refunds.create, params)
    assert (error.http_status, error.code, error.param) == (400, "resource_missing", next(iter(params)))


def test_the_refund_of_a_closed_card_succeeds_and_fails_later(shop):
    payment = shop.captured(2000, number="4000000000005126")
    refund = shop.client.refunds.create({"payment_intent": payment.id})
    assert refund.status == "succeeded"

    shop.advance(1800)

    failed = shop.client.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert shop.charges(payment)[0].amount_refunded == 0
    assert shop.events()[-3:] == ["refund.updated", "charge.refund.updated", "refund.failed"]


def test_only_the_metadata_of_a_refund_changes(shop):
    refund = shop.client.refunds.create({"payment_intent": shop.captured().id, "metadata": {"a": "1", "b": "2"}})
    changed = shop.client.refunds.update(refund.id, {"metadata": {"a": "", "c": "3"}})
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}


def test_a_refund_of_an_online_card_may_be_pending_at_first(shop):
    payment = shop.client.payment_intents.create({
        "amount": 2000, "currency": "usd", "payment_method_types": ["card"], "payment_method": "pm_card_pendingRefund",
        "confirm": True,
    })
    refund = shop.client.refunds.create({"payment_intent": payment.id})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")

    shop.advance(1800)

    done = shop.client.refunds.retrieve(refund.id)
    assert (done.status, "pending_reason" in done) == ("succeeded", False)
    assert shop.events()[-2:] == ["refund.updated", "charge.refund.updated"]
    assert shop.charges(payment)[0].amount_refunded == 2000


def test_a_refund_to_a_card_cannot_be_cancelled(shop):
    refund = shop.client.refunds.create({"payment_intent": shop.captured().id})
    error = shop.refusal(shop.client.refunds.cancel, refund.id)
    assert (error.http_status, error.type) == (400, "invalid_request_error")
    assert shop.client.refunds.retrieve(refund.id).status == "succeeded"
    assert shop.refusal(shop.client.refunds.cancel, "re_none").code == "resource_missing"


def test_an_update_that_changes_nothing_tells_nothing(shop):
    refund = shop.client.refunds.create({"payment_intent": shop.captured().id, "metadata": {"a": "1"}})
    before = len(shop.events())
    shop.client.refunds.update(refund.id, {"metadata": {"a": "1"}})
    assert len(shop.events()) == before
    shop.client.refunds.update(refund.id, {"metadata": {"a": "2"}})
    assert shop.events()[before:] == ["refund.updated", "charge.refund.updated"]


@pytest.mark.parametrize(
    "params", ["origin=customer_balance", "instructions_email=a@example.com", "customer=cus_1", "currency=usd"]
)
def test_what_refunds_to_cards_do_not_know_is_refused_loudly(shop, params):
    payment = shop.captured()
    answer = shop.call("POST", "/v1/refunds", f"payment_intent={payment.id}&{params}")
    assert (answer.status_code, answer.headers["X-Emulator"]) == (400, "not-emulated")
    assert shop.client.refunds.list().data == []


def test_a_refund_names_the_customer_only_since_endive(shop):
    customer = shop.client.customers.create({}).id
    payment = shop.authorized(2000, customer=customer, capture_method="automatic")
    refund = shop.client.refunds.create({"payment_intent": payment.id})
    assert (refund.customer, refund.payment_method) == (customer, payment.payment_method)
    older = shop.call("GET", f"/v1/refunds/{refund.id}", **{"Stripe-Version": "2026-05-27.dahlia"}).json()
    assert not {"customer", "payment_method"} & set(older)
