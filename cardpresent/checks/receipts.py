"""What stands on a receipt, held against the charge."""

import re
from collections.abc import Iterator
from typing import Any

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money, exponent
from cardpresent.model.outcome import Outcome

# What a slip says of a payment that went through, and of one that did not.
_SAYS_PAID = re.compile(
    r"\b(paid|approved|bezahlt|pagado|payé)\b(?!\"?\s*[:=]\s*\"?(false|null|no\b|0))", re.IGNORECASE
)
_SAYS_DECLINED = re.compile(r"declin|refus|abgelehnt|rechaz|\bnot (paid|approved)|\bunpaid", re.IGNORECASE)
# A sum of money on a slip: neither a date nor a time nor a percentage. Blanks: usual, no-break, and narrow.
_SUM = (
    r"(?<!\d)(?<!\d[.,:/-])"
    r"(?P<whole>\d{{1,3}}(?P<separator>[,.'’ \u00a0\u202f])\d{{3}}(?:(?P=separator)\d{{3}})*|\d+)"
    r"(?P<mark>[.,])(?P<part>\d{{{decimals}}})(?![.,:/-]?\d)(?!\s?%)"
)
# What the networks and Stripe ask a custom receipt to name, wherever the charge has it.
# Documented: https://docs.stripe.com/terminal/features/receipts
_REQUIRED = ("application_preferred_name", "dedicated_file_name")


@check
def on_offer(journal: Journal, sale: str, requirement: str = "DC-03.1") -> Finding:
    """Asked for the receipt of a paid sale, the till gives one."""
    asked, check = _asked(journal, sale), "receipts.on_offer"
    if not asked:
        return Finding(requirement, check, None, "a receipt asked for", "nobody asked", sale=sale)
    holds = _given(asked[-1])
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected="a receipt of the payment",
        observed="a receipt" if holds else f"{asked[-1].data['outcome']}, “{asked[-1].data['words'][:120]}”",
        evidence=(asked[-1].n,),
        sale=sale,
        headline=None if holds else "The customer gets no receipt of a card payment",
    )


@check
def kept(journal: Journal, sale: str, requirement: str = "DC-03.4") -> Finding:
    """A receipt that was given once can be had again, and shows what it showed: nothing of it was lost meanwhile."""
    asked, facts, check = _asked(journal, sale), SaleFacts(journal, sale), "receipts.kept"
    if len(asked) < 2 or not _given(asked[0]):
        return Finding(requirement, check, None, "a receipt asked for a second time", "none to compare", sale=sale)
    first, last = _squeezed(str(asked[0].data["receipt"])), _squeezed(str(asked[-1].data["receipt"]))
    lost = [value for value in _shown(facts) if _squeezed(value) in first and _squeezed(value) not in last]
    observed = "gone: " + ", ".join(lost) if lost else "all of it there"
    holds = _given(asked[-1]) and not lost
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected="the same receipt when it is asked for again",
        observed=observed if _given(asked[-1]) else f"no receipt: “{asked[-1].data['words'][:120]}”",
        evidence=(asked[0].n, asked[-1].n),
        sale=sale,
        headline=None if holds else "A receipt cannot be had a second time: the shop has no copy for a dispute",
    )


def _shown(facts: SaleFacts) -> list[str]:
    """What a receipt of these charges shows, as texts: the amount, the application, the card's last digits."""
    cards = [_card(charge) for charge in facts.captures]
    digits = [str(card["last4"]) for card in cards if card.get("last4")]
    return [f"{facts.captured.decimal:f}", *digits, *(value for card in cards for value in _required(card))]


