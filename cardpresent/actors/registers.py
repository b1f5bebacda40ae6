"""A shop with two registers: each with a reader of its own, or both with the same one."""

from typing import Final

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.errors import Undecided
from cardpresent.actors.open_line import press_at_once
from cardpresent.actors.sale import Sale
from cardpresent.actors.stage import Stage
from cardpresent.drivers.pos.port import PosReply
from cardpresent.model.money import Money
from cardpresent.model.outcome import Standing

SECOND: Final = "second"


class Registers:
    """Goes from one register to the other; whoever acts next acts at the one where `stands` was last called."""

    def __init__(self, stage: Stage, cashier: Cashier, customer: Customer) -> None:
        self._stage, self._cashier, self._customer = stage, cashier, customer
        self._places: dict[str, str] = {}

    def opens_second(self, *, shares_reader: bool) -> None:
        """Open a second register, bound to a new reader or to the one that the first has."""
        stage = self._stage
        first = stage.reader
        if not first:
            raise Undecided("the till is started with one reader and takes no other", "configuration")
        other = first if shares_reader else stage.makes_reader(f"cardpresent {stage.number} {SECOND}")
        stage.binds_reader(SECOND, other)
        stage.readers = list(dict.fromkeys((first, other)))
        self._places = {stage.around.register: first, SECOND: other}
        stage.control("shared_reader" if shares_reader else "second_register", register=SECOND, reader=other)

    def stands(self, register: str = SECOND) -> None:
        """From now on everything happens at this register and its reader."""
        self._stage.register, self._stage.reader = register, self._places[register]

    def starts_at_second(self, amount: Money) -> Sale:
        """Another sale, rung up at the second register."""
        self.stands()
        return self._cashier.starts_sale(amount)

    def sends_same_sale(self) -> PosReply:
        """Ask for a card for the sale in hand at the second register, while the first is still at it."""
        self.stands()
        reply = self._cashier.asks_for_card()
        self.stands(self._stage.around.register)
        return reply

    def retries_at_second(self) -> PosReply:
        """Ask for a card again, at the second register."""
        self.stands()
        return self._cashier.retries()

    def starts_at_both(self, amount: Money) -> None:
        """One sale, sent to both registers' readers in the same moment."""
        sale, stage = self._cashier.opens_sale(amount), self._stage
        stage.intend("start_sale", sale)
        at = [{"eligible": None, "register": name, "reader": reader} for name, reader in self._places.items()]
        press_at_once(stage, "start_sale", sale, at)

    def cards_at_every_reader(self) -> None:
        """Wherever a reader asks for one, somebody presents an approved card."""
        for register in tuple(self._places):
            self.stands(register)
            self._customer.presents_if_asked("approved")
        self._stage.await_final(self._cashier.sale)

    def starts_next_on_same_reader(self, amount: Money) -> Sale:
        """The next customer's sale, while the reader is still at the first one's."""
        self._stage.control("next_sale_on_reader", self._cashier.sale)
        return self._cashier.starts_sale(amount)

    def cancels_the_later(self) -> None:
        """Cancel the sale rung up last; note first whether the reader asks for the one before."""
        stage, earlier = self._stage, self._cashier.sale_before()
        stage.settle()
        asked_for = stage.prompted()
        if stage.hear(earlier).standing is Standing.COLLECTING and asked_for in earlier.payment_intents:
            stage.control("reader_asks", earlier, payment_intent=asked_for)
        self._cashier.cancels()
