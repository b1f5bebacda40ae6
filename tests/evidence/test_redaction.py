"""No secret survives, in whatever it is wrapped; and what is no secret is left alone."""

import base64
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardpresent.evidence.redaction import Redactor, key_fingerprint, luhn

KEY = "sk_test_51HabcDEF0123456789"
CARD = "4000000000009995"
CLIENT_SECRET = "pi_3Nx0000_secret_AbCdEf123"
CANARY = "canary-5e1f"


@pytest.fixture
def redactor() -> Redactor:
    return Redactor([CANARY])


WRAPPINGS: dict[str, Any] = {
    "bare": lambda s: s,
    "nested": lambda s: {"any": {"deep": [1, {"er": s}]}},
    "within a sentence": lambda s: f"the till wrote {s} into its log",
    "JSON in a text": lambda s: {"line": json.dumps({"value": s})},
    "JSON in JSON in a text": lambda s: {"line": json.dumps(json.dumps({"value": s}))},
    "form": lambda s: f"a=1&card_present[number]={s}&b=2",
    "form encoded twice": lambda s: f"card_present%5Bnumber%5D%3D{s}",
    "name": lambda s: {f"a name that is itself {s}": 1},
    "tuple": lambda s: (s,),
    "bytes": lambda s: s.encode(),
}


@pytest.mark.parametrize(
    "secret",
    [
        KEY,
        "rk_test_51HabcDEF",
        "sk_" + "live_" + "51Habc",
        "whsec_aB3+/dEf0123==",
        "pst_test_YWNjdF8x",
        CLIENT_SECRET,
        CARD,
        CANARY,
    ],
)
@pytest.mark.parametrize("wrapped", WRAPPINGS.values(), ids=WRAPPINGS)
def test_a_secret_is_removed_in_any_wrapping(redactor: Redactor, secret: str, wrapped: Any) -> None:
    clean = redactor.clean(wrapped(secret))

    assert secret not in json.dumps(clean).replace("\\", "")
    assert "[removed]" in json.dumps(clean)


@pytest.mark.parametrize(
    "name",
    ["client_secret", "secret", "number", "cvc", "Authorization", "Set-Cookie", "password", "card_present[number]"],
)
@pytest.mark.parametrize("value", ["anything", 1234, ["a", "b"], {"inner": "anything"}])
def test_what_stands_under_a_secret_name_is_removed(redactor: Redactor, name: str, value: Any) -> None:
    clean = redactor.clean({"outer": {name: value}})["outer"][name]

    assert set(_leaves(clean)) == {"[removed]"}


@pytest.mark.parametrize("value", [None, True])
def test_that_nothing_stood_under_a_secret_name_may_be_told(redactor: Redactor, value: Any) -> None:
    assert redactor.clean({"client_secret": value}) == {"client_secret": value}


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {KEY}",
        "authorization: bearer opaque.token~value",
        "Authorization: Basic " + base64.b64encode(f"{KEY}:".encode()).decode(),
        base64.b64encode(f"{KEY}:".encode()).decode(),
        "client_secret=abcdefg&x=1",
        '{"client_secret": "abcdefg"}',
        "'secret': 'abcdefg'",
        "secret%5D=abcdefg",
        "password=abcdefg",
    ],
)
def test_credentials_are_removed_from_texts(redactor: Redactor, text: str) -> None:
    clean = redactor.clean_text(text)

    assert "[removed]" in clean
    for part in (KEY, "opaque", "abcdefg", base64.b64encode(KEY.encode())[:20].decode()):
        assert part not in clean


