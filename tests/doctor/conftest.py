"""Integration files with one thing wrong, and the walk through what they describe."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cardpresent.doctor.look import Look
from cardpresent.doctor.walk import walk
from cardpresent.profile import load
from tests.integration_files import written

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURES = ROOT / "fixtures"
TILLS = Path(__file__).resolve().parent / "tills"

Change = tuple[str, str]
Walk = Callable[..., list[Look]]


@pytest.fixture
def described(tmp_path: Path) -> Callable[..., Path]:
    """Writes an integration file: a shipped one with parts of its text replaced."""

    def write(base: str, *changes: Change, program: str | None = None) -> Path:
        text = (FIXTURES / "integrations" / f"{base}.toml").read_text(encoding="utf-8")
        text = text.replace('cwd = "../tills"', f'cwd = "{FIXTURES / "tills"}"')
        if program:
            text = text.replace('"naive_till.py"', f'"{TILLS / program}"')
        return written(tmp_path, text, *changes, everywhere=True)

    return write


@pytest.fixture
def walked(described: Callable[..., Path], tmp_path: Path) -> Walk:
    """Every look at the till that such a file describes."""

    def looks(base: str, *changes: Change, program: str | None = None) -> list[Look]:
        return list(walk(load(described(base, *changes, program=program)), tmp_path / "out", seed=1))

    return looks


def ill_of(looks: list[Look]) -> Look:
    """The one look that is ill."""
    found = [look for look in looks if look.well is False]
    assert len(found) == 1, [(look.step, look.seen) for look in found]
    return found[0]
