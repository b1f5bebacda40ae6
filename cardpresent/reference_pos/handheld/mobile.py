"""A mobile reader needs the app: it has no screen of its own, and its software is installed through the app."""

from collections.abc import Callable
from typing import Final

from cardpresent.sdk import Cancelable, ReaderUpdate, TerminalError

from .app_state import Device

# What a reader without a screen has the customer told, and the sale's reason that says so.
MESSAGES: Final = {"retry_card": "retry_card", "remove_card": "remove_card"}


class Mobile:
    """A MobileReaderListener. `update` waits or is installed; `progress` is from 0 to 1 while it is, else None."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self.sale_in_hand: Callable[[], str | None] = lambda: None
        self.update: ReaderUpdate | None = None
        self.progress: float | None = None

    @property
    def installing(self) -> bool:
        return self.progress is not None

    @property
    def minutes(self) -> int:
        """What the update takes, said as people say it: never less than a minute."""
        return max(1, -(-self.update.duration_estimate_s // 60)) if self.update else 0

    # What the SDK tells

    def did_request_reader_input(self, options: tuple[str, ...]) -> None:
        """The words for a sale that waits for a card say so already."""

    def did_request_reader_display_message(self, message: str) -> None:
        sale = self.sale_in_hand()
        if sale is not None and message in MESSAGES:
            self._device.show(sale, "waiting", MESSAGES[message])

    def did_report_available_update(self, update: ReaderUpdate) -> None:
        self.update = update
        self._device.tell()

    def did_start_installing_update(self, update: ReaderUpdate, cancelable: Cancelable | None) -> None:
        self.update, self.progress = update, 0.0
        self._device.log.line("reader", status="updating", minutes=self.minutes)
        self._device.tell()

    def did_report_update_progress(self, progress: float) -> None:
        self.progress = progress
        self._device.tell()

    def did_finish_installing_update(self, update: ReaderUpdate, error: TerminalError | None) -> None:
        self.update = self.progress = None
        self._device.log.line("reader", status="updated" if error is None else "not_updated")
        self._device.tell()
