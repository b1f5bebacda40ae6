"""An app on a device: a person sells on it, Stripe's books say what came of it, and each scenario can fail."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.certify.running import Bench, Ended
from tests.certify.test_guided import Terminal

HERE = Path(__file__).resolve().parent
DECLINED = "4000000000009995"
TOKEN = "A stranger gets no connection token"

PAID = "A sale taken on the device is charged once and shown as paid"
REFUSED = "A card that is declined on the device is charged nothing and shown as not paid"
TWICE = "Pay pressed twice on the device makes one payment"
CANCELLED = "A sale cancelled on the device while it waits for a card charges nothing"
NETWORK = "A device that loses its network at the tap ends up showing what Stripe holds"
KILLED = "An app that is killed after the tap shows what became of the sale when it is opened again"
READER = "A reader that is switched off before the card does not lose the sale"
BACK = "A refund given on the device returns the amount once"
STORED = "A payment stored on the device is charged once when its network is back"


@dataclass(frozen=True, slots=True)
class Deed:
    """What the hand does at the device, how often, and what it then says that the device shows."""

    says: str
    card: str = "4242424242424242"
    times: int = 1
    collect: bool = True
    does: bool = True
    back: int = 1


RIGHT = {
    PAID: Deed("paid"), REFUSED: Deed("not paid", card=DECLINED), TWICE: Deed("paid"),
    CANCELLED: Deed("not paid", card=""), NETWORK: Deed("not paid", card=DECLINED), KILLED: Deed("paid"),
    READER: Deed("paid"), BACK: Deed("paid"), STORED: Deed("paid"),
}  # fmt: skip
WRONG = {
    PAID: Deed("paid", collect=False), REFUSED: Deed("not paid"), TWICE: Deed("paid", times=2),
    CANCELLED: Deed("not paid"), NETWORK: Deed("not paid"), KILLED: Deed("paid", card=DECLINED),
    READER: Deed("not paid", card=DECLINED), BACK: Deed("paid", back=2), STORED: Deed("paid", times=2),
}  # fmt: skip
NUMBERS = {"paid": "1", "not paid": "2", "done": "1"}


@dataclass(slots=True)
class Hand(Terminal):
    """Somebody at the terminal who has the device in the other hand."""

    deeds: Mapping[str, Deed] = field(default_factory=dict)

    def __init__(self, bench: Bench, deeds: Mapping[str, Deed], *words: str) -> None:
        Terminal.__init__(self, bench, "--guided", *words)
        self.deeds = deeds

    def works(self) -> Ended:
        """Do what is asked, answer, until the run is over."""
        seen = ""
        try:
            while text := self._read():
                seen += text
                if "what does the device show?" in seen:
                    self._answer(seen)
                    seen = ""
        except OSError:  # the other end is closed: it has ended
            pass
        return self.end()

    def _answer(self, asked: str) -> None:
        # What came before is how the last scenario ended.
        asked = asked[max(asked.rfind(title) for title in self.deeds) :]
        deed = next(deed for title, deed in self.deeds.items() if asked.startswith(title))
        (address,) = re.findall(r"at (http://\S+?)\.\s", asked)
        amount = int("".join(re.findall(r"(\d+)\.(\d\d) USD", asked)[0]))
        back = "of that sale back" in asked
        if back:
            for _ in range(deed.back):
                _post(address, {"do": "refund", "amount": amount if deed.back == 1 else 1000})
        elif deed.does:
            sale = {"amount": amount, "card": deed.card, "times": deed.times, "collect": deed.collect}
            _post(address, {"do": "sell", **sale})
        self._types(NUMBERS["done" if back else deed.says])
        self.when_it_says("The amount it showed", "")
        self.when_it_says("Your name", "Ada")
        self.when_it_says("(empty for none)", "")

    def _types(self, words: str) -> None:
        os.write(self._at, f"{words}\n".encode())


def _post(address: str, told: Mapping[str, Any]) -> None:
    with urlopen(Request(f"{address}/device", json.dumps(told).encode(), {"Content-Type": "application/json"})):
        pass


@pytest.fixture
def native() -> str:
    return str(HERE / "native.toml")


def selected(native: str, *titles: str) -> list[str]:
    return ["--integration", native, *(word for title in titles for word in ("--select", title))]


def test_sales_on_a_device_are_taken_by_hand_judged_from_the_books_and_counted_as_attested(
    bench: Bench, native: str
) -> None:
    kept = bench.folder / "attestations.json"
    words = [*selected(native, *RIGHT, TOKEN), "--attestations", str(kept)]

    ended = Hand(bench, RIGHT, *words).works()

    assert ended.outcomes() == {**dict.fromkeys(RIGHT, "attested"), TOKEN: "passed"}
    lines = {line["id"]: (line["outcome"], line["judged_by"]) for line in ended.report["requirements"]}
    assert lines["FD-04"] == ("attested", ["person"])
    assert lines["DC-01.3"] == ("passed", ["machine"])
    told = {one["requirement"]: one["seen_at_stripe"] for one in ended.report["attestations"]}
    assert (told["FD-04"], told["FD-14"]) == ("22.60 USD captured", "nothing captured")
    assert told["FD-49"] == "23.10 USD captured, 23.10 USD refunded"
    found = {f["check"] for f in ended.scenario(PAID)["findings"] if f["holds"]}
    assert {"charges.charged_total", "words.told_paid", "people.word"} <= found
    page = (ended.out / "certificate.html").read_text(encoding="utf-8")
    assert "on what a person did or saw" in page
    assert "Acme Connect: what passes between it and Stripe is done for the till, not by it." in page
    later = bench.certify(*selected(native, PAID), "--attestations", kept, out=bench.folder / "later")
    assert later.outcomes() == {PAID: "attested"}
    assert "attested by Ada" in later.scenario(PAID)["reason"]


def test_each_of_them_refuses_a_device_that_is_wrong_about_the_money(bench: Bench, native: str) -> None:
    ended = Hand(bench, WRONG, *selected(native, *WRONG)).works()

    assert ended.outcomes() == dict.fromkeys(WRONG, "failed")
    broken = {
        s["title"]: {(f["requirement"], f["check"]) for f in s["findings"] if f["holds"] is False}
        for s in ended.report["scenarios"]
    }
    assert ("FD-02", "charges.charged_total") in broken[PAID]
    assert ("FD-03", "invariants.captured_as_told") in broken[REFUSED]
    assert ("FD-04", "charges.charged_total") in broken[TWICE]
    assert ("FD-03", "invariants.captured_as_told") in broken[CANCELLED]
    assert broken[NETWORK] == {("FD-81", "invariants.captured_as_told")}
    assert broken[KILLED] == {("FD-80", "invariants.captured_as_told")}
    assert broken[READER] == {("FD-32", "words.told_paid")}
    assert ("FD-50", "charges.refunded_total") in broken[BACK]
    assert ("FD-35", "charges.charged_total") in broken[STORED]
    page = (ended.out / "certificate.html").read_text(encoding="utf-8")
    assert "The till, or Acme Connect, through which it reaches Stripe." in page
    assert "--select FD-04 --seed 1 --guided" in page
    assert not (bench.out / "attestations.json").exists(), "nothing that failed is kept as somebody's word"


def test_a_device_that_sells_elsewhere_says_nothing_of_this_run(bench: Bench, native: str) -> None:
    ended = Hand(bench, {PAID: Deed("paid", does=False)}, *selected(native, PAID)).works()

    assert ended.outcomes() == {PAID: "inconclusive"}
    assert "saw no payment since the device's holder was asked" in ended.scenario(PAID)["reason"]
    assert not [f for f in ended.scenario(PAID)["findings"] if f["holds"] is False]


def test_a_sale_of_another_amount_is_the_persons_slip_and_later_is_no_answer(bench: Bench, native: str) -> None:
    hand = Terminal(bench, "--guided", *selected(native, PAID, TWICE))

    hand.when_it_says("what does the device show?", "1")
    hand.when_it_says("The amount it showed", "24.05 USD")
    hand.when_it_says("Your name", "Ada")
    hand.when_it_says("(empty for none)", "")
    hand.when_it_says("what does the device show?", "")
    ended = hand.end()

    assert ended.outcomes() == {PAID: "inconclusive", TWICE: "untested"}
    assert "was one of 24.05 USD, and 24.50 USD was asked for" in ended.scenario(PAID)["reason"]
    assert not [f for s in ended.report["scenarios"] for f in s["findings"] if f["holds"] is False]


def test_where_nobody_holds_the_device_what_takes_one_is_untested(bench: Bench, native: str) -> None:
    usual = "An approved sale is charged once and only then shown as paid"

    ended = bench.certify(*selected(native, PAID, usual, TOKEN))

    assert ended.outcomes() == {PAID: "untested", usual: "untested", TOKEN: "passed"}
    assert "features/native asks for one (--guided)" in ended.scenario(usual)["reason"]
