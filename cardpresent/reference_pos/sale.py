"""The till's own records, as read from its database."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["waiting", "held", "paid", "not_paid", "not_known"]


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
