"""A bench for runs, and integration files to run them with."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.certify.running import Bench
from tests.integration_files import written

ROOT = Path(__file__).resolve().parent.parent.parent
TILLS = Path(__file__).resolve().parent / "tills"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture
def bench(tmp_path: Path, compiled: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, compiled)
    yield made
    made.close()


@pytest.fixture
def till(tmp_path: Path) -> Callable[..., Path]:
    """Writes an integration file: one that is shipped, with parts of its text replaced and variables added."""

    def write(base: str, *changes: tuple[str, str], program: str | None = None, **env: str) -> Path:
        text = (ROOT / "fixtures" / "integrations" / f"{base}.toml").read_text(encoding="utf-8")
        text = text.replace('cwd = "../tills"', f'cwd = "{ROOT / "fixtures" / "tills"}"')
        command = next(line for line in text.splitlines() if line.startswith("command = "))
        if program:
            text = text.replace(command, f'command = ["{{python}}", "{TILLS / program}"]')
        return written(tmp_path, text, *changes, env=env)

    return write


@pytest.fixture
def announced(tmp_path: Path) -> Iterator[Path]:
    """A pipe with a name, at which a till of ours says that it has come to its mishap."""
    pipe = tmp_path / "announced"
    os.mkfifo(pipe)
    yield pipe
