"""What becomes of stored payments: each is followed until it is paid or somebody's loss, and none is forgotten."""

import threading
from collections.abc import Callable
from typing import Final

from cardpresent.sdk import NetworkStatus, OfflineStatus, PaymentIntent, Terminal, TerminalError

from .app_state import Device
from .backend import Intent, Refused, Trouble
from .records import Sale, Stored

OWNER: Final = "manager"
# An authorization in one of these can no longer become money.
OVER: Final = frozenset({"canceled", "requires_payment_method", "requires_confirmation"})


class Follower:
    """An OfflineListener, and the one thread that collects, books losses and compares the app's journal with Stripe."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._terminal: Terminal | None = None
        self._news = threading.Event()
        self.busy: Callable[[], str | None] = lambda: None

    def start(self, terminal: Terminal) -> None:
        self.use(terminal)
        threading.Thread(target=self._follow, name="follower", daemon=True).start()

    def use(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._news.set()

    # What the SDK tells

    def did_change_offline_status(self, status: OfflineStatus) -> None:
        self._device.log.line("network", status=str(status.network_status), count=status.offline_payments_count)
        self._news.set()
        self._device.tell()

    def did_forward(self, intent: PaymentIntent, error: TerminalError | None) -> None:
        """Matched by the sale's own id: amounts repeat, and a payment made offline had no other name."""
        sale = self._device.records.find_sale(intent.metadata.get("sale", ""))
        if sale is None:
            self._device.log.line("forwarded", intent=intent.id, error="no such sale")
            return
        if error is None:
            self._forwarded(sale, intent)
        else:
            self._lost(sale, "declined_when_sent", intent=intent.id)
        self._news.set()

    def did_report_forwarding_error(self, error: TerminalError) -> None:
        self._device.log.line("forwarded", code=str(error.code))

    # Following

    def _forwarded(self, sale: Sale, intent: PaymentIntent) -> None:
        row = self._device.records.stored(sale.sale)
        if row is not None and row.state in ("forwarded", "paid"):
            # Told before. A second payment of the same sale is found when the first is collected.
            return
        with self._device.records.transaction():
            self._device.records.move_stored(sale.sale, "forwarded")
            self._device.show(sale.sale, "held", "forwarded", intent=intent.id)

    def _lost(self, sale: Sale, why: str, **fields: str | None) -> None:
        """The goods are gone and no bank paid: somebody has to see to it, and the sums say so."""
        with self._device.records.transaction():
            self._device.records.move_stored(sale.sale, "lost", OWNER)
            self._device.show(sale.sale, "payment_lost", why, **fields)

    def look(self, sale: str) -> None:
        """Ask Stripe about one sale now, because somebody wants to know."""
        found = self._device.records.sale(sale)
        if found.outcome in ("held", "not_known"):
            self._settled(found)

    def _follow(self) -> None:
        settings, pause_s = self._device.settings, self._device.settings.retry_s
        while not self._device.closing.is_set():
            self._news.wait(pause_s)
            fresh = self._news.is_set()
            self._news.clear()
            try:
                left = self._settle_all()
            except Exception as error:
                self._device.log_error(error)
                left = True
            pause_s = settings.retry_s if fresh or not left else min(settings.retry_max_s, pause_s * 2)

    def _settle_all(self) -> bool:
        """Bring every open sale as far as it goes now; whether something is left for later."""
        left = False
        for sale in self._device.records.sales("held", "not_known"):
            if sale.sale != self.busy() or sale.outcome == "held":
                left |= not self._settled(sale)
        for row in self._device.records.all_stored("forwarded"):
            sale = self._device.records.sale(row.sale)
            if sale.outcome == "paid":
                left |= not self._only_one(sale)
        if self._queue_is_empty():
            for row in self._device.records.all_stored("confirming", "stored"):
                if row.sale != self.busy():
                    left |= not self._reconciled(row)
        return left

    def _queue_is_empty(self) -> bool:
        assert self._terminal is not None
        status = self._terminal.offline_status
        return status.network_status is NetworkStatus.ONLINE and status.offline_payments_count == 0

    def _settled(self, sale: Sale) -> bool:
        """Collect what is held, or learn what became of it. False when Stripe could not be asked."""
        if sale.intent is None:
            return self._device.records.stored(sale.sale) is not None
        try:
            intent = self._capture(sale) if sale.outcome == "held" else self._device.backend.read(sale.intent)
        except Trouble:
            return False
        return self._booked(sale, intent)

    def _capture(self, sale: Sale) -> Intent:
        """Collect; where Stripe refuses, its books say why."""
        try:
            return self._device.backend.capture(str(sale.intent), sale.sale)
        except Refused:
            return self._device.backend.read(str(sale.intent))

    def _booked(self, sale: Sale, intent: Intent) -> bool:
        records, row = self._device.records, self._device.records.stored(sale.sale)
        if intent.status == "succeeded":
            paid = self._device.show(sale.sale, "paid", "", captured=intent.received, intent=intent.id)
            return row is None or self._only_one(paid)
        if intent.status == "requires_capture":
            if sale.outcome != "held":
                self._device.show(sale.sale, "held", "collecting_money", intent=intent.id)
            return False
        if intent.status not in OVER:
            return False
        if row is not None and row.state == "forwarded":
            self._lost(sale, "declined_when_sent", intent=intent.id)
        elif row is None or self._queue_is_empty():
            with records.transaction():
                records.not_stored(sale.sale)
                self._device.show(sale.sale, "not_paid", "never_sent", intent=intent.id)
        return True

    def _reconciled(self, row: Stored) -> bool:
        """The SDK has nothing left to send and told nothing of this one: Stripe's books decide."""
        sale = self._device.records.sale(row.sale)
        try:
            found = [one for one in self._device.backend.of_sale(row.sale) if one.status != "canceled"]
        except Trouble:
            return False
        sent = [one for one in found if one.status in ("requires_capture", "succeeded")]
        if sent:
            self._device.records.move_stored(row.sale, "forwarded")
            return self._booked(self._device.show(row.sale, "held", "forwarded", intent=sent[0].id), sent[0])
        if row.state == "confirming":
            self._device.records.not_stored(row.sale)
            self._device.show(row.sale, "not_paid", "never_sent")
        else:
            self._lost(sale, "declined_when_sent" if found else "missing", intent=found[0].id if found else None)
        return True

    def _only_one(self, sale: Sale) -> bool:
        """A stored payment was seen to be sent twice under two keys: whatever else carries this sale's id is undone.

        False when Stripe could not be asked; the journal's row is closed only when it was.
        """
        backend = self._device.backend
        try:
            for other in backend.of_sale(sale.sale):
                if other.id != sale.intent and other.status in ("requires_capture", "succeeded"):
                    self._device.log.line("duplicate", sale=sale.sale, intent=other.id, status=other.status)
                    (backend.give_back if other.status == "succeeded" else backend.cancel)(other.id)
        except Trouble:
            return False
        self._device.records.move_stored(sale.sale, "paid")
        return True
