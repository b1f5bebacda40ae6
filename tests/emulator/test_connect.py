"""Connect: direct charges, destination charges, the platform's fees, and that accounts see only their own."""

import itertools

import pytest

from tests.emulator.conftest import US_ADDRESS

_numbers = itertools.count(1)


class Seller:
    """An account connected to the shop, with a reader of its own; every call carries Stripe-Account."""

    def __init__(self, shop):
        self.shop, self.client = shop, shop.client
        self.id = f"acct_1Seller{next(_numbers):06d}"
        self.as_seller = {"stripe_account": self.id}
        terminal = shop.client.terminal
        location = terminal.locations.create({"display_name": "S", "address": US_ADDRESS}, self.as_seller).id
        self.reader = terminal.readers.create(
            {"registration_code": "simulated-wpe", "location": location}, self.as_seller
        ).id

    def payment(self, amount=2000, **params):
        given = {"amount": amount, "currency": "usd", "payment_method_types": ["card_present"],
                 "capture_method": "manual", **params}
        return self.client.payment_intents.create(given, self.as_seller)

    def authorized(self, amount=2000, **params):
        payment = self.payment(amount, **params)
        terminal = self.client.terminal.readers
        terminal.process_payment_intent(self.reader, {"payment_intent": payment.id}, self.as_seller)
        self.client.test_helpers.terminal.readers.present_payment_method(self.reader, {}, self.as_seller)
        return payment

    def captured(self, amount=2000, **params):
        """The captured PaymentIntent, its latest charge filled in."""
        payment = self.authorized(amount, **params)
        return self.client.payment_intents.capture(payment.id, {"expand": ["latest_charge"]}, self.as_seller)

    def balance(self):
        return self.client.balance.retrieve(None, self.as_seller).pending[0].amount


@pytest.fixture
def seller(shop):
    return Seller(shop)


def platform_balance(shop):
    return shop.client.balance.retrieve().pending[0].amount


def told(shop, seller=None):
    """Types of events, those of one account only."""
    wanted = None if seller is None else seller.id
    return [event["type"] for event in shop.server.events[shop.key] if event.get("account") == wanted]


# ------------------------------------------------------------------------------------------------------ direct charges


def test_a_direct_charge_pays_the_platform_its_fee_at_capture(shop, seller):
    held = seller.authorized(2000, application_fee_amount=150)
    assert shop.client.application_fees.list().data == []

    paid = seller.client.payment_intents.capture(held.id, {"expand": ["latest_charge"]}, seller.as_seller)

    fee = shop.client.application_fees.list().data[0]
    assert (fee.amount, fee.account, fee.charge) == (150, seller.id, paid.latest_charge.id)
    assert (fee.originating_transaction, fee.amount_refunded, fee.refunded) == (None, 0, False)
    assert paid.application_fee_amount == 150
    assert (paid.latest_charge.application_fee, paid.latest_charge.application_fee_amount) == (fee.id, 150)
    assert fee.application == paid.application == paid.latest_charge.application
    transaction = seller.client.balance_transactions.retrieve(
        paid.latest_charge.balance_transaction, None, seller.as_seller
    )
    assert [(detail.type, detail.amount) for detail in transaction.fee_details][1:] == [("application_fee", 150)]
    assert seller.balance() == transaction.net == 2000 - transaction.fee
    assert platform_balance(shop) == 150
    assert "application_fee.created" in told(shop)
    assert "application_fee.created" not in told(shop, seller)


def test_a_payment_captured_at_once_pays_the_fee_at_once(shop, seller):
    payment = seller.authorized(2000, application_fee_amount=150, capture_method="automatic")
    assert [fee.amount for fee in shop.client.application_fees.list().data] == [150]
    charge = seller.client.payment_intents.retrieve(payment.id, {"expand": ["latest_charge"]}, seller.as_seller)
    assert charge.latest_charge.application_fee is not None


