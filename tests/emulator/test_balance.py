"""Balance and its transactions: what came in, what went back, and when it may be used."""

import pytest

DAY_S = 24 * 3600


def balance(shop):
    """(pending, available) of the first currency."""
    found = shop.client.balance.retrieve()
    return found.pending[0].amount, found.available[0].amount


def booked(shop, id):
    return shop.client.balance_transactions.retrieve(id)


def test_a_fresh_account_has_nothing_in_its_own_currency(shop_in):
    found = shop_in("GB").client.balance.retrieve()
    assert (found.object, found.livemode) == ("balance", False)
    assert [amount.to_dict() for amount in found.pending] == [
        {"amount": 0, "currency": "gbp", "source_types": {"card": 0}}
    ]
    assert found.available[0].amount == 0


def test_captured_money_is_pending_until_it_is_available(shop):
    charge = shop.charges(shop.captured(2000))[0]
    made = booked(shop, charge.balance_transaction)
    assert (made.type, made.amount, made.net, made.status) == ("charge", 2000, 2000 - made.fee, "pending")
    assert made.source == charge.id
    assert balance(shop) == (made.net, 0)

    shop.advance(made.available_on - made.created - 1)
    assert balance(shop) == (made.net, 0)
    shop.advance(1)

    assert balance(shop) == (0, made.net)
    assert booked(shop, made.id).status == "available"
    assert shop.events()[-1] == "balance.available"


def test_what_is_only_held_is_in_no_balance(shop):
    assert shop.authorized(2000).latest_charge.balance_transaction is None
    assert balance(shop) == (0, 0)
    assert shop.client.balance_transactions.list().data == []


def test_a_refund_is_taken_from_where_the_charges_money_is(shop):
    early, late = shop.captured(2000), shop.captured(3000)
    net = booked(shop, shop.charges(early)[0].balance_transaction).net
    other = booked(shop, shop.charges(late)[0].balance_transaction).net
    refund = shop.client.refunds.create({"payment_intent": early.id, "amount": 500})
    assert balance(shop) == (net + other - 500, 0)
    shop.advance(3 * DAY_S)

    again = shop.client.refunds.create({"payment_intent": late.id, "amount": 700})

    first, second = booked(shop, refund.balance_transaction), booked(shop, again.balance_transaction)
    assert (first.type, first.amount, first.net, first.fee, first.source) == ("refund", -500, -500, 0, refund.id)
    assert (second.amount, second.status) == (-700, "available")
    assert balance(shop) == (0, net + other - 1200)


def test_a_failed_refund_puts_its_money_back(shop):
    payment = shop.captured(2000, number="4000000000005126")
    refund = shop.client.refunds.create({"payment_intent": payment.id})
    before = sum(balance(shop))

    shop.advance(1800)

    failed = shop.client.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})
    returned = failed.failure_balance_transaction
    assert (returned.type, returned.amount, returned.source) == ("refund_failure", 2000, refund.id)
    assert sum(balance(shop)) == before + 2000


@pytest.mark.parametrize(
    ("wanted", "types"),
    [
        ({}, ["refund", "charge", "charge"]), ({"type": "charge"}, ["charge", "charge"]),
        ({"type": "refund", "currency": "USD"}, ["refund"]), ({"currency": "eur"}, []), ({"type": "payout"}, []),
    ],
)
def test_transactions_are_listed_by_type_and_currency(shop, wanted, types):
    shop.captured(2000)
    shop.client.refunds.create({"payment_intent": shop.captured(3000).id})
    assert [made.type for made in shop.client.balance_transactions.list(wanted).data] == types


def test_transactions_are_listed_by_source_and_time(shop):
    charge = shop.charges(shop.captured(2000))[0]
    shop.advance(100)
    shop.captured(3000)
    lists = shop.client.balance_transactions.list
    assert [made.id for made in lists({"source": charge.id}).data] == [charge.balance_transaction]
    assert lists({"source": charge.id, "type": "refund"}).data == []
    assert [made.amount for made in lists({"created": {"gt": charge.created}}).data] == [3000]


def test_payouts_are_refused_and_unknown_ids_missing(shop):
    answer = shop.call("GET", "/v1/balance_transactions?payout=po_1")
    assert (answer.status_code, answer.headers["X-Emulator"]) == (400, "not-emulated")
    missing = shop.call("GET", "/v1/balance_transactions/txn_none")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "resource_missing")
