"""Whoever stands at the reader of a till that taps by itself."""

from typing import Any

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.errors import NotDemonstrated
from cardpresent.actors.own_taps import WHY, tapped
from cardpresent.actors.stage import Stage
from cardpresent.model.money import Money
from cardpresent.model.outcome import Standing


def customer_at(stage: Stage, cashier: Cashier) -> Customer:
    """Whoever stands at this till's reader."""
    return Bystander(stage, cashier) if stage.around.till_taps else Customer(stage, cashier)


class Bystander(Customer):
    """The customer where the till does their part: an approved card is presented, and nothing else can be."""

    def _await_prompt(self) -> None:
        stage = self._stage
        if not stage.until(lambda: stage.prompting() or self._over(), stage.around.bounds.settle_s):
            raise self._takes_no_card("a reader at rest")

    def _over(self) -> bool:
        return tapped(self._stage) or self._stage.hear(self._sale).standing is not Standing.COLLECTING

    def _present(self, card: str, tip: Money | None) -> None:
        if card != "approved" or tip is not None:
            raise NotDemonstrated(f"{WHY}, and the scenario needs {'a tip' if tip is not None else f'one: {card}'}")
        stage = self._stage
        stage.until(self._over, stage.around.bounds.settle_s)
        stage.control("tap", self._sale, card=card, by="till")
        self._sale.tapped = True

    def presents_if_asked(self, card: str) -> None:
        self._present(card, None)

    def _give(self, params: dict[str, Any]) -> None:
        raise NotDemonstrated(f"{WHY}, and the scenario needs one that it cannot be told")

    def _cannot(self, *_: object, **__: object) -> None:
        raise NotDemonstrated(f"{WHY}, and the scenario needs somebody who does something else at the reader")

    cancels_on_reader = cancels_if_asked = walks_away = lets_deadline_pass = _cannot
    inserts = cancels_refund_on_reader = presents_for_refund = taps_unreadably = _cannot
