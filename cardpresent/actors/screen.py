"""The cashier at the page: the same sale, worked by looking and clicking."""

from typing import TYPE_CHECKING

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.stage import Stage
from cardpresent.model.money import Money

if TYPE_CHECKING:
    from cardpresent.drivers.pos.page import PagePos


class Screen:
    """Starts and cancels sales at the till's page; what the page says is then the till's word on them."""

    def __init__(self, stage: Stage, cashier: Cashier, page: "PagePos") -> None:
        self._stage = stage
        self._cashier = cashier
        self._page = page

    def starts_sale(self, amount: Money, *, clicks: int = 1) -> None:
        """Type the amount and press Pay, `clicks` times in one go."""
        sale = self._cashier.opens_sale(amount)
        if not self._stage.around.at_page:
            sale.driver = self._page
        self._stage.intend("start_sale", sale)
        if clicks > 1:
            self._stage.control("double_submit", sale)
        self._stage.perform("start_sale", sale, {"clicks": clicks})

    def reloads(self) -> None:
        self._stage.control("page_reloaded", self._cashier.sale)
        self._page.reload()

    def cancels(self) -> None:
        self._cashier.cancels()
