"""The till's own records, as read from its database."""

from dataclasses import dataclass
from typing import Final, Literal

Outcome = Literal["waiting", "held", "paid", "not_paid", "not_known"]

# Where a sale has no reader, because a kept card is charged, this and the sale's name stand for one.
ON_FILE: Final = "on-file:"


@dataclass(frozen=True, slots=True)
class Sale:
    """One sale. Amounts in minor units. `order_amount` is the capture the till owes, written down before it is sent."""

    sale: str
    amount: int
    currency: str
    register: str
    reader: str
    capture: str
    eligible: int | None
    skip_tipping: bool
    version: int
    create_key: str
    create_amount: int
    intent: str | None
    outcome: Outcome
    reason: str
    detail: str
    card: str
    approved: int
    captured: int
    tip: int
    attempt: int
    order_amount: int | None
    order_n: int
    failures: int
    cancel_wanted: bool
    cancel_n: int
    closed: bool
    started: float
    day: int


def new_sale(name: str, amount: int, currency: str, register: str, reader: str, started: float, day: int) -> Sale:
    """A sale as it begins: nothing made at Stripe, the key of its creation already written down."""
    return Sale(
        sale=name, amount=amount, currency=currency, register=register, reader=reader, capture="now", eligible=None,
        skip_tipping=False, version=1, create_key=f"pi:{name}:1", create_amount=amount, intent=None, outcome="waiting",
        reason="starting", detail="", card="", approved=0, captured=0, tip=0, attempt=0, order_amount=None, order_n=0,
        failures=0, cancel_wanted=False, cancel_n=0, closed=False, started=started, day=day,
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sale that is on a reader now. `phase`: sending (the command is on its way), sent, unsure (no answer came)."""

    sale: str
    reader: str
    number: int
    sends: int
    phase: Literal["sending", "sent", "unsure"]
    since: float
    deadline: float


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund. `operation` is the till's own id, None when made elsewhere; `reader` where a card is needed."""

    row: int
    sale: str
    operation: str | None
    amount: int
    status: str
    refund: str | None
    reader: str | None
    sends: int

    @property
    def id(self) -> str:
        return self.operation or self.refund or ""
