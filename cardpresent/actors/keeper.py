"""Whoever keeps customers' cards at the till: with a sale or without one, and charges them later."""

from collections.abc import Mapping
from typing import Any

from cardpresent.actors import cards
from cardpresent.actors.cashier import Cashier
from cardpresent.actors.errors import NotDemonstrated, Undecided
from cardpresent.actors.stage import Stage
from cardpresent.drivers.pos.port import PosReply
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing


class Keeper:
    """One customer a scenario, by the till's own name for them."""

    def __init__(self, stage: Stage, cashier: Cashier) -> None:
        self._stage, self._cashier = stage, cashier
        self._customer = f"C{stage.around.salt}-{stage.number}"

    def rings_up_and_keeps(self, amount: Money, consent: str) -> None:
        """A sale whose customer allows the card to be kept."""
        sale = self._cashier.opens_sale(amount)
        sale.wishes |= {"customer": self._customer, "consent": consent}
        self._cashier.asks_for_card()

    def asks_for_card_to_keep(self, consent: str) -> None:
        """No sale: the reader asks for a card that is to be kept."""
        self._stage.intend("save_card", None, customer=self._customer, consent=consent)
        self._stage.perform("save_card", None, {"customer": self._customer, "consent": consent})

    def is_given(self, card: str) -> None:
        """The customer presents a card to be kept."""
        stage = self._stage
        if not stage.until(lambda: stage.asked_for() == "process_setup_intent", stage.around.bounds.settle_s):
            raise Undecided("the reader never asked for a card to be kept")
        stage.control("tap", card=card)
        present = stage.around.stripe.v1.test_helpers.terminal.readers.present_payment_method
        present(stage.reader, {"type": "card_present", "card_present": {"number": cards.number_of(card)}})

    def changes_mind(self) -> None:
        """The customer presses the red button instead of presenting a card."""
        stage = self._stage
        if not stage.until(lambda: stage.asked_for() == "process_setup_intent", stage.around.bounds.settle_s):
            raise Undecided("the reader never asked for a card to be kept")
        stage.control("customer_cancel")
        stage.around.emulated.customer_cancels(stage.reader)
        stage.settle()

    def has_card(self, consent: str) -> None:
        """A customer whose card was kept before."""
        self.asks_for_card_to_keep(consent)
        self.is_given("approved")
        if self.hears().outcome is not Outcome.ACCEPTED:
            raise Undecided("the till kept no card that could be charged later")

    def charges(self, amount: Money) -> None:
        """The customer is not there: their kept card is charged."""
        sale = self._cashier.opens_sale(amount)
        sale.wishes["customer"] = self._customer
        sale.tapped = True
        self._stage.intend("start_sale", sale, customer=self._customer)
        self._stage.perform("charge_saved_card", sale)
        self._stage.await_final(sale)

    def hears(self) -> PosReply:
        """What the till says of the customer's card, once it says something final, with Stripe's books beside it."""
        stage = self._stage
        if not stage.around.pos.offers("saved_card"):
            raise NotDemonstrated("the till never says whether a card is kept")
        said = self._asks()

        def final() -> bool:
            nonlocal said
            said = self._asks()
            return said.standing is Standing.SETTLED and said.outcome is not Outcome.UNKNOWN

        stage.until(final, stage.around.bounds.settle_s)
        self._note_cards()
        return said

    def _asks(self) -> PosReply:
        return self._stage.perform("saved_card", None, {"customer": self._customer})

    def _note_cards(self) -> None:
        """Write down every card that Stripe keeps for whoever the till made payments and set-ups for."""
        stage = self._stage
        books, v1 = stage.settle(), stage.around.stripe.v1
        setups = [v1.setup_intents.retrieve(one).to_dict() for one in self._setups()]
        owners = {str(made["customer"]) for made in (*books.payment_intents, *setups) if made.get("customer")}
        kept: list[dict[str, Any]] = [
            {"id": card.id, "customer": owner, "allow_redisplay": card.allow_redisplay}
            for owner in sorted(owners)
            for card in v1.payment_methods.list({"customer": owner, "type": "card"}).data
        ]
        known = {card["id"] for card in kept}
        for left in {_generated(charge) for charge in books.charges} - {None, *known}:
            # Made, and attached to nobody: whoever has its id can still attach and charge it.
            card = v1.payment_methods.retrieve(str(left))
            kept.append({"id": card.id, "customer": None, "allow_redisplay": card.allow_redisplay})
        stage.around.wire.note("ledger", {"cards": kept}, wire="stripe")
        stage.around.wire.follow()

    def _setups(self) -> list[str]:
        bodies = [reply.data.get("body") for reply in self._stage.followed().kind("reply")]
        made = [b for b in bodies if isinstance(b, dict) and b.get("object") == "setup_intent" and b.get("id")]
        return list(dict.fromkeys(str(one["id"]) for one in made))


def _generated(charge: Mapping[str, Any]) -> str | None:
    details = charge.get("payment_method_details") or {}
    generated = (details.get(str(details.get("type"))) or {}).get("generated_card")
    return str(generated) if generated else None
