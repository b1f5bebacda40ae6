"""What was agreed about a sale beside its amount: how the card comes, and what may be kept of it."""

from dataclasses import astuple, dataclass
from typing import Final

from .store import Store


@dataclass(frozen=True, slots=True)
class Terms:
    """`keyed`: the number was told by telephone and is typed in at the reader. `look_first`: the card is read, and only
    then charged. `customer` is one of ours, `at_stripe` the same one there; `consent` is what the customer allowed to
    be kept of the card (limited, always), "" for nothing; `card` is the saved card that is charged instead.
    """

    keyed: bool = False
    look_first: bool = False
    customer: str = ""
    at_stripe: str = ""
    consent: str = ""
    card: str = ""

    @property
    def card_told(self) -> bool:
        """Nobody holds a card to the reader: its number is typed in, or was saved before."""
        return self.keyed or bool(self.card)


PLAIN: Final = Terms()


def agree(store: Store, sale: str, terms: Terms) -> None:
    """Write the terms down, before the sale itself; the first ones stay."""
    if terms != PLAIN:
        store.run("INSERT OR IGNORE INTO sale_terms VALUES (?, ?, ?, ?, ?, ?, ?)", sale, *astuple(terms))


def terms_of(store: Store, sale: str) -> Terms:
    rows = store.run("SELECT * FROM sale_terms WHERE sale = ?", sale)
    if not rows:
        return PLAIN
    _, keyed, look_first, customer, at_stripe, consent, card = rows[0]
    return Terms(bool(keyed), bool(look_first), customer, at_stripe, consent, card)
