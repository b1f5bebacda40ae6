"""What a receipt shows, must not show, and shows again."""

import msgspec
import pytest

from cardpresent.checks import receipts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from tests.checks.story import SALE, Story, captured, refund

CHIP = {"receipt": {"application_preferred_name": "Visa Credit", "dedicated_file_name": "A0000000031010"}}


@pytest.mark.parametrize(
    ("receipt", "named", "amount"),
    [
        pytest.param("VISA CREDIT\nAID A0000000031010\nPaid 20.00", True, True, id="complete"),
        pytest.param("Paid 20.00 USD", False, True, id="no application"),
        pytest.param("Visa Credit A0000000031010 Paid 18.00", True, False, id="another amount"),
        pytest.param("Visa Credit A0000000031010 20.00 and 25.00", True, False, id="a larger total beside it"),
    ],
)
def test_a_receipt_names_the_application_and_what_was_charged(receipt: str, named: bool, amount: bool) -> None:
    story = Story().asked(2000).said("accepted", verb="receipt", receipt=receipt).said("accepted")
    journal = story.books(captured(2000, **CHIP)).journal

    assert receipts.names_the_application(journal, SALE).holds is named
    assert receipts.shows_what_was_charged(journal, SALE).holds is amount


def test_a_receipt_that_was_never_shown_decides_nothing() -> None:
    journal = Story().asked(2000).said("accepted").books(captured(2000, **CHIP)).journal

    assert receipts.names_the_application(journal, SALE).holds is None
    assert receipts.shows_what_was_charged(journal, SALE).holds is None


CARD = {"last4": "4242", "exp_month": 12, "exp_year": 2034, **CHIP}
SLIP = "Paid, USD 20.00\nCard Visa 4242\nVISA CREDIT\nAID A0000000031010"


def _receipts(*slips: str | None, card: dict[str, object] = CARD, refunds: list[object] | None = None) -> Journal:
    """A paid sale of 20.00 USD whose receipt was asked for so many times; None: the till gave none."""
    story = Story().asked(2000)
    for slip in slips:
        story.said("accepted" if slip else "refused", verb="receipt", receipt=slip or "not now", words="")
    return story.said("accepted").books(captured(2000, **card), refunds=refunds).journal


def test_a_receipt_is_on_offer_or_not() -> None:
    assert receipts.on_offer(_receipts(SLIP), SALE).holds is True
    assert receipts.on_offer(_receipts(None), SALE).holds is False
    assert receipts.on_offer(_receipts(), SALE).holds is None


def test_a_receipt_is_kept_when_it_can_be_had_again_with_all_that_it_showed() -> None:
    assert receipts.kept(_receipts(SLIP, f"COPY\n{SLIP}\nRefunded 5.00"), SALE).holds is True
    assert receipts.kept(_receipts(SLIP, None), SALE).holds is False
    assert receipts.kept(_receipts(SLIP, "Paid, USD 20.00"), SALE).holds is False
    assert receipts.kept(_receipts(SLIP), SALE).holds is None


@pytest.mark.parametrize(
    ("slip", "holds"),
    [
        pytest.param(SLIP, True, id="the last four"),
        pytest.param("Visa **** **** **** 4242", True, id="masked"),
        pytest.param("Paid 20.00", False, id="no card at all"),
        pytest.param("Visa 4242 4242 4242 4242", False, id="the whole number"),
        pytest.param("Visa 4242 12/34", False, id="with its expiry"),
        pytest.param("Visa 4242 exp 12/2034", False, id="with its expiry in full"),
        pytest.param("26/12/2034 Visa 4242", True, id="a date is no expiry"),
        pytest.param(None, None, id="no receipt"),
    ],
)
def test_a_receipt_names_the_card_by_its_last_digits(slip: str | None, holds: bool | None) -> None:
    assert receipts.card_by_its_last_digits(_receipts(slip), SALE).holds is holds


@pytest.mark.parametrize(
    ("slip", "holds"),
    [(None, True), ("Declined 20.00", True), ("Not paid. 0.00", True), ("Paid 20.00", False), ("Approved", False),
     ('{"paid": false}', True)],
)
def test_a_declined_card_gets_no_receipt_of_a_payment(slip: str | None, holds: bool) -> None:
    assert receipts.nothing_paid_after_decline(_receipts(slip), SALE).holds is holds


def test_whether_a_declined_card_gets_a_receipt_is_not_known_until_somebody_asks() -> None:
    assert receipts.nothing_paid_after_decline(_receipts(), SALE).holds is None


def test_a_refund_stands_on_the_receipt_with_its_amount() -> None:
    given = [refund(500)]
    assert receipts.shows_what_was_refunded(_receipts(f"{SLIP}\nRefunded -5.00", refunds=given), SALE).holds is True
    assert receipts.shows_what_was_refunded(_receipts(SLIP, refunds=given), SALE).holds is False
    assert receipts.shows_what_was_refunded(_receipts(SLIP), SALE).holds is None


@pytest.mark.parametrize(
    ("slip", "holds"),
    [
        ("Summe 20,00 EUR\nMwSt. 19,00 % 3,19", True),
        ("26.11.2026 14:30\nSumme 20,00 EUR", True),
        ("Total CHF 20.00\n26.11.2026", True),
        ("Summe 19,00 EUR", False),
        ("Summe 120,00 EUR", False),
        ("Zwischensumme 20,00 EUR\nSumme 21,50 EUR", False),
        ("MwSt. 20,00 %", False),
    ],
)
def test_an_amount_is_read_as_each_country_writes_it(slip: str, holds: bool) -> None:
    assert receipts.shows_what_was_charged(_receipts(slip), SALE).holds is holds


@pytest.mark.parametrize(
    "written",
    ["1,234.50", "1.234,50", "1 234,50", "1\u00a0234,50", "1\u202f234,50", "1'234.50", "1’234.50", "1234.50"],
)
def test_thousands_are_read_over_however_they_are_set_apart(written: str) -> None:
    story = Story().asked(123_450).said("accepted", verb="receipt", receipt=f"Total {written}", words="")

    journal = story.said("accepted").books(captured(123_450)).journal
    assert receipts.shows_what_was_charged(journal, SALE).holds is True


def test_a_number_before_a_sum_is_no_part_of_it() -> None:
    story = Story().asked(12_050).said("accepted", verb="receipt", receipt="Table 5 120,50", words="")

    assert receipts.shows_what_was_charged(story.said("accepted").books(captured(12_050)).journal, SALE).holds is True


def test_amounts_without_decimals_are_read_beside_their_currency() -> None:
    story = Story().asked(2000).said("accepted", verb="receipt", receipt="Nr 9999\nPaid JPY 2,000\nCard 4242")
    journal = story.said("accepted").books(captured(2000)).journal
    yen = Journal([_in_yen(entry) for entry in journal])

    assert receipts.shows_what_was_charged(yen, SALE).holds is True


def _in_yen(entry: Entry) -> Entry:
    if "amount" not in entry.data:
        return entry
    return msgspec.structs.replace(entry, data={**entry.data, "amount": {"minor_units": 2000, "currency": "jpy"}})