@pytest.mark.parametrize(
    ("capture", "fee"),
    [({}, 600), ({"amount_to_capture": 500}, 500), ({"application_fee_amount": 20}, 20),
     ({"amount_to_capture": 500, "application_fee_amount": 501}, 500), ({"application_fee_amount": 2001}, 2000),
     ({"application_fee_amount": 0}, None)],
)
def test_the_fee_may_change_until_capture_and_is_capped_by_it(shop, seller, capture, fee):
    held = seller.authorized(2000, application_fee_amount=600)
    seller.client.payment_intents.capture(held.id, capture, seller.as_seller)
    assert [made.amount for made in shop.client.application_fees.list().data] == ([] if fee is None else [fee])


def test_what_is_never_captured_pays_no_fee(shop, seller):
    held = seller.authorized(2000, application_fee_amount=150)
    seller.client.payment_intents.cancel(held.id, None, seller.as_seller)
    assert shop.client.application_fees.list().data == []
    assert platform_balance(shop) == seller.balance() == 0


def test_a_fee_without_a_connected_account_is_refused(shop):
    error = shop.refusal(shop.payment, application_fee_amount=10)
    assert (error.http_status, error.param) == (400, "application_fee_amount")
    assert shop.client.payment_intents.list().data == []


def test_a_fee_below_nothing_is_refused(seller):
    error = seller.shop.refusal(seller.payment, application_fee_amount=-1)
    assert (error.code, error.param) == ("parameter_invalid_integer", "application_fee_amount")


# ---------------------------------------------------------------------------------------------------- fees given back


def test_a_fee_is_given_back_in_parts_until_nothing_is_left(shop, seller):
    charge = seller.captured(2000, application_fee_amount=150).latest_charge
    before = seller.balance()
    fee = charge.application_fee

    first = shop.client.application_fees.refunds.create(fee, {"amount": 100, "metadata": {"why": "kind"}})
    error = shop.refusal(shop.client.application_fees.refunds.create, fee, {"amount": 51})
    second = shop.client.application_fees.refunds.create(fee)

    assert (first.amount, second.amount, error.param) == (100, 50, "amount")
    assert first.metadata["why"] == "kind"
    read = shop.client.application_fees.retrieve(fee)
    assert (read.amount_refunded, read.refunded) == (150, True)
    assert [refund.id for refund in read.refunds.data] == [second.id, first.id]
    listed = shop.client.application_fees.refunds.list(fee).data
    assert [refund.id for refund in listed] == [second.id, first.id]
    assert shop.refusal(shop.client.application_fees.refunds.create, fee).http_status == 400
    assert shop.client.balance.retrieve().available[0].amount + platform_balance(shop) == 0
    returned = seller.client.balance.retrieve(None, seller.as_seller)
    assert returned.available[0].amount + returned.pending[0].amount == before + 150
    assert told(shop).count("application_fee.refunded") == 2


def test_the_older_call_answers_the_fee(shop, seller):
    fee = seller.captured(2000, application_fee_amount=150).latest_charge.application_fee
    answer = shop.call("POST", f"/v1/application_fees/{fee}/refund", "amount=40").json()
    assert (answer["object"], answer["amount_refunded"], answer["refunded"]) == ("application_fee", 40, False)


def test_only_the_metadata_of_a_fee_refund_changes(shop, seller):
    fee = seller.captured(2000, application_fee_amount=150).latest_charge.application_fee
    refund = shop.client.application_fees.refunds.create(fee, {"amount": 10, "metadata": {"a": "1"}})
    changed = shop.client.application_fees.refunds.update(fee, refund.id, {"metadata": {"b": "2"}})
    assert changed.metadata.to_dict() == {"a": "1", "b": "2"}
    assert shop.client.application_fees.refunds.retrieve(fee, refund.id).metadata["b"] == "2"
    assert told(shop)[-1] == "application_fee.refund.updated"
    assert shop.refusal(shop.client.application_fees.refunds.retrieve, fee, "fr_none").http_status == 404


