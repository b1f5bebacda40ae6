"""What a file says of Stripe's test mode alone."""

from pathlib import Path

import pytest

from cardpresent.profile import IntegrationError, load

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "fixtures" / "integrations" / "reference_pos.toml"


def test_it_is_laid_over_the_file_there_and_nowhere_else() -> None:
    here, there = load(REFERENCE), load(REFERENCE, "test")

    assert (here.timing.deadline_s, there.timing.deadline_s) == (2.75, 12.5)
    assert (here.process.env["POS_DEADLINE_S"], there.process.env["POS_DEADLINE_S"]) == ("2", "12")
    assert there.shops["gb"].timing.deadline_s == 12.5
    assert here.digests == there.digests


def test_what_is_wrong_in_it_is_found_wherever_the_file_is_used(tmp_path: Path) -> None:
    path = tmp_path / "cardpresent.toml"
    text = REFERENCE.read_text(encoding="utf-8")
    path.write_text(text.replace("timing.deadline_s = 12.5", "timing.deadlin_s = 12.5"), encoding="utf-8")

    with pytest.raises(IntegrationError, match="deadlin_s"):
        load(path)
