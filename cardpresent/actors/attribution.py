"""Whose PaymentIntent is it? Told by the id the till returned, by its metadata or by when it was made.

Where a till returns no id, the one payment it made while it answered stands in for one: `newest`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import inf
from typing import Any, Literal

from cardpresent.actors.sale import Sale
from cardpresent.evidence.journal import Journal

Method = Literal["returned", "newest", "metadata", "window", "ambiguous", "none"]


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of one sale: the ids it returned, and from when to when it was the only one open (ms).

    `by_books` are those of the ids that were found in the books.
    """

    sale: str
    returned: frozenset[str]
    opened_ms: float
    closed_ms: float
    by_books: frozenset[str] = frozenset()


def attribute(
    intents: Sequence[Mapping[str, Any]],
    claims: Sequence[Claim],
    metadata_key: str | None,
    created_ms: Mapping[str, float],
) -> dict[str, tuple[str | None, Method]]:
    """PaymentIntent id → (sale, how it is known). A sale of None means that no single sale can claim it."""
    return {str(pi["id"]): _owner(pi, claims, metadata_key, created_ms.get(str(pi["id"]))) for pi in intents}


def claims_of(sales: Sequence[Sale], journal: Journal) -> list[Claim]:
    """What each sale may call its own, in the order they were started: what was returned for it, and when it was open.

    A sale is open until the next one starts, if its last word was said by then; else to the end.
    """
    starts = {e.sale: e.begin_ms for e in reversed(journal.kind("intent")) if e.data["verb"] == "start_sale"}
    claims = []
    for sale, following in zip_longest(sales, sales[1:]):
        closed = starts.get(following.id, inf) if following is not None and sale.final else inf
        returned, in_books = frozenset(sale.payment_intents), frozenset(sale.by_books)
        claims.append(Claim(sale.id, returned, starts.get(sale.id, 0.0), closed, in_books))
    return claims


def created_ms(journal: Journal, intents: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """When Stripe first told of each PaymentIntent, by id."""
    wanted = {p["id"] for p in intents}
    created: dict[str, float] = {}
    for reply in journal.kind("reply"):
        body = reply.data.get("body")
        if isinstance(body, dict) and body.get("object") == "payment_intent" and body.get("id") in wanted:
            created.setdefault(str(body["id"]), reply.begin_ms)
    return created


def _owner(
    intent: Mapping[str, Any], claims: Sequence[Claim], metadata_key: str | None, created_ms: float | None
) -> tuple[str | None, Method]:
    by_id = _only(c.sale for c in claims if intent["id"] in c.returned)
    if by_id:
        found = any(intent["id"] in c.by_books for c in claims if c.sale == by_id)
        return by_id, "newest" if found else "returned"
    named = (intent.get("metadata") or {}).get(metadata_key) if metadata_key else None
    if named and any(c.sale == named for c in claims):
        return str(named), "metadata"
    if created_ms is not None:
        open_then = [c.sale for c in claims if c.opened_ms <= created_ms <= c.closed_ms]
        by_window = _only(open_then)
        if by_window:
            return by_window, "window"
        return None, "ambiguous" if open_then else "none"
    return (claims[0].sale, "window") if len(claims) == 1 else (None, "ambiguous")


def _only(sales: Iterable[str]) -> str | None:
    found = list(dict.fromkeys(sales))
    return found[0] if len(found) == 1 else None
