"""A Chromium on a thread of its own, so that a page goes on living whatever the suite does meanwhile.

What a page asks in a dialog, and what it loads from Stripe, has to be answered while the suite taps a card or waits on
the journal; and Playwright's own loop would keep asyncio from everybody else in the thread it runs in.

Pages reach nothing of Stripe's: the Terminal script is answered from here, everything else at a host of Stripe's is
refused and remembered.
"""

import asyncio
import re
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

from playwright.async_api import BrowserContext, Page, Route, async_playwright
from playwright.async_api import Error as BrowserError

STRIPES: Final = re.compile(r"^(https?|wss?)://([^/@]*\.)?stripe\.(com|network)(:\d+)?(/|$)", re.IGNORECASE)
# Where pages load the Terminal script from. Seen in public integrations, and in Stripe's own loader
# (https://github.com/stripe/terminal-js/blob/master/src/shared.ts).
TERMINAL_SCRIPT: Final = re.compile(r"^https://js\.stripe\.com/terminal/v1(/|/sdk\.js)?$")
OPENS_WITHIN_S: Final = 30.0
CLOSES_WITHIN_S: Final = 5.0

T = TypeVar("T")


class Chromium:
    """`executable`, started at once with `arguments`. `script` is served as Stripe's Terminal script.

    Raises playwright's Error when it cannot be started. Close it; it may be closed twice.
    """

    def __init__(self, executable: Path, arguments: Sequence[str], script: str | None) -> None:
        self._script = script
        self.refused: deque[str] = deque()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="browser", daemon=True)
        self._thread.start()
        self._ending: Callable[[], Coroutine[Any, Any, None]] | None = None
        try:
            self._context = self.run(self._open(executable, arguments))
        except BaseException:
            self.close()
            raise

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Have the browser's thread do something, and wait for it."""
        doing = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return doing.result()
        except BaseException:
            doing.cancel()
            raise

    async def new_page(self) -> Page:
        return await self._context.new_page()

    def close(self) -> None:
        """End pages, browser, driver and thread."""
        if self._loop.is_closed():
            return
        ending, self._ending = self._ending, None
        if ending is not None:
            # After a Ctrl-C the driver, which got it too, is gone, and nobody answers any more.
            with suppress(Exception):
                self.run(asyncio.wait_for(ending(), CLOSES_WITHIN_S))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self, executable: Path, arguments: Sequence[str]) -> BrowserContext:
        playwright = await async_playwright().start()
        self._ending = playwright.stop
        browser = await playwright.chromium.launch(
            executable_path=executable, args=list(arguments), timeout=OPENS_WITHIN_S * 1000
        )

        async def end() -> None:
            with suppress(BrowserError):
                await browser.close()
            await playwright.stop()

        self._ending = end
        # A service worker would fetch past the routes below.
        context = await browser.new_context(service_workers="block")
        await context.route(STRIPES, self._answer)
        return context

    async def _answer(self, route: Route) -> None:
        url = route.request.url
        if self._script is not None and TERMINAL_SCRIPT.fullmatch(url.partition("?")[0]):
            await route.fulfill(
                status=200, content_type="text/javascript; charset=utf-8", body=self._script,
                headers={"Access-Control-Allow-Origin": "*"},
            )  # fmt: skip
            return
        self.refused.append(_without_query(url))
        await route.abort("blockedbyclient")


def _without_query(url: str) -> str:
    """An address fit to be written down: what follows the path may be anything."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
