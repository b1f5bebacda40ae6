"""Waivers that nobody could review: each is told in one sentence, whatever stands where."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from cardpresent.profile import IntegrationError
from cardpresent.profile.waivers import load_waivers
from tests.profile.test_hostile_files import TYPES, _places, _with
from tests.profile.test_waivers import LINES, SOUND, TODAY, written


@pytest.mark.parametrize("value", TYPES.values(), ids=TYPES)
def test_no_value_of_any_type_at_any_key_takes_the_suite_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: Any
) -> None:
    path, raw = written(tmp_path, SOUND), tomllib.loads(SOUND)

    for at in _places(raw):
        changed = _with(raw, at, value)
        monkeypatch.setattr("cardpresent.profile.loading.tomllib.loads", lambda text, changed=changed: changed)
        try:
            load_waivers(path, LINES, TODAY)
        except IntegrationError as refusal:
            assert len(str(refusal).splitlines()) == 1, at
            assert len(str(refusal)) < 2_000, at


@pytest.mark.parametrize("name", ["created", "expires"])
def test_an_hour_is_no_day(tmp_path: Path, name: str) -> None:
    day = {"created": "2026-11-20", "expires": "2027-01-31"}[name]

    with pytest.raises(IntegrationError, match=f"{name}: is {day}.*; write a day without quotes"):
        load_waivers(written(tmp_path, SOUND.replace(f"{name} = {day}", f"{name} = {day}T12:00:00Z")), LINES, TODAY)
