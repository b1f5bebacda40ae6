"""`cardpresent init` where nobody should write, and with answers that are no text."""

import os
import stat
import subprocess
import sys
from pathlib import Path

from tests.cli.test_init import STARTED, init


def test_what_is_no_ordinary_file_is_never_written_over(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    ended = init(tmp_path, *STARTED, "--file", "pipe", "--force")

    assert ended.returncode == 2
    assert "no ordinary file" in ended.stderr
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]


def test_an_answer_that_is_no_text_is_told_in_a_sentence(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cardpresent", "init", *STARTED, "--name", b"caf\xe9"], cwd=tmp_path,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip

    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_toml_cannot_hold_is_told_without_an_empty_place(tmp_path: Path) -> None:
    ended = init(tmp_path, *STARTED, "--name", "a\x7fb")

    assert ended.returncode == 2
    assert ended.stderr.startswith("cardpresent: is no valid TOML")
    assert list(tmp_path.iterdir()) == []
