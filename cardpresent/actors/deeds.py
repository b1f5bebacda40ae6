"""Everything that can befall a sale when the order is anybody's: who does it, what it needs, when it makes sense.

A deed is decided by the story so far and never by what the till answered, so that a story can be drawn without a till
and played again on another day. How the till stands is looked at while a deed is done: nobody taps at a reader that
asks for no card, and no cashier tries again what the screen says is paid.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cardpresent.actors.attacker import Attacker
from cardpresent.actors.bystander import customer_at
from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.merchant import Merchant
from cardpresent.actors.network import Network
from cardpresent.actors.stage import Stage
from cardpresent.actors.story import Story
from cardpresent.evidence.replay import Stimulus
from cardpresent.model.money import Money, MoneyError
from cardpresent.model.outcome import Standing

# What a deed may need beside the capabilities of the integration file: a till that captures by itself, and one whose
# deadline is short enough to be waited for again and again.
OWN_CAPTURE: Final = "own-capture"
SHORT_DEADLINE: Final = "short-deadline"
WHY: Final = {
    OWN_CAPTURE: "the money is not collected by the till itself (till.capture)",
    SHORT_DEADLINE: "the till's deadline (timing.deadline_s) is too long to be waited for here",
}


@dataclass(frozen=True, slots=True)
class People:
    """Everybody who has a hand in a story."""

    stage: Stage
    cashier: Cashier
    customer: Customer
    network: Network
    merchant: Merchant
    attacker: Attacker

    @classmethod
    def of(cls, stage: Stage) -> "People":
        cashier = Cashier(stage)
        return cls(stage, cashier, customer_at(stage, cashier), Network(stage), Merchant(stage), Attacker(stage))


@dataclass(frozen=True, slots=True)
class Deed:
    """`sense`: whether it may come next in a story. `cards`, `steps`, `times`: the values it is drawn with.

    `amount`: none, a sale's own, or a part of the sale in hand. `slow`: it takes seconds, whoever does it.
    """

    who: str
    does: str
    play: Callable[[People, Stimulus], object]
    sense: Callable[[Story], bool]
    needs: tuple[str, ...] = ()
    amount: Literal["", "whole", "part"] = ""
    cards: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    times: tuple[int, ...] = ()
    slow: bool = False


def _money(stimulus: Stimulus) -> Money:
    return Money.parse(str(stimulus.amount))


def _card(stimulus: Stimulus) -> str:
    return str(stimulus.card)


def repeats(deed: Deed, last: Stimulus | None) -> bool:
    """Whether the same thing would be done twice running, or one customer come after the other: neither tells more."""
    if last is None or deed.who != last.who:
        return False
    return deed.who == "customer" or (deed.does == last.does and not deed.amount)


def _at_till(story: Story) -> bool:
    return story.up and story.sales > 0


def _before_sale(story: Story) -> bool:
    return story.up and story.sales == 0


def _wire(story: Story) -> bool:
    return story.wire_faults < 2 and not story.cut_off


def _reader(story: Story) -> bool:
    return story.reader_faults < 1


def _reader_before_sale(story: Story) -> bool:
    """A reader that takes no command once it asks for a card cannot be stopped by any till: that is nobody's breach."""
    return _reader(story) and story.sales == 0


def _news(story: Story) -> bool:
    return not story.news and story.up


def _calm(story: Story) -> bool:
    return _at_till(story) and not story.cut_off and not story.wire_faults and not story.reader_faults


CASHIER: Final = (
    Deed("cashier", "starts a sale", lambda p, s: p.cashier.starts_sale(_money(s)), _before_sale, amount="whole"),
    Deed("cashier", "presses Pay twice at once", lambda p, s: p.cashier.submits_at_once(_money(s)), _before_sale,
         amount="whole"),
    Deed("cashier", "starts a sale to be collected later",
         lambda p, s: p.cashier.starts_sale(_money(s), collected_later=True), _before_sale,
         ("tip_on_receipt",), amount="whole"),
    Deed("cashier", "sends the sale again", lambda p, s: p.cashier.sends_again(), _at_till),
    Deed("cashier", "cancels the sale", lambda p, s: p.cashier.cancels(), _at_till, ("cancel",)),
    Deed("cashier", "asks for a card again", lambda p, s: p.cashier.retries_unless_paid(), _at_till, ("retry",)),
    Deed("cashier", "changes the sale", lambda p, s: p.cashier.edits_unless_paid(_money(s)),
         lambda story: _calm(story) and not story.later, ("edit_sale",), amount="whole"),
    Deed("cashier", "asks how the sale stands", lambda p, s: p.cashier.checks_status(), _at_till, ("check_status",)),
    Deed("cashier", "collects the money", lambda p, s: p.cashier.collects_if_held(),
         lambda story: _at_till(story) and story.later, ("tip_on_receipt",)),
    Deed("cashier", "turns to the next customer", lambda p, s: p.cashier.turns_to_next(_money(s)),
         lambda story: _calm(story) and story.sales == 1 and not story.later, amount="whole"),
)  # fmt: skip

