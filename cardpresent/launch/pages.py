"""The till's page in a browser, with Stripe's Terminal script answered by the stand-in."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING

from cardpresent.drivers.pos.http import HttpPos
from cardpresent.drivers.wire import Wire
from cardpresent.launch.browser import LAUNCH_ARGUMENTS, Browser, find_browser, install_command
from cardpresent.profile import Integration

if TYPE_CHECKING:
    from cardpresent.drivers.pos.page import PagePos


class NoBrowser(Exception):
    """The till is worked at a page alone, and there is no browser to open it in."""


def page_of(
    integration: Integration, base_url: str, wire: Wire, values: Mapping[str, object], browser: Browser
) -> "PagePos":
    """The page, not yet opened at its address. `values` hold where this run's Stripe is."""

    # Loaded here: a till without a page needs no browser, and its run need not wait for the library of one.
    from cardpresent.drivers.pos.page import PagePos

    def note(url: str) -> None:
        wire.note("control", {"what": "page_refused", "url": url}, wire="till")

    return PagePos(
        integration, base_url, browser.executable, values, LAUNCH_ARGUMENTS,
        script=terminal_script(str(values["stripe_base"])), on_refused=note,
    )  # fmt: skip


def terminal_script(stripe_base: str) -> str:
    """The stand-in of Stripe's Terminal script, told where its Stripe is."""
    text = (files("cardpresent") / "sdk" / "terminal.js").read_text(encoding="utf-8")
    assert text.count('"{stripe_base}"') == 1
    return text.replace('"{stripe_base}"', json.dumps(stripe_base))


def browser_for(integration: Integration) -> Browser:
    """A browser for a till that cannot be worked without one. Raises NoBrowser."""
    browser = find_browser()
    if browser is None:
        raise NoBrowser(
            f"{integration.path}: page: a till of kind {integration.till.kind} is worked in a browser, and none was "
            f"found; to install one: {install_command()}"
        )
    return browser


def after_power_cut(pos: HttpPos, page: "PagePos") -> None:
    """The till's program is back; the browser that its page was open in went down with it."""
    pos.forget_sessions()
    page.open_anew()
