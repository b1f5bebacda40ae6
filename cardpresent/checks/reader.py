"""Whether the reader does its part of a sale."""

from typing import Final

from cardpresent.checks.catalogue import check
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding

NOISE: Final = "FD-06"
# Documented: https://docs.stripe.com/error-codes#parameter-invalid-integer
NO_WHOLE_NUMBER: Final = "parameter_invalid_integer"


@check
def asks_for_card(journal: Journal, sale: str, requirement: str) -> Finding:
    """The till brought its reader to ask for a card: a customer who stands there found one that does, or did not.

    A price that reached Stripe with rounding noise is refused there, and no reader asks: whatever the scenario is
    about, that breaks the line on amounts.
    """
    found = [e for e in journal.controls("reader_asks", "reader_takes_no_card") if e.sale == sale]
    name, expected = "reader.asks_for_card", "the reader asking for a card"
    if not found:
        return Finding(requirement, name, None, expected, "nobody looked at the reader", sale=sale)
    holds = found[-1].data["what"] == "reader_asks"
    word = journal.last_word(sale)
    words = str(word.data.get("words") or "")[:120] if word else ""
    said = f"; the till says {word.data['outcome']}, “{words}”" if word else ""
    return Finding(
        requirement=requirement if holds or not _no_whole_number(journal, sale, found[-1]) else NOISE,
        check=name,
        holds=holds,
        expected=expected,
        observed=f"{found[-1].data['reader']}{said}",
        evidence=(*((word.n,) if word else ()), found[-1].n),
        sale=sale,
        headline=None if holds else "The sale cannot be paid: the reader never asks for a card",
    )


def _no_whole_number(journal: Journal, sale: str, looked: Entry) -> bool:
    """Whether Stripe refused the amount of a payment the till made for this sale, before the reader was looked at."""
    asked = [intent.n for intent in journal.intents(sale)]
    made = [e for e in journal.till_requests("payment_intent.create") if asked and asked[0] < e.n < looked.n]
    return any(_refused_amount(journal.reply_to(request)) for request in made)


def _refused_amount(reply: Entry | None) -> bool:
    body = reply.data.get("body") if reply else None
    error = body.get("error") if isinstance(body, dict) else None
    return isinstance(error, dict) and (error.get("code"), error.get("param")) == (NO_WHOLE_NUMBER, "amount")
