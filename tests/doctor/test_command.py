"""`cardpresent doctor` as it is typed: what it prints, and how it ends."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Described = Callable[..., Path]


def typed(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cardpresent", "doctor", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def test_a_till_that_is_well_ends_with_0_and_the_next_command(described: Described, tmp_path: Path) -> None:
    file = described("naive_till")

    done = typed(cwd=file.parent)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "✓ the reader asks for a card: tmr_" in done.stdout
    assert "Next: cardpresent certify --integration cardpresent.toml" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cardpresent.toml"], "the walk leaves nothing behind"


def test_what_is_to_be_mended_ends_with_3_and_can_be_read_by_a_script(described: Described) -> None:
    file = described("naive_till", ('payment_intent = "$.id"', 'payment_intent = "$.identifier"'))

    done = typed("--json", cwd=file.parent)

    assert done.returncode == 3
    last = json.loads(done.stdout)[-1]
    assert (last["step"], last["well"], last["place"]) == ("a sale is rung up", False, "the file")
    assert "To be mended: 1 in the file." in done.stderr


def test_a_file_that_cannot_be_read_is_one_sentence_and_3(tmp_path: Path) -> None:
    done = typed(cwd=tmp_path)

    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "there is no such file" in done.stderr


def test_a_live_key_in_the_file_stops_the_walk_and_is_not_repeated(described: Described) -> None:
    file = described("naive_till", ("{stripe_key}", "sk_live_0123456789"))

    done = typed(cwd=file.parent)

    assert done.returncode == 3
    assert "live Stripe key" in done.stderr
    assert "0123456789" not in done.stdout + done.stderr
