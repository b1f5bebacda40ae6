"""Whoever holds the device that an app runs on: sells on it as asked, and says what it shows.

No machine presses the buttons of another's device, so what is done there a person does. What became of it is nobody's
word: Stripe's books are read, and what the person says the device shows is held against them like any till's answer.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.errors import Undecided, Untold
from cardpresent.actors.person import Person
from cardpresent.actors.sale import Sale
from cardpresent.actors.stage import Stage
from cardpresent.drivers.pos.port import NotOffered, PosReply, Verb
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing

# What a device may show of a sale, in the words that a person picks from, and what that means.
SHOWS: Final[Mapping[str, tuple[Outcome, Standing]]] = MappingProxyType(
    {
        "paid": (Outcome.ACCEPTED, Standing.SETTLED),
        "not paid": (Outcome.REFUSED, Standing.SETTLED),
        "not known yet": (Outcome.UNKNOWN, Standing.SETTLED),
        "waiting for a card": (Outcome.UNKNOWN, Standing.COLLECTING),
        "stored": (Outcome.UNKNOWN, Standing.STORED),
    }
)
# The same of anything else that it was asked to do.
DONE: Final[Mapping[str, tuple[Outcome, Standing]]] = MappingProxyType(
    {
        "done": (Outcome.ACCEPTED, Standing.SETTLED),
        "refused": (Outcome.REFUSED, Standing.SETTLED),
        "not known yet": (Outcome.UNKNOWN, Standing.SETTLED),
    }
)
HOLDER: Final = "holds the device"

Ask = Callable[..., Mapping[str, Any]]


class ByHand:
    """A PosDriver whose cashier is a person: a verb is a request to them, and the reply what they say it came to."""

    def __init__(self, ask: Ask, task: str) -> None:
        self._ask, self._task = ask, task
        self._last: PosReply | None = None

    def offers(self, verb: Verb) -> bool:
        return verb in {"start_sale", "sale_state", "refund_sale"}

    def perform(
        self, verb: Verb, values: Mapping[str, object], *, as_role: str = "cashier", insist: bool = False
    ) -> PosReply:
        """Have it done and told. `sale_state` asks nobody: what was said last stands until something is done."""
        if verb == "sale_state" and self._last is not None:
            return self._last
        if verb == "start_sale":
            self._last = self._told(self._task, SHOWS, values.get("amount"))
            return self._last
        if verb == "refund_sale":
            amount = values["refund_amount"]
            return self._told(f"do this: somebody at the device gives {amount} of that sale back", DONE, amount)
        raise NotOffered(verb)

    def _told(self, task: str, words: Mapping[str, tuple[Outcome, Standing]], amount: object) -> PosReply:
        said = self._ask(task, list(words), str(amount))
        outcome, standing = words[str(said["answer"])]
        shown = f"{said['by']} says that the device shows: {said['answer']}"
        # What a person says was said, so it has the status of an answer.
        return PosReply(outcome, standing, shown, {}, 200, None, "")


class Device:
    """The device of an app, by way of whoever holds it; one sale a scenario."""

    def __init__(self, stage: Stage, cashier: Cashier, person: Person) -> None:
        self._stage, self._cashier, self._person = stage, cashier, person
        self._said: Mapping[str, Any] = {}

    def is_to_sell(self, amount: Money, how: str, stimulus: str | None = None) -> None:
        """What somebody is going to be asked for, and what it will be a `stimulus` of; nobody is asked yet."""
        sale = self._cashier.opens_sale(amount)
        if stimulus:
            self._stage.control(stimulus, sale, by="a hand at the device")
        sale.driver = ByHand(self._ask, f"do this: somebody at the device takes a sale of {amount} {how}")

    def shows(self) -> None:
        """Ask, wait until it is done, and keep what they say the device shows."""
        sale = self._cashier.sale
        try:
            self._cashier.asks_for_card()
            self._must_be_about(sale)
        except (Untold, Undecided):
            # Of a sale that was not taken here there is nothing to judge.
            self._stage.sales.remove(sale)
            raise
        # Whether a card was presented is the person's to say; that it is over for them is what matters here.
        sale.tapped = True

    def gives_back(self, amount: Money) -> None:
        """Ask for a refund, and wait for what they say came of it."""
        self._cashier.refunds(amount)

    def is_recorded(self, days: int) -> None:
        """Their word, good for so many days, beside what was seen at Stripe."""
        self._person.attests(self._said, days, seen=self._seen(self._cashier.sale))
        self._person.is_recorded()

    def _ask(self, task: str, words: list[str], amount: str) -> Mapping[str, Any]:
        said = self._person.asks(task=task, whoever=HOLDER, shows=words, amount=amount,
                                 evidence="a picture of its screen")  # fmt: skip
        if said["answer"] == "later":
            raise Untold("put off by whoever holds the device")
        if said.get("amount", amount) != amount:
            told = f"the sale that was taken was one of {said['amount']}, and {amount} was asked for"
            raise Undecided(f"{told}: ask for it again", "environment")
        self._said = {**self._said, **said}
        return said

    def _must_be_about(self, sale: Sale) -> None:
        """A device that works with another Stripe account says nothing about this run's books."""
        stage, word = self._stage, self._stage.hear(sale)
        if word.outcome is Outcome.REFUSED or word.standing is Standing.STORED:
            return
        seen = stage.until(lambda: bool(stage.books_now().payment_intents), stage.around.bounds.settle_s)
        if not seen:
            raise Undecided(
                "this run's Stripe account saw no payment since the device's holder was asked for one: connect the "
                "device with the till of this run, and take the sale there", "environment",
            )  # fmt: skip

    def _seen(self, sale: Sale) -> str:
        """What Stripe's books hold of the sale, in words."""
        ledger = self._stage.followed().last_ledger(sale.id)
        charges = ledger.data["charges"] if ledger else []
        sums = {name: sum(charge[f"amount_{name}"] for charge in charges) for name in ("captured", "refunded")}
        told = [f"{Money(total, sale.amount.currency)} {name}" for name, total in sums.items() if total]
        return ", ".join(told) or "nothing captured"
