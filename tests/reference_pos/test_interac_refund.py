"""Interac gives money back only to the card itself, at the reader: the till never asks for it any other way."""

import asyncio

import pytest

from cardpresent.reference_pos import refunds
from cardpresent.reference_pos.log import Log
from cardpresent.reference_pos.sale import Sale
from cardpresent.reference_pos.settings import Settings
from cardpresent.reference_pos.stripe_calls import Lost, Reader, StripeRefund
from cardpresent.reference_pos.till import Till


class InteracAtTheReader:
    """Stripe with one paid Interac sale; `action` is what has become of the refund on the reader."""

    def __init__(self, lost=False):
        self.sent, self.action, self.refund, self._lost = [], "in_progress", None, lost

    async def read_charge(self, intent):
        return {"payment_method_details": {"type": "interac_present"}}

    async def refund_on_reader(self, reader, intent, amount, metadata, key):
        self.sent.append((reader, intent, amount, key))
        if self._lost:
            raise Lost("no_answer")

    async def read_reader(self, reader):
        return Reader(id=reader, label="", status="online", location=None, action="refund_payment",
                      action_status=self.action, intent="pi_1", failure=None, refund=self.refund)

    async def read_refund(self, refund):
        return StripeRefund(id=refund, status="succeeded", amount=600, intent="pi_1", operation="r1")

    async def refunds_of(self, intent):
        return []


@pytest.fixture
def till(tmp_path):
    settings = Settings(stripe_secret_key="sk_test_x", token="c", manager_token="m", pin="",
                        retry_s=0.01, retry_max_s=0.01, db=str(tmp_path / "till.sqlite3"))
    till = Till(settings, Log())
    till.store.add_sale(Sale(
        sale="S-1", amount=2600, currency="cad", register="front", reader="tmr_1", capture="now", eligible=None,
        skip_tipping=False, version=1, create_key="pi:S-1:1", create_amount=2600, intent="pi_1", outcome="paid",
        reason="collected", detail="", card="", approved=2600, captured=2600, tip=0, attempt=1, order_amount=2600,
        order_n=0, failures=0, cancel_wanted=False, cancel_n=0, closed=False, started=0, day=1))
    yield till
    till.store.close()


async def _settled(till):
    async with asyncio.timeout(5):
        while till.news:
            await asyncio.sleep(0.01)
    return till.store.refunds("S-1")[0]


@pytest.mark.parametrize("lost", [False, True])
def test_the_refund_counts_once_the_card_was_presented(till, lost):
    venue = till.stripe = InteracAtTheReader(lost)

    async def play():
        assert await refunds.refund(till, "S-1", 600, "r1") is None
        assert (till.store.refunded("S-1"), refunds.refundable(till, till.store.sale("S-1"))) == (0, 2000)
        venue.action, venue.refund = "succeeded", "re_1"
        return await _settled(till)

    row = asyncio.run(play())
    assert (row.status, row.refund, till.store.refunded("S-1")) == ("succeeded", "re_1", 600)
    assert venue.sent == [("tmr_1", "pi_1", 600, "refund:S-1:r1:1")]


def test_a_refund_whose_card_never_came_gives_nothing_back_and_frees_its_amount(till):
    venue = till.stripe = InteracAtTheReader()

    async def play():
        await refunds.refund(till, "S-1", 600, "r1")
        venue.action = "failed"
        return await _settled(till)

    assert asyncio.run(play()).status == "failed"
    assert (till.store.refunded("S-1"), refunds.refundable(till, till.store.sale("S-1"))) == (0, 2600)
