"""A page whose script never ends, in a real browser. Alone in its file, as every test of a page."""

from collections.abc import Callable
from typing import Any

import pytest
from odd_till import Answer

from cardpresent.drivers.pos import page as pages
from cardpresent.drivers.pos.page import PagePos
from cardpresent.launch.browser import find_browser
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome

PAGE = """<!doctype html><title>Till</title><button>Charge</button> <p role="status"></p>
<script>document.querySelector("button").onclick = () => { setTimeout(() => { for (;;); }, 50); };</script>"""
DESCRIBED = """
[page]
start_sale = [{ click = { text = "Charge" }, within_s = 2 }]
[page.outcome]
at = { role = "status" }
accepted = ["Paid"]
within_s = 1
"""


@pytest.fixture
def hanging(described: Any, till: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[], PagePos]:
    browser = find_browser()
    assert browser is not None, "these tests need a browser; `make setup` fetches one"
    monkeypatch.setattr(pages, "LOOK_S", 1.0)
    monkeypatch.setattr(pages, "SPARE_S", 4.0)
    till.answers["GET /"] = Answer(PAGE, 200, (("Content-Type", "text/html"),))
    return lambda: PagePos(described(DESCRIBED), till.base_url, browser.executable)


def test_a_page_that_hangs_is_unknown_and_holds_up_nobody(hanging: Callable[[], PagePos]) -> None:
    with hanging() as page:
        reply = page.perform("start_sale", {"sale": "S1", "amount": Money(1230, "usd"), "register": "front"})

    assert (reply.outcome, reply.body) == (Outcome.UNKNOWN, "")
