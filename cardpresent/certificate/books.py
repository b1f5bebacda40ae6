"""Money of a sale as three parties tell it: what the till's last word promises, its own books, and Stripe's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cardpresent.checks.facts import NothingSeen, SaleFacts
from cardpresent.evidence.journal import Journal, money_of
from cardpresent.model.entry import Entry
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing


@dataclass(frozen=True, slots=True)
class AtStripe:
    """One sale in Stripe's books. `collected` is before refunds; `tips` is the part of it that was a tip."""

    collected: Money
    held: Money
    refunded: Money
    tips: Money


@dataclass(frozen=True, slots=True)
class Promise:
    """What must be at Stripe for the till's last word to be true."""

    collected: Money
    held: Money
    refunded: Money


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a sale's table. `expected` is None where the till's last word promises nothing."""

    label: str
    before: Money
    expected: Money | None
    observed: Money


@dataclass(frozen=True, slots=True)
class SaleBooks:
    """The books of one sale in one currency, and the part of the money nobody accounts for."""

    sale: str
    currency: str
    rows: tuple[Row, ...]
    unaccounted: Money

    @property
    def nothing(self) -> Money:
        return Money.zero(self.currency)


@dataclass(frozen=True, slots=True)
class RunBooks:
    """All settled sales of a run in one currency; `open_sales` ended with no promise and are left out of the sums."""

    currency: str
    sales: int
    open_sales: int
    till: Promise
    stripe: AtStripe


def of_sale(sale: str, entries: Sequence[Entry]) -> SaleBooks | None:
    """The table of one sale, from the last ledger entry among `entries`; None without one, or in two currencies."""
    facts = _when_read(sale, entries)
    observed = at_stripe(facts)
    if observed is None:
        return None
    promise = promised(facts, observed)
    zero = Money.zero(facts.currency)
    rows = [
        Row("Stripe: collected", zero, promise.collected if promise else None, observed.collected),
        Row("Stripe: held on the card", zero, promise.held if promise else None, observed.held),
    ]
    if observed.refunded or (promise and promise.refunded):
        rows.append(Row("Stripe: refunded", zero, promise.refunded if promise else None, observed.refunded))
    paid = (facts.record or {}).get("paid") if _spoke(facts) else None
    if paid is not None:
        rows.insert(0, Row("Till’s books: paid by card", zero, observed.collected, facts.money(int(paid))))
    gaps = [abs((row.observed - (row.expected or zero)).minor_units) for row in rows]
    return SaleBooks(sale, facts.currency, tuple(rows), Money(max(gaps), facts.currency))


def of_run(entries: Iterable[Entry]) -> list[RunBooks]:
    """One sum per currency over every sale with a ledger entry, the currency with most sales first."""
    sales: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.sale is not None:
            sales.setdefault(entry.sale, []).append(entry)
    found: dict[str, list[tuple[Promise | None, AtStripe]]] = {}
    for sale, own in sales.items():
        facts = _when_read(sale, own)
        if observed := at_stripe(facts):
            found.setdefault(facts.currency, []).append((promised(facts, observed), observed))
    return [_summed(currency, told) for currency, told in sorted(found.items(), key=lambda each: -len(each[1]))]


def at_stripe(facts: SaleFacts) -> AtStripe | None:
    """The sale in Stripe's books; None where they were not read, cannot be told apart, or hold another currency."""
    try:
        if facts.ambiguous or any(p.get("currency", facts.currency) != facts.currency for p in facts.intents):
            return None
        return AtStripe(facts.captured, facts.capturable, facts.refunded, facts.tip)
    except (NothingSeen, LookupError, TypeError, ValueError):
        return None


def promised(facts: SaleFacts, observed: AtStripe) -> Promise | None:
    """What the till's last word on the sale says about its money; None for “not known yet” and while it still waits."""
    if not _spoke(facts) or facts.standing is Standing.COLLECTING or facts.outcome is Outcome.UNKNOWN:
        return None
    zero = Money.zero(facts.currency)
    if facts.standing is Standing.HELD:
        return Promise(zero, facts.owed, zero)
    if facts.outcome is Outcome.REFUSED:
        # What was taken and given back whole is no breach of "not paid".
        return Promise(min(observed.collected, observed.refunded), zero, observed.refunded)
    return Promise(facts.owed, zero, _refunded(facts))


def _when_read(sale: str, entries: Sequence[Entry]) -> SaleFacts:
    """The sale as it stood when Stripe's books were last read; what was cleaned up afterwards is left out."""
    own = [entry for entry in entries if entry.sale == sale]
    last = max((entry.n for entry in own if entry.kind == "ledger"), default=0)
    return SaleFacts(Journal(entry for entry in own if entry.n <= last), sale)


def _spoke(facts: SaleFacts) -> bool:
    try:
        return bool(facts.word)
    except NothingSeen:
        return False


def _summed(currency: str, told: Sequence[tuple[Promise | None, AtStripe]]) -> RunBooks:
    zero = Money.zero(currency)
    closed = [(promise, stripe) for promise, stripe in told if promise is not None]
    return RunBooks(
        currency=currency,
        sales=len(closed),
        open_sales=len(told) - len(closed),
        till=Promise(
            sum((p.collected for p, _ in closed), zero),
            sum((p.held for p, _ in closed), zero),
            sum((p.refunded for p, _ in closed), zero),
        ),
        stripe=AtStripe(
            sum((s.collected for _, s in closed), zero),
            sum((s.held for _, s in closed), zero),
            sum((s.refunded for _, s in closed), zero),
            sum((s.tips for _, s in closed), zero),
        ),
    )


def _refunded(facts: SaleFacts) -> Money:
    """What the till says it gave back: its books, else refunds it said were made, one asked for twice counted once."""
    written = (facts.record or {}).get("refunded")
    if written is not None:
        return facts.money(int(written))
    made: dict[Any, Money] = {}
    asked: Entry | None = None
    for entry in facts.mine:
        if entry.data.get("verb") != "refund_sale":
            continue
        if entry.kind == "intent":
            asked = entry
        elif entry.kind == "screen" and asked is not None:
            if entry.data.get("outcome") == Outcome.ACCEPTED.value:
                made[asked.data.get("refund") or asked.n] = money_of(asked.data["amount"])
            asked = None
    return sum(made.values(), Money.zero(facts.currency))
