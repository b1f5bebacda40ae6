"""What every part of the app shares: settings, records, Stripe's SDK, the shop's server, and the device's clock."""

import threading
import time
import traceback
from pathlib import Path

from cardpresent.reference_pos.log import Log

from .backend import Backend
from .records import Outcome, Records, Sale
from .settings import Settings


class DeviceClock:
    """Wall time plus an offset that only the time hook moves; it outlives a restart, as a real clock does."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._offset_s = float(records.kept("clock_offset_s") or 0.0)

    def now(self) -> float:
        return time.time() + self._offset_s

    def advance(self, seconds: float) -> float:
        self._offset_s += max(0.0, seconds)
        self._records.keep("clock_offset_s", repr(self._offset_s))
        return self.now()


class Device:
    """One running app. `changed` is told whenever a sale, the reader or the queue moved."""

    def __init__(self, settings: Settings, log: Log) -> None:
        settings.folder.mkdir(parents=True, exist_ok=True)
        self.settings, self.log = settings, log
        self.records = Records(settings.folder / "app.sqlite")
        self.clock = DeviceClock(self.records)
        self.backend = Backend(settings, log)
        self.changed = threading.Condition()
        self.closing = threading.Event()

    @property
    def sdk_folder(self) -> Path:
        """Where the SDK keeps what was not sent yet."""
        return self.settings.folder / "terminal-sdk"

    def show(self, sale: str, outcome: Outcome, reason: str, **fields: str | int | float | None) -> Sale:
        """Write down what the cashier is told."""
        shown = self.records.update(sale, outcome=outcome, reason=reason, **fields)
        self.log.line("sale", sale=sale, outcome=outcome, reason=reason, intent=shown.intent)
        self.tell()
        return shown

    def tell(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def log_error(self, error: BaseException) -> None:
        """The kind of error and its place in the code; never its text, which may quote what it was given."""
        frames = traceback.extract_tb(error.__traceback__)
        where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))
        self.log.line("error", error=type(error).__name__, where=where)
