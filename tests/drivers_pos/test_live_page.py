"""A page that stays open from sale to sale, as one with a reader's SDK in it does. Its file has a browser to itself."""

import shutil
import sys
from pathlib import Path

import pytest
from odd_till import Answer

from cardpresent.drivers.pos import CheckedPos, HttpPos
from cardpresent.drivers.pos.at_page import AtPage
from cardpresent.drivers.pos.page import PagePos
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing
from cardpresent.profile import load
from tests.waiting import until

# It loads from Stripe, asks in a dialog a while after Charge was pressed, and takes one sale at a time.
PAGE = """<!doctype html><title>Till</title><link rel="icon" href="data:,"><body>
<script src="https://js.stripe.com/terminal/v1/"></script>
<button id="connect">Connect</button><span id="reader"></span>
<label>Amount <input id="amount"></label>
<button id="charge" disabled>Charge</button> <button id="stop" hidden>Stop</button>
<p role="status">Ready</p>
<script>
const $ = (id) => document.getElementById(id), told = document.querySelector("[role=status]");
window.clicks = 0;
$("connect").onclick = () => {
  $("reader").textContent = "Connected to " + window.label;
  $("charge").disabled = false;
};
$("charge").onclick = () => {
  window.clicks += 1;
  if (window.clicks > 1) { told.textContent = "Charged twice"; return; }
  told.textContent = "Starting";
  setTimeout(() => {
    $("stop").hidden = false;
    $("charge").disabled = true;
    told.textContent = confirm("Sure?") ? "Waiting for " + $("amount").value : "Not paid";
  }, 150);
};
$("stop").onclick = () => {
  told.textContent = "Not paid";
  setTimeout(() => { if (confirm("Bye?")) fetch("/bye"); }, 100);
  $("stop").hidden = true; $("charge").disabled = false;
  window.clicks = 0;
};
</script></body>"""

HEAD = """
[till]
name = "a page"
kind = "js-sdk"
country = "US"
currencies = ["usd"]
capture = "automatic"
captures = "till"
[process]
base_url = "http://127.0.0.1:9"
[stripe]
probe = "connection_token"
[reader]
chosen = "per_sale"
[timing]
settle_s = 1
unknown_within_s = 1
deadline_s = 1
"""
DESCRIBED = """
[page]
url = "/desk"
connect = [
  { click = { role = "button", name = "Connect" } },
  { expect = { text = "Connected to {reader_label}" }, within_s = 1 },
]
start_sale = [
  { fill = { label = "Amount" }, value = "{amount.string}" },
  { click = { role = "button", name = "Charge" }, within_s = 2 },
]
cancel = [{ click = { role = "button", name = "Stop" }, within_s = 2 }]
retry_sale = [{ click = { role = "button", name = "No such button" }, within_s = 0.3 }]
[page.outcome]
at = { role = "status" }
accepted = ["Paid"]
refused = ["Not paid", "Could not connect"]
unknown = ["Charged twice"]
collecting = ["Waiting for"]
idle = ["Ready"]
[operations.connection_token]
method = "GET"
path = "/token"
save = { secret = "$.secret" }
"""


def sale(name: str, cents: int = 1230, **given: object) -> dict[str, object]:
    return {"sale": name, "amount": Money(cents, "usd"), "reader": "tmr_1", "reader_label": "front", **given}


@pytest.fixture(scope="module")
def till():
    with sys.modules["odd_till"].OddTill() as odd:
        odd.answers |= {"GET /desk": Answer(PAGE, headers=(("Content-Type", "text/html"),)),
                        "GET /token": Answer('{"secret": "pst_test_1"}')}  # fmt: skip
        yield odd


@pytest.fixture(scope="module")
def refused():
    return []


@pytest.fixture(scope="module")
def page_pos(till, refused, tmp_path_factory):
    path = tmp_path_factory.mktemp("described") / "cardpresent.toml"
    path.write_text(HEAD + DESCRIBED, encoding="utf-8")
    integration, chromium = load(path), shutil.which("chromium") or "/usr/bin/chromium"
    with (
        PagePos(integration, till.base_url, Path(chromium), script="window.label = 'front';",
                on_refused=refused.append) as page,
        HttpPos(integration, till.base_url) as by_request,
    ):  # fmt: skip
        yield CheckedPos(AtPage(page, by_request))


@pytest.fixture
def at_desk(page_pos):
    """The page loaded afresh, its reader connected."""
    assert page_pos.perform("bind_reader", {"reader": "tmr_1", "reader_label": "front"}).outcome is Outcome.ACCEPTED
    return page_pos


