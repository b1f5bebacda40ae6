"""A till that is worked at its page: what the page offers is done there, everything else by request."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cardpresent.drivers.pos.port import PosDriver, PosReply, Verb

if TYPE_CHECKING:
    from cardpresent.drivers.pos.page import PagePos


class AtPage:
    """A PosDriver of two: the page where it has steps for a verb, else the till's own requests."""

    def __init__(self, page: "PagePos", by_request: PosDriver) -> None:
        self._page, self._by_request = page, by_request

    def offers(self, verb: Verb) -> bool:
        return self._page.offers(verb) or self._by_request.offers(verb)

    def perform(
        self, verb: Verb, values: Mapping[str, object], *, as_role: str = "cashier", insist: bool = False
    ) -> PosReply:
        """See PosDriver."""
        driver: PosDriver = self._page if self._page.offers(verb) else self._by_request
        return driver.perform(verb, values, as_role=as_role, insist=insist)
