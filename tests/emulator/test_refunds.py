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