CUSTOMER: Final = (
    Deed("customer", "presents a card", lambda p, s: p.customer.tries(_card(s)),
         lambda story: story.sales > 0, cards=("approved", "approved", "insufficient_funds", "online PIN")),
    Deed("customer", "cancels on the reader", lambda p, s: p.customer.cancels_if_asked(),
         lambda story: story.sales > 0, ("cancel_on_reader",)),
)  # fmt: skip

_STEPS: Final = ("creating the payment", "sending it to the reader", "reading the payment")

NETWORK: Final = (
    Deed("network", "loses Stripe's answers", lambda p, s: p.network.loses_answer(str(s.step), times=s.times or 1),
         _wire, steps=_STEPS, times=(1, 4)),
    Deed("network", "fails calls", lambda p, s: p.network.fails(str(s.step), times=s.times or 1), _wire,
         steps=_STEPS, times=(1, 2)),
    Deed("network", "limits calls", lambda p, s: p.network.limits(str(s.step), times=s.times or 1), _wire,
         steps=_STEPS, times=(1, 2)),
    Deed("network", "loses Stripe's answers to the capture",
         lambda p, s: p.network.loses_answer("collecting the money", times=s.times or 1), _wire, (OWN_CAPTURE,),
         times=(1, 4)),
    Deed("network", "loses Stripe's answers to the cancel",
         lambda p, s: p.network.loses_answer("cancelling the payment", times=s.times or 1), _wire, ("cancel",),
         times=(1, 4)),
    Deed("network", "cuts the till off", lambda p, s: p.network.is_cut(),
         lambda story: _at_till(story) and not story.cut_off and not story.cuts),
    Deed("network", "recovers", lambda p, s: p.network.recovers(), lambda story: bool(story.cut_off or story.news)),
)  # fmt: skip

NEWS: Final = (
    Deed("webhooks", "are lost", lambda p, s: p.network.loses_webhooks(), _news, ("webhooks",)),
    Deed("webhooks", "are withheld", lambda p, s: p.network.withholds_webhooks(), _news, ("webhooks",)),
    Deed("webhooks", "are delivered twice", lambda p, s: p.network.delivers_twice(), _news, ("webhooks",)),
    Deed("webhooks", "are delivered in reverse", lambda p, s: p.network.delivers_in_reverse(), _news, ("webhooks",)),
    Deed("webhooks", "are all delivered again", lambda p, s: p.attacker.repeats_news_if_any(),
         lambda story: _calm(story) and not story.news, ("webhooks",)),
)  # fmt: skip

READER: Final = (
    Deed("reader", "is offline", lambda p, s: p.network.reader_fault("reader_offline"), _reader_before_sale),
    Deed("reader", "is busy with an update", lambda p, s: p.network.reader_fault("reader_busy"), _reader_before_sale),
    Deed("reader", "recovers", lambda p, s: p.network.reader_recovers(), lambda story: story.reader_down),
    Deed("reader", "takes the command in silence",
         lambda p, s: p.network.reader_fault("timeout_after_send", count=1), _reader),
    Deed("reader", "does not get the command",
         lambda p, s: p.network.reader_fault("timeout_not_sent", count=1), _reader),
    Deed("reader", "loses contact after the approval",
         lambda p, s: p.network.reader_fault("connection_error", approved=True, count=1), _reader),
    Deed("reader", "loses contact before the approval",
         lambda p, s: p.network.reader_fault("connection_error", approved=False, count=1), _reader),
    Deed("reader", "dies after the approval",
         lambda p, s: p.network.reader_fault("stuck_action", approved=True, count=1), _reader, (SHORT_DEADLINE,),
         slow=True),
    Deed("reader", "dies before the approval",
         lambda p, s: p.network.reader_fault("stuck_action", approved=False, count=1), _reader, (SHORT_DEADLINE,),
         slow=True),
    Deed("reader", "waits for a slow bank", lambda p, s: p.network.reader_fault("slow_issuer", count=1), _reader),
)  # fmt: skip

CLOCK: Final = (
    Deed("clock", "passes the till's deadline", lambda p, s: p.customer.lets_deadline_pass(),
         lambda story: _at_till(story) and not story.cut_off and not story.deadlines, (SHORT_DEADLINE,),
         slow=True),
    Deed("clock", "gives the till a moment", lambda p, s: p.merchant.waits_a_moment(),
         lambda story: _at_till(story) and not story.cut_off and story.waits < 2),
    Deed("clock", "moves on by a week", lambda p, s: p.merchant.lets_hold_lapse(),
         lambda story: _calm(story) and story.later and not story.weeks, ("tip_on_receipt",)),
)  # fmt: skip

