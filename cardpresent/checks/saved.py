"""Cards that are kept: only as their owners allowed, and what the till says of them held against Stripe's books."""

from typing import Any

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome

LINE = "EX-30"


@check
def kept_as_told(journal: Journal) -> Finding:
    """The till says that a card is kept when Stripe has one to charge later, and only then."""
    name, books = "saved.kept_as_told", _books(journal)
    words = [e for e in journal.kind("screen") if e.data["verb"] == "saved_card"]
    if books is None or not words:
        return Finding(LINE, name, None, "a word on the card and Stripe's books", "one of them is missing")
    # A card that belongs to no customer cannot be found again by a later charge.
    said, kept = str(words[-1].data["outcome"]), [card for card in _cards(books) if card["customer"]]
    right = Outcome.ACCEPTED.value if kept else Outcome.REFUSED.value
    headline = "A card is kept at Stripe, and the till does not know it"
    if not kept:
        headline = "The till promises a kept card that Stripe can never charge"
    return Finding(
        requirement=LINE,
        check=name,
        holds=said == right,
        expected="the card told as kept" if kept else "no card told as kept",
        observed=f"{said}; {len(kept)} card(s) kept at Stripe",
        evidence=(words[-1].n, books.n),
        headline=None if said == right else headline,
    )


@check
def nothing_kept(journal: Journal) -> Finding:
    """No card that can be charged later stayed with Stripe."""
    name, books = "saved.nothing_kept", _books(journal)
    if books is None:
        return Finding(LINE, name, None, "no card kept", "nobody looked at the cards at Stripe")
    kept = _cards(books)
    return Finding(
        requirement=LINE,
        check=name,
        holds=not kept,
        expected="no card kept",
        observed=f"{len(kept)} card(s) kept at Stripe",
        evidence=(books.n,),
        headline="A card is kept that its owner never allowed to be kept" if kept else None,
    )


@check
def kept_as_allowed(journal: Journal) -> Finding:
    """A kept card may be used for no more than its owner allowed.

    Documented: https://docs.stripe.com/api/payment_methods/object ("allow_redisplay").
    """
    name, books = "saved.kept_as_allowed", _books(journal)
    allowed = [str(e.data["consent"]) for e in journal.kind("intent") if e.data.get("consent")]
    kept = _cards(books) if books else []
    if books is None or not kept or not allowed:
        return Finding(LINE, name, None, "a card kept as its owner allowed", "no card was kept")
    good = {"limited", "always"} if allowed[-1] == "always" else {"limited"}
    wrong = sorted({str(card["allow_redisplay"]) for card in kept} - good)
    return Finding(
        requirement=LINE,
        check=name,
        holds=not wrong,
        expected=f"kept as allowed: {allowed[-1]}",
        observed=f"kept as {', '.join(wrong)}" if wrong else "kept so",
        evidence=(books.n,),
        headline="A card is kept for more than its owner allowed" if wrong else None,
    )


@check
def kept_card_pays(journal: Journal, sale: str) -> Finding:
    """What was kept can be charged: the generated card, for the one that was presented never can."""
    name, facts = "saved.kept_card_pays", SaleFacts(journal, sale)
    paid = bool(facts.captured or facts.capturable)
    return Finding(
        requirement=LINE,
        check=name,
        holds=paid,
        expected="the kept card charged",
        observed=f"{facts.said}; {facts.books}",
        evidence=facts.evidence,
        sale=sale,
        headline=None if paid else "A card was promised as kept and cannot be charged",
    )


def _books(journal: Journal) -> Entry | None:
    return next((e for e in reversed(journal.kind("ledger")) if "cards" in e.data), None)


def _cards(books: Entry) -> list[dict[str, Any]]:
    return list(books.data["cards"])
