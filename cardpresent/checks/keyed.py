"""Card numbers that are typed in: only for orders by telephone, and only on a reader that shows nothing else."""

from typing import Any

from cardpresent.checks.catalogue import check
from cardpresent.checks.conduct import ASKING_FOR_CARD
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding


@check
def typed_only_by_telephone(journal: Journal, sale: str, requirement: str = "EX-38") -> Finding:
    """A card's number is asked for where the order came by telephone, and nowhere else; the books say card, too."""
    name, facts = "keyed.typed_only_by_telephone", SaleFacts(journal, sale)
    ordered = any(e.data.get("moto") for e in journal.intents(sale, "start_sale"))
    expected = "the card's number typed in" if ordered else "the card itself, and no number to be typed in"
    mine = {str(p["id"]) for p in facts.intents}
    sent = [e for e in _commands(journal) if _target(e) in mine]
    if not sent:
        return Finding(requirement, name, None, expected, "the reader was asked for no card", facts.evidence, sale)
    wrong = [e for e in sent if _keyed(e) is not ordered]
    kinds = {str(c["payment_method_details"]["type"]) for c in facts.charges}
    holds = not wrong and (not kinds or (kinds == {"card"}) is ordered)
    return Finding(
        requirement=requirement,
        check=name,
        holds=holds,
        expected=expected,
        observed=_observed(wrong, kinds, ordered=ordered),
        evidence=(*(e.n for e in (wrong or sent)[:2]), *facts.evidence),
        sale=sale,
        headline=None if holds or ordered else "The reader asks for a card number while the customer stands before it",
    )


def _observed(wrong: list[Entry], kinds: set[str], *, ordered: bool) -> str:
    if wrong:
        return "the card itself asked for" if ordered else "a number asked for"
    return f"charged as {', '.join(sorted(kinds))}" if kinds else "as expected"


@check
def display_cleared_first(journal: Journal, requirement: str = "EX-38") -> Finding:
    """Before a number is typed in, the cart has left the reader's display."""
    name, expected = "keyed.display_cleared_first", "the cart taken off the reader before a number is asked for"
    shown = journal.till_requests("reader.set_reader_display")
    asked = [e for e in _commands(journal) if _keyed(e) and any(s.n < e.n for s in shown)]
    if not asked:
        return Finding(requirement, name, None, expected, "no number was asked for after a cart was shown")
    last_shown = max(s.n for s in shown if s.n < asked[0].n)
    cleared = [e for e in journal.till_requests("reader.cancel_action") if last_shown < e.n < asked[0].n]
    return Finding(
        requirement=requirement,
        check=name,
        holds=bool(cleared),
        expected=expected,
        observed="cleared first" if cleared else "the cart was still shown",
        evidence=tuple(e.n for e in (*cleared[:1], asked[0])),
        headline=None if cleared else "A card number is asked for over a cart that is still on the reader",
    )


def _commands(journal: Journal) -> list[Entry]:
    return journal.till_requests(*ASKING_FOR_CARD)


def _target(command: Entry) -> str:
    params: dict[str, Any] = command.data["params"]
    return str(params.get("payment_intent"))


def _keyed(command: Entry) -> bool:
    params: dict[str, Any] = command.data["params"]
    config = params.get("process_config") or {}
    return isinstance(config, dict) and str(config.get("moto")).lower() == "true"
