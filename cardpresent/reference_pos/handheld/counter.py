"""Taking a payment: one at a time, from the amount to what the bank, or the lack of a line to it, makes of it."""

import threading
import time
from contextlib import suppress
from typing import Final

from cardpresent.sdk import (
    ConnectionStatus,
    ErrorCode,
    OfflineBehavior,
    PaymentIntent,
    PaymentIntentParameters,
    Terminal,
    TerminalError,
)

from .app_state import Device
from .backend import Trouble
from .link import Link
from .mobile import Mobile
from .records import Sale

# A card that cannot be taken without a network; the sale stays open for another one.
CARD_NOT_OFFLINE: Final = frozenset({
    ErrorCode.OFFLINE_AND_CARD_EXPIRED, ErrorCode.INTERAC_NOT_SUPPORTED_OFFLINE,
    ErrorCode.ONLINE_PIN_NOT_SUPPORTED_OFFLINE,
})
LINK_LOST: Final = frozenset({
    ErrorCode.BLUETOOTH_DISCONNECTED, ErrorCode.NOT_CONNECTED_TO_READER, ErrorCode.READER_COMMUNICATION_ERROR,
})
# Tries to hear what became of a payment that was confirmed and not answered, before the follower takes over.
CONFIRMS: Final = 3
# A reader that the SDK refused to connect without a network does not come by waiting; the refusal may be an old one.
PATIENCE_OFFLINE_S: Final = 0.5
CANCEL_AGAIN_S: Final = 0.05


