"""Templates written for small tills of their shape, and put to the suite as a team would."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cardpresent.profile.drafting import drafted, templates_in
from tests import integration_files
from tests.certify.running import Bench

ROOT = Path(__file__).resolve().parents[2]
TILLS = Path(__file__).resolve().parent / "tills"
TEMPLATES = templates_in(ROOT / "fixtures" / "templates")
ANSWERS = {
    "name": "small till", "country": "US", "currency": "usd", "base_url": None, "port_env": "PORT", "ready": "/readers",
    "key_env": "STRIPE_SECRET_KEY", "base_env": "STRIPE_API_BASE", "started": True,
}  # fmt: skip
# The small tills are quick, and honest about it.
QUICK = (
    ("settle_s = 5", "settle_s = 3"), ("unknown_within_s = 10", "unknown_within_s = 3"),
    ("every_ms = 1000", "every_ms = 100"),
)  # fmt: skip


@pytest.fixture
def bench(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path, tmp_path_factory.getbasetemp() / "compiled")
    yield made
    made.close()


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """The template's file for one of the small tills, with parts of its text replaced and variables added."""

    def write(template: str, program: str, *changes: tuple[str, str], **env: str) -> Path:
        command = (sys.executable, str(TILLS / f"{program}.py"))
        text = drafted(TEMPLATES[template], {**ANSWERS, "command": command})
        for old, new in QUICK:
            text = text.replace(old, new)
        return integration_files.written(tmp_path, text, *changes, env=env)

    return write
