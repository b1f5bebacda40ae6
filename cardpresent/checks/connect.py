"""Where a platform sells for others: one account for all of a sale, the seller's money, the platform's fee."""

from collections.abc import Mapping
from typing import Any

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome

# What a platform asks of its own account, whoever the sales are for.
_PLATFORMS_OWN = ("/v1/account", "/v1/application_fees", "/v1/transfers", "/v1/webhook_endpoints", "/v1/events")


@check
def one_account(journal: Journal, account: str | None, requirement: str = "FD-70") -> Finding:
    """Every call about sales, readers and refunds was made on one account: `account`, or the platform's own (None)."""
    calls = [e for e in journal.till_requests() if not str(e.data["path"]).startswith(_PLATFORMS_OWN)]
    if not calls:
        return Finding(requirement, "connect.one_account", None, "a call of the till", "it made none")
    astray = [e for e in calls if e.data.get("account") != account]
    return Finding(
        requirement=requirement,
        check="connect.one_account",
        holds=not astray,
        expected=f"every call on {_named(account)}",
        observed=f"{astray[0].data['operation']} on {_named(astray[0].data.get('account'))}" if astray
        else f"{len(calls)} call(s), all there",
        evidence=tuple(e.n for e in (astray or calls)[:3]),
        headline="A call is made on another account than the sale's" if astray else None,
    )


def _named(account: str | None) -> str:
    return account or "the platform's own account"


@check
def nothing_set_off(journal: Journal, before: Mapping[str, Any], sale: str, requirement: str = "FD-70") -> Finding:
    """An event of another account did not pay the sale, and the till's books say what they said before it."""
    word = journal.last_word(sale)
    if word is None:
        return Finding(requirement, "connect.nothing_set_off", None, "a word on the sale", "none", sale=sale)
    then, now = before.get("record") or {}, word.data.get("record") or {}
    paid = word.data["outcome"] == Outcome.ACCEPTED.value
    holds = not paid and then == now
    return Finding(
        requirement=requirement,
        check="connect.nothing_set_off",
        holds=holds,
        expected=f"not paid, and the books as before: {_shown(then)}",
        observed=f"{word.data['outcome']}, {_shown(now)}",
        evidence=(word.n,),
        sale=sale,
        headline=None if holds else "An event of another account counts at this till",
    )


def _shown(record: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(record.items()) if value is not None) or "no record"


@check
def seller_paid(journal: Journal, sale: str, seller: str, requirement: str = "FD-70") -> Finding:
    """What was captured on the platform's account was handed on to the seller whose sale it is."""
    facts = SaleFacts(journal, sale)
    if not facts.captures:
        return Finding(requirement, "connect.seller_paid", None, "a captured payment", facts.books, sale=sale)
    sellers = [(c.get("transfer_data") or {}).get("destination") for c in facts.captures]
    holds = all(one == seller for one in sellers)
    return Finding(
        requirement=requirement,
        check="connect.seller_paid",
        holds=holds,
        expected=f"the payment handed on to {seller}",
        observed=", ".join(str(one or "nobody") for one in sellers),
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else "The seller does not get the money of their own sale",
    )


@check
def seller_gives_back(journal: Journal, sale: str, requirement: str = "FD-70") -> Finding:
    """A refund took the seller's share of it back from the seller, and did not leave it to the platform.

    Documented: https://docs.stripe.com/connect/destination-charges ("Issue refunds": reverse_transfer).
    """
    facts = SaleFacts(journal, sale)
    made = [r for r in facts.refunds if r["status"] == "succeeded"]
    if not made:
        return Finding(requirement, "connect.seller_gives_back", None, "a refund that was made", facts.books, sale=sale)
    left = [r for r in made if not r.get("transfer_reversal")]
    return Finding(
        requirement=requirement,
        check="connect.seller_gives_back",
        holds=not left,
        expected="the seller's share taken back with the refund",
        observed=f"{len(left)} of {len(made)} refund(s) left to the platform" if left else "taken back",
        evidence=facts.evidence,
        sale=sale,
        headline="The platform pays the customers' refunds, and the seller keeps the money" if left else None,
    )


@check
def fee_of_what_was_captured(journal: Journal, sale: str, percent: float, requirement: str = "EX-34") -> Finding:
    """The platform kept its share of what was captured, in percent, with or without the tip, to the smallest unit.

    Documented: https://docs.stripe.com/terminal/features/connect (check the fee before a manual capture).
    """
    facts = SaleFacts(journal, sale)
    if not facts.captures:
        return Finding(requirement, "connect.fee_of_what_was_captured", None, "a captured payment", facts.books,
                       sale=sale)  # fmt: skip
    kept = facts.money(sum(int(c.get("application_fee_amount") or 0) for c in facts.captures))
    most, least = (_share(sum_.minor_units, percent) for sum_ in (facts.captured, facts.asked))
    holds = least - 1 <= kept.minor_units <= most + 1
    return Finding(
        requirement=requirement,
        check="connect.fee_of_what_was_captured",
        holds=holds,
        expected=f"a fee of {percent:g} % of {facts.captured}, {facts.money(round(most))}",
        observed=f"a fee of {kept}",
        evidence=facts.evidence,
        sale=sale,
        headline=None if holds else "The platform's fee is not that of what was captured",
    )


def _share(amount: int, percent: float) -> float:
    return amount * percent / 100
