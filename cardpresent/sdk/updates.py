"""New software for a mobile reader: told of, installed, and how far it is."""

from collections.abc import Callable

from cardpresent.sdk.cancelable import Cancelable
from cardpresent.sdk.errors import ErrorCode, TerminalError
from cardpresent.sdk.listeners import MobileReaderListener
from cardpresent.sdk.objects import ReaderUpdate
from cardpresent.sdk.reader_line import Link, LinkLost, ReaderRefused

LOOK_EVERY_S = 0.05


class Updates:
    """Installs updates on the reader, and tells the till's listener, on the thread of whoever asked for it."""

    def __init__(self, listener: MobileReaderListener | None, log: Callable[[str], None]) -> None:
        self._listener, self._log = listener, log

    def announce(self, update: ReaderUpdate | None) -> None:
        """An optional one waits."""
        if update is not None and not update.required:
            self._say(lambda listener: listener.did_report_available_update(update))

    def install(self, link: Link, update: ReaderUpdate) -> None:
        """Returns once it is through. Raises CANCELED, READER_BATTERY_CRITICALLY_LOW and BLUETOOTH_DISCONNECTED."""
        handle = Cancelable()
        self._say(lambda listener: listener.did_start_installing_update(update, handle))
        error: TerminalError | None = None
        try:
            self._install(link, handle)
        except LinkLost:
            error = TerminalError(ErrorCode.BLUETOOTH_DISCONNECTED, "the reader went away during its update")
        except ReaderRefused as refused:
            error = TerminalError(ErrorCode.READER_BATTERY_CRITICALLY_LOW, str(refused))
        except TerminalError as cancelled:
            error = cancelled
        self._say(lambda listener: listener.did_finish_installing_update(update, error))
        if error is not None:
            raise error

    def _install(self, link: Link, handle: Cancelable) -> None:
        told: float | None = None
        while (progress := link.update() or 0.0) < 1.0:
            if progress != told:
                told = progress
                self._say_progress(progress)
            if handle.wait(LOOK_EVERY_S):
                link.update(cancel=True)
                raise TerminalError(ErrorCode.CANCELED, "the update was cancelled")
        self._say_progress(1.0)

    def _say_progress(self, progress: float) -> None:
        self._say(lambda listener: listener.did_report_update_progress(progress))

    def _say(self, what: Callable[[MobileReaderListener], None]) -> None:
        """A listener that raises does not end an update."""
        if self._listener is None:
            return
        try:
            what(self._listener)
        except Exception as error:
            self._log(f"terminal sdk: {type(error).__name__}: {error}")
