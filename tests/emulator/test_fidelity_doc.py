"""docs/emulator.md says what the emulator's code says: it is printed from it, and this is where that is held."""

import re
import subprocess
import sys
from pathlib import Path

from cardpresent.emulator.catalogue import OPERATIONS
from cardpresent.emulator.faults.registry import FAULTS
from cardpresent.emulator.fidelity import behaviours
from cardpresent.emulator.handbook import counts, handbook
from cardpresent.emulator.steering.routes import _ROUTES

DOCUMENT = Path(__file__).parents[2] / "docs" / "emulator.md"


def printed(*options: str) -> str:
    """What the emulator's own command prints; it serves nothing and ends."""
    command = [sys.executable, "-m", "cardpresent.emulator", *options]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert answer.stderr == ""
    return answer.stdout


def test_the_document_is_what_the_command_prints():
    assert printed("--fidelity") == DOCUMENT.read_text(encoding="utf-8"), (
        "python -m cardpresent.emulator --fidelity > docs/emulator.md"
    )


def test_the_counts_alone_are_one_line():
    assert printed("--fidelity", "counts") == counts() + "\n"


def test_the_list_for_a_terminal_names_each_behaviour_with_its_source_under_how_it_is_known():
    blocks = dict(block.partition(" (")[::2] for block in printed("--fidelity", "all").split("\n\n")[1:])

    assert list(blocks) == ["assumed", "observed", "documented"]
    for behaviour in behaviours():
        assert f"  {behaviour.id}: {behaviour.summary}\n" in blocks[behaviour.known] + "\n"
        assert behaviour.source in blocks[behaviour.known]


def test_nothing_is_left_out_of_the_document():
    text = handbook()

    assert "<!--" not in text
    for behaviour in behaviours():
        assert f"| `{behaviour.id}` | {behaviour.known} |" in text
    for operation in OPERATIONS:
        assert f"`{operation.method} {operation.path}`" in text
    for fault in FAULTS:
        assert f"| `{fault}` |" in text


def test_every_call_of_the_control_api_is_explained():
    named = set(re.findall(r"`((?:GET|POST|DELETE) /_emulator\S*)`", handbook()))

    unexplained = [pattern.pattern for pattern, _ in _ROUTES if not any(pattern.fullmatch(call) for call in named)]

    assert unexplained == []
