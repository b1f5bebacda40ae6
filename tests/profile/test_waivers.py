"""waivers.toml: what it may say, and one sentence with line and fix for whatever else it says."""

from datetime import date
from pathlib import Path

import pytest

from cardpresent.profile import IntegrationError
from cardpresent.profile.waivers import load_waivers

LINES = {"FD-26": None, "FD-04": None}
TODAY = date(2026, 11, 26)
SOUND = """\
# Reviewed by payments and QA.

[[waiver]]
requirement = "FD-26"
venue = "any"
owner = "Ada Lovelace, payments"
reason = "One reader of the old kind is left; it goes in January"
link = "https://tracker.example/PAY-318"
created = 2026-11-20
expires = 2027-01-31
"""
SECOND = SOUND[SOUND.index("[[waiver]]") :]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "waivers.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sound_file_is_read_with_its_digest(tmp_path: Path) -> None:
    read = load_waivers(written(tmp_path, SOUND), LINES, TODAY)

    (one,) = read.waivers
    assert (one.requirement, one.owner, one.created, one.expires) == (
        "FD-26", "Ada Lovelace, payments", date(2026, 11, 20), date(2027, 1, 31),
    )  # fmt: skip
    assert one.counts("emulator", date(2027, 1, 31))
    assert not one.counts("emulator", date(2027, 2, 1))
    assert len(read.digest or "") == 64


def test_a_file_without_a_waiver_waives_nothing(tmp_path: Path) -> None:
    assert load_waivers(written(tmp_path, "# none at the moment\n"), LINES, TODAY).waivers == ()


def test_one_line_may_be_waived_in_each_venue_for_itself(tmp_path: Path) -> None:
    each = SOUND.replace('"any"', '"emulator"') + SECOND.replace('"any"', '"test"')

    read = load_waivers(written(tmp_path, each), LINES, TODAY)

    assert [one.covers("test") for one in read.waivers] == [False, True]


def test_one_that_has_expired_is_no_mistake_in_the_file(tmp_path: Path) -> None:
    assert load_waivers(written(tmp_path, SOUND), LINES, date(2028, 1, 1)).waivers


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('owner = "Ada', 'ownr = "Ada', ':6: waiver[0].ownr: unknown key; did you mean "owner"?'),
        ('link = "https://tracker.example/PAY-318"\n', "",
         ":3: waiver[0].link: missing; add it as docs/waivers.md shows"),
        ('"https://tracker.example/PAY-318"', '"PAY-318"', ':8: waiver[0].link: is "PAY-318"; mend it: '),
        ('"any"', '"live"', ':5: waiver[0].venue: "live" is no answer here; use one of any, emulator, test'),
        ('"Ada Lovelace, payments"', '" "', ":6: waiver[0].owner: is blank; say it"),
        ('"FD-26"', '"FD-2"', ':4: waiver[0].requirement: the register has no line "FD-2"; did you mean "FD-26"?'),
        ('"FD-26"', '"reader"', '; `cardpresent explain` knows them; they are like FD-26'),
        ("2027-01-31", '"2027-01-31"',
         ':10: waiver[0].expires: is "2027-01-31"; write a day without quotes, like 2027-01-31'),
        ("2027-01-31", "2027-02-19",
         ":10: waiver[0].expires: 2027-02-19 is 91 days after it was created; give 2027-02-18 or earlier"),
        ("2027-01-31", "2026-11-19", ":10: waiver[0].expires: 2026-11-19 is before it was created; give a later day"),
        ("2026-11-20", "2026-11-27", ":9: waiver[0].created: 2026-11-27 is yet to come; give the day"),
        ("created = ", "created == ", ":9: is no valid TOML"),
        ("One reader", "sk_" + "live_123", ":7: holds a live Stripe key"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line_and_fix(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert SOUND.count(old) == 1
    path = written(tmp_path, SOUND.replace(old, new))

    with pytest.raises(IntegrationError) as refused:
        load_waivers(path, LINES, TODAY)

    assert str(refused.value).startswith(str(path))
    assert told in str(refused.value)


@pytest.mark.parametrize("venue", ["any", "emulator"])
def test_two_waivers_for_one_line_in_one_venue_are_one_too_many(tmp_path: Path, venue: str) -> None:
    path = written(tmp_path, SOUND + SECOND.replace('"any"', f'"{venue}"'))

    with pytest.raises(IntegrationError, match=r"waiver\[1\]\.requirement: .* by waiver\[0\]; keep one"):
        load_waivers(path, LINES, TODAY)


def test_a_file_that_was_named_and_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(IntegrationError, match=r"nowhere\.toml: there is no such file; give its path, or leave"):
        load_waivers(tmp_path / "nowhere.toml", LINES, TODAY)