@pytest.mark.parametrize(("part", "back"), [(500, 37), (2000, 150)])
def test_a_refund_gives_its_part_of_the_fee_back_where_it_is_asked_to(shop, seller, part, back):
    charge = seller.captured(2000, application_fee_amount=150).latest_charge
    seller.client.refunds.create({"charge": charge.id, "amount": part, "refund_application_fee": True},
                                 seller.as_seller)
    fee = shop.client.application_fees.retrieve(charge.application_fee)
    assert (fee.amount_refunded, fee.refunded) == (back, back == 150)


def test_a_refund_leaves_the_platform_its_fee_otherwise(shop, seller):
    charge = seller.captured(2000, application_fee_amount=150).latest_charge
    seller.client.refunds.create({"charge": charge.id}, seller.as_seller)
    assert shop.client.application_fees.retrieve(charge.application_fee).amount_refunded == 0
    assert platform_balance(shop) == 150


@pytest.mark.parametrize("param", ["refund_application_fee", "reverse_transfer"])
def test_what_a_charge_never_paid_cannot_be_given_back(shop, param):
    payment = shop.captured(2000)
    error = shop.refusal(shop.client.refunds.create, {"payment_intent": payment.id, param: True})
    assert (error.http_status, error.param) == (400, param)
    assert shop.client.refunds.list().data == []


# ------------------------------------------------------------------------------------------------- destination charges


def test_a_destination_charge_passes_on_all_but_the_fee(shop, seller):
    terms = {"transfer_data": {"destination": seller.id}, "on_behalf_of": seller.id, "application_fee_amount": 150}
    held = shop.authorized(2000, **terms)
    assert seller.client.charges.list(None, seller.as_seller).data == []

    paid = shop.client.payment_intents.capture(held.id, {"expand": ["latest_charge.transfer"]})

    charge, transfer = paid.latest_charge, paid.latest_charge.transfer
    assert (charge.on_behalf_of, charge.destination) == (seller.id, seller.id)
    assert charge.transfer_data.to_dict() == {"amount": None, "destination": seller.id}
    assert (transfer.amount, transfer.destination, transfer.source_transaction) == (2000, seller.id, charge.id)
    assert paid.transfer_group == charge.transfer_group == transfer.transfer_group
    payment = seller.client.charges.retrieve(transfer.destination_payment, None, seller.as_seller)
    assert payment.id.startswith("py_")
    assert (payment.amount, payment.source_transfer, payment.application_fee) == (
        2000, transfer.id, charge.application_fee,
    )
    fee = shop.client.application_fees.retrieve(charge.application_fee)
    assert (fee.charge, fee.originating_transaction, fee.amount) == (payment.id, charge.id, 150)
    stripes = shop.client.balance_transactions.retrieve(charge.balance_transaction).fee
    assert (platform_balance(shop), seller.balance()) == (150 - stripes, 1850)
    assert "transfer.created" in told(shop)


def test_a_destination_charge_may_pass_on_a_part(shop, seller):
    shop.authorized(2000, transfer_data={"destination": seller.id, "amount": 900}, capture_method="automatic")
    assert seller.balance() == 900
    assert shop.client.application_fees.list().data == []


def test_a_refund_takes_its_part_of_the_transfer_back_where_it_is_asked_to(shop, seller):
    held = shop.authorized(2000, transfer_data={"destination": seller.id})
    shop.client.payment_intents.capture(held.id)
    kept = shop.client.refunds.create({"payment_intent": held.id, "amount": 200})
    taken = shop.client.refunds.create({"payment_intent": held.id, "amount": 500, "reverse_transfer": True})
    assert (kept.transfer_reversal, taken.transfer_reversal[:4]) == (None, "trr_")
    assert seller.balance() == 1500
    assert "transfer.reversed" in told(shop)


