"""Which news may be kept from a till: only news that it asked for."""

import pytest

from cardpresent.actors.network import _overlap


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("charge.captured", "charge.captured"),
        ("charge.captured", "charge.*"),
        ("terminal.reader.*", "terminal.*"),
        ("terminal.reader.*", "terminal.reader.action_failed"),
        ("payment_intent.succeeded", "*"),
    ],
)
def test_two_patterns_that_share_a_type_overlap_whichever_comes_first(one: str, other: str) -> None:
    assert _overlap(one, other)
    assert _overlap(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("terminal.reader.*", "payment_intent.*"), ("charge.captured", "charge.updated")]
)
def test_two_patterns_without_a_type_in_common_do_not(one: str, other: str) -> None:
    assert not _overlap(one, other)
    assert not _overlap(other, one)