POWER: Final = (
    Deed("power", "fails", lambda p, s: p.merchant.loses_power(),
         lambda story: story.up and not story.cuts_of_power and story.sales > 0, ("restart",), slow=True),
    Deed("power", "is back", lambda p, s: p.merchant.starts_till_again(), lambda story: not story.up, ("restart",)),
)  # fmt: skip

REFUNDS: Final = (
    Deed("network", "loses Stripe's answers to the refund",
         lambda p, s: p.network.loses_answer("the refund", times=s.times or 1), _wire, ("refund",), times=(1, 4)),
    Deed("network", "fails the refund", lambda p, s: p.network.fails("the refund", times=s.times or 1), _wire,
         ("refund",), times=(1, 2)),
    Deed("cashier", "starts a sale that is paid", lambda p, s: p.customer.pays_sale(_money(s)), _before_sale,
         amount="whole"),
    Deed("cashier", "refunds", lambda p, s: p.cashier.refunds_if_paid(_money(s)),
         lambda story: _at_till(story) and story.refunds < 3, ("refund",), amount="part"),
    Deed("cashier", "sends the refund again", lambda p, s: p.cashier.refunds_again_if_any(),
         lambda story: _at_till(story) and story.refunds > 0, ("refund",)),
)  # fmt: skip

_SHARED: Final = tuple(
    d for d in (*CASHIER, *NETWORK)
    if d.does in {"sends the sale again", "asks how the sale stands", "recovers"}
)  # fmt: skip

# What a feature calls a repertoire → what may happen in it.
REPERTOIRES: Final[dict[str, tuple[Deed, ...]]] = {
    "a sale": (*CUSTOMER, *CASHIER, *NETWORK, *NEWS, *READER, *CLOCK, *POWER),
    "a refund": (*REFUNDS, *_SHARED, *NEWS, *POWER),
}
EVERY: Final = {(d.who, d.does): d for deeds in REPERTOIRES.values() for d in deeds}


def makes_sense(stimuli: Sequence[Stimulus], deeds: Sequence[Deed]) -> bool:
    """Whether a story could have been drawn: every deed in it has its place, and somebody buys something."""
    known, story = {(d.who, d.does): d for d in deeds}, Story()
    for stimulus in stimuli:
        if not known[stimulus.who, stimulus.does].sense(story):
            return False
        story.goes_on(stimulus)
    return story.sales > 0


# How long a till may take to take up what was done, before the next thing is: longer, and it happens while it works.
TAKE_UP_MS: Final = 400


def play(people: People, stimuli: Sequence[Stimulus]) -> None:
    """Do everything in its order, each once the till has taken up what was done before. Nothing is judged."""
    stage = people.stage
    for stimulus in stimuli:
        stage.control("stimulus", said=str(stimulus))
        EVERY[stimulus.who, stimulus.does].play(people, stimulus)
        stage.around.wire.quiet(stage.quiet_ms, TAKE_UP_MS)


def end(people: People, stimuli: Sequence[Stimulus]) -> None:
    """Everything works again, and whatever a till needs its deadline for has had it."""
    stage = people.stage
    if not Story.of(stimuli).up:
        people.merchant.starts_till_again()
    people.network.lets_go()
    for sale in stage.sales[-1:]:
        asked_again = stage.asked_again() and stage.prompting()
        if sale.tapped and stage.hear(sale).standing is Standing.COLLECTING and not asked_again:
            people.customer.lets_deadline_pass()


def beyond(stimuli: tuple[Stimulus, ...], reach: frozenset[str]) -> Iterator[str]:
    """What of the stimuli this till cannot be put to, in a sentence each."""
    for number, stimulus in enumerate(stimuli, start=1):
        deed = EVERY.get((stimulus.who, stimulus.does))
        if deed is None:
            yield f"stimulus {number}, “{stimulus}”, is none that this version knows"
            continue
        for name in (need for need in deed.needs if need not in reach):
            why = WHY.get(name, f"the till has no {name.replace('_', ' ')}")
            yield f"stimulus {number}, “{stimulus}”, is beyond reach: {why}"


def unsound(stimulus: Stimulus, currencies: tuple[str, ...]) -> str | None:
    """What keeps a stimulus of a known deed from being done as it is written; None where nothing does."""
    deed = EVERY[stimulus.who, stimulus.does]
    if deed.amount:
        try:
            amount = Money.parse(str(stimulus.amount))
        except MoneyError as error:
            return f"“{stimulus}”: {error}"
        if amount.currency not in currencies:
            return f"“{stimulus}”: the till sells in {', '.join(currencies).upper()}"
    for name, value, known in (("card", stimulus.card, deed.cards), ("step", stimulus.step, deed.steps)):
        if known and value not in known:
            return f"“{stimulus}”: {name} {value!r} is none of {', '.join(dict.fromkeys(known))}"
    return None
