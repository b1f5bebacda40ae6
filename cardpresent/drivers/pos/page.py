"""Works a till at its page, in a browser, as a cashier does: the [page] steps of its integration file.

Every wait is an expectation with a deadline. What the page does not show in time is an UNKNOWN reply that names the
step; it is never an error, for a page that stalls is the till's own answer.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, cast
from urllib.parse import urljoin

from playwright.sync_api import Dialog, Page, expect, sync_playwright
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Locator as Found

from cardpresent.drivers.pos.outcome import MEANINGS
from cardpresent.drivers.pos.port import BODY_KEPT, NotOffered, PosReply, Verb
from cardpresent.drivers.pos.templates import Values
from cardpresent.profile import schema
from cardpresent.profile.integration import Integration
from cardpresent.profile.placeholders import MissingValue
from cardpresent.profile.schema import EMPTY

_STEPS_OF: Final[Mapping[Verb, str]] = {"start_sale": "start_sale", "sale_state": "sale_state", "cancel_sale": "cancel"}


class StepFailed(Exception):
    """The page did not let a step be done; `place` is its key in the file."""

    def __init__(self, place: str) -> None:
        self.place = place
        super().__init__(place)


class PagePos:
    """A PosDriver for start_sale, sale_state and cancel_sale. Use it from one thread only, and close it there.

    `executable` is a Chromium, started at once with `arguments`. Raises playwright's Error when it cannot.
    """

    def __init__(
        self,
        integration: Integration,
        base_url: str,
        executable: Path,
        run: Mapping[str, object] = EMPTY,
        arguments: Sequence[str] = (),
    ) -> None:
        if integration.page is None:
            raise NotOffered("page")
        self._description = integration.page
        self._base_url = base_url.rstrip("/")
        self._run = {"till": self._base_url, "register": integration.reader.register, **run}
        self._status: int | None = None
        self._logged_in = not self._description.login
        with ExitStack() as opening:
            playwright = opening.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=executable, args=list(arguments))
            opening.callback(browser.close)
            context = browser.new_context()
            opening.callback(context.close)
            self._page = context.new_page()
            self._page.on("dialog", self._answer_dialog)
            self._open = opening.pop_all()

    def __enter__(self) -> "PagePos":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close page, browser and driver. May be called twice."""
        self._open.close()

    def reload(self) -> None:
        """Load the page anew, as a cashier does who wonders whether it hangs."""
        self._page.reload()

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
        known = Values(self._run, values)
        try:
            page = self._page
            self._log_in(page, known)
            if verb == "start_sale":
                self._goto(page, known.text(self._description.url), 0)
            clicks = values.get("clicks")
            self._do(page, _STEPS_OF[verb], known, clicks if isinstance(clicks, int) else 1)
            return self._told(page)
        except StepFailed as failed:
            return self._unclear(failed.place)
        except MissingValue as lost:
            return self._unclear(lost.name)
        except BrowserError:
            return self._unclear("page")

    def _log_in(self, page: Page, known: Values) -> None:
        if not self._logged_in:
            self._goto(page, known.text(self._description.url), 0)
            self._do(page, "login", known)
            self._logged_in = True

    def _answer_dialog(self, dialog: Dialog) -> None:
        if self._description.dialogs == "accept":
            dialog.accept()
        else:
            dialog.dismiss()

    def _goto(self, page: Page, address: str, timeout_s: float) -> None:
        try:
            answer = page.goto(urljoin(f"{self._base_url}/", address), timeout=(timeout_s or 10.0) * 1000)
        except BrowserError:
            self._status = None
            raise
        self._status = answer.status if answer else self._status

    def _do(self, page: Page, name: str, known: Values, clicks: int = 1) -> None:
        steps: tuple[schema.PageStep, ...] = getattr(self._description, name)
        last = max((i for i, step in enumerate(steps) if step.click is not None), default=-1)
        for index, step in enumerate(steps):
            try:
                self._step(page, step, known, clicks if index == last else 1)
            except (BrowserError, AssertionError) as error:
                raise StepFailed(f"page.{name}[{index}]") from error

    def _step(self, page: Page, step: schema.PageStep, known: Values, clicks: int) -> None:
        limit_ms = step.within_s * 1000
        if step.goto is not None:
            self._goto(page, known.text(step.goto), step.within_s)
        elif step.fill is not None:
            _find(page, step.fill, known).fill(known.text(step.value or ""), timeout=limit_ms)
        elif step.click is not None:
            _find(page, step.click, known).click(timeout=limit_ms, click_count=clicks)
        elif step.expect is not None:
            expect(_find(page, step.expect, known)).to_be_visible(timeout=limit_ms)

    def _told(self, page: Page) -> PosReply:
        """What the page says of the sale, waiting until it says something that the file describes."""
        described = self._description.outcome
        place = _find(page, described.at, Values(self._run))
        texts = [text for word in MEANINGS for text in getattr(described, word)]
        pattern = re.compile("|".join(re.escape(text) for text in texts), re.IGNORECASE)
        try:
            expect(place).to_contain_text(pattern, timeout=described.within_s * 1000)
            words = place.inner_text(timeout=described.within_s * 1000)
        except (BrowserError, AssertionError):
            return self._unclear("page.outcome")
        return self._reply(_word(words, described), words, page, ())

    def _unclear(self, missing: str) -> PosReply:
        # A page that is gone has nothing left to read.
        try:
            words = self._page.inner_text("body", timeout=1000)
        except BrowserError:
            words = ""
        return self._reply("unknown", words[:400], self._page, (missing,))

    def _reply(self, word: str, words: str, page: Page, missing: tuple[str, ...]) -> PosReply:
        outcome, standing = MEANINGS[word]
        try:
            body = page.content()[:BODY_KEPT]
        except BrowserError:
            body = ""
        return PosReply(
            outcome=outcome,
            standing=standing,
            words=" ".join(words.split()),
            saved=MappingProxyType({}),
            status=self._status,
            record=None,
            body=body,
            missing=missing,
        )


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
    found = [(len(text), word) for word in MEANINGS for text in getattr(described, word) if text.lower() in shown]
    return max(found)[1] if found else "unknown"
