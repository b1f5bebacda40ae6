"""A till worked at its page, in a real browser. Alone in its file: a browser in a process spoils asyncio.run there."""

import shutil
from pathlib import Path

import pytest
from odd_till import Answer

from cardpresent.drivers.pos import CheckedPos
from cardpresent.drivers.pos.page import PagePos
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing

PAGE = """<!doctype html><title>Till</title><body>
<form id="door"><label>PIN <input name="pin"></label><button>Log in</button></form>
<main id="desk" hidden>
  <label>Amount <input name="amount"></label>
  <button id="charge">Charge</button> <button id="stop">Cancel the payment</button>
  <p role="status" data-testid="told"></p>
</main>
<script>
const told = document.querySelector("[role=status]"), amount = document.querySelector("[name=amount]");
document.querySelector("#door").onsubmit = event => {
  event.preventDefault();
  if (document.querySelector("[name=pin]").value === "4711") document.querySelector("#desk").hidden = false;
};
if (sessionStorage.open) document.querySelector("#desk").hidden = false;
document.querySelector("#charge").onclick = () => {
  if (!confirm("Charge " + amount.value + "?")) return;
  sessionStorage.open = "yes";
  told.textContent = "Waiting for the customer's card, " + amount.value;
};
document.querySelector("#stop").onclick = () => { told.textContent = "Not paid. Nothing was charged."; };
</script></body>"""

DESCRIBED = """
[page]
url = "/desk"
login = [
  { fill = { label = "PIN" }, value = "{pin}" },
  { click = { role = "button", name = "Log in" } },
  { expect = { label = "Amount" } },
]
start_sale = [
  { fill = { label = "PIN" }, value = "{pin}" },
  { click = { role = "button", name = "Log in" } },
  { fill = { label = "Amount" }, value = "{amount.string}" },
  { click = { role = "button", name = "Charge" } },
]
cancel = [{ click = { text = "Cancel the payment" } }]
sale_state = [{ expect = { label = "BROKEN" }, within_s = 0.3 }]
[page.outcome]
at = { test_id = "told" }
accepted = ["Paid"]
refused = ["Not paid"]
unknown = ["Not known yet"]
collecting = ["Waiting for the customer"]
"""


@pytest.fixture
def page_pos(described, till):
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    till.answers |= {"GET /desk": Answer(PAGE, headers=(("Content-Type", "text/html"),)), "GET /favicon.ico": Answer()}
    with PagePos(described(DESCRIBED), till.base_url, Path(chromium), {"pin": "4711"}) as driver:
        yield CheckedPos(driver)


def test_a_sale_is_started_read_and_cancelled_at_the_page_as_a_cashier_does(page_pos):
    started = page_pos.perform("start_sale", {"sale": "s1", "amount": Money(1230, "usd")})
    stuck = page_pos.perform("sale_state", {"sale": "s1"})
    cancelled = page_pos.perform("cancel_sale", {"sale": "s1"})

    assert (started.outcome, started.standing, started.status) == (Outcome.UNKNOWN, Standing.COLLECTING, 200)
    assert started.words == "Waiting for the customer's card, 12.30"
    assert (stuck.outcome, stuck.missing) == (Outcome.UNKNOWN, ("page.sale_state[0]",))
    assert (cancelled.outcome, cancelled.words) == (Outcome.REFUSED, "Not paid. Nothing was charged.")
    assert not page_pos.offers("refund_sale")
