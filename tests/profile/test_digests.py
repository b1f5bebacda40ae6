"""What changes which of the two digests of a file, and what changes neither."""

import pytest

from cardpresent.profile import load
from tests.profile.test_loading import GOOD

HOOKS = '\n[webhooks]\npath = "/hooks"\ntypes = ["charge.*"]\n'
SHOP = '\n[shops.japan]\ntill = { country = "JP", currencies = ["jpy"] }\nprocess.env = { CURRENCY = "jpy" }\n'
WHOLE = GOOD + HOOKS + SHOP


@pytest.fixture
def digests(tmp_path):
    def of(text: str):
        path = tmp_path / "cardpresent.toml"
        path.write_text(text, encoding="utf-8")
        return load(path).digests

    return of


@pytest.mark.parametrize(
    "old, new",
    [
        ("[reader]", "# a comment\n\n[reader]  # another"),
        ("settle_s = 5\nunknown_within_s = 2.5", "unknown_within_s = 2.50\nsettle_s = 5.0"),
        ('{ by = "$.state", accepted = ["paid"] }\n\n[operations.sale_state]',
         '{ accepted = ["paid"], by = "$.state" }\n\n[operations.sale_state]'),
    ],
)  # fmt: skip
def test_how_it_is_written_changes_neither(digests, old, new):
    assert WHOLE.count(old) == 1
    assert digests(WHOLE.replace(old, new)) == digests(WHOLE)


@pytest.mark.parametrize(
    "old, new",
    [
        ('name = "corner shop"', 'name = "other shop"'), ("deadline_s = 60", "deadline_s = 61"),
        ('path = "/pay"', 'path = "/buy"'), ('["charge.*"]', '["*"]'), ('currencies = ["jpy"]', 'currencies = ["usd"]'),
    ],
)  # fmt: skip
def test_what_the_till_is_changes_the_baseline_alone(digests, old, new):
    before, after = digests(WHOLE), digests(WHOLE.replace(old, new, 1))

    assert (before.baseline != after.baseline, before.environment == after.environment) == (True, True)


@pytest.mark.parametrize(
    "old, new",
    [
        ('"server.js"', '"other.js"'), ('probe = "startup"', 'probe = "list_readers"'),
        ('CURRENCY = "jpy"', 'CURRENCY = "x"'),
        ('types = ["charge.*"]', 'types = ["charge.*"]\nsecret_env = "HOOK_SECRET"'),
    ],
)  # fmt: skip
def test_how_it_was_set_up_changes_the_environment_alone(digests, old, new):
    readers = '\n[operations.list_readers]\nmethod = "GET"\npath = "/r"\n'
    before, after = digests(WHOLE + readers), digests(WHOLE.replace(old, new, 1) + readers)

    assert (before.baseline == after.baseline, before.environment != after.environment) == (True, True)


def test_no_secret_of_the_environment_is_in_them(digests, monkeypatch):
    secret = WHOLE.replace('KEY = "{stripe_key}"', 'KEY = "{env.TILL_KEY}"')
    monkeypatch.setenv("TILL_KEY", "1234")
    one = digests(secret)
    monkeypatch.setenv("TILL_KEY", "4321")

    assert digests(secret) == one
