"""One sale as the suite drives it: what was asked so far, and what the till gave back."""

from dataclasses import dataclass, field

from cardpresent.actors.open_line import OpenRequest
from cardpresent.drivers.pos.port import PosDriver, PosReply
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing


@dataclass(slots=True)
class Sale:
    """`id` carries the run's salt, for a till that keeps its database would know an old one.

    `presses` counts how often the cashier asked for what is held, since the suite last began to wait for an end.
    `told` is what the till answered when it was last asked to take a card: its word until there is something to ask by.
    `reader` is the one of the register it was rung up at.
    `contradicted`: somebody changed its payment at Stripe, so that no word but "ask a person" can be true of it.
    `in_cash` is what the till took of it in cash, in minor units.
    `driver` is the way this sale is worked when it is not the run's own: at the page.
    `wishes` is what the cashier asks of it beside its amount: that its card be typed in, say.
    `line` holds its requests that the till has not answered yet. `begun_s` and `looked_s`: when the till was last asked
    to have it paid, and when anybody last looked how it stands.
    `by_books` are those of its PaymentIntents that the till never named: they were found in the books.
    """

    id: str
    amount: Money
    collected_later: bool = False
    reader: str = ""
    saved: dict[str, str] = field(default_factory=dict)
    payment_intents: list[str] = field(default_factory=list)
    by_books: set[str] = field(default_factory=set)
    word: PosReply | None = None
    told: PosReply | None = None
    stuck_on: tuple[object, ...] | None = None
    tapped: bool = False
    presses: int = 0
    cleaned: bool = False
    in_cash: int = 0
    contradicted: bool = False
    driver: PosDriver | None = None
    wishes: dict[str, object] = field(default_factory=dict)
    line: list[OpenRequest] = field(default_factory=list)
    begun_s: float = 0.0
    looked_s: float = 0.0

    def keep(self, reply: PosReply) -> None:
        """Remember what the till returned; every PaymentIntent it ever named belongs to this sale."""
        self.saved.update(reply.saved)
        named = reply.saved.get("payment_intent")
        if named and named not in self.payment_intents:
            self.payment_intents.append(named)
            if "payment_intent" in reply.found:
                self.by_books.add(named)

    @property
    def card_owes(self) -> int:
        """What is left for the card to pay, in minor units."""
        return self.amount.minor_units - self.in_cash

    @property
    def in_doubt(self) -> bool:
        """Does the till say that it does not know yet?"""
        word = self.word
        return word is not None and word.standing is Standing.SETTLED and word.outcome is Outcome.UNKNOWN

    @property
    def final(self) -> bool:
        """Has the till said its last word? Held is one only for a sale that is to be collected later."""
        if self.word is None:
            return False
        if self.word.standing is Standing.SETTLED:
            return self.word.outcome is not Outcome.UNKNOWN or self.contradicted
        return self.word.standing is Standing.HELD and self.collected_later
