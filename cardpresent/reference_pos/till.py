"""What every part of the till shares: records, Stripe, the clock, and who is waiting for which sale."""

import asyncio
import traceback
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final
from weakref import WeakValueDictionary

from .clock import Clock
from .log import Log
from .sale import Outcome, Sale
from .settings import Settings
from .store import Store
from .stripe_calls import Stripe
from .terms import terms_of

FRONT: Final = "front"


class Till:
    """One running till. Everything happens on one event loop, so records are only ever touched by one thread."""

    def __init__(self, settings: Settings, log: Log) -> None:
        self.settings, self.log, self.clock = settings, log, Clock()
        self.store = Store(settings.db, settings.db_wait_s, self.clock.now())
        if settings.reader:
            self.store.bind_register(FRONT, settings.reader)
        self.stripe = Stripe(settings, log, lambda sale: terms_of(self.store, sale))
        self.news: dict[str, asyncio.Event] = {}
        self.sweep_news = asyncio.Event()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[Any]] = set()

    def lock(self, sale: str) -> asyncio.Lock:
        """Held around every read of Stripe and what is written because of it, so that an older reading never wins."""
        lock = self._locks.get(sale)
        if lock is None:
            lock = self._locks[sale] = asyncio.Lock()
        return lock

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Work that goes on even when whoever asked for it has gone."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.log_error(error)

    def log_error(self, error: BaseException) -> None:
        """The kind of error and its place in the code; never its text, which may quote what it was given."""
        frames = traceback.extract_tb(error.__traceback__)
        where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-4:]))
        self.log.line("error", error=type(error).__name__, where=where)

    def show(
        self, sale: Sale, outcome: Outcome, reason: str, *, release: bool = False, **fields: str | int | float | None,
    ) -> Sale:
        """Write down what the cashier is told. `release` ends the attempt, so that the reader and the sale are free."""
        with self.store.transaction():
            shown = self.store.update(sale.sale, outcome=outcome, reason=reason, **fields)
            if release:
                self.store.release_attempt(sale.sale)
        if (outcome, reason) != (sale.outcome, sale.reason):
            self.log.line("sale", sale=sale.sale, outcome=outcome, reason=reason, intent=shown.intent)
        return shown
