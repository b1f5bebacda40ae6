"""Whoever owns the shop: its machines lose power, its days pass."""

import math
from typing import Any, cast

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.errors import NotDemonstrated, Undecided
from cardpresent.actors.network import Network
from cardpresent.actors.sale import Sale
from cardpresent.actors.stage import Stage
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome

DAY_S = 86_400
MOMENT_S = 0.6
# A sweep that comes sooner than this is waited for where the till's clock cannot be moved.
WAITED_FOR_S = 10.0


class Merchant:
    """What happens to the till as a machine, and to the calendar."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def loses_power(self) -> None:
        """The till's process is killed, as by a power cut."""
        self._stage.control("kill")
        self._stage.around.till.kill()

    def puts_reader_abroad_to_work(self, cashier: Cashier) -> None:
        """A reader registered at a Location in another country is set up, and used where the till would have it."""
        stage, around = self._stage, self._stage.around
        place = around.stripe.v1.terminal.locations.create(cast(Any, around.merchant.abroad))
        stage.reader = stage.makes_reader(f"cardpresent {stage.number} abroad", str(place.id))
        stage.control("reader_abroad", reader=stage.reader)
        if around.pos.offers("bind_reader"):
            stage.intend("bind_reader", None, reader=stage.reader)
            reply = stage.perform("bind_reader", None, {"reader": stage.reader}, role="manager")
            if reply.outcome is not Outcome.ACCEPTED:
                return
        cashier.starts_usual_sale()
        stage.await_final(cashier.sale)

    def starts_till_again(self) -> None:
        """The till comes back on the data it left, and takes up what was open."""
        self._stage.control("restart")
        self._stage.around.till.restart()
        for sale in self._stage.sales:
            sale.word = None

    def collects_at_stripe(self) -> None:
        """Take what the sale holds on Stripe's own pages, without the till."""
        sale = self._stage.sales[-1]
        held = [p["id"] for p in self._stage.books_now().payment_intents if p["status"] == "requires_capture"]
        if len(held) != 1:
            raise Undecided("the sale holds nothing that could be collected at Stripe", "configuration")
        self._stage.control("collected_at_stripe", sale)
        self._stage.around.stripe.v1.payment_intents.capture(held[0])

    def lets_sweep_come(self) -> None:
        """The time between two of the till's own looks at its open sales passes, and with it nothing at Stripe."""
        sweep_s = self._stage.around.bounds.sweep_s
        assert sweep_s is not None, "a till that declares sweeps says how often"
        self._stage.control("sweep_due", self._stage.sales[-1])
        if self._stage.around.advance_till(math.ceil(sweep_s)) is not None:
            return
        if sweep_s > WAITED_FOR_S:
            raise NotDemonstrated(f"a sweep every {sweep_s:g} s is too rare to wait for, and the file has no [clock]")
        self._stage.until(lambda: False, sweep_s)

    def replaces_reader(self) -> None:
        """Another reader stands at the till from now on."""
        stage = self._stage
        stage.reader = stage.makes_reader(f"cardpresent {stage.number} new")
        stage.readers.append(stage.reader)
        stage.binds_reader(stage.register, stage.reader)

    def loses_power_while_sending(self, network: Network) -> None:
        """The network is back, and the till dies the moment the first stored payment has reached Stripe."""
        stage = self._stage
        network.recovers_slowly()
        stage.until(lambda: bool(stage.followed().till_requests("sdk.forward")), stage.around.bounds.settle_s)
        self.loses_power()

    def lets_days_pass(self, days: int) -> None:
        """Days pass for everybody: at Stripe, and on the till's own clock."""
        self._stage.control("clock", days=days)
        self._stage.around.emulated.advance_s(days * DAY_S)
        reply = self._stage.around.advance_till(days * DAY_S)
        if reply is None:
            raise NotDemonstrated("the till's own clock cannot be moved on: its file has no [clock]")
        if reply.outcome is not Outcome.ACCEPTED:
            raise Undecided(f"the till's clock did not move: {reply.words or reply.status}", "configuration")
    def waits_a_moment(self) -> None:
        """Nobody does anything, for longer than a till takes between two questions of its own."""
        self._stage.until(lambda: False, MOMENT_S)

    # At Stripe's Dashboard, behind the till's back

    def refunds_at_dashboard(self, sale: Sale, amount: Money) -> None:
        """Give money back at Stripe, not at the till."""
        self._stage.control("refunded_behind_the_till", sale, amount=amount)
        params = {"payment_intent": self._payment(sale), "amount": amount.minor_units}
        self._stage.around.stripe.v1.refunds.create(params)  # type: ignore[arg-type]

    def captures_at_dashboard(self, sale: Sale, amount: Money) -> None:
        """Collect a part of what is held, at Stripe and not at the till: the rest of the hold is let go."""
        self._stage.control("captured_behind_the_till", sale, amount=amount)
        sale.contradicted = True
        payment = self._payment(sale)
        self._stage.around.stripe.v1.payment_intents.capture(payment, {"amount_to_capture": amount.minor_units})

    def _payment(self, sale: Sale) -> str:
        claimed = sale.payment_intents or [p["id"] for p in self._stage.read_books().payment_intents]
        if len(claimed) != 1:
            raise Undecided("which PaymentIntent belongs to the sale cannot be told", "configuration")
        return str(claimed[0])

    def lets_hold_lapse(self) -> None:
        """A week at Stripe: every card-present hold has lapsed, and Stripe has told the till.

        Documented: https://docs.stripe.com/terminal/features/extended-authorizations (2 to 5 days by brand).
        """
        self._stage.control("authorization_lapsed", days=7)
        self._stage.around.emulated.advance_s(7 * DAY_S)

    def lets_half_a_minute_pass(self) -> None:
        """Half a minute at Stripe: a card that was read and neither confirmed nor let go is forgotten by now.

        Documented: https://docs.stripe.com/terminal/payments/collect-card-payment?terminal-sdk-platform=server-driven
        """
        self._stage.control("half_a_minute")
        self._stage.around.emulated.advance_s(31)
        self._stage.settle()

    def lets_refund_fail(self) -> None:
        """A month at Stripe: a refund that will fail has failed, and Stripe has told the till.

        Documented: https://docs.stripe.com/refunds (up to 30 days after posting).
        """
        self._stage.control("refund_failed", days=31)
        self._stage.around.emulated.advance_s(31 * DAY_S)