@pytest.mark.parametrize(
    "written",
    ["4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "4242+4242+4242+4242", "VISA4242424242424242"],
)
def test_a_card_number_keeps_its_last_four_digits(redactor: Redactor, written: str) -> None:
    assert redactor.clean(f"card {written} taken").endswith("[removed]4242 taken")


def test_a_card_number_written_as_a_number_is_removed(redactor: Redactor) -> None:
    assert redactor.clean({"pan": 378282246310005}) == {"pan": "[removed]0005"}
    assert redactor.clean({"number": CARD}) == {"number": "[removed]9995"}


@pytest.mark.parametrize(
    "harmless",
    [
        "pi_3Nx0000",
        "4000000000009996",  # fails the check digit
        "1790000000000",  # milliseconds
        1790000000000000,
        "0000000000000000",
        "d3f2a4444444444444448e1b",  # digits within an id
        "risk_level",
        "approved_by_network",
        "disk_usage_percent",
        "sale number: 12",
        "Basic latin",
        "card_present",
        "2026-11-23T03:29:00Z",
        20.5,
        2000,
        None,
        True,
        "",
    ],
)
def test_what_is_no_secret_is_left_alone(redactor: Redactor, harmless: Any) -> None:
    assert redactor.clean(harmless) == harmless
    assert redactor.clean({"k": [harmless]}) == {"k": [harmless]}


def test_a_secret_learned_later_is_removed_from_texts_seen_before(redactor: Redactor) -> None:
    before = redactor.clean({"word": "tangerine"})
    redactor.add("tangerine")

    assert before == {"word": "tangerine"}
    assert redactor.clean({"word": "tangerine"}) == {"word": "[removed]"}


def test_a_secret_within_a_longer_secret_leaves_no_rest() -> None:
    redactor = Redactor(["orange", "orange-marmalade"])

    assert redactor.clean("orange-marmalade and orange") == "[removed] and [removed]"


def test_a_document_that_is_no_json_is_cleaned_as_text(redactor: Redactor) -> None:
    assert redactor.clean_document(f"<html>{KEY}</html>".encode()) == "<html>[removed]</html>"
    assert redactor.clean_document(json.dumps({"k": KEY}).encode()) == {"k": "[removed]"}


def test_a_secret_hidden_behind_escapes_of_json_is_removed(redactor: Redactor) -> None:
    assert redactor.clean_document(b'{"k":"sk\\u005ftest_51Habc"}') == {"k": "[removed]"}


def test_the_argument_is_left_as_it_was(redactor: Redactor) -> None:
    given = {"a": [{"secret": "x"}]}

    redactor.clean(given)

    assert given == {"a": [{"secret": "x"}]}


def test_equal_idempotency_keys_have_equal_fingerprints_that_do_not_tell_them() -> None:
    assert key_fingerprint("sale-1") == key_fingerprint("sale-1") != key_fingerprint("sale-2")
    assert len(key_fingerprint("sale-1")) == 14
    assert "sale-1" not in key_fingerprint("sale-1")


def test_the_check_digit_tells_card_numbers_from_others() -> None:
    assert [luhn(number) for number in (CARD, "4242424242424242", "378282246310005", "4242424242424241")] == [
        True, True, True, False,
    ]  # fmt: skip


_TEXT = st.text(alphabet="abkrs_=:&[]{}\"'\\ 0123456789.,%-", max_size=30)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(value=_JSON, secret=st.sampled_from([KEY, CLIENT_SECRET, CANARY, "whsec_0123456789abcdef"]), noise=_TEXT)
def test_no_surrounding_saves_a_secret(value: Any, secret: str, noise: str) -> None:
    redactor = Redactor([CANARY])

    clean = redactor.clean({"v": value, "t": f"{noise} {secret} {noise}"})

    assert secret not in json.dumps(clean)
    assert redactor.clean(clean) == clean


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in _leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in _leaves(inner)]
    return [value]


@pytest.mark.parametrize(
    "text", ["x" * 200_000, "x" * 200_000 + "_", "a_" * 100_000, "number" * 30_000, "secret\\" * 30_000]
)
def test_a_long_text_is_looked_through_once(text: str) -> None:
    begin = time.process_time()
    assert Redactor().clean_text(text) == text
    assert time.process_time() - begin < 2


def test_what_nests_too_deep_to_be_looked_at_is_not_written_down() -> None:
    deep: Any = "sk_test_" + "0123456789"
    for _ in range(2_000):
        deep = {"a": [deep]}
    assert "sk_test" not in repr(flat(Redactor().clean(deep)))
    assert Redactor().clean_document(b"[" * 100_000) == "[" * 100_000


def flat(value: Any) -> Any:
    """What stands at the innermost place."""
    while isinstance(value, dict | list):
        value = value["a"] if isinstance(value, dict) else value[0]
    return value