@pytest.mark.parametrize(
    ("terms", "param", "code"),
    [
        ({"transfer_data": {"destination": "me"}}, "transfer_data[destination]", "resource_missing"),
        ({"transfer_data": {"destination": "cus_x"}}, "transfer_data[destination]", "resource_missing"),
        ({"on_behalf_of": "nobody"}, "on_behalf_of", "resource_missing"),
        ({"transfer_data": {"destination": "acct_1x", "amount": 10}, "application_fee_amount": 1},
         "transfer_data[amount]", "parameters_exclusive"),
        ({"transfer_data": {"destination": "acct_1x", "amount": -1}}, "transfer_data[amount]",
         "parameter_invalid_integer"),
    ],
)
def test_terms_that_cannot_be_are_refused(shop, terms, param, code):
    if terms.get("transfer_data", {}).get("destination") == "me":
        terms = {"transfer_data": {"destination": shop.client.accounts.retrieve_current().id}}
    error = shop.refusal(shop.payment, **terms)
    assert (error.http_status, error.param, error.code) == (400, param, code)
    assert shop.client.payment_intents.list().data == []
    assert shop.client.accounts.list().data == []


def test_a_destination_abroad_needs_on_behalf_of_and_its_currency(shop_in):
    shop = shop_in("GB")
    seller = Seller(shop)
    terms = {"transfer_data": {"destination": seller.id}}
    assert shop.refusal(shop.payment, 2000, "gbp", **terms).param == "on_behalf_of"
    assert shop.refusal(shop.payment, 2000, "gbp", **terms, on_behalf_of=seller.id).param == "currency"
    assert shop.payment(2000, "usd", **terms, on_behalf_of=seller.id).on_behalf_of == seller.id


# ----------------------------------------------------------------------------------------------------------- isolation


def test_each_account_sees_only_its_own(shop, seller):
    mine = shop.captured(2000)
    theirs = seller.captured(2000, application_fee_amount=150)
    customer = seller.client.customers.create({"payment_method": "pm_card_visa"}, seller.as_seller)

    for id, read in (
        (theirs.id, shop.client.payment_intents.retrieve), (theirs.latest_charge.id, shop.client.charges.retrieve),
        (customer.id, shop.client.customers.retrieve), (seller.reader, shop.client.terminal.readers.retrieve),
        (theirs.latest_charge.balance_transaction, shop.client.balance_transactions.retrieve),
    ):
        assert shop.refusal(read, id).code == "resource_missing"
    assert shop.refusal(seller.client.payment_intents.retrieve, mine.id, None, seller.as_seller).http_status == 404
    fee = theirs.latest_charge.application_fee
    assert shop.refusal(seller.client.application_fees.retrieve, fee, None, seller.as_seller).http_status == 404
    attach = shop.refusal(shop.client.payment_methods.attach, "pm_card_visa", {"customer": customer.id})
    assert (attach.http_status, attach.param) == (400, "customer")
    assert shop.client.application_fees.list({"charge": mine.latest_charge}).data == []
    assert [found.id for found in shop.client.application_fees.list({"charge": theirs.latest_charge.id}).data] == [fee]


def test_events_of_a_connected_account_name_it(shop, seller):
    seller.captured(2000, application_fee_amount=150)
    heard = shop.server.events[shop.key]
    assert {event.get("account") for event in heard if event["type"].startswith("payment_intent")} == {seller.id}
    assert {event.get("account") for event in heard if event["type"].startswith("application_fee")} == {None}


def test_what_lies_on_another_account_can_be_expanded(shop, seller):
    paid = seller.captured(2000, application_fee_amount=150)
    charge = seller.client.charges.retrieve(
        paid.latest_charge.id, {"expand": ["application_fee", "application", "balance_transaction.source"]},
        seller.as_seller,
    )
    assert (charge.application_fee.amount, charge.application.object) == (150, "application")
    assert charge.balance_transaction.source.id == charge.id
    expand = ["account", "charge", "application", "balance_transaction.source"]
    fee = shop.client.application_fees.retrieve(charge.application_fee.id, {"expand": expand})
    assert (fee.account.id, fee.account.object, fee.charge.id) == (seller.id, "account", charge.id)
    assert fee.balance_transaction.source.id == fee.id
