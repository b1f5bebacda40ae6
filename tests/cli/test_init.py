"""`cardpresent init`: whoever is asked, and nobody."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cardpresent.profile import CAPABILITIES, load
from cardpresent.profile.drafting import currency_of

SHIPPED = Path(__file__).parents[2] / "docs" / "cardpresent.schema.json"
STARTED = ("--template", "server_driven_json", "--command", "node 'my server.js'", "--yes")


def init(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cardpresent", "init", *words], cwd=folder, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip


def test_with_flags_nothing_is_asked_and_the_file_can_be_loaded(tmp_path):
    ended = init(tmp_path, *STARTED, "--name", "Zoë's", "--country", "de", "--base-env", "STRIPE_API_BASE")

    till = load(tmp_path / "cardpresent.toml")
    assert (till.till.name, till.till.country, till.till.currencies) == ("Zoë's", "DE", ("eur",))
    assert till.process.command == ("node", "my server.js")
    assert till.process.env == {"STRIPE_SECRET_KEY": "{stripe_key}", "STRIPE_API_BASE": "{stripe_base}"}
    first = (tmp_path / "cardpresent.toml").read_text(encoding="utf-8").partition("\n")[0]
    assert first == "#:schema ./cardpresent.schema.json"
    assert (tmp_path / "cardpresent.schema.json").read_text(encoding="utf-8") == SHIPPED.read_text(encoding="utf-8")
    assert ended.returncode == 0
    assert "cardpresent doctor --integration cardpresent.toml" in ended.stdout
    assert "cardpresent certify --integration cardpresent.toml" in ended.stdout


def test_what_no_flag_says_is_what_the_help_says_it_is(tmp_path):
    init(tmp_path, *STARTED)

    till = load(tmp_path / "cardpresent.toml")
    assert (till.till.name, till.till.country, till.till.currencies) == (tmp_path.name, "US", ("usd",))
    assert (till.process.port_env, till.process.ready) == ("PORT", "/")


def test_a_till_that_runs_already_is_neither_started_nor_restarted(tmp_path):
    ended = init(tmp_path, "--template", "form_till", "--base-url", "http://127.0.0.1:3000", "--yes")

    till = load(tmp_path / "cardpresent.toml")
    assert (till.process.base_url, till.process.command, till.process.env) == ("http://127.0.0.1:3000", (), {})
    assert till.capability("restart").state == "absent"
    assert "stand `cardpresent gateway` beside it" in ended.stdout
    assert "[process.env]" not in (tmp_path / "cardpresent.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words, said",
    [
        ((), "nobody is here to ask: give --template, and --command or --base-url; "),
        (("--template", "blocking"), "nobody is here to ask how the till is started: give --command or --base-url"),
        (("--template", "blokcing", *STARTED[2:]), "--template blokcing: there is none of that name; take one of "),
        ((*STARTED, "--base-url", "http://x"), "--command and --base-url are both given"),
        ((*STARTED[:2], "--command", "node 'x"), "--command node 'x: is no command line (No closing quotation)"),
        ((*STARTED, "--country", "Germany"), 'till.country: is "GERMANY"; mend it: '),
        ((*STARTED, "--currency", "euro"), 'till.currencies[0]: is "euro"; mend it: '),
        ((*STARTED, "--ready", "health"), 'process.ready: is "health"; mend it: '),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_said_in_a_sentence_and_nothing_is_written(tmp_path, words, said):
    ended = init(tmp_path, *words)

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"cardpresent: {said}")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_kept_unless_it_is_said_to_go(tmp_path):
    path = tmp_path / "cardpresent.toml"
    path.write_text("mine", encoding="utf-8")

    kept = init(tmp_path, *STARTED)
    assert (kept.returncode, path.read_text(encoding="utf-8")) == (2, "mine")
    assert "cardpresent.toml is there already: nothing was written; --force writes over it" in kept.stderr

    assert init(tmp_path, *STARTED, "--force").returncode == 0
    assert load(path).till.kind == "server-driven"


def test_a_live_key_in_an_answer_is_refused_and_never_echoed(tmp_path):
    key = "sk_" + "live_" + "51Secret"
    ended = init(tmp_path, *STARTED, "--name", key)

    assert ended.returncode == 3
    assert "Secret" not in ended.stdout + ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_at_a_terminal_it_asks_for_what_no_flag_says(tmp_path):
    ours, theirs = os.openpty()
    asking = subprocess.Popen(
        [sys.executable, "-m", "cardpresent", "init", "--country", "JP"], cwd=tmp_path, stdin=theirs,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    os.close(theirs)
    # template, name, currency as offered, how it is started, ready, port, key, and where Stripe is
    os.write(ours, b"blocking\nKiosk\n\npython app.py\n/health\n\n\nSTRIPE_HOST\n")
    said, _ = asking.communicate(timeout=30)
    os.close(ours)

    till = load(tmp_path / "cardpresent.toml")
    assert asking.returncode == 0, said
    assert "A server whose one call does it all" in said and "Which is most like your till?" in said
    assert (till.till.name, till.till.currencies, till.process.ready) == ("Kiosk", ("jpy",), "/health")
    assert till.process.command == ("python", "app.py")
    assert till.names_stripe_base


def test_at_a_terminal_a_template_is_chosen_by_its_number_too(tmp_path):
    ours, theirs = os.openpty()
    asking = subprocess.Popen(
        [sys.executable, "-m", "cardpresent", "init", "--command", "node x.js", "--name", "x", "--country", "US"],
        cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    os.close(theirs)
    os.write(ours, b"2\n\n\n\n\n\n")
    said, _ = asking.communicate(timeout=30)
    os.close(ours)

    assert asking.returncode == 0, said
    assert "  2  form_till " in said
    assert "server-rendered pages" in (tmp_path / "cardpresent.toml").read_text(encoding="utf-8")


def test_every_capability_that_a_till_may_have_stands_in_the_file_to_be_said_yes_or_no_to(tmp_path):
    """Whoever reads only the file learns the names; left out unseen they would keep the till from being certified."""
    init(tmp_path, *STARTED)
    path = tmp_path / "cardpresent.toml"
    text = path.read_text(encoding="utf-8")

    declared = load(path).capabilities
    offered = set(re.findall(r"^# (\w+) = true  ", text, re.M))
    assert offered == set(CAPABILITIES) - set(declared)
    assert "# refund = true " in text and "(refund_sale)" in text
    # A name whose mark is taken away stands under [capabilities], and is missed where nothing describes it.
    path.write_text(text.replace("# clock = true", 'clock = "no day passes"'), encoding="utf-8")
    assert load(path).capability("clock").reason == "no day passes"


@pytest.mark.parametrize("template", ["server_driven_json", "blocking", "sdk_backend", "js_sdk_page", "form_till"])
def test_every_template_shows_how_a_cashier_logs_in(tmp_path, template):
    init(tmp_path, "--template", template, *STARTED[2:])
    path = tmp_path / "cardpresent.toml"
    text = path.read_text(encoding="utf-8")

    before, mark, after = text.partition("# [[auth" if template == "form_till" else "# [auth")
    shown, rest = (mark + after).split("\n[operations", 1)
    shown = re.sub(r"^# ?", "", shown, flags=re.MULTILINE)
    path.write_text(f"{before}{shown}\n[operations{rest}", encoding="utf-8")

    assert load(path).auth.cashier.login is not None


def test_the_templates_are_listed(tmp_path):
    ended = init(tmp_path, "--list")

    assert ended.returncode == 0
    assert [line.split()[0] for line in ended.stdout.splitlines()] == sorted(
        path.stem for path in (Path(__file__).parents[2] / "fixtures" / "templates").glob("*.toml")
    )


def test_the_euro_is_known_where_it_is_used():
    assert [currency_of(country) for country in ("US", "FR", "JP", "XX")] == ["usd", "eur", "jpy", "usd"]