class Counter:
    """The place where one customer pays. `take` runs on a thread of its own and ends with a word on the sale."""

    def __init__(self, device: Device, link: Link, mobile: Mobile) -> None:
        self._device, self._link, self._mobile = device, link, mobile
        self._free = threading.Lock()
        self._intents: dict[str, PaymentIntent] = {}
        self._stop: str | None = None
        self.sale: str | None = None

    @property
    def _terminal(self) -> Terminal:
        return self._link.terminal

    def begin(self, sale: Sale) -> bool:
        """Start taking the payment; False while another one is being taken."""
        if not self._free.acquire(blocking=False):
            return False
        self._stop, self.sale = None, sale.sale
        self._device.show(sale.sale, "waiting", "starting")
        threading.Thread(target=self._take, args=(sale.sale,), name="counter", daemon=True).start()
        return True

    def cancel(self, sale: str) -> None:
        """Stop asking for a card; the counter is free for the next sale when this returns."""
        deadline = time.monotonic() + self._device.settings.answer_s
        self._end(sale, "cancelled")
        while not self._free.acquire(timeout=CANCEL_AGAIN_S):
            if self.sale != sale or time.monotonic() >= deadline:
                return
            # The reader may have been told to ask in the very moment of the cancellation.
            self._end(sale, "cancelled")
        self._free.release()

    def _end(self, sale: str, why: str) -> None:
        if self.sale == sale:
            self._stop = self._stop or why
            # While the card is being read it is too late; what comes of it is told like any other payment.
            with suppress(TerminalError):
                self._terminal.cancel_collect()
            self._device.tell()

    # One payment

    def _take(self, sale: str) -> None:
        timer = threading.Timer(self._device.settings.deadline_s, self._end, (sale, "no_card"))
        timer.daemon = True
        try:
            timer.start()
            self._pay(self._device.records.sale(sale))
        except Exception as error:
            self._device.log_error(error)
            self._device.show(sale, "not_known", "confirming")
        finally:
            timer.cancel()
            self.sale = None
            self._free.release()
            self._device.tell()

    def _pay(self, sale: Sale) -> None:
        if not self._reader_there(sale):
            return
        intent = self._intents.get(sale.sale) or (self._known(sale) if sale.intent else self._create(sale))
        while intent is not None:
            self._intents[sale.sale] = intent
            collected = self._collect(sale, intent)
            if collected is None:
                return
            intent = self._confirm(sale, collected)

    def _reader_there(self, sale: Sale) -> bool:
        """Is there a reader, or does it come (back) in time? The cashier reads meanwhile what is being waited for."""
        if self._link.connected:
            return True
        if self._mobile.installing:
            self._device.show(sale.sale, "not_paid", "updating")
            return False
        self._device.show(sale.sale, "waiting", "reader_lost")
        deadline = self._device.settings.reader_patience_s
        offline = self._terminal.connection_status is ConnectionStatus.NOT_CONNECTED and bool(self._link.why_not)
        if self._link.await_connected(min(deadline, PATIENCE_OFFLINE_S) if offline else deadline, self._given_up):
            return True
        self._device.show(sale.sale, "not_paid", self._stop or "no_reader")
        return False

    def _given_up(self) -> bool:
        return self._stop is not None

    def _known(self, sale: Sale) -> PaymentIntent | None:
        """The sale's payment at Stripe, made before the app was started again: it is used, and no second one made."""
        try:
            at_stripe = self._device.backend.read(str(sale.intent))
            if at_stripe.status == "requires_payment_method":
                return self._terminal.retrieve_payment_intent(at_stripe.client_secret)
        except (Trouble, TerminalError) as trouble:
            self._device.log.line("sale", sale=sale.sale, code=str(trouble.code))
        self._device.show(sale.sale, "not_known", "confirming")
        return None

    def _create(self, sale: Sale) -> PaymentIntent | None:
        """The payment, marked with the sale's own id from the start: without a network it has no other."""
        behavior, limit = self._behavior(sale)
        params = PaymentIntentParameters(
            amount=sale.amount, currency=sale.currency, capture_method="manual", metadata={"sale": sale.sale})
        try:
            intent = self._terminal.create_payment_intent(params, offline_behavior=behavior)
        except TerminalError as error:
            self._device.show(sale.sale, "not_paid", self._why_not_created(error, limit))
            return None
        if intent.id is not None:
            self._device.records.update(sale.sale, intent=intent.id)
        return intent

    def _behavior(self, sale: Sale) -> tuple[OfflineBehavior, str]:
        """What is above a limit must not be stored: the SDK is told so before anybody presents a card."""
        settings, records = self._device.settings, self._device.records
        if sale.amount > settings.each_max:
            return OfflineBehavior.REQUIRE_ONLINE, "too_much_offline"
        if records.waiting_sum(sale.currency) + sale.amount > settings.total_max:
            return OfflineBehavior.REQUIRE_ONLINE, "too_much_stored"
        return OfflineBehavior.PREFER_ONLINE, ""

    @staticmethod
    def _why_not_created(error: TerminalError, limit: str) -> str:
        if error.code is ErrorCode.NOT_CONNECTED_TO_INTERNET_AND_REQUIRE_ONLINE_SET:
            return limit
        if error.code is ErrorCode.AMOUNT_EXCEEDS_MAX_OFFLINE_AMOUNT:
            return "too_much_offline"
        return "no_service"

    def _collect(self, sale: Sale, intent: PaymentIntent) -> PaymentIntent | None:
        """Ask for a card until there is one; None when the sale has its word already."""
        while not self._stop:
            self._device.show(sale.sale, "waiting", "collecting")
            try:
                return self._terminal.collect_payment_method(intent, customer_cancellation=True)
            except TerminalError as error:
                if error.code in LINK_LOST and not self._stop:
                    self._device.show(sale.sale, "waiting", "reader_lost")
                    if self._link.await_connected(self._device.settings.reader_patience_s, self._given_up):
                        continue
                    self._stop = self._stop or "reader_gone"
                elif error.code is ErrorCode.CANCELED:
                    self._stop = self._stop or "cancelled"
                else:
                    self._stop = self._why_not_collected(error)
        self._give_up(sale, intent)
        return None

    def _why_not_collected(self, error: TerminalError) -> str:
        if error.code in CARD_NOT_OFFLINE:
            return "card_not_offline"
        if error.code is ErrorCode.NOT_CONNECTED_TO_INTERNET_AND_REQUIRE_ONLINE_SET:
            return "too_much_offline"
        self._device.log.line("sale", code=str(error.code))
        return "no_card" if error.code is ErrorCode.CARD_READ_TIMED_OUT else "busy"

    def _give_up(self, sale: Sale, intent: PaymentIntent) -> None:
        """Nobody paid. A cancelled sale's payment is cancelled, too; any other may be tried again."""
        if self._stop == "cancelled":
            self._intents.pop(sale.sale, None)
            with suppress(TerminalError):
                self._terminal.cancel_payment_intent(intent)
        self._device.show(sale.sale, "not_paid", self._stop or "no_card")

    # What comes of it

    def _confirm(self, sale: Sale, intent: PaymentIntent) -> PaymentIntent | None:
        """Ask the bank, or have the payment stored. Returns the intent where a card has to be asked for again."""
        self._device.records.expect_stored(sale, self._device.clock.now())
        for _ in range(CONFIRMS):
            try:
                self._done(sale, self._terminal.confirm_payment_intent(intent))
                return None
            except TerminalError as error:
                again = self._not_confirmed(sale, error)
            if again is not None:
                self._device.records.not_stored(sale.sale)
                return again if again.status == "requires_payment_method" and not self._stop else None
            # Nobody knows what came of it. The same payment is confirmed again, and never another made.
            self._device.show(sale.sale, "not_known", "confirming")
        return None

    def _not_confirmed(self, sale: Sale, error: TerminalError) -> PaymentIntent | None:
        """The intent where it is certain that nothing was taken; None where nobody knows."""
        intent = error.payment_intent
        self._device.log.line("sale", sale=sale.sale, code=str(error.code))
        if intent is None:
            return None
        if error.code is ErrorCode.DECLINED_BY_STRIPE_API:
            self._intents[sale.sale] = intent
            self._stop = "declined"
            self._device.show(sale.sale, "not_paid", "declined")
            return intent
        if error.code in CARD_NOT_OFFLINE:
            self._stop = "card_not_offline"
            self._device.show(sale.sale, "not_paid", "card_not_offline")
            return intent
        if error.code is ErrorCode.STRIPE_API_CONNECTION_ERROR:
            return None
        return intent

    def _done(self, sale: Sale, intent: PaymentIntent) -> None:
        """Stored, or approved. What was stored is a state of its own, whatever status the SDK gives it."""
        self._intents.pop(sale.sale, None)
        records = self._device.records
        if intent.offline_details is not None and intent.offline_details.requires_upload:
            with records.transaction():
                if _still_here(records.stored(sale.sale)):
                    records.move_stored(sale.sale, "stored")
                    self._device.show(sale.sale, "stored", "no_line", intent=intent.id)
            return
        with records.transaction():
            records.not_stored(sale.sale)
            self._device.show(sale.sale, "held", "collecting_money", intent=intent.id)
        self.collect_money(self._device.records.sale(sale.sale))

    def collect_money(self, sale: Sale) -> None:
        """Capture what was approved; what cannot be captured now is left to the follower."""
        with suppress(Trouble):
            captured = self._device.backend.capture(str(sale.intent), sale.sale)
            if captured.status == "succeeded":
                self._device.show(sale.sale, "paid", "", captured=captured.received)


def _still_here(row: object) -> bool:
    state = getattr(row, "state", None)
    return state in ("confirming", "stored")
