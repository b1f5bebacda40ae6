"""What a file takes from the shell is kept out of the evidence where it looks like a secret, and readable elsewhere."""

from pathlib import Path

import pytest

from cardpresent.launch.from_shell import must_be_set
from cardpresent.launch.minting import secrets_for
from cardpresent.launch.run import opened
from cardpresent.profile import IntegrationError, load
from cardpresent.profile.placeholders import MissingValue
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


def test_a_variable_that_nobody_set_is_named_with_its_key_before_anything_is_started(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POS_TOKEN", raising=False)
    monkeypatch.setenv("POS_STAGE", "production")
    till = load(written)

    with pytest.raises(MissingValue, match=r"auth\.cashier\.headers\.Authorization: nothing fills {env\.POS_TOKEN}"):
        must_be_set(till)
    monkeypatch.setenv("POS_TOKEN", TOKEN)
    must_be_set(till)


def test_a_country_where_stripe_has_no_readers_is_a_mistake_in_the_file(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POS_TOKEN", TOKEN)
    monkeypatch.setenv("POS_STAGE", "production")
    text = written.read_text(encoding="utf-8")
    written.write_text(text.replace('country = "US"', 'country = "ZZ"'), encoding="utf-8")

    with (
        pytest.raises(IntegrationError, match=r'till\.country: "ZZ" is no country in which Stripe has readers'),
        opened(load(written), tmp_path / "out", seed=1),
    ):
        pass
