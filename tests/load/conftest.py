"""A bench for load runs, as for certifications."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cardpresent.launch.suite import suite_root
from cardpresent.prove.defect import all_in
from cardpresent.prove.graft import graft
from tests.certify.conftest import bench, compiled
from tests.certify.running import Bench, Ended

__all__ = ["bench", "compiled"]

ROOT = Path(__file__).resolve().parents[2]
INTEGRATIONS = ROOT / "fixtures" / "integrations"

Load = Callable[..., Ended]


@pytest.fixture
def load(bench: Bench) -> Load:
    """Runs `cardpresent load` in the folder of the bench, with `--out out --seed 1` beside the words given."""

    def run(*words: str | Path) -> Ended:
        return bench.run("load", *words, "--out", bench.out.name, "--seed", "1")

    return run


@pytest.fixture
def profile(tmp_path: Path) -> Callable[..., Path]:
    """Writes a load profile: `PROFILE` with the keywords given as they stand."""

    def write(keywords: str) -> Path:
        path = tmp_path / "ours.py"
        path.write_text(
            "from cardpresent.loadgen.profile import Phase, Profile, Window\n"
            f"PROFILE = Profile(question='Ours?', {keywords})\n"
        )
        return path

    return write


@pytest.fixture
def seeded(tmp_path: Path) -> Callable[[str], Path]:
    """The integration file of a reference POS with one defect in it, whose sweep is not a minute away."""

    def made(defect: str) -> Path:
        one = next(one for one in all_in(suite_root() / "fixtures") if one.id == defect)
        pos = ROOT / "cardpresent" / "reference_pos"
        file = graft(one, pos, INTEGRATIONS / "reference_pos.toml", tmp_path / defect)
        text = file.read_text(encoding="utf-8")
        assert text.count('POS_SWEEP_S = "60"') == text.count("sweep_s = 60") == 1
        swift = text.replace('POS_SWEEP_S = "60"', 'POS_SWEEP_S = "1"').replace("sweep_s = 60", "sweep_s = 1")
        file.write_text(swift, encoding="utf-8")
        return file

    return made
