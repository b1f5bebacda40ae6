"""One sale, step by step: rung up, asked of a reader, of the right amount, paid, told, and in the books."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from cardpresent.actors.attribution import attribute, created_ms
from cardpresent.actors.bystander import customer_at
from cardpresent.actors.cashier import Cashier
from cardpresent.actors.errors import NotDemonstrated, Refuted, TillGone, Undecided
from cardpresent.actors.stage import Stage
from cardpresent.doctor.answers import Answers, stripe_said
from cardpresent.doctor.look import Look, ill, left_out, well
from cardpresent.drivers.pos.port import PosReply
from cardpresent.launch.run import Run
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing

START: Final = "operations.start_sale"
STATE: Final = "operations.sale_state"
DYING_S: Final = 0.5
GIVE_READER: Final = "start the till with its one reader: {reader} in process.env, where it looks for the reader's id"
DECLINED: Final = "insufficient_funds"
# A figure that came out so many times too large or too small was written in the other unit.
OTHER_UNIT: Final = (10, 100, 1000)


class OneSale:
    """Looks at a sale from its start to its end; each look stands on the one before."""

    def __init__(self, run: Run, number: int, card: str = "approved") -> None:
        self._run, self._card = run, card
        self._around = run.around
        self.stage = Stage(run.around, scenario=f"doctor {number}", subject="FD-81", number=number)
        self.cashier = Cashier(self.stage)
        self._customer = customer_at(self.stage, self.cashier)
        self._answers = Answers(run.integration, run.secrets.all())
        self.amount: Money = run.around.merchant.sale
        self.took_s = 0.0
        self.stopped = False

    def looks(self) -> Iterator[Look]:
        """Every look of an approved sale, up to the first that is ill."""
        yield from self._in_order(self._starts, self._asks, self._amounts, self._named, self._ends, self._money)

    def decline(self) -> Iterator[Look]:
        """The same for a card that is declined."""
        yield from self._in_order(self._starts, self._asks, self._declined)

    def begins(self) -> Iterator[Look]:
        """The same up to where the reader waits for a card."""
        yield from self._in_order(self._starts, self._asks)

    def asks_again(self) -> bool:
        """Whether a reader asks for another card within the till's bound; nobody pays it."""
        asks = self.stage.until(self.stage.prompting, self._around.bounds.settle_s)
        self._let_go()
        return asks

    @property
    def at_page(self) -> bool:
        return self._around.at_page

    def _in_order(self, *steps: Callable[[], Look]) -> Iterator[Look]:
        for step in steps:
            try:
                look = step()
            except TillGone as gone:
                look = ill("the till stays up", "the till", gone.reason, "see its log, and start it by hand to watch")
            except Undecided as undecided:
                look = ill("one sale", "the file", undecided.reason, "correct what the sentence names")
            except NotDemonstrated as unable:
                yield left_out("one sale with another card", unable.reason)
                return
            yield look
            if look.well is False:
                return

    # The steps

    def _starts(self) -> Look:
        step = "a sale is rung up"
        self.stage.begin()
        if not self._around.own_reader and not self._around.by_sdk:
            # A till that takes whichever reader comes first is to be found out.
            self.stage.registers_another_reader()
        sale = self.cashier.opens_sale(self.amount)
        reply = self.cashier.asks_for_card()
        if sale.line:
            return well(step, f"{sale.amount}: its answer comes when the sale is over")
        if reply.status is None:
            # A till that has just died is not known to be dead at once.
            self.stage.until(lambda: False, DYING_S)
        if trouble := self._answers.trouble(step, START, reply, final=False):
            return trouble
        if reply.outcome is Outcome.REFUSED:
            told = stripe_said(self.stage.followed())
            why = f"; Stripe had told it: {told}" if told else ""
            return ill(step, "the till" if told else "the file", f"refused: {self._answers.quoted(reply)}{why}",
                       GIVE_READER if self._around.own_reader and "reader" in (told or "") else
                       f"mend what it complains of, in the till or in what {START} sends; or say in outcome that "
                       "this answer is no refusal")  # fmt: skip
        return well(step, f"{sale.amount}: {self._answers.told(reply)}")

    def _asks(self) -> Look:
        step = "the reader asks for a card"
        stage = self.stage
        if self._around.till_taps:
            return left_out(step, "the till presents its card by itself")
        if stage.until(stage.prompting, self._around.bounds.settle_s):
            return well(step, f"{stage.reader} waits")
        intents = stage.read_books().payment_intents
        if any(intent["latest_charge"] for intent in intents):
            return ill(step, "the file", "a card was charged before anybody held a card to the reader: the till taps "
                       "by itself", 'write taps = "till" under [till]')  # fmt: skip
        if other := self._other_reader():
            return ill(step, "the file", f"the till has {other} ask for the card, not {stage.reader}",
                       "name {reader} in operations.start_sale, or say under [reader] how one is chosen")  # fmt: skip
        told = stripe_said(stage.followed())
        if not intents:
            return ill(step, "the till", f"no PaymentIntent was made at Stripe{_told(told)}",
                       "see what the till does with the request, and with Stripe's answer")  # fmt: skip
        own = self._around.own_reader
        missed = f"{own.id} was not" if own else "no reader was"
        mend = "add the request that sends it to the reader to operations.start_sale, as a step"
        return ill(step, "the till", f"a PaymentIntent was made, and {missed} told of it{_told(told)}",
                   GIVE_READER if own else mend)  # fmt: skip

    def _amounts(self) -> Look:
        step = "the amount at Stripe"
        made = self.stage.read_books().payment_intents[-1]
        seen = Money(int(made["amount"]), str(made["currency"]))
        till = self._run.integration.till
        if seen.currency != self.amount.currency:
            return ill(step, "the file", f"{self.amount} was rung up, and {seen} asked of the card",
                       f'till.currencies says {", ".join(till.currencies)}: write what the till sells in')  # fmt: skip
        if seen != self.amount:
            return wrong_amount(step, self.amount, seen, "amount", "asked of the card")
        method = str(made.get("capture_method") or "")
        if not _agrees(method, made, till.capture):
            return ill(step, "the file", f"the PaymentIntent says capture_method = {method}",
                       f'till.capture says "{till.capture}": write "{method.removesuffix("_async")}"')  # fmt: skip
        return well(step, f"{seen}, capture {method.removesuffix('_async')}")

    def _named(self) -> Look:
        step = "whose payment it is"
        stage, sale = self.stage, self.cashier.sale
        made = stage.read_books().payment_intents[-1:]
        key = self._around.metadata_key
        named = (made[0].get("metadata") or {}).get(key) if key else None
        if key and named != sale.id:
            return ill(step, "the file", f"identity.metadata_key is {key}, and the PaymentIntent carries "
                       f"{named or 'nothing'} there, not {sale.id}",
                       "write the key under which the till keeps {sale}, or leave it out", gate=False)  # fmt: skip
        if sale.payment_intents and made[0]["id"] not in sale.payment_intents:
            return ill(step, "the file", f"the file reads {sale.payment_intents[-1]} from the till's answer, and "
                       f"Stripe's is {made[0]['id']}", f"correct {START}.save.payment_intent")  # fmt: skip
        claim = stage.claims()
        (_, how), *_ = attribute(made, claim, key, created_ms(stage.followed(), made)).values()
        return well(step, {"returned": "the till's answer names it", "metadata": f"its metadata names it ({key})",
                           "newest": "it was made while the till answered; the answer does not name it",
                           "window": "known by when it was made: nothing else names it"}.get(how, how))  # fmt: skip

    def _ends(self) -> Look:
        step = "the till says that it is paid"
        word = self._present_and_hear()
        if isinstance(word, Look):
            return word
        if word.outcome is Outcome.ACCEPTED:
            return well(step, f"{self.took_s:.1f} s after the card (settle_s is {self._around.bounds.settle_s:g})")
        if trouble := self._answers.trouble(step, self._state_key(), word):
            return trouble
        said, bounds = self._answers.quoted(word), self._around.bounds
        if word.standing is Standing.HELD and not self._around.cashier_captures:
            return ill(step, "the file", f"held, not collected, {bounds.settle_s:g} s after the card: {said}",
                       'write captures = "cashier" if somebody has to press, else raise timing.settle_s')  # fmt: skip
        if word.standing is not Standing.SETTLED:
            return ill(step, "the file", f"{bounds.settle_s:g} s after the card the till says {said}",
                       f"raise timing.settle_s, or say in {self._state_key()}.outcome what this means")  # fmt: skip
        return ill(step, "the file", f"an approved card, and the file reads a refusal in {said}",
                   f"correct {self._state_key()}.outcome, or see why the till refused")  # fmt: skip

    def _money(self) -> Look:
        step = "the money, at Stripe and in the till's books"
        took = sum(int(charge["amount_captured"]) for charge in self.stage.settle().charges)
        taken = Money(took, self.amount.currency)
        if taken != self.amount:
            return ill(step, "the till", f"{taken} of {self.amount} captured: the till calls paid what is not",
                       "no setting mends this: `cardpresent certify` will say more", gate=False)  # fmt: skip
        word = self.cashier.sale.word
        paid = word.record.paid if word and word.record else None
        if paid is not None and paid != self.amount:
            return ill(step, "the file", f"record.paid reads {paid} where {taken} was captured",
                       "correct record.paid or record.unit (minor, main)", gate=False)  # fmt: skip
        return well(step, f"{taken} captured" + (", and the till's books say so" if paid else ""))

    def _declined(self) -> Look:
        step = "a declined card"
        word = self._present_and_hear()
        if isinstance(word, Look):
            return word
        if word.outcome is Outcome.ACCEPTED:
            return ill(step, "the file", f"the card was declined, and the file reads paid in "
                       f"{self._answers.quoted(word)}",
                       f"correct {self._state_key()}.outcome: a status of 200 is no payment", gate=False)  # fmt: skip
        if word.outcome is Outcome.UNKNOWN and word.standing is Standing.SETTLED:
            trouble = self._answers.trouble(step, self._state_key(), word)
            return trouble or ill(step, "the file", f"not known: {self._answers.quoted(word)}",
                                  f"say in {self._state_key()}.outcome what this means")  # fmt: skip
        asks = ", and asks for another card" if word.standing is Standing.COLLECTING else ""
        self._let_go()
        return well(step, f"told as not paid{asks}: {self._answers.told(word)}")

    # What they share

    def _present_and_hear(self) -> PosReply | Look:
        clock, sale = self._around.clock, self.cashier.sale
        began = clock.now_s()
        try:
            self._customer.presents(self._card)
        except Refuted as refuted:
            return ill("the card is presented", "the till", str(refuted), "see whether the till cancelled its reader")
        self.took_s = clock.now_s() - began
        assert sale.word is not None
        return sale.word

    def _state_key(self) -> str:
        return STATE if self.stage.driver_of(self.cashier.sale).offers("sale_state") else START

    def _other_reader(self) -> str | None:
        """A reader that asks for a card now and is not the one in hand."""
        listed: Mapping[str, Any] = self._around.stripe.raw_request("get", "/v1/terminal/readers", limit=100).data
        busy = (r for r in listed["data"] if (r.get("action") or {}).get("status") == "in_progress")
        return next((str(r["id"]) for r in busy if r["id"] != self.stage.reader), None)

    def _let_go(self) -> None:
        """Leave no reader asking: what is started here is not for anybody to pay."""
        sale = self.cashier.sale
        if self.stage.prompting() and self.stage.driver_of(sale).offers("cancel_sale"):
            self.stage.perform("cancel_sale", sale)
            self.stopped = True


