"""Works a till at its page, in a browser, as a cashier does: the [page] steps of its integration file.

Every wait is an expectation with a deadline. What the page does not show in time is an UNKNOWN reply that names the
step; it is never an error, for a page that stalls is the till's own answer. A button that is there and cannot be
pressed is an answer, too: the till refuses.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast
from urllib.parse import urljoin

from playwright.async_api import Dialog, Page, Request, Response, expect
from playwright.async_api import Error as BrowserError
from playwright.async_api import Locator as Found

from cardpresent.drivers.pos.chromium import Chromium
from cardpresent.drivers.pos.outcome import MEANINGS
from cardpresent.drivers.pos.port import BODY_KEPT, NotOffered, PosReply, Verb
from cardpresent.drivers.pos.templates import Values
from cardpresent.model.outcome import Outcome, Standing
from cardpresent.profile import schema
from cardpresent.profile.integration import Integration
from cardpresent.profile.placeholders import MissingValue
from cardpresent.profile.schema import EMPTY

_STEPS_OF: Final[Mapping[Verb, str]] = {
    "start_sale": "start_sale", "sale_state": "sale_state", "cancel_sale": "cancel", "retry_sale": "retry_sale",
    "check_status": "check_status", "bind_reader": "connect",
}  # fmt: skip
# A page that shows no sale at all.
# How long a look at a page may take that Playwright itself does not bound.
LOOK_S: Final = 5.0
# Beside its steps: for loading the page, reading it, and a machine that has much to do.
SPARE_S: Final = 45.0
IDLE: Final = "idle"
UNTOLD: Final = "untold"
# What a page's SDK asks Stripe about is the payment of the sale on that page.
_COLLECTED: Final = re.compile(r"/v1/terminal/sdk/payment_intents/(pi_\w+)")


# What it asks the reader beside it, and the answers of one that is gone.
_READER: Final = re.compile(r"/_reader/\w+/(\w+)")
_LOST: Final = (404, 410)


class StepFailed(Exception):
    """The page did not let a step be done; `place` is its key in the file.

    `refused`: what is to be pressed or filled is there, and the page does not let anybody; or it was there before.
    """

    def __init__(self, place: str, *, refused: bool) -> None:
        self.place, self.refused = place, refused
        super().__init__(place)


@dataclass(slots=True)
class Tab:
    """One register's page: which sale stands on it, for which reader it was opened, what its SDK asked about for each
    sale, what it says where it has just been seen to speak of none, and whether its SDK holds the reader, None while it
    has not asked for one."""

    page: Page
    logged_in: bool
    sale: str | None = None
    reader: str | None = None
    status: int | None = None
    collected: dict[str, str] = field(default_factory=dict)
    idle: str | None = None
    linked: bool | None = None
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)


class PagePos:
    """A PosDriver for what a page does: sales are started, looked at, cancelled and tried again there.

    Each register has a page of its own, opened when it is first used. With `[page] connect` a page stays open from
    sale to sale, and is opened anew for another reader; without, each sale begins with loading it. A page shows one
    sale: of any other the last thing that was read is still its word.

    `executable` is a Chromium, started at once with `arguments`. `script` is served as Stripe's Terminal script.
    `on_refused` hears each address of Stripe's that a page asked for in vain, without its query. May be used from
    several threads. Raises playwright's Error when the browser cannot be started.
    """

    def __init__(
        self, integration: Integration, base_url: str, executable: Path, run: Mapping[str, object] = EMPTY,
        arguments: Sequence[str] = (), *, script: str | None = None,
        on_refused: Callable[[str], None] = lambda url: None,
    ) -> None:  # fmt: skip
        if integration.page is None:
            raise NotOffered("page")
        self._description = integration.page
        self._base_url = base_url.rstrip("/")
        self._register = integration.reader.register
        self._run = {"till": self._base_url, "register": self._register, **run}
        self._on_refused = on_refused
        self._tabs: dict[str, Tab] = {}
        self._opening = asyncio.Lock()
        self._words: dict[str, PosReply] = {}
        self._worked: set[str] = set()
        self._browser = Chromium(executable, arguments, script)

    def __enter__(self) -> "PagePos":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close pages, browser and driver. May be called twice."""
        self._browser.close()

    def reload(self) -> None:
        """Load the page anew, as a cashier does who wonders whether it hangs."""
        for tab in self._tabs.values():
            # One that hangs is seen to hang by whoever looks at it next.
            with suppress(BrowserError):
                self._browser.run(self._reload(tab))

    def open_anew(self) -> None:
        """Load every page again: after a power cut nobody is logged in, and what was read before is gone."""
        for tab in self._tabs.values():
            tab.logged_in, tab.reader = not self._description.login, None
            self._words.pop(tab.sale or "", None)
            self._browser.run(self._load(tab))

    def offers(self, verb: Verb) -> bool:
        return verb == "sale_state" or (verb in _STEPS_OF and bool(getattr(self._description, _STEPS_OF[verb])))

    def perform(
        self, verb: Verb, values: Mapping[str, object], *, as_role: str = "cashier", insist: bool = False
    ) -> PosReply:
        """See PosDriver. Whoever is logged in at the page does it, so `as_role` changes nothing.

        `values["clicks"]` is how often the last button of the verb is clicked in one go; once if left out.
        """
        if not self.offers(verb):
            raise NotOffered(verb)
        reply = self._browser.run(self._in_time(verb, values))
        while self._browser.refused:
            self._on_refused(self._browser.refused.popleft())
        return reply

    # In the browser's thread ------------------------------------------------------------------------------------------

    async def _in_time(self, verb: Verb, values: Mapping[str, object]) -> PosReply:
        """The verb within what its steps may take; a page that hangs may keep the browser itself from counting.

        Such a page is left, as by a cashier who opens another.
        """
        described = self._description
        steps = (*described.login, *described.connect, *getattr(described, _STEPS_OF.get(verb, ""), ()))
        limit_s = SPARE_S + described.outcome.within_s + sum(step.within_s for step in steps)
        try:
            async with asyncio.timeout(limit_s):
                return await self._perform(verb, values)
        except TimeoutError:
            self._tabs.pop(str(values.get("register") or self._register), None)
            return PosReply(
                outcome=Outcome.UNKNOWN, standing=Standing.SETTLED, words="", saved=MappingProxyType({}), status=None,
                record=None, body="", missing=("page",),
            )  # fmt: skip

    async def _perform(self, verb: Verb, values: Mapping[str, object]) -> PosReply:
        sale = str(values["sale"]) if values.get("sale") is not None else None
        async with self._opening:
            tab = await self._tab(verb, sale, values)
        async with tab.busy:
            return await self._perform_on(tab, verb, sale, values)

    async def _perform_on(self, tab: Tab, verb: Verb, sale: str | None, values: Mapping[str, object]) -> PosReply:
        if verb not in {"start_sale", "bind_reader"} and sale is not None and tab.sale != sale:
            return self._words.get(sale) or await self._unclear(tab, "page")
        before = tab.sale
        known = Values(self._run, values)
        try:
            if verb == "start_sale" and values.get("again") and self._description.connect:
                await self._reload(tab)
                return self._as_it_reads_now(tab, await self._told(tab))
            await self._ready(tab, verb, known)
            if verb == "start_sale":
                await self._leave(tab, sale)
            clicks = values.get("clicks")
            await self._do_connected(tab, verb, known, clicks if isinstance(clicks, int) else 1)
            reply = await self._connected(tab, values) if verb == "bind_reader" else await self._told(tab)
        except StepFailed as failed:
            reply = await self._failed(tab, verb, failed)
            if failed.refused and verb == "start_sale":
                tab.sale = before
        except MissingValue as lost:
            reply = await self._unclear(tab, lost.name)
        except BrowserError:
            reply = await self._unclear(tab, "page")
        if sale is not None and not (verb == "cancel_sale" and reply.missing):
            self._words[sale] = reply
        return self._as_it_reads_now(tab, reply)

    async def _leave(self, tab: Tab, sale: str | None) -> None:
        """Turn to another sale: what the page says of the one before is read for the last time."""
        if tab.sale != sale:
            await self._read_last(tab)
        tab.sale = sale

    async def _reload(self, tab: Tab) -> None:
        """Load the page anew, having read what it says; its SDK has no reader then."""
        await self._read_last(tab)
        await tab.page.reload()
        tab.reader = None

    async def _read_last(self, tab: Tab) -> None:
        last = await self._look(tab) if tab.sale is not None else None
        if last is not None:
            self._words[str(tab.sale)] = last

    async def _do_connected(self, tab: Tab, verb: Verb, known: Values, clicks: int) -> None:
        """Do the steps of a verb; a page that lost its reader and takes none is connected first, as by a cashier."""
        try:
            await self._do(tab, _STEPS_OF[verb], known, clicks)
        except StepFailed as failed:
            starts = verb in {"start_sale", "retry_sale"} and bool(self._description.connect)
            if not failed.refused or not starts or tab.linked is not False:
                raise
            try:
                await self._do(tab, "connect", known)
            except StepFailed:
                raise failed from None
            await self._do(tab, _STEPS_OF[verb], known, clicks)

    async def _tab(self, verb: Verb, sale: str | None, values: Mapping[str, object]) -> Tab:
        """The page a sale stands on, else the register's own."""
        if verb != "start_sale":
            for tab in self._tabs.values():
                if sale is not None and tab.sale == sale:
                    return tab
        register = str(values.get("register") or self._register)
        if register not in self._tabs:
            self._tabs[register] = await self._new_tab()
        return self._tabs[register]

    async def _new_tab(self) -> Tab:
        tab = Tab(await self._browser.new_page(), logged_in=not self._description.login)
        tab.page.on("dialog", self._answer_dialog)
        tab.page.on("request", partial(self._note, tab))
        tab.page.on("response", partial(self._note_reader, tab))
        return tab

    @staticmethod
    def _note(tab: Tab, request: Request) -> None:
        asked = _COLLECTED.search(request.url)
        if asked and tab.sale is not None:
            tab.collected[tab.sale] = asked[1]

    @staticmethod
    def _note_reader(tab: Tab, response: Response) -> None:
        asked = _READER.search(response.url)
        if asked and response.request.method != "OPTIONS":
            tab.linked = response.status not in _LOST and asked[1] != "disconnect"

    async def _ready(self, tab: Tab, verb: Verb, known: Values) -> None:
        """Somebody logged in, the page loaded where it is to be, and the reader connected where that takes steps."""
        stays, reader, url = bool(self._description.connect), _text(known, "reader"), self._description.url
        if not tab.logged_in:
            await self._goto(tab, known.text(url), 0)
            await self._do(tab, "login", known)
            tab.logged_in = True
        starts = verb == "start_sale"
        if verb == "bind_reader" or (starts and (not stays or tab.reader != reader)):
            await self._goto(tab, known.text(url), 0)
            tab.sale = None
        if starts and stays and tab.reader != reader:
            await self._do(tab, "connect", known)
            tab.reader = reader

    async def _load(self, tab: Tab) -> None:
        with suppress(BrowserError, MissingValue):
            await self._goto(tab, Values(self._run).text(self._description.url), 0)

    async def _answer_dialog(self, dialog: Dialog) -> None:
        if self._description.dialogs == "accept":
            await dialog.accept()
        else:
            await dialog.dismiss()

    async def _goto(self, tab: Tab, address: str, timeout_s: float) -> None:
        try:
            url = urljoin(f"{self._base_url}/", address)
            answer = await tab.page.goto(url, timeout=(timeout_s or 10.0) * 1000)
        except ValueError as error:
            tab.status = None
            raise BrowserError(f"{address} is no address") from error
        except BrowserError:
            tab.status = None
            raise
        tab.status = answer.status if answer else tab.status

    async def _do(self, tab: Tab, name: str, known: Values, clicks: int = 1) -> None:
        steps: tuple[schema.PageStep, ...] = getattr(self._description, name)
        last = max((i for i, step in enumerate(steps) if step.click is not None), default=-1)
        for index, step in enumerate(steps):
            place = f"page.{name}[{index}]"
            try:
                await self._step(tab, step, known, clicks if index == last else 1)
            except (BrowserError, AssertionError) as error:
                refused = (step.click or step.fill) is not None and await self._is_closed(tab, step, known, place)
                raise StepFailed(place, refused=refused) from error
            self._worked.add(place)

    async def _is_closed(self, tab: Tab, step: schema.PageStep, known: Values, place: str) -> bool:
        """Whether the page itself keeps a step from being done: greyed out, or gone where it was before."""
        found = _find(tab.page, cast(schema.Locator, step.click or step.fill), known)
        try:
            async with asyncio.timeout(LOOK_S):
                if not await found.is_visible():
                    return place in self._worked
                return await found.is_disabled()
        except (BrowserError, TimeoutError):
            return False

    async def _step(self, tab: Tab, step: schema.PageStep, known: Values, clicks: int) -> None:
        page, limit_ms = tab.page, step.within_s * 1000
        if step.goto is not None:
            await self._goto(tab, known.text(step.goto), step.within_s)
        elif step.fill is not None:
            await _find(page, step.fill, known).fill(known.text(step.value or ""), timeout=limit_ms)
        elif step.click is not None:
            await _find(page, step.click, known).click(timeout=limit_ms, click_count=clicks)
        elif step.expect is not None:
            await expect(_find(page, step.expect, known)).to_be_visible(timeout=limit_ms)

    async def _connected(self, tab: Tab, values: Mapping[str, object]) -> PosReply:
        """Every step of `connect` was done: the register has its reader."""
        tab.reader = str(values.get("reader"))
        return await self._reply(tab, "accepted", "", ())

    async def _failed(self, tab: Tab, verb: Verb, failed: StepFailed) -> PosReply:
        """A step could not be done: the page refuses, says so, or nobody knows."""
        if failed.refused:
            return await self._reply(tab, "refused", f"the page does not let it be done ({failed.place})", ())
        told = await self._look(tab) if verb == "bind_reader" else None
        if told is not None and told.outcome is Outcome.REFUSED:
            return told
        return await self._unclear(tab, failed.place)

    async def _look(self, tab: Tab) -> PosReply | None:
        """What the page says of its sale right now; None where it says nothing that the file describes."""
        described = self._description.outcome
        try:
            words = await _find(tab.page, described.at, Values(self._run)).inner_text(timeout=1000)
        except BrowserError:
            return None
        word = _word(words, described)
        return None if word in {IDLE, UNTOLD} else await self._reply(tab, word, words, ())

    async def _told(self, tab: Tab) -> PosReply:
        """What the page says of the sale, waiting until it says something that the file describes."""
        described = self._description.outcome
        place = _find(tab.page, described.at, Values(self._run))
        texts = [text for word in (*MEANINGS, IDLE) for text in getattr(described, word)]
        pattern = re.compile("|".join(re.escape(text) for text in texts), re.IGNORECASE)
        try:
            await expect(place).to_contain_text(pattern, timeout=described.within_s * 1000)
            words = await place.inner_text(timeout=described.within_s * 1000)
        except (BrowserError, AssertionError):
            return await self._unclear(tab, "page.outcome")
        word = _word(words, described)
        if word == IDLE:
            # It speaks of no sale: what it said before is the last that anybody read.
            tab.idle = " ".join(words.split())
            kept = self._words.get(tab.sale or "")
            return kept or await self._reply(tab, "unknown", words, ("page.outcome",))
        return await self._reply(tab, word, words, ())

    @staticmethod
    def _as_it_reads_now(tab: Tab, reply: PosReply) -> PosReply:
        """A word that the page said before and does not show any more says what stands there now."""
        now, tab.idle = tab.idle, None
        return replace(reply, words=f"{reply.words}; now: {now}") if now and not reply.missing else reply

    async def _unclear(self, tab: Tab, missing: str) -> PosReply:
        # A page that is gone has nothing left to read.
        try:
            words = await tab.page.inner_text("body", timeout=1000)
        except BrowserError:
            words = ""
        return await self._reply(tab, "unknown", words[:400], (missing,))

    async def _reply(self, tab: Tab, word: str, words: str, missing: tuple[str, ...]) -> PosReply:
        outcome, standing = MEANINGS[word if tab.status is not None and word in MEANINGS else "unknown"]
        try:
            # A script without an end keeps its page from ever saying what is in it.
            async with asyncio.timeout(LOOK_S):
                body = (await tab.page.content())[:BODY_KEPT]
        except (BrowserError, TimeoutError):
            body = ""
        collected = tab.collected.get(tab.sale or "")
        return PosReply(
            outcome=outcome,
            standing=standing,
            words=" ".join(words.split()),
            saved=MappingProxyType({"payment_intent": collected} if collected else {}),
            status=tab.status,
            record=None,
            body=body,
            missing=missing,
        )


def _text(known: Values, name: str) -> str | None:
    try:
        value = known.of(name)
    except MissingValue:
        return None
    return None if value is None else str(value)


def _find(page: Page, where: schema.Locator, known: Values) -> Found:
    if where.role is not None:
        named = {"name": known.text(where.name), "exact": True} if where.name is not None else {}
        by_role = cast(Callable[..., Found], partial(page.get_by_role, cast(Any, where.role)))
        return by_role(**named).first
    if where.label is not None:
        return page.get_by_label(known.text(where.label)).first
    if where.text is not None:
        return page.get_by_text(known.text(where.text)).first
    return page.get_by_test_id(known.text(where.test_id or "")).first


def _word(words: str, described: schema.PageOutcome) -> str:
    """The longest text found decides: "Not paid" also contains "paid"."""
    shown = " ".join(words.split()).lower()
    listed = ((text, word) for word in (*MEANINGS, IDLE) for text in getattr(described, word))
    found = [(len(text), word) for text, word in listed if text.lower() in shown]
    return max(found)[1] if found else UNTOLD
