"""Whoever stands at the reader with a card."""

from contextlib import suppress
from typing import Any

import stripe

from cardpresent.actors import cards, unattended
from cardpresent.actors.cashier import Cashier
from cardpresent.actors.errors import NotDemonstrated, Refuted
from cardpresent.actors.network import Network
from cardpresent.actors.sale import Sale
from cardpresent.actors.stage import PRESSES, Stage
from cardpresent.checks import reader
from cardpresent.drivers.wire import WireError
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing

EXPIRES = 2034


class Customer:
    """Presents cards, picks tips, presses cancel, or walks away."""

    def __init__(self, stage: Stage, cashier: Cashier) -> None:
        self._stage = stage
        self._cashier = cashier

    @property
    def _sale(self) -> Sale:
        return self._stage.sales[-1]

    def presents(self, card: str, *, tip: Money | None = None) -> None:
        """Present a named card at the reader, once it asks for one, and wait for the till's last word."""
        self.taps(card, tip=tip)
        self._stage.await_final(self._sale)

    def taps(self, card: str, *, tip: Money | None = None) -> None:
        """Present a card and do not wait for what the till makes of it."""
        self._await_prompt()
        self._present(card, tip)

    def tells_number(self, card: str) -> None:
        """Tell a card's number by telephone: the cashier types it in at the reader."""
        self._await_prompt()
        self._type_in(card)
        self._stage.await_final(self._sale)

    def stores(self, amount: Money, card: str) -> Sale:
        """A whole sale without a network: rung up, a card presented, and kept at the till."""
        sale = self._cashier.starts_sale(amount)
        self.presents_as_asked(card)
        return sale

    def presents_as_asked(self, card: str) -> None:
        """Present a card as often as the reader asks for it: one read for a bank that is gone is asked for anew."""
        self.taps(card)
        stage = self._stage
        for _ in range(PRESSES):
            stage.until(lambda: stage.prompting() or self._done_asking(), stage.around.bounds.settle_s)
            if not stage.prompting():
                break
            self._present(card, None)
        stage.await_final(self._sale)

    def stores_what_will_be_declined(self, amount: Money) -> None:
        """A sale stored on a card whose bank says no once it is asked."""
        sale = self._cashier.starts_sale(amount)
        self._stage.control("will_be_declined", sale)
        self.presents_as_asked("insufficient_funds")

    def pays_while_sending(self, network: Network) -> None:
        """A sale on the line that has just come back, while the stored ones go over it, too."""
        network.recovers_slowly()
        self._cashier.starts_sale(self._stage.around.prices.usual(1460))
        # The reader asks for the card while the news of the first stored payment comes in.
        self._stage.until(self._one_was_sent, self._stage.around.bounds.settle_s)
        self.presents("approved")

    def _one_was_sent(self) -> bool:
        journal = self._stage.followed()
        replies = [journal.reply_to(request) for request in journal.till_requests("sdk.forward")]
        return any(reply is not None and reply.data["delivered"] and reply.data["status"] == 200 for reply in replies)

    def fills_up_store(self) -> None:
        """Sale after sale without a network, until as much waits as the till lets wait."""
        limits = self._stage.around.limits
        if limits.each is None or limits.total is None:
            raise NotDemonstrated("the till's file declares no limits for what is taken without a network ([offline])")
        left = limits.total
        while left and self._noticed(self.stores(min(limits.each, left), "approved")):
            left -= min(limits.each, left)

    def presents_if_till_asks(self, card: str) -> None:
        """Present a card, if the till brings its reader to ask for one at all."""
        stage = self._stage
        stage.until(lambda: stage.prompting() or self._done_asking(), stage.around.bounds.settle_s)
        if stage.prompting():
            self.presents_as_asked(card)
        stage.await_final(self._sale)

    def _done_asking(self) -> bool:
        return self._stage.hear(self._sale).standing is not Standing.COLLECTING

    def presents_if_asked(self, card: str) -> None:
        """Present a card to a reader that may have stopped asking; a reader at rest takes none."""
        self._stage.settle()
        if self._stage.prompting():
            self._present(card, None)
        else:
            self._stage.control("tap_refused", self._sale, card=card)

    def tries(self, card: str) -> None:
        """Present a card if the reader asks for one in the till's time; one that is stuck takes none."""
        if self._asked():
            # A reader that dies or waits for its bank seems to ask still, and takes no card.
            with suppress(Refuted):
                self._present(card, None)

    def cancels_if_asked(self) -> None:
        """Press the red button of a reader that asks for a card."""
        stage = self._stage
        if self._asked():
            stage.control("customer_cancel", self._sale)
            # Once the card is with the bank there is nothing left to cancel.
            with suppress(WireError):
                stage.around.emulated.customer_cancels(stage.reader)
            self._sale.tapped = True

    def _asked(self) -> bool:
        """Wait for the reader to ask for a card, as long as the till says that it will."""
        stage, sale = self._stage, self._sale

        def decided() -> bool:
            return stage.prompting() or stage.hear(sale).standing is not Standing.COLLECTING

        stage.until(decided, stage.around.bounds.settle_s)
        return stage.prompting()

    def lets_deadline_pass(self) -> None:
        """Wait until the till has given the reader up, or its own deadline is over."""
        stage, sale = self._stage, self._sale
        if stage.hear(sale).standing is not Standing.COLLECTING:
            return
        stage.control("deadline_passes" if sale.tapped else "nobody_pays", sale)
        sale.tapped = True
        self._outwait()

    def pays_sale(self, amount: Money, *, tip: Money | None = None) -> None:
        """A whole sale, rung up and paid."""
        self._cashier.starts_sale(amount)
        self.presents("approved", tip=tip)

    def pays_cart(self) -> None:
        """Pay for what the reader shows."""
        self._cashier.starts_sale_of_cart()
        self.presents("approved")

    def pays_usual_sale(self) -> None:
        """A sale as is usual in the country of the shop, rung up and paid."""
        self._cashier.starts_usual_sale()
        self.presents("approved")

    def presents_own(self, card: str, *, otherwise: str) -> None:
        """Present a card as they have it in the country of the shop, or one that does much the same."""
        self.presents(card if card in self._stage.around.merchant.cards else otherwise)

    def _number_of(self, card: str) -> str:
        return self._stage.around.merchant.cards.get(card) or cards.number_of(card)

    def _card(self, card: str) -> dict[str, Any]:
        """How the card is presented at a simulated reader."""
        number = self._number_of(card)
        kind = "interac_present" if number in cards.INTERAC else "card_present"
        return {"type": kind, kind: {"number": number}}

    def pays_each(self) -> None:
        """Every amount that is known to come out wrong in the currency of the shop, each rung up and paid."""
        for amount in self._stage.around.merchant.sweep:
            self.pays_sale(amount)

    def inserts(self, card: str, network: str) -> None:
        """Insert a co-branded card and pick its network on the reader, domestic or international."""
        self._await_prompt()
        self._stage.control("tap", self._sale, card=card, network=network)
        self._sale.tapped = True
        self._stage.around.emulated.inserts_card(self._stage.reader, self._number_of(card), network)
        self._stage.await_final(self._sale)

    def presents_for_refund(self, card: str) -> None:
        """Present a card at the reader to get money back on it, once it asks for one, and wait for the till's word."""
        if self._reader_refunds():
            self._stage.control("refund_tap", self._sale, card=card)
            self._give(self._card(card))
        self._await_refund()

    def cancels_refund_on_reader(self) -> None:
        """Press the red button while the reader asks for the card that is to get its money back."""
        if self._reader_refunds():
            self._stage.control("refund_cancelled", self._sale)
            self._stage.around.emulated.customer_cancels(self._stage.reader)
        self._await_refund()

    def _reader_refunds(self) -> bool:
        """Does the reader ask for the card of a refund, unless the till has said its last word on it before?"""

        def asks() -> bool:
            action = self._stage.around.stripe.v1.terminal.readers.retrieve(self._stage.reader).action
            return bool(action and action.status == "in_progress" and action.type == "refund_payment")

        self._stage.until(lambda: asks() or self._refund_told(), self._stage.around.bounds.settle_s)
        return asks()

    def _await_refund(self) -> None:
        self._stage.until(self._refund_told, self._stage.around.bounds.settle_s)
        self._stage.await_final(self._sale)

    def _refund_told(self) -> bool:
        reply = self._cashier.hears_of_refund()
        return reply is None or reply.outcome is not Outcome.UNKNOWN

    def leaves_hold(self, amount: Money, card: str) -> None:
        """A sale whose money is held on the card and collected later."""
        self._cashier.starts_sale(amount, collected_later=True)
        self.presents(card)

    def taps_for_several(self, count: int, amount: Money) -> None:
        """Sale after sale, each with an approved card, none waited for beyond the till's own business with it."""
        for _ in range(count):
            sale = self._cashier.starts_sale(amount)
            self.taps("approved")
            self._stage.until(lambda sale=sale: self._noticed(sale), self._stage.around.bounds.settle_s)  # type: ignore[misc]
            self._stage.settle()

    def _noticed(self, sale: Sale) -> bool:
        """The till knows by now that somebody has tapped: its reader is free for the next sale."""
        return self._stage.hear(sale).standing is not Standing.COLLECTING

    def presents_after_retry(self, card: str) -> None:
        """The cashier asks for a card again, and this one is presented."""
        self._cashier.retries()
        self.presents(card)

    def presents_and_outwaits(self, card: str) -> None:
        """Present a card to a reader that will say nothing more, and wait past the till's own deadline."""
        self.taps_and_outwaits(card)
        self._stage.await_final(self._sale)

    def taps_unreadably(self) -> None:
        """Hold a card to the reader that cannot be read; what the till said before stands in the journal."""
        stage = self._stage
        self._await_prompt()
        stage.hear(self._sale)
        self._present("approved", None)
        stage.control("card_not_read", self._sale)

    def taps_and_outwaits(self, card: str) -> None:
        """Tap, and let the till's own deadline pass: it has given the reader up, or has said a last word."""
        self.taps(card)
        stage, sale = self._stage, self._sale
        stage.control("deadline_passes", sale)
        self._outwait()

    def _outwait(self) -> None:
        stage, sale = self._stage, self._sale
        bounds = stage.around.bounds
        started = stage.around.clock.now_s()

        def passed() -> bool:
            return stage.around.clock.now_s() - started > bounds.deadline_s or self._given_up()

        stage.until(passed, bounds.deadline_s + bounds.settle_s)
        # What the screen says at this moment is what the cashier acts on, whatever it says later.
        stage.hear(sale)

    def taps_unwatched(self, card: str) -> None:
        """Tap, with nobody at the till to see it: it is asked nothing for as long as it may take to finish a sale."""
        self.taps(card)
        unattended.await_money(self._stage, self._sale)

    def _given_up(self) -> bool:
        return not self._stage.prompting() and self._stage.hear(self._sale).standing is not Standing.COLLECTING

    def cancels_on_reader(self) -> None:
        """Press the red button on the reader."""
        self._await_prompt()
        self._stage.control("customer_cancel", self._sale)
        self._stage.around.emulated.customer_cancels(self._stage.reader)
        self._sale.tapped = True
        self._stage.await_final(self._sale)

    def walks_away(self) -> None:
        """Nobody presents a card until the till's own deadline has passed."""
        self._await_prompt()
        self._stage.control("nobody_pays", self._sale)
        self._sale.tapped = True
        bounds = self._stage.around.bounds
        self._stage.until(lambda: not self._stage.prompting(), bounds.deadline_s + bounds.settle_s)
        self._stage.await_final(self._sale)

    def looks_at_reader(self) -> None:
        """Stand at the reader and see whether it asks for a card."""
        self._await_prompt()
        self._stage.control("reader_asks", self._sale, reader="a reader that asks for one")

    def _await_prompt(self) -> None:
        stage = self._stage
        if not stage.until(stage.prompting, stage.around.bounds.settle_s):
            raise self._takes_no_card("a reader at rest")

    def _takes_no_card(self, what: str) -> Refuted:
        """The till did not bring its reader to ask for a card: the sale cannot be paid."""
        self._stage.hear(self._sale)
        self._stage.control("reader_takes_no_card", self._sale, reader=what)
        return Refuted(reader.asks_for_card(self._stage.followed(), self._sale.id, self._stage.subject))

    def _present(self, card: str, tip: Money | None) -> None:
        stage, params = self._stage, self._card(card)
        if tip is not None:
            params["amount_tip"] = tip.minor_units
        stage.control("tap", self._sale, card=card, **({"tip": tip} if tip is not None else {}))
        self._sale.tapped = True
        reads_first = stage.asked_for() == "collect_payment_method"
        self._give(params)
        if reads_first:
            # A simulated reader wants the card once more when it is confirmed; a real one has kept it.
            stage.until(lambda: stage.asked_for() != "collect_payment_method", stage.around.bounds.settle_s)
            stage.until(self._confirming_or_over, stage.around.bounds.settle_s)
            if stage.asked_for() == "confirm_payment_intent":
                self._give({})

    def _confirming_or_over(self) -> bool:
        stage = self._stage
        return stage.asked_for() is not None or stage.hear(self._sale).standing is not Standing.COLLECTING

    def _type_in(self, card: str) -> None:
        """Documented: https://docs.stripe.com/terminal/features/mail-telephone-orders/payments ("Test")."""
        typed = {"number": cards.number_of(card), "exp_month": 12, "exp_year": EXPIRES, "cvc": "123"}
        self._stage.control("typed_in", self._sale, card=card)
        self._sale.tapped = True
        self._give({"type": "card", "card": typed})

    def _give(self, params: dict[str, Any]) -> None:
        stage = self._stage
        try:
            stage.around.stripe.v1.test_helpers.terminal.readers.present_payment_method(stage.reader, params)  # type: ignore[arg-type]
        except stripe.InvalidRequestError:
            raise self._takes_no_card("a reader that is stuck and takes no card") from None