def wrong_amount(step: str, asked: Money, seen: Money, name: str, where: str) -> Look:
    """What Stripe saw is not what the till was told. `name`: the placeholder that told it."""
    ours, theirs = asked.minor_units, seen.minor_units
    if any(theirs == ours * unit or theirs * unit == ours for unit in OTHER_UNIT):
        return ill(step, "the file", f"{asked} was rung up, and {seen} {where}",
                   f"the till takes another form of amount: {{{name}.minor}} is {ours}, {{{name}.decimal}} is "
                   f'{asked.decimal}, {{{name}.string}} is "{asked.decimal}"')  # fmt: skip
    return ill(step, "the till", f"{asked} was rung up, and {seen} {where}",
               "a till that sets its prices itself says so under [till]; else its arithmetic is wrong")  # fmt: skip


def _agrees(method: str, made: Mapping[str, Any], declared: str) -> bool:
    """`manual_preferred` is written on the card, not on the PaymentIntent; automatic has a second name.

    Documented: https://docs.stripe.com/api/payment_intents/object (capture_method: automatic_async is the default).
    """
    card = ((made.get("payment_method_options") or {}).get("card_present") or {}).get("capture_method")
    return declared in {method, method.removesuffix("_async"), card}


def _told(what: str) -> str:
    return f"; Stripe answered: {what}" if what else ""