@check
def names_the_application(journal: Journal, sale: str, requirement: str = "FD-73") -> Finding:
    """The card application's name and its AID stand on the receipt.

    Documented: https://docs.stripe.com/terminal/features/receipts (application_preferred_name, dedicated_file_name).
    """
    entry, facts = _receipt(journal, sale), SaleFacts(journal, sale)
    required = [value for charge in facts.captures for value in _required(_card(charge))]
    if entry is None or not required:
        why = "no receipt was shown" if entry is None else "the charge has no chip data"
        return Finding(requirement, "receipts.names_the_application", None, "a receipt of a chip sale", why, sale=sale)
    text = _squeezed(str(entry.data["receipt"]))
    missing = [value for value in required if _squeezed(value) not in text]
    return Finding(
        requirement=requirement,
        check="receipts.names_the_application",
        holds=not missing,
        expected=f"{' and '.join(required)} on the receipt",
        observed=f"missing: {', '.join(missing)}" if missing else "both there",
        evidence=(entry.n,),
        sale=sale,
        headline="The receipt lacks what the card networks require" if missing else None,
    )


@check
def card_by_its_last_digits(journal: Journal, sale: str, requirement: str = "FD-73") -> Finding:
    """The card is named by its last four digits: neither its number nor its expiry date stands on the receipt.

    https://www.ecfr.gov/current/title-16/part-603 names the law behind it in the United States: 15 U.S.C. 1681c(g), no
    more than the last five digits and no expiration date on an electronically printed receipt.
    """
    entry, facts, check = _receipt(journal, sale), SaleFacts(journal, sale), "receipts.card_by_its_last_digits"
    cards = [card for charge in facts.captures if (card := _card(charge)).get("last4")]
    if entry is None or not cards:
        why = "no receipt was shown" if entry is None else "no card was charged"
        return Finding(requirement, check, None, "a receipt of a card payment", why, sale=sale)
    text, wrong = str(entry.data["receipt"]), []
    for card in cards:
        wrong += [] if str(card["last4"]) in text else [f"the card ending {card['last4']} is not named"]
        wrong += ["more digits of the card than its last four"] if _more_digits(text, str(card["last4"])) else []
        wrong += ["the card's expiry date"] if _expiry_in(text, card) else []
    return Finding(
        requirement=requirement,
        check=check,
        holds=not wrong,
        expected="the card by its last four digits, no expiry date",
        observed=", ".join(wrong) or "the last four digits, and no more",
        evidence=(entry.n,),
        sale=sale,
        headline="The receipt shows the wrong things of the card" if wrong else None,
    )


def _more_digits(text: str, last4: str) -> bool:
    """The last four digits at the end of a longer row of digits, spaced or not, as a card number is printed."""
    return bool(re.search(rf"\d{{4}}[ -]?\d{{4}}[ -]?\d{{1,4}}[ -]?{last4}(?!\d)", text))


def _expiry_in(text: str, card: dict[str, Any]) -> bool:
    month, year = card.get("exp_month"), card.get("exp_year")
    if not month or not year:
        return False
    return bool(re.search(rf"(?<![\d/.-])0?{month}\s?[/-]\s?({year}|{int(year) % 100:02})(?![\d/.-])", text))


@check
def nothing_paid_after_decline(journal: Journal, sale: str, requirement: str = "FD-74") -> Finding:
    """Of a card that was declined there is no receipt, or a slip that does not read as a payment."""
    asked, check = _asked(journal, sale), "receipts.nothing_paid_after_decline"
    if not asked:
        return Finding(requirement, check, None, "a receipt asked for", "nobody asked", sale=sale)
    # What is printed, where the file points at it: the answer around it may well have a field that is called paid.
    text = str(asked[-1].data.get("words") or asked[-1].data["receipt"])
    holds = not _given(asked[-1]) or bool(_SAYS_DECLINED.search(text)) or not _SAYS_PAID.search(text)
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected="no receipt, or one that says that nothing was paid",
        observed="none, or none of a payment" if holds else "a slip that says the sale was paid",
        evidence=(asked[-1].n,),
        sale=sale,
        headline=None if holds else "A declined card gets a receipt that reads as if it had paid",
    )


