"""`python -m tests.fidelity` as it is typed: keys, exit codes, interruption, and what is written where."""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.fidelity.__main__ import ROOT

KEY = "sk_test_upstreamOfTheCommand1"
SALE = "tests/emulator/test_sale.py"


def command(*arguments):
    return [sys.executable, "-m", "tests.fidelity", "--country", "US", "--per-second", "200", "--settle-s", "0.3",
            *arguments]


def environment(key=None):
    bare = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE_")}
    return bare if key is None else {**bare, "STRIPE_SECRET_KEY": key}


def typed(*arguments, key=None):
    return subprocess.run(
        command(*arguments), cwd=ROOT, env=environment(key), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def heard_of(recording, tmp_path_factory):
    """A recording of the tests whose names hold `word`, as arguments: running them again would take seconds."""

    def only(word):
        lines = [line for line in recording.read_text().splitlines() if word in json.loads(line)["test"]]
        file = tmp_path_factory.mktemp("part") / "recording.jsonl"
        file.write_text("\n".join(lines))
        return ["--recording", str(file)]

    return only


def written(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("key", "arguments", "sentence"),
    [
        pytest.param(None, [], "STRIPE_SECRET_KEY=sk_test_… make fidelity", id="no key"),
        pytest.param("sk_live_" + "0123456789", [], "holds a live Stripe key", id="a live key"),
        pytest.param("rk_live_" + "0123456789", [], "holds a live Stripe key", id="a live restricted key"),
        pytest.param("pk_test_0123456789", [], "must hold a test-mode key", id="a publishable key"),
        pytest.param(KEY, ["--upstream", "https://stripe.example"], "or to this machine only", id="to somebody else"),
    ],
)
def test_without_a_test_key_for_stripe_one_sentence_says_what_to_do(key, arguments, sentence, tmp_path):
    done = typed("--out", str(tmp_path), *arguments, key=key)

    assert done.returncode == 2
    assert sentence in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert key is None or key not in done.stdout + done.stderr
    assert written(tmp_path) == {}


def test_a_run_ends_with_its_reports_and_the_key_in_none_of_them(between, tmp_path):
    done = typed("--upstream", between.url, "--out", str(tmp_path), SALE, key=KEY)

    reports = written(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Fidelity: 8 tests replayed")
    assert "no differences" in done.stdout
    assert set(reports) == {"fidelity-differences.md", "fidelity-differences.json"}
    assert all(KEY not in text for text in (done.stdout, *reports.values()))
    assert between.heard


def test_differences_end_with_one_and_stand_in_the_report(between, heard_of, tmp_path):
    between.change = lambda heard: (heard.status, {**heard.answer, "livemode": KEY})

    done = typed("--upstream", between.url, "--out", str(tmp_path), *heard_of("automatic_capture"), key=KEY)

    page = written(tmp_path)["fidelity-differences.md"]
    assert done.returncode == 1
    assert '| `livemode` | `false` | `"[removed]"` | `POST /v1/payment_intents` | test_sale.py::test_auto' in page
    assert KEY not in done.stdout + page


def test_a_key_that_stripe_does_not_take_is_no_difference(between, heard_of, tmp_path):
    between.change = lambda heard: (401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key"}})

    done = typed("--upstream", between.url, "--out", str(tmp_path), *heard_of("automatic_capture"), key=KEY)

    assert done.returncode == 3
    assert done.stdout == "fidelity: Stripe does not take the key in STRIPE_SECRET_KEY\n"


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_tidies_up_and_says_that_it_is_not_whole(between, upstream, heard_of, tmp_path, end):
    running = []

    def interrupt(heard):
        if (heard.method, heard.path) == ("POST", "/v1/terminal/readers") and len(between.heard) > 10:
            running[0].send_signal(end)

    between.change = interrupt
    order = command("--upstream", between.url, "--out", str(tmp_path), *heard_of("test_sale"))

    with subprocess.Popen(
        order, cwd=ROOT, env=environment(upstream.key), stdout=subprocess.PIPE, text=True,
        # tests that a shell started in the background are deaf to SIGINT, and so would be what they start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        running.append(process)
        said, _ = process.communicate(timeout=60)

    assert process.returncode == 5
    assert "Cut short: interrupted." in said
    assert upstream.rows("/v1/terminal/readers") == upstream.rows("/v1/terminal/locations") == []
    assert {row["status"] for row in upstream.rows("/v1/payment_intents")} <= {"canceled", "succeeded"}
    assert "Cut short: interrupted." in written(tmp_path)["fidelity-differences.md"]
