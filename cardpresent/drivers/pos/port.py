"""What every way of working a till has in common: a verb in, a reply out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing
from cardpresent.profile.vocabulary import TELLS_THE_SALE, VERBS, Verb

__all__ = [
    "BODY_KEPT",
    "TELLS_THE_SALE",
    "VERBS",
    "NotOffered",
    "PosDriver",
    "PosReply",
    "TillRecord",
    "TillWorklist",
    "Verb",
]

BODY_KEPT: Final = 20_000
# The sums that a till may keep of a sale.
SUMS: Final = ("paid", "tip", "refunded", "refundable", "tip_refunded")


@dataclass(frozen=True, slots=True)
class TillRecord:
    """What the till's own books say of one sale; None for what they do not say.

    `paid` includes the tip. `refundable`: what the till offers to give back still. `tip_refunded`: the part of what was
    given back that was tip, by the shop's own `tip_rule`. `effects`: how often being paid set something off (a receipt,
    a mail, stock moved).
    """

    paid: Money | None = None
    tip: Money | None = None
    refunded: Money | None = None
    refundable: Money | None = None
    tip_refunded: Money | None = None
    tip_rule: str | None = None
    effects: int | None = None


@dataclass(frozen=True, slots=True)
class TillWorklist:
    """What the till's list of payments taken offline says: of the sale it was asked for, and in sum.

    `listed`: "stored", "lost" or "paid", None where the sale does not stand there; `owner`: who has to see to it;
    `overdue`: it is marked as waiting too long. `count`: payments that wait to be sent. None for what it does not say.
    """

    listed: str | None = None
    owner: str | None = None
    overdue: bool | None = None
    count: int | None = None
    sum_stored: Money | None = None
    sum_lost: Money | None = None


@dataclass(frozen=True, slots=True)
class PosReply:
    """What the cashier is told.

    `outcome`: for a verb of TELLS_THE_SALE whether the sale is paid, for any other whether the thing was done; UNKNOWN
    when the till cannot say, or nobody answered. `standing`: COLLECTING while the reader waits for the customer, HELD
    while money is authorized but not collected and STORED while a payment taken offline waits at the till (the outcome
    is UNKNOWN in all three), else SETTLED; SETTLED and UNKNOWN together mean "not known yet, do not charge again".
    `words`: what the cashier reads. `saved`: values for later requests of the sale. `status`: the HTTP status of the
    last answer, None when there was none. `body`: that answer as text, its first 20 kB. `missing`: what the
    integration file looks for in the answer, or needs for the request, and did not find. `asked`: False when nothing
    was sent, because the till never gave what the first request must name. `found`: for what is in `saved` and was not
    in the answer, how it was found: {"payment_intent": "newest"}.
    """

    outcome: Outcome
    standing: Standing
    words: str
    saved: Mapping[str, str]
    status: int | None
    record: TillRecord | None
    body: str
    missing: tuple[str, ...] = ()
    asked: bool = True
    worklist: TillWorklist | None = None
    found: Mapping[str, str] = field(default_factory=dict)


class PosDriver(Protocol):
    """Works one till. It never judges, never repeats a request, and never reads the emulator."""

    def offers(self, verb: Verb) -> bool:
        """Whether this till can be asked for `verb` at all."""
        ...

    def perform(
        self, verb: Verb, values: Mapping[str, object], *, as_role: str = "cashier", insist: bool = False
    ) -> PosReply:
        """Ask for `verb` once and wait for the answer. A dead till is an UNKNOWN reply with status None, no error.

        `insist`: ask as `as_role` even where the verb is somebody else's to ask, to see whether the till lets it.
        Raises NotOffered for a verb the till does not offer.
        """
        ...


class NotOffered(LookupError):
    """The integration file says nothing about a verb."""

    def __init__(self, verb: str) -> None:
        self.verb = verb
        super().__init__(f"the integration file does not describe {verb}; see docs/integrations.md")
