"""The app's reader: connected when the app starts, got back when it goes, changed when the manager says so."""

import threading
from collections.abc import Callable
from typing import Final

from cardpresent.sdk import Cancelable, DisconnectReason, ErrorCode, Reader, Terminal, TerminalError

from .app_state import Device
from .mobile import Mobile

PAUSE_S: Final = 0.1
PAUSE_MAX_S: Final = 5.0
LOOK_S: Final = 0.02


class Link:
    """A ReaderListener, and the thread that keeps a reader connected. `why_not` is the SDK's word, or this app's."""

    def __init__(self, device: Device, mobile: Mobile) -> None:
        self._device, self._mobile = device, mobile
        self._terminal: Terminal | None = None
        self._wanted = threading.Event()
        self._turn = threading.Lock()
        self.why_not = "none"

    def start(self, terminal: Terminal) -> None:
        """Connect in the background: an app that waits for a network before it can be used is no use without one."""
        self.use(terminal)
        threading.Thread(target=self._keep_connected, name="link", daemon=True).start()

    def use(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._wanted.set()

    @property
    def terminal(self) -> Terminal:
        assert self._terminal is not None, "the link is used before it was started"
        return self._terminal

    @property
    def connected(self) -> bool:
        return self.terminal.connected_reader is not None

    def change_reader(self, reader: str) -> bool:
        """Give up the present reader and connect another; whether it is connected now.

        A reader that is updated first takes its time, and nobody is kept waiting for that.
        """
        changing = threading.Thread(target=self._change, args=(reader,), name="change", daemon=True)
        changing.start()
        while changing.is_alive() and not self._mobile.installing:
            changing.join(LOOK_S)
        return self.connected

    def _change(self, reader: str) -> None:
        with self._turn:
            present = self.terminal.connected_reader
            if present is None or present.id != reader:
                # A reader that is just being got back is given up, too, or it would come before the one that is wanted.
                self.terminal.disconnect_reader()
                self._mobile.update = None
            self._connect()

    def await_connected(self, within_s: float, given_up: Callable[[], bool]) -> bool:
        """Wait for the reader to be there (again); a connect that waits for its next turn is tried at once."""
        self._wanted.set()
        with self._device.changed:
            self._device.changed.wait_for(
                lambda: self.connected or given_up() or self._device.closing.is_set(), within_s)
        return self.connected and not given_up()

    def _keep_connected(self) -> None:
        """Try again with growing pauses while there is no reader; woken by news from it and by whoever needs one."""
        pause_s = PAUSE_S
        while not self._device.closing.is_set():
            self._wanted.wait(None if self.connected else pause_s)
            if self._wanted.is_set():
                pause_s = PAUSE_S
            self._wanted.clear()
            with self._turn:
                connected = self._connect()
            pause_s = PAUSE_S if connected else min(PAUSE_MAX_S, pause_s * 2)

    def _connect(self) -> bool:
        """One try. A connect that is already under way, the SDK's own reconnect included, is left to itself."""
        wanted = self._device.records.bound_reader()
        if wanted is None or self._device.closing.is_set():
            return False
        present = self.terminal.connected_reader
        if present is not None:
            return present.id == wanted
        try:
            found = [one for one in self.terminal.discover_readers(timeout_s=1.0) if one.id == wanted]
            if found:
                self.terminal.connect_reader(found[0], self._device.settings.location)
            self.why_not = "" if found else "not_found"
        except TerminalError as error:
            if error.code is not ErrorCode.ALREADY_CONNECTED_TO_READER:
                self.why_not = str(error.code)
                self._device.log.line("reader", reader=wanted, code=str(error.code))
        if self.connected:
            self._device.log.line("reader", reader=wanted, status="connected")
        self._device.tell()
        return self.connected

    # What the SDK tells

    def did_disconnect_unexpectedly(self, reader: Reader, reason: DisconnectReason) -> None:
        self._device.log.line("reader", reader=reader.id, status="lost", reason=str(reason))
        self.why_not = "not_found"
        self._wanted.set()
        self._device.tell()

    def did_start_reconnect(self, reader: Reader, cancelable: Cancelable, reason: DisconnectReason) -> None:
        self._device.log.line("reader", reader=reader.id, status="reconnecting", reason=str(reason))
        self._device.tell()

    def did_succeed_reconnect(self, reader: Reader) -> None:
        self._device.log.line("reader", reader=reader.id, status="connected")
        self._device.tell()

    def did_fail_reconnect(self, reader: Reader) -> None:
        self._device.log.line("reader", reader=reader.id, status="reconnect_failed")
