"""What can be done with a sale besides having it paid: another card, a receipt, a refund, stopping one that waits.

A till that is asked for these at the wrong path, or whose answers the file cannot read, would be refused by the
checklist for what its file got wrong.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from cardpresent.actors.errors import NotDemonstrated, TillGone, Undecided
from cardpresent.actors.stage import Stage
from cardpresent.doctor.answers import Answers, stripe_said
from cardpresent.doctor.look import Look, ill, left_out, well
from cardpresent.doctor.sale import OneSale, wrong_amount
from cardpresent.drivers.pos.port import PosReply, Verb
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome

# What may well be answered before anybody knows how it ends.
NOT_AT_ONCE: Final[frozenset[Verb]] = frozenset(["refund_sale", "retry_sale"])

Ask = Callable[[], PosReply]


class Afterwards:
    """Looks at what is asked about sales that were paid and declined, and about a new one whose reader waits."""

    def __init__(self, answers: Answers, paid: OneSale, declined: OneSale, new: OneSale) -> None:
        self._answers, self._paid, self._declined, self._new = answers, paid, declined, new

    def looks(self) -> Iterator[Look]:
        """One look each; none keeps the next from being done."""
        yield self._retry()
        yield self._look("its receipt", "receipt", self._paid, self._paid.cashier.asks_receipt)
        yield from self._refund()
        yield from self._cancellation()

    def _retry(self) -> Look:
        step, sale = "another card is asked for", self._declined
        if sale.stopped:
            return left_out(step, "the till asks for it by itself")
        look = self._look(step, "retry_sale", sale, sale.cashier.retries)
        if look.well and not sale.asks_again():
            return ill(step, "the file", f"no reader asks for one; the till answered {look.seen}",
                       "correct operations.retry_sale; or write retry = false, if it cannot", gate=False)  # fmt: skip
        return look

    def _refund(self) -> Iterator[Look]:
        step, sale, amount = "its money is given back", self._paid, self._paid.amount

        def asked() -> PosReply:
            own = f"{sale.cashier.sale.id}-R1"
            sale.stage.intend("refund_sale", sale.cashier.sale, amount=amount, refund=own)
            return sale.stage.perform("refund_sale", sale.cashier.sale, {"refund_amount": amount, "refund": own})

        look = self._look(step, "refund_sale", sale, asked)
        if look.well:
            back = sum(int(charge["amount_refunded"]) for charge in sale.stage.settle().charges)
            given_back = Money(back, amount.currency)
            if back and given_back != amount:
                look = replace(wrong_amount(step, amount, given_back, "refund_amount", "given back"), gate=False)
        yield look

    def _cancellation(self) -> Iterator[Look]:
        step, sale = "a sale is stopped", self._new
        if not self._offers(sale, "cancel_sale"):
            yield left_out(step, "the file has no [operations.cancel_sale]")
            return
        for begun in sale.begins():
            if begun.well is not True:
                yield replace(begun, gate=False) if begun.well is False else left_out(step, begun.seen)
                return
        yield self._look(step, "cancel_sale", sale, sale.cashier.cancels)
        sale.stage.settle()

    def _look(self, step: str, verb: Verb, sale: OneSale, ask: Ask) -> Look:
        if not self._offers(sale, verb):
            return left_out(step, f"the file has no [operations.{verb}]")
        try:
            return self._judged(step, verb, sale.stage, ask())
        except TillGone as gone:
            return ill(step, "the till", gone.reason, "see its log, and start it by hand to watch")
        except (NotDemonstrated, Undecided) as unable:
            return left_out(step, unable.reason)

    def _judged(self, step: str, verb: Verb, stage: Stage, reply: PosReply) -> Look:
        key = f"operations.{verb}"
        if trouble := self._answers.trouble(step, key, reply, final=verb not in NOT_AT_ONCE):
            return replace(trouble, gate=False)
        if reply.outcome is Outcome.REFUSED and stage.around.at_page:
            # A button that is greyed out for a moment is the page's to say, and nothing that the file got wrong.
            return left_out(step, f"the page does not let it at that moment: {self._answers.told(reply)}")
        if reply.outcome is Outcome.REFUSED:
            told = stripe_said(stage.followed())
            why = f"; Stripe had told it: {told}" if told else ""
            fix = f"correct what {key} sends; or say in its outcome that this answer is no refusal"
            return ill(step, "the file", f"refused: {self._answers.quoted(reply)}{why}", fix, gate=False)
        return well(step, self._answers.told(reply))

    def _offers(self, sale: OneSale, verb: Verb) -> bool:
        """Whether the till itself is asked; what the suite's own app does by itself, the file does not describe."""
        return self._answers.described(verb) or (sale.at_page and sale.stage.around.pos.offers(verb))