@check
def shows_what_was_refunded(journal: Journal, sale: str, requirement: str = "FD-74") -> Finding:
    """After a refund the receipt shows what was given back, as Stripe has it."""
    entry, facts, check = _receipt(journal, sale), SaleFacts(journal, sale), "receipts.shows_what_was_refunded"
    if entry is None or not facts.refunds:
        why = "no receipt was shown" if entry is None else "nothing was refunded"
        return Finding(requirement, check, None, "a receipt of a refund", why, sale=sale)
    amounts = _amounts(str(entry.data["receipt"]), facts.currency)
    holds = facts.refunded in amounts
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected=f"{facts.refunded} as given back",
        observed=", ".join(map(str, sorted(amounts))) or "no amount",
        evidence=(entry.n, facts.ledger.n),
        sale=sale,
        headline=None if holds else f"The receipt does not show the {facts.refunded} that was given back",
    )


@check
def shows_what_was_charged(journal: Journal, sale: str, requirement: str = "FD-74") -> Finding:
    """The total on the receipt is what was captured, tip included, and no other total stands there."""
    entry, facts = _receipt(journal, sale), SaleFacts(journal, sale)
    if entry is None:
        return Finding(requirement, "receipts.shows_what_was_charged", None, "a receipt", "none was shown", sale=sale)
    read = _read(str(entry.data["receipt"]), facts.currency)
    amounts = {amount for readings in read for amount in readings}
    holds = facts.captured in amounts and all(min(readings) <= facts.captured for readings in read)
    return Finding(
        requirement=requirement,
        check="receipts.shows_what_was_charged",
        holds=holds,
        expected=f"{facts.captured} as the total",
        observed=", ".join(map(str, sorted(amounts))) or "no amount",
        evidence=(entry.n, facts.ledger.n),
        sale=sale,
        headline=None if holds else f"The receipt does not show the {facts.captured} that was charged",
    )


def _asked(journal: Journal, sale: str) -> list[Entry]:
    """The till's answers to whoever asked for a receipt of the sale, in order."""
    return [e for e in journal.kind("screen", sale) if e.data["verb"] == "receipt"]


def _given(answer: Entry) -> bool:
    return bool(answer.data.get("receipt")) and answer.data["outcome"] == Outcome.ACCEPTED.value


def _receipt(journal: Journal, sale: str) -> Entry | None:
    """The last receipt the till gave."""
    return next((e for e in reversed(_asked(journal, sale)) if _given(e)), None)


def _card(charge: dict[str, Any]) -> dict[str, Any]:
    """What the charge says of the card that was presented, whatever network it ran on."""
    details = charge["payment_method_details"] or {}
    return dict(details.get(str(details.get("type"))) or {})


def _required(card: dict[str, Any]) -> list[str]:
    printed = card.get("receipt") or {}
    return [str(printed[name]) for name in _REQUIRED if printed.get(name)]


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text).lower()


def _amounts(text: str, currency: str) -> set[Money]:
    """Every amount that a receipt may be read to show."""
    return {amount for readings in _read(text, currency) for amount in readings}


def _read(text: str, currency: str) -> list[tuple[Money, ...]]:
    """Each amount on a receipt, in every way it can be read; thousands separators are read over.

    Where the currency has no decimals any number might be one: those beside the currency's name count.
    """
    code, decimals = currency.upper(), exponent(currency)
    if decimals:
        return [tuple(Money.parse(f"{sum_} {currency}") for sum_ in sums) for sums in _sums(text, decimals)]
    beside = rf"(?:{code}|[¥￥₩])\s*(\d[\d,]*)|(\d[\d,]*)\s*(?:{code}|[円원])"
    found = [one or other for one, other in re.findall(beside, text)]
    return [(Money.parse(f"{amount.replace(',', '')} {currency}"),) for amount in found]


def _sums(text: str, decimals: int) -> Iterator[tuple[str, ...]]:
    """Every sum with its decimals, written as 1234.50, however a country writes it.

    Behind a blank there may be a part of the sum or all of it: "1 234,50", "table 5 120,50".
    """
    for found in re.finditer(_SUM.format(decimals=decimals), text):
        whole, separator, mark, part = found.group("whole", "separator", "mark", "part")
        if separator != mark:
            ways = (whole, whole.rpartition(" ")[2]) if separator == " " else (whole,)
            yield tuple(f"{re.sub(r'[^0-9]', '', way)}.{part}" for way in ways)
