"""The hold on one reader: connecting by the rules, losing it, getting it back."""

import threading
from collections.abc import Callable
from typing import Protocol

from cardpresent.sdk import offline_rules
from cardpresent.sdk.cancelable import Cancelable
from cardpresent.sdk.errors import ErrorCode, TerminalError
from cardpresent.sdk.listeners import ReaderListener
from cardpresent.sdk.objects import ConnectionStatus, DisconnectReason, Reader, ReaderUpdate
from cardpresent.sdk.reader_line import Link, LinkLost, ReaderLine, ReaderRefused
from cardpresent.sdk.session import Session
from cardpresent.sdk.store import Store, UsedOnline
from cardpresent.sdk.updates import Updates

RECONNECT_EVERY_S = 0.2
_REFUSED = {"taken": ErrorCode.READER_CONNECTED_TO_ANOTHER_DEVICE, "busy": ErrorCode.READER_BUSY}


class Tell(Protocol):
    """Queues a call of a listener for the SDK's own thread."""

    def __call__(self, call: Callable[[], None]) -> None: ...


class Connection:
    """Which reader is connected, at which location, and since when it may be used offline."""

    def __init__(
        self, readers: ReaderLine, session: Session, store: Store, now: Callable[[], float], tell: Tell,
        listener: ReaderListener | None, updates: Updates, *, auto_reconnect: bool, reconnect_s: float,
    ) -> None:
        self._updates = updates
        self._readers, self._session, self._store, self._now, self._tell = readers, session, store, now, tell
        self._listener, self._auto, self._reconnect_s = listener, auto_reconnect, reconnect_s
        self._lock = threading.RLock()
        self._link: Link | None = None
        self._reader: Reader | None = None
        self._reconnecting: Cancelable | None = None
        self.status = ConnectionStatus.NOT_CONNECTED
        self.location = ""

    @property
    def reader(self) -> Reader | None:
        return self._reader if self.status is ConnectionStatus.CONNECTED else None

    def link(self) -> Link:
        """The link in use. Raises NOT_CONNECTED_TO_READER, BLUETOOTH_DISCONNECTED while it is being restored."""
        with self._lock:
            if self.status is ConnectionStatus.RECONNECTING:
                raise TerminalError(ErrorCode.BLUETOOTH_DISCONNECTED, "the reader is being reconnected")
            if self._link is None:
                raise TerminalError(ErrorCode.NOT_CONNECTED_TO_READER, "no reader is connected")
            return self._link

    # ------------------------------------------------------------------------------------------------------- connecting

    def connect(self, reader: Reader, location: str | None) -> Reader:
        if self.status is not ConnectionStatus.NOT_CONNECTED:
            raise TerminalError(ErrorCode.ALREADY_CONNECTED_TO_READER, "disconnect the reader first")
        self.status = ConnectionStatus.CONNECTING
        try:
            link = self._paired(reader)
            try:
                self.location = self._let_in(link, location or link.reader.location)
            except TerminalError:
                _quietly(link.disconnect)
                raise
        except TerminalError:
            self.status = ConnectionStatus.NOT_CONNECTED
            raise
        self._use(link)
        return link.reader

    def _paired(self, reader: Reader) -> Link:
        try:
            return self._readers.connect(reader.id)
        except LinkLost:
            raise TerminalError(ErrorCode.BLUETOOTH_CONNECTION_TIMED_OUT, "the reader is not in range") from None
        except ReaderRefused as refused:
            raise TerminalError(_code_of(refused), str(refused)) from None

    def _let_in(self, link: Link, location: str | None) -> str:
        """Online by a token, offline by what is remembered; the location in use."""
        if not self._session.reach():
            offline_rules.use_in_window(self._store.uses(), link.reader, location or "", self._now())
            return location or ""
        update = link.reader.available_update
        if update is not None and update.required:
            self._updated(link, update)
        self._updates.announce(update)
        answer = self._session.activate(link.reader.id, location)
        now = int(self._now())
        in_use = str(answer["location"] or "")
        self._store.used(
            UsedOnline(link.reader.device_type, in_use, answer["account"], now, now, answer["offline_enabled"])
        )
        return in_use

    def _updated(self, link: Link, update: ReaderUpdate) -> None:
        """Installs a required update; put off where the reader ran the latest within 30 days (documented for iOS)."""
        try:
            self._updates.install(link, update)
        except TerminalError as error:
            recent = any(
                use.device_type == link.reader.device_type
                and self._now() - use.updated_at <= offline_rules.WINDOW_S for use in self._store.uses()
            )
            if not recent or error.code is not ErrorCode.READER_BATTERY_CRITICALLY_LOW:
                raise

    def _use(self, link: Link) -> None:
        with self._lock:
            self._link, self._reader = link, link.reader
            self.status = ConnectionStatus.CONNECTED

    def was_used_online(self) -> None:
        """The reader has just taken part in something Stripe answered: the 30 days begin anew."""
        reader = self._reader
        for use in self._store.uses():
            if reader and (use.device_type, use.location, use.account) == (
                reader.device_type, self.location, self._session.account
            ):
                now = int(self._now())
                self._store.used(UsedOnline(use.device_type, use.location, use.account, now, now, use.offline_enabled))

    def offline_use(self) -> UsedOnline:
        """What lets the connected reader be used offline now. Raises the SDK's refusals."""
        reader = self.link().reader
        return offline_rules.use_in_window(self._store.uses(), reader, self.location, self._now())

    # ------------------------------------------------------------------------------------------------------- letting go

    def disconnect(self) -> None:
        with self._lock:
            link, self._link, self._reader = self._link, None, None
            self.status = ConnectionStatus.NOT_CONNECTED
            if self._reconnecting is not None:
                self._reconnecting.cancel()
        if link is not None:
            _quietly(link.disconnect)

    def watch(self) -> None:
        """Looks whether the reader is still there."""
        link = self._link
        if link is None:
            return
        try:
            link.state()
        except LinkLost:
            self.lost(link)
        except ReaderRefused:
            return

    def lost(self, link: Link) -> None:
        """The link broke. Told once; a reconnect begins unless the till wants none."""
        with self._lock:
            if self._link is not link:
                return
            self._link = None
            if not self._auto:
                self.status, self._reader = ConnectionStatus.NOT_CONNECTED, None
                self._say(lambda listener: listener.did_disconnect_unexpectedly(link.reader, _REASON))
                return
            self.status = ConnectionStatus.RECONNECTING
            handle = self._reconnecting = Cancelable()
        self._say(lambda listener: listener.did_start_reconnect(link.reader, handle, _REASON))
        threading.Thread(target=self._reconnect, args=(link.reader, handle), daemon=True).start()

    def _reconnect(self, reader: Reader, handle: Cancelable) -> None:
        tries = max(1, int(self._reconnect_s / RECONNECT_EVERY_S))
        for _ in range(tries):
            if handle.wait(RECONNECT_EVERY_S):
                break
            try:
                link = self._readers.connect(reader.id)
            except (LinkLost, ReaderRefused):
                continue
            with self._lock:
                if not handle.is_canceled:
                    self._use(link)
                    self._say(lambda listener: listener.did_succeed_reconnect(reader))
                    return
            _quietly(link.disconnect)
        with self._lock:
            if self.status is not ConnectionStatus.RECONNECTING:
                return  # the till let the reader go meanwhile
            self.status, self._reader = ConnectionStatus.NOT_CONNECTED, None
        self._say(lambda listener: listener.did_fail_reconnect(reader))
        self._say(lambda listener: listener.did_disconnect_unexpectedly(reader, _REASON))

    def _say(self, what: Callable[[ReaderListener], None]) -> None:
        listener = self._listener
        if listener is not None:
            self._tell(lambda: what(listener))


_REASON = DisconnectReason.BLUETOOTH_SIGNAL_LOST


def _code_of(refused: ReaderRefused) -> ErrorCode:
    return _REFUSED.get(refused.error, ErrorCode.READER_COMMUNICATION_ERROR)


def _quietly(end: Callable[[], None]) -> None:
    """Lets a reader go that may be gone already."""
    try:
        end()
    except (LinkLost, ReaderRefused):
        return
