"""Whoever stands at the till: starts sales, reads what the screen says, cancels, refunds, closes the day."""

from typing import Final

from cardpresent.actors.errors import NotDemonstrated, Undecided
from cardpresent.actors.open_line import press_at_once
from cardpresent.actors.reader_books import note_reader
from cardpresent.actors.sale import Sale
from cardpresent.actors.stage import PRESSES, Stage
from cardpresent.drivers.pos.port import PosReply, Verb
from cardpresent.evidence.journal import money_of
from cardpresent.model.money import Money, exponent
from cardpresent.model.outcome import Outcome, Standing

# A minute, at a real proxy; what a till does about it is the same.
PROXY_CUTS_AFTER_S: Final = 0.5


class Cashier:
    """Works the till in the order of the day; the sale in hand is the last one started."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._cart: Sale | None = None

    @property
    def sale(self) -> Sale:
        if not self._stage.sales:
            raise Undecided("the scenario speaks of a sale before one was started")
        return self._stage.sales[-1]

    def sale_before(self) -> Sale:
        return self._stage.sales[-2]

    def opens_sale(self, amount: Money, *, collected_later: bool = False) -> Sale:
        """A sale that is rung up and not yet sent to the reader."""
        sale = self._new_sale(amount, collected_later=collected_later)
        self._stage.sales.append(sale)
        return sale

    def _new_sale(self, amount: Money, *, collected_later: bool = False) -> Sale:
        self._must_be_priced(amount)
        number = f"{self._stage.around.salt}-{self._stage.number}-{len(self._stage.sales) + 1}"
        return Sale(f"S{number}", amount, collected_later=collected_later, reader=self._stage.reader)

    def takes_order_by_telephone(self, amount: Money) -> None:
        """An order from somebody who is not there: the cashier types the card's number in at the reader."""
        self.opens_sale(amount).wishes["moto"] = True
        self.asks_for_card()

    def starts_sale_without_tip(self, amount: Money) -> None:
        """A sale for which the reader is to ask no tip."""
        self.opens_sale(amount).wishes["skip_tipping"] = True
        self.asks_for_card()

    def shows_cart_over_payment(self) -> None:
        """Show the cart of the sale in hand although its reader waits for a card; the till decides whether it does."""
        sale, nothing = self.sale, Money.zero(self.sale.amount.currency)
        self._stage.intend("show_cart", sale, tax=nothing)
        self._stage.perform("show_cart", sale, {"goods": sale.amount, "tax": nothing})
        self._stage.settle()

    def starts_sale_to_look_first(self, amount: Money) -> None:
        """A sale whose card the till reads first and charges only then."""
        self.opens_sale(amount).wishes["collect_first"] = True
        self.asks_for_card()

    def starts_sale(self, amount: Money, *, collected_later: bool = False, eligible: Money | None = None) -> Sale:
        """Ring up an amount and ask for a card. `eligible`: the part of it that a tip counts from."""
        if eligible is not None and not self._stage.around.tells_eligible:
            raise NotDemonstrated("the till cannot be told which part of a sale a tip counts from")
        sale = self.opens_sale(amount, collected_later=collected_later)
        self.asks_for_card(eligible=eligible)
        return sale

    def starts_sale_above_limit(self) -> Sale:
        """A sale just above what the till says it takes in one payment without a network."""
        each = self._stage.around.limits.each
        if each is None:
            raise NotDemonstrated("the till's file declares no limit for one payment without a network ([offline])")
        return self.starts_sale(Money(each.minor_units + 20, each.currency))

    def asks_for_card(self, *, eligible: Money | None = None) -> PosReply:
        """Send the sale in hand to the reader."""
        self._stage.intend("start_sale", self.sale, **self.sale.wishes)
        return self._stage.perform("start_sale", self.sale, {"eligible": eligible})

    def shows_cart(self, amount: Money, *, tax: Money | None = None) -> None:
        """Show the customer what the next sale will cost, or show it anew after a change of the goods."""
        tax = tax or Money.zero(amount.currency)
        cart = self._cart = self._cart or self._new_sale(amount)
        cart.amount = amount
        self._stage.intend("show_cart", cart, tax=tax)
        self._stage.perform("show_cart", cart, {"goods": amount - tax, "tax": tax})
        note_reader(self._stage)

    def puts_cart_away(self) -> None:
        """The customer changes their mind: nothing is sold."""
        cart, self._cart = self._cart, None
        if cart is None:
            raise Undecided("the scenario speaks of a cart before one was shown")
        self._stage.intend("clear_cart", cart)
        self._stage.perform("clear_cart", cart)
        note_reader(self._stage)

    def starts_sale_of_cart(self, **wishes: object) -> None:
        """Ask for a card for what the reader shows."""
        cart, self._cart = self._cart, None
        if cart is None:
            raise Undecided("the scenario speaks of a cart before one was shown")
        cart.wishes.update(wishes)
        self._stage.sales.append(cart)
        self.asks_for_card()

    def starts_impatiently(self, amount: Money) -> None:
        """Start a sale through something that hangs up on a request after a moment, as proxies do."""
        sale, stage = self.opens_sale(amount), self._stage
        stage.intend("start_sale", sale)
        reply = stage.perform("start_sale", sale, {"eligible": None, "patience_s": PROXY_CUTS_AFTER_S})
        if reply.status is None:
            stage.control("proxy_gave_up", sale)
            # A till that notices has had its time to.
            stage.until(lambda: False, PROXY_CUTS_AFTER_S)

    def asks_at_once(self, times: int = 2) -> None:
        """Press Pay several times: as many requests of the same sale under way together, or clicks on one button."""
        sale, stage = self.sale, self._stage
        stage.intend("start_sale", sale)
        stage.control("double_submit", sale)
        if stage.around.at_page:
            stage.perform("start_sale", sale, {"clicks": times})
            return
        press_at_once(stage, "start_sale", sale, [{"eligible": None}] * times)

    def submits_at_once(self, amount: Money, times: int = 2) -> None:
        """A sale whose Pay button is pressed several times within a moment."""
        self.opens_sale(amount)
        self.asks_at_once(times)

    def sends_again(self) -> None:
        """Send the same sale once more, as after a refresh of the page."""
        # At a page a cashier sends nothing twice but by loading it anew: typing the sale in again is another sale.
        self._stage.control("page_reloaded" if self._stage.around.at_page else "double_submit", self.sale)
        self._stage.intend("start_sale", self.sale)
        self._stage.perform("start_sale", self.sale, {"eligible": None, "again": True})

    def retries(self) -> PosReply:
        """Ask for a card again for the sale in hand, unless the till has done so by itself."""
        if self.sale.word and self._stage.asked_again() and self._stage.prompting():
            return self.sale.word
        self.sale.tapped = False
        self._stage.intend("retry_sale", self.sale)
        reply = self._stage.perform("retry_sale", self.sale)
        # Where the till never gave anything to try again with, a cashier rings the sale up once more.
        return reply if reply.asked else self.asks_for_card()

    def retries_if_reader_rests(self) -> None:
        """Ask for a card again, unless the till has done so by itself; and again, as whoever has a customer waiting."""
        stage, sale = self._stage, self.sale
        stage.settle()

        def decided() -> bool:
            word = stage.hear(sale)
            return stage.prompting() or word.standing is not Standing.COLLECTING

        def done_with() -> bool:
            # Once asked again, a till that cannot say yet is given its time.
            return decided() and (stage.prompting() or stage.hear(sale).outcome is not Outcome.UNKNOWN)

        stage.until(decided, stage.around.bounds.settle_s)
        for _ in range(PRESSES + 1):
            if stage.prompting() or (sale.final and sale.word and sale.word.outcome is Outcome.ACCEPTED):
                return
            self.retries()
            stage.until(done_with, stage.around.bounds.settle_s)

    def retries_unless_paid(self) -> None:
        """Ask for a card again, unless the screen says that there is nothing left to pay."""
        if self._owed():
            self.retries()

    def edits_unless_paid(self, amount: Money) -> None:
        """Change the basket of a sale that is still open."""
        if not self._owed():
            return
        self.edits(amount)
        if self._last_outcome("edit_sale") == Outcome.UNKNOWN.value:
            raise Undecided("nobody knows what the sale costs: the till did not say whether it took the change")

    def turns_to_next(self, amount: Money) -> None:
        """Leave nothing open behind: the sale in hand is cancelled, or paid where it cannot be; then ring up the next.

        While the sale in hand has no end, the next customer waits.
        """
        stage, sale = self._stage, self.sale
        stage.await_final(sale)
        if stage.prompting() and stage.driver_of(sale).offers("cancel_sale"):
            self.cancels()
            sale.tapped = True
            stage.await_final(sale)
        if sale.final and not stage.prompting():
            self.starts_sale(amount)

    def refunds_if_paid(self, amount: Money) -> None:
        """Give money back where the screen says that there is some."""
        word = self._stage.hear(self.sale)
        if word.standing is Standing.SETTLED and word.outcome is Outcome.ACCEPTED:
            self.refunds(amount if self._stage.around.refunds_parts else self.sale.amount)

    def refunds_again_if_any(self) -> None:
        if self._stage.journal.intents(self.sale.id, "refund_sale"):
            self.refunds_again()

    def _owed(self) -> bool:
        word = self._stage.hear(self.sale)
        return word.standing is not Standing.HELD and word.outcome is not Outcome.ACCEPTED

    def _last_outcome(self, verb: str) -> str | None:
        said = self._stage.followed().kind("screen", self.sale.id)
        return next((str(e.data["outcome"]) for e in reversed(said) if e.data["verb"] == verb), None)

    def _must_be_priced(self, amount: Money) -> None:
        """Raise NotDemonstrated where the till has a price of its own, and not this one."""
        if why := self._stage.around.prices.why_not(amount):
            raise NotDemonstrated(why)

    def edits(self, amount: Money) -> None:
        """Change what the basket costs; the till decides whether it lets that happen now."""
        self._must_be_priced(amount)
        self._stage.intend("edit_sale", self.sale, amount=amount)
        reply = self._stage.perform("edit_sale", self.sale, {"amount": amount})
        if reply.outcome is not Outcome.REFUSED:
            self.sale.amount = amount

    def cancels(self) -> PosReply:
        if self._stage.around.till_taps and not self.sale.tapped:
            raise NotDemonstrated("till.taps = till: the till presents its card before anybody can cancel")
        self._stage.intend("cancel_sale", self.sale)
        return self._stage.perform("cancel_sale", self.sale)

    def collects(self) -> PosReply:
        """Take what is held on the card."""
        self._stage.intend("capture_sale", self.sale)
        self.sale.collected_later = False
        return self._stage.perform("capture_sale", self.sale, {"tip": Money.zero(self.sale.amount.currency)})

    def collects_if_held(self) -> None:
        """Take what is held, where the screen says that something is."""
        if self._stage.hear(self.sale).standing is Standing.HELD:
            self.collects()

    def adds_tip(self, tip: Money) -> PosReply:
        """Enter what the customer wrote on the receipt, and collect."""
        self._stage.intend("tip_on_receipt", self.sale, tip=tip)
        reply = self._stage.perform("tip_on_receipt", self.sale, {"tip": tip})
        if reply.outcome is Outcome.ACCEPTED:
            self.sale.collected_later = False
        return reply

    def refunds(self, amount: Money, *, own_id: str | None = None) -> str:
        """Give back an amount; returns the till's own id of the refund, so that it can be sent again."""
        sale = self.sale
        if not self._stage.around.refunds_parts and amount != sale.amount:
            why = "operations.refund_sale names no {refund_amount}"
            raise NotDemonstrated(f"the till gives back whole sales only: {why}")
        count = sum(1 for entry in self._stage.journal.intents(sale.id, "refund_sale"))
        own = own_id or f"{sale.id}-R{count + 1}"
        self._stage.intend("refund_sale", sale, amount=amount, refund=own)
        self._stage.perform("refund_sale", sale, {"refund_amount": amount, "refund": own})
        self._stage.around.wire.follow()
        return own

    def starts_usual_sale(self) -> Sale:
        """Ring up what is usual in the country of the shop."""
        return self.starts_sale(self._stage.around.merchant.sale)

    def starts_sale_elsewhere(self, decimals: int) -> Sale:
        """Ring up an amount in a currency that no reader of the shop takes, one with that many decimals."""
        refused = self._stage.around.merchant.refused
        return self.starts_sale(next(amount for amount in refused if exponent(amount.currency) == decimals))

    def refunds_usual(self) -> str:
        """Give back a part, as is usual in the country of the shop."""
        return self.refunds(self._stage.around.merchant.refund)

    def hears_of_refund(self) -> PosReply | None:
        """What the till says of the last refund now; None where it can only be asked once."""
        if not self._stage.around.pos.offers("refund_state"):
            return None
        last = self._stage.journal.intents(self.sale.id, "refund_sale")[-1]
        return self._stage.perform("refund_state", self.sale, {"refund": str(last.data["refund"])})

    def refunds_again(self) -> None:
        """Send the last refund once more under the till's own id of it: one refund, not two."""
        last = self._stage.journal.intents(self.sale.id, "refund_sale")[-1]
        self.refunds(money_of(last.data["amount"]), own_id=str(last.data["refund"]))

    def checks_status(self) -> PosReply:
        self._stage.intend("check_status", self.sale)
        return self._stage.perform("check_status", self.sale)

    def closes_day(self) -> PosReply:
        self._stage.intend("end_of_day", None)
        return self._stage.perform("end_of_day", None)

    def reads_stored(self) -> PosReply:
        """Look at the till's list of payments taken offline, for the sale in hand where there is one."""
        sale = self._stage.sales[-1] if self._stage.sales else None
        self._stage.intend("stored_payments", sale)
        return self._stage.perform("stored_payments", sale)

    def does_to_till(self, verb: Verb) -> PosReply:
        """Log out, clear the device or switch the account, as somebody does who knows no better."""
        self._stage.intend(verb, None)
        return self._stage.perform(verb, None)

    def closes_day_if_possible(self) -> None:
        if self._stage.around.pos.offers("end_of_day"):
            self.closes_day()

    def asks_for_unknown_sale(self) -> None:
        """Ask for something that was never sold; how the till fails is looked at elsewhere."""
        stranger = Sale(id=f"{self.sale.id}-never", amount=self.sale.amount)
        self._stage.intend("sale_state", stranger)
        self._stage.perform("sale_state", stranger)

    def asks_receipt(self) -> PosReply:
        self._stage.intend("receipt", self.sale)
        return self._stage.perform("receipt", self.sale)

    def asks_token(self) -> PosReply:
        self._stage.intend("connection_token", None)
        return self._stage.perform("connection_token", None)

    def whose_readers(self) -> tuple[dict[str, str], dict[str, str]]:
        """Each sale's own reader, and each PaymentIntent's sale, as far as the till has named it."""
        sales = self._stage.sales
        readers = {sale.id: sale.reader for sale in sales}
        return readers, {intent: sale.id for sale in sales for intent in sale.payment_intents}

    def hears(self) -> PosReply:
        return self._stage.hear(self.sale)
