"""What happens on the shop floor around a payment: cash for a part, a day that ends, a manager who is called."""

from typing import Final

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.errors import Undecided
from cardpresent.actors.sale import Sale
from cardpresent.actors.stage import OTHER_SHOP, Stage
from cardpresent.drivers.pos.port import PosReply, Verb
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome

REASON: Final = "the customer showed an approved receipt"


class Floor:
    """Staff of both ranks, and staff of another shop that the same server serves."""

    def __init__(self, stage: Stage, cashier: Cashier) -> None:
        self._stage, self._cashier = stage, cashier

    # Another tender

    def takes_cash(self, cash: Money) -> PosReply:
        """Take a part of the sale in hand in cash; the till decides whether it lets that happen now."""
        sale = self._cashier.sale
        self._stage.intend("take_cash", sale, cash=cash)
        reply = self._stage.perform("take_cash", sale, {"cash": cash})
        if reply.outcome is not Outcome.REFUSED:
            sale.in_cash += cash.minor_units
        return reply

    def opens_with_cash(self, amount: Money, cash: Money) -> None:
        """A sale of which a part is paid in cash before a card is asked for the rest."""
        sale = self._cashier.opens_sale(amount)
        if self.takes_cash(cash).outcome is not Outcome.ACCEPTED:
            raise Undecided(f"the till took no cash for {sale.id}")
        self._cashier.asks_for_card()

    # A hold that grows

    def raises_hold(self, total: Money) -> PosReply:
        """Raise what is held on the card to a new total."""
        sale = self._cashier.sale
        self._stage.intend("raise_hold", sale, amount=total)
        reply = self._stage.perform("raise_hold", sale, {"total": total})
        if reply.outcome is not Outcome.REFUSED:
            sale.amount = total
        return reply

    def raises_often(self, times: int, by: Money) -> None:
        """Raise it again and again, a little each time, as a tab that grows."""
        for _ in range(times):
            total = self._cashier.sale.amount + by
            if self.raises_hold(total).outcome is not Outcome.ACCEPTED:
                raise Undecided(f"the hold could not be raised to {total}")

    # While a payment is under way

    def takes_cash_under_way(self, cash: Money) -> None:
        self._under_way("take_cash")
        self.takes_cash(cash)

    def edits_under_way(self, amount: Money) -> None:
        self._under_way("edit_sale")
        self._cashier.edits(amount)

    def closes_day_under_way(self) -> None:
        self._under_way("end_of_day")
        self._cashier.closes_day()

    def finishes_under_way(self) -> None:
        self._under_way("finish_sale")
        self.finishes()

    def _under_way(self, verb: Verb) -> None:
        self._stage.control("under_way", self._cashier.sale, verb=verb)

    # Finishing by hand

    def finishes(self, *, role: str = "manager", reason: str = REASON, payment_of: Sale | None = None) -> PosReply:
        """Have the sale in hand finished by hand, naming its own payment or that of another sale."""
        sale = self._cashier.sale
        named = (payment_of or sale).payment_intents
        if payment_of is not None:
            self._stage.control("foreign_reference", sale, of=payment_of.id)
        self._stage.intend("finish_sale", sale, reason=reason)
        given = {"reason": reason, "reference": named[-1] if named else None}
        return self._stage.perform("finish_sale", sale, given, role=role, insist=role != "manager")

    # Who may

    def refunds_as_cashier(self, amount: Money) -> None:
        """A cashier asks for a refund where that is the manager's to give."""
        self._asks("refund_sale", "cashier", amount)

    def other_shop_asks(self, verb: Verb, amount: Money | None = None) -> None:
        """Staff of another shop, logged in there, ask for something of this shop's sale."""
        self._asks(verb, OTHER_SHOP, amount)

    def _asks(self, verb: Verb, role: str, amount: Money | None) -> None:
        sale = self._cashier.sale
        # A copy, so that what somebody else is told does not become the cashier's word on the sale.
        seen = Sale(id=sale.id, amount=sale.amount, saved=dict(sale.saved), driver=sale.driver)
        self._stage.control("asked_by", sale, role=role, verb=verb, reader_asks=self._stage.prompting())
        given = {"refund_amount": amount, "refund": f"{sale.id}-X"} if amount is not None else {}
        self._stage.perform(verb, seen, given, role=role, insist=True)
        self._stage.around.wire.follow()
