"""The app put together: one SDK, one reader, one counter, one follower; and what must not be done while payments wait.
"""

import shutil
from dataclasses import dataclass

from cardpresent.reference_pos.log import Log
from cardpresent.sdk import Terminal

from .app_state import Device
from .counter import Counter
from .follower import Follower
from .link import Link
from .mobile import Mobile
from .records import Stored
from .search import Search
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many payments no bank has seen, and their sum in minor units of the app's own currency."""

    count: int
    amount: int


class Handheld:
    """One running app. Listeners are set before anything is collected: a stored payment's end must not go unheard."""

    def __init__(self, settings: Settings, log: Log) -> None:
        self.device = Device(settings, log)
        self.mobile = Mobile(self.device)
        self.link = Link(self.device, self.mobile)
        self.search = Search(self.link)
        self.follower = Follower(self.device)
        self.counter = Counter(self.device, self.link, self.mobile)
        self.mobile.sale_in_hand = lambda: self.counter.sale
        self.follower.busy = lambda: self.counter.sale
        self.terminal = self._terminal()
        self._take_up_what_was_open()
        self.link.start(self.terminal)
        self.follower.start(self.terminal)

    def _terminal(self) -> Terminal:
        settings = self.device.settings
        return Terminal(
            self.device.backend.connection_token, api_base=settings.stripe_api_base, reader_base=settings.reader_base,
            storage=self.device.sdk_folder, clock=self.device.clock.now, offline_listener=self.follower,
            reader_listener=self.link, reconnect_s=settings.reconnect_s, request_timeout_s=settings.stripe_timeout_s,
            forward_every_s=settings.retry_s, mobile_listener=self.mobile,
        )

    def _take_up_what_was_open(self) -> None:
        """The app was ended in the middle of a sale: nobody was charged unless the SDK had been asked to confirm."""
        for sale in self.device.records.sales("waiting"):
            begun = self.device.records.stored(sale.sale) is not None
            self.device.show(sale.sale, *(("not_known", "confirming") if begun else ("not_paid", "never_sent")))

    def waiting(self) -> Waiting:
        """By the app's own journal or by the SDK's store, whichever knows of more."""
        rows = self.device.records.all_stored("confirming", "stored")
        status, currency = self.terminal.offline_status, self.device.settings.currency
        amount = max(self.device.records.waiting_sum(currency),
                     status.offline_payment_amounts_by_currency.get(currency, 0))
        return Waiting(max(len(rows), status.offline_payments_count), amount)

    def worklist(self) -> list[Stored]:
        """What waits, oldest first, and what was lost."""
        return self.device.records.all_stored("confirming", "stored", "forwarded", "lost")

    def overdue(self, row: Stored) -> bool:
        """Not money yet, and old: the bank's yes becomes less likely, and a hold lapses, day by day."""
        return row.state != "lost" and self.device.clock.now() - row.since > self.device.settings.overdue_s

    def forget_device(self) -> bool:
        """Start over with an empty SDK, as logging out, clearing the app or another account do. Whether it was done.

        Never while payments wait: the SDK's store goes with it.
        """
        if self.waiting().count:
            return False
        self.terminal.close()
        shutil.rmtree(self.device.sdk_folder, ignore_errors=True)
        self.terminal = self._terminal()
        self.link.use(self.terminal)
        self.follower.use(self.terminal)
        return True

    def close(self) -> None:
        self.device.closing.set()
        self.device.tell()
        self.terminal.close()
