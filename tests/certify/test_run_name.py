"""What a run is called can be read on its page."""

from datetime import UTC, datetime, timedelta

from cardpresent.cli.certify import run_name
from cardpresent.evidence.redaction import Redactor


def test_no_run_is_called_anything_that_passes_for_a_card_number() -> None:
    first, redactor = datetime(2026, 11, 26, tzinfo=UTC), Redactor()
    names = [run_name(first + timedelta(seconds=second), second * 49_999) for second in range(0, 86_400, 7)]

    assert [name for name in names if redactor.clean_text(f"Run {name}, 26 Nov") != f"Run {name}, 26 Nov"] == []
