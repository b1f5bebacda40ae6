"""What a file takes from the shell is kept out of the evidence where it looks like a secret, and readable elsewhere."""

from pathlib import Path

import pytest

from cardpresent.launch.run import secrets_for
from cardpresent.profile import IntegrationError, load
from tests.profile.test_loading import GOOD

TOKEN = "s3cr3t-of-the-staging-till"
ASKS = """
[auth.cashier]
headers = { Authorization = "Bearer {env.POS_TOKEN}", X-Stage = "{env.POS_STAGE}" }
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "cardpresent.toml"
    path.write_text(GOOD + ASKS, encoding="utf-8")
    return path


def test_a_token_is_a_secret_and_an_everyday_word_is_none(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POS_TOKEN", TOKEN)
    monkeypatch.setenv("POS_STAGE", "production")

    kept_out = secrets_for(load(written)).all()

    assert TOKEN in kept_out
    assert "production" not in kept_out


def test_a_signing_secret_named_by_its_variable_is_one_however_it_is_named(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written.write_text(f'{GOOD}\n[webhooks]\npath = "/hook"\nsecret = "{{env.HOOK}}"\n', encoding="utf-8")
    monkeypatch.setenv("HOOK", "a signing secret of theirs")

    assert "a signing secret of theirs" in secrets_for(load(written)).all()


def test_a_signing_secret_that_nobody_set_stops_the_run(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written.write_text(f'{GOOD}\n[webhooks]\npath = "/hook"\nsecret_env = "NOBODY_SET_THIS"\n', encoding="utf-8")
    monkeypatch.delenv("NOBODY_SET_THIS", raising=False)

    with pytest.raises(IntegrationError, match=r"webhooks\.secret_env: the variable NOBODY_SET_THIS is not set"):
        secrets_for(load(written))
