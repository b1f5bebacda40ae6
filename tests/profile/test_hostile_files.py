"""Integration files that nobody would write on purpose: each is refused in one sentence; none takes the suite down."""

import os
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cardpresent.profile import IntegrationError, load
from cardpresent.profile.placeholders import LiveKeyMade, fill_from
from tests.profile.test_loading import GOOD

Refused = Callable[[str], str]


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """The sentence that a file is refused with, without the folder it lies in."""

    def sentence(text: str) -> str:
        path = tmp_path / "cardpresent.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(IntegrationError) as caught:
            load(path)
        told = str(caught.value).replace(str(path), "cardpresent.toml")
        assert len(told.splitlines()) == 1
        return told

    return sentence


def _but(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


LIVE = "sk_" + "live_" + "51Secret"
HIDDEN = {
    "written in TOML's escapes": '"sk\\u005flive\\u005f51Secret"',
    "as Basic credentials": '"Basic c2tf' + 'bGl2ZV81MVNlY3JldDo="',
    "as a form writes it": '"sk%5F' + 'live%5F51Secret"',
    "as the name of a key": '{ "sk\\u005flive_51Secret" = "x" }',
}


@pytest.mark.parametrize("disguise", HIDDEN.values(), ids=HIDDEN)
def test_a_live_key_is_found_in_every_disguise(refused: Refused, disguise: str) -> None:
    text = _but('json = { amount = "{amount.minor}", reader = "{reader}" }', f"json = {{ hidden = {disguise} }}")

    sentence = refused(text)

    assert "holds a live Stripe key" in sentence
    assert "51Secret" not in sentence


def test_a_live_key_that_only_filling_makes_one_reaches_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODE", "live")
    monkeypatch.setenv("REST", "51Secret")

    with pytest.raises(LiveKeyMade) as caught:
        fill_from("sk_{env.MODE}_{env.REST}", {})

    assert "51Secret" not in str(caught.value)


WRONG = {
    "an address without an end": (
        _but('command = ["node", "server.js"]', 'base_url = "http://[::1"').replace("env = {", "#"),
        'process.base_url: "http://[::1" is no address',
    ),
    "a port that is none": (
        _but('command = ["node", "server.js"]', 'base_url = "http://pos:99999"').replace("env = {", "#"),
        "process.base_url",
    ),
    "an address without a host": (
        _but('command = ["node", "server.js"]', 'base_url = "http://"').replace("env = {", "#"), "is no address"
    ),
    "a gateway with a path": (
        _but('command = ["node", "server.js"]', 'base_url = "http://pos"').replace("env = {", "#").replace(
            'probe = "startup"', 'probe = "startup"\ngateway = "https://staging/gateway"'), "has a path, /gateway",
    ),
    "a gateway that is no address": (
        _but('command = ["node", "server.js"]', 'base_url = "http://pos"').replace("env = {", "#").replace(
            'probe = "startup"', 'probe = "startup"\ngateway = "https://[x"'), "stripe.gateway: \"https://[x\" is no",
    ),
    "a port to be moved from nowhere": (
        _but('command = ["node", "server.js"]', 'command = ["node"]\nports = { "99999" = "{port}" }'),
        'process.ports.99999: "99999" is no port',
    ),
    "a port to be moved to nowhere": (
        _but('command = ["node", "server.js"]', 'command = ["node"]\nports = { "4242" = "next door" }'),
        '"next door" is no port',
    ),
    "a variable with = in its name": (_but("env = { STRIPE", 'env = { "A=B" = "c", STRIPE'), "no name for a variable"),
    "a variable without a name": (_but("env = { STRIPE", 'env = { "" = "c", STRIPE'), "no name for a variable"),
    "a NUL in the command": (_but('["node", "server.js"]', '["node", "a\\u0000b"]'), "holds a NUL character"),
    "a time without end": (_but("settle_s = 5", "settle_s = inf"), "timing.settle_s: is inf"),
    "a time that is no number": (_but("deadline_s = 60", "deadline_s = nan"), "timing.deadline_s: is nan"),
    "a time in milliseconds": (_but("deadline_s = 60", "deadline_s = 90000"), "timing.deadline_s: is 90000"),
    "a number beyond TOML's": (_but("settle_s = 5", f"settle_s = 1{'0' * 400}"), "is larger than any number"),
    "a number of thousands of digits": (_but("settle_s = 5", f"settle_s = {'9' * 5000}"), "thousands of digits"),
    "a list in lists without end": (
        _but('json = { amount = "{amount.minor}"', f'json = {{ x = {"[" * 50_000}{"]" * 50_000}, amount = "1"'),
        "nests too deep",
    ),
    "a table in tables without end": (
        _but('json = { amount = "{amount.minor}"', f'json = {{ {"a." * 3000}b = 1, amount = "1"'), "nests too deep"
    ),
    "a regular expression without measure": (
        _but('save = { payment_intent = "$.id" }', 'save = { payment_intent = { regex = "a{99999999999999999999}" } }'),
        "is no regular expression",
    ),
    "a shop with shops": (f"{GOOD}\n[shops.a]\nshops = 3\n", "shops.a.shops: stands in a shop"),
    "a shop with a test mode": (f"{GOOD}\n[shops.a.test_mode]\ntiming.deadline_s = 12\n", "shops.a.test_mode"),
    "a test mode with one number for all shops": (f"{GOOD}\n[test_mode]\nshops = 5\n", "test_mode.shops: in test mode"),
    "a test mode with a number for a shop": (f"{GOOD}\n[test_mode.shops]\na = 5\n", "shops.a"),
    "a test mode in itself": (f"{GOOD}\n[test_mode.test_mode]\na = 5\n", "stands in itself"),
    "a reason that says nothing": (f'{GOOD}\n[capabilities]\nrefund = "  "\n', "capabilities.refund: is blank"),
    "a consent of nobody": (f'{GOOD}\n[data]\nholds_rows = true\nconsent = "  "\n', "data.consent: is blank"),
}


@pytest.mark.parametrize(("text", "says"), WRONG.values(), ids=WRONG)
def test_what_no_till_can_be_described_by_is_named(refused: Refused, text: str, says: str) -> None:
    assert says in refused(text)


def test_what_is_wrong_in_test_mode_is_told_with_its_own_line(refused: Refused) -> None:
    sentence = refused(f"{GOOD}\n[test_mode]\ntiming.deadline_s = -1\n")

    line = len(GOOD.splitlines()) + 3
    assert sentence.startswith(f"cardpresent.toml:{line}: test_mode.timing.deadline_s: in test mode: ")


def test_only_an_ordinary_file_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(IntegrationError, match="is no ordinary file"):
            load(path)


def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "cardpresent.toml"
    with path.open("wb") as file:
        file.truncate(8 * 1024**3)

    with pytest.raises(IntegrationError, match="no more than"):
        load(path)


def test_a_link_that_leads_to_itself_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "cardpresent.toml"
    path.symlink_to(path)

    with pytest.raises(IntegrationError, match="cannot be read"):
        load(path)


# Every key, with a value of every type in its place -----------------------------------------------------------------

TYPES: dict[str, Any] = {
    "text": "zzz", "nothing": "", "number": 7, "negative": -1, "fraction": 0.5, "yes": True, "no": False, "list": [],
    "texts": ["a"], "numbers": [1], "tables": [{}], "table": {}, "a table": {"a": 1}, "long": "x" * 70_000,
    "lines": "a\nb",
}  # fmt: skip


def _places(raw: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    inner = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    for name, value in inner:
        yield from _places(value, (*at, name))


def _with(raw: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    copy = dict(raw) if isinstance(raw, dict) else list(raw)
    copy[at[0]] = _with(raw[at[0]], at[1:], value)
    return copy


# One of each table, and little else: every change of it is read anew.
SAMPLE = GOOD + """
[till.connect]
type = "direct"
[processes.web]
command = ["web"]
env = { A = "{till}" }
ports = { "4242" = "{port}" }
[auth.cashier]
headers = { X = "1" }
[auth.cashier.login]
method = "POST"
path = "/login"
form = { pin = "{pin}" }
save = { session = { cookie = "s" } }
[identity]
metadata_key = "sale"
[operations.refund_sale]
record = { paid = "$.paid", unit = "main" }
outcome = [{ by = { css = ".notice" }, accepted = ["Refunded"], otherwise = "refused" }]
[[operations.refund_sale.steps]]
method = "GET"
path = "/refund"
[operations.stored_payments]
method = "GET"
path = "/stored"
worklist = { listed = "$.x", stored = ["s"], lost = ["l"] }
[webhooks]
path = "/hook"
[capabilities]
refund = true
moto = "no telephone"
[page]
login = [{ fill = { label = "PIN" }, value = "{pin}" }]
[page.outcome]
at = { role = "status" }
accepted = ["Paid"]
[data]
holds_rows = true
consent = "Ada"
reset_command = ["reset"]
reset = { method = "POST", path = "/reset" }
[offline]
each_max = 100
[clock]
advance = { method = "POST", path = "/clock", json = { s = "{advance_s}" } }
[logs]
source = "till.log"
[adapter]
python = "mine.py:Mine"
[test_mode]
timing.deadline_s = 70
"""

@pytest.mark.parametrize("value", TYPES.values(), ids=TYPES)
def test_no_value_of_any_type_at_any_key_takes_the_suite_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: Any
) -> None:
    """What is loaded is a file that could be meant; what is not is refused in a sentence."""
    path = tmp_path / "cardpresent.toml"
    path.write_text(SAMPLE, encoding="utf-8")
    load(path)
    raw = tomllib.loads(SAMPLE)

    for at in _places(raw):
        changed = _with(raw, at, value)
        monkeypatch.setattr("cardpresent.profile.loading.tomllib.loads", lambda text, changed=changed: changed)
        try:
            load(path)
        except IntegrationError as refusal:
            assert len(str(refusal).splitlines()) == 1, at
            assert len(str(refusal)) < 2_000, (at, len(str(refusal)))