def test_the_reader_is_connected_once_and_the_page_stays_open_for_sale_after_sale(at_desk, till):
    loaded = len(till.asked)
    first = at_desk.perform("start_sale", sale("a1"))
    stopped = at_desk.perform("cancel_sale", sale("a1"))
    second = at_desk.perform("start_sale", sale("a2", 500))

    assert (first.standing, first.words) == (Standing.COLLECTING, "Waiting for 12.30")
    assert (stopped.outcome, second.words) == (Outcome.REFUSED, "Waiting for 5.00")
    assert [asked.path for asked in till.asked[loaded:] if asked.path == "/desk"] == []


def test_a_dialog_is_answered_while_nobody_looks_at_the_page(at_desk, till):
    at_desk.perform("start_sale", sale("d1"))
    at_desk.perform("cancel_sale", sale("d1"))

    until(lambda: any(asked.path == "/bye" for asked in till.asked), "what the page does behind its dialog")


def test_a_reader_that_the_page_does_not_find_is_not_connected(at_desk):
    told = at_desk.perform("bind_reader", {"reader": "tmr_2", "reader_label": "back"})

    assert (told.outcome, told.missing) == (Outcome.UNKNOWN, ("page.connect[1]",))


def test_a_button_that_is_greyed_out_is_the_tills_refusal_and_the_sale_before_stays_as_it_was(at_desk):
    at_desk.perform("start_sale", sale("f1"))

    turned_away = at_desk.perform("start_sale", sale("f2", 500))
    first = at_desk.perform("sale_state", sale("f1"))
    second = at_desk.perform("sale_state", sale("f2", 500))

    assert (turned_away.outcome, second.outcome) == (Outcome.REFUSED, Outcome.REFUSED)
    assert "page.start_sale[1]" in turned_away.words
    assert first.standing is Standing.COLLECTING


def test_a_button_that_is_gone_where_it_was_before_is_a_refusal_and_one_never_found_a_mistake(at_desk):
    at_desk.perform("start_sale", sale("g1"))
    at_desk.perform("cancel_sale", sale("g1"))

    again = at_desk.perform("cancel_sale", sale("g1"))
    mistaken = at_desk.perform("retry_sale", sale("g1"))

    assert (again.outcome, again.missing) == (Outcome.REFUSED, ())
    assert (mistaken.outcome, mistaken.missing) == (Outcome.UNKNOWN, ("page.retry_sale[0]",))


def test_what_was_read_of_a_sale_stands_when_the_page_shows_another_or_none(at_desk):
    at_desk.perform("start_sale", sale("h1"))
    at_desk.perform("cancel_sale", sale("h1"))
    at_desk.perform("start_sale", sale("h2", 500))

    assert at_desk.perform("sale_state", sale("h1")).words == "Not paid"
    again = at_desk.perform("start_sale", sale("h2", 500, again=True))
    assert (again.standing, again.words) == (Standing.COLLECTING, "Waiting for 5.00; now: Ready")


def test_after_a_power_cut_nothing_that_was_read_before_is_known(at_desk):
    at_desk.perform("start_sale", sale("i1"))

    at_desk.inner._page.open_anew()
    told = at_desk.perform("sale_state", sale("i1"))

    assert (told.outcome, told.standing, told.words) == (Outcome.UNKNOWN, Standing.SETTLED, "Ready")


def test_a_double_click_is_two_clicks_on_the_last_button(at_desk):
    assert at_desk.perform("start_sale", sale("j1", clicks=2)).words == "Charged twice"


def test_each_register_has_a_page_of_its_own(at_desk):
    for register in ("front", "bar"):
        at_desk.perform("bind_reader", {"reader": "tmr_1", "reader_label": "front", "register": register})
    at_desk.perform("start_sale", sale("k1", register="front"))
    at_desk.perform("start_sale", sale("k2", 500, register="bar"))

    assert at_desk.perform("sale_state", sale("k1", register="front")).words == "Waiting for 12.30"
    assert at_desk.perform("sale_state", sale("k2", 500, register="bar")).words == "Waiting for 5.00"


def test_a_request_to_stripe_that_is_not_the_terminal_script_is_refused_and_told(page_pos, till, refused):
    page = PAGE.replace("<body>", "<body><script src='https://js.stripe.com/v3/?key=pk_1'></script>")
    before = till.answers["GET /desk"]
    till.answers["GET /desk"] = Answer(page, headers=(("Content-Type", "text/html"),))

    page_pos.perform("bind_reader", {"reader": "tmr_1", "reader_label": "front", "register": "other"})
    till.answers["GET /desk"] = before

    assert refused == ["https://js.stripe.com/v3/"]


def test_what_the_page_does_not_do_goes_by_request(at_desk):
    assert at_desk.offers("connection_token")
    assert at_desk.perform("connection_token", {}).saved["secret"] == "pst_test_1"
