"""A secret is found by its shape and told by its kind; what only looks like one is left alone."""

import pytest

from cardpresent.evidence.leaks import leaks_in


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("key=sk_test_4eC39HqLyjWDarjtT1zdp7dc", "an API key"),
        ("rk_" + "live_4eC39HqLyjWDarjtT1zdp7dc", "an API key"),
        ("whsec_4eC39HqLyjWDarjtT1zdp7dc", "a webhook secret"),
        ('"client_secret": "pi_3Nx_secret_abcDEF123"', "a client secret"),
        ("pst_test_YWNjdF8xMjM0NTY3ODk", "a connection token"),
        ("PAN 4242 4242 4242 4242", "a card number"),
        ("4242424242424242", "a card number"),
        ("name=CARDHOLDER/VISA", "a cardholder's name"),
        ("to canary@cardholder.example", "a cardholder's e-mail"),
    ],
)
def test_each_kind_of_secret_is_named(text: str, kind: str) -> None:
    assert leaks_in(text, cards=["4242424242424242"]) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        *("pi_3Nx requires_capture", "1763869512345", "evt_4242", "amount 2000", "0.4242424242424242", "sk_test_"),
        "order 5678901234565",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert leaks_in(text, cards=["4242424242424242"]) == []


def test_a_token_may_stand_where_tokens_are_given_out() -> None:
    assert leaks_in("pst_test_YWNjdF8xMjM0NTY3ODk", allowed=["a connection token"]) == []


def test_a_secret_of_this_run_is_found_whatever_its_shape() -> None:
    assert leaks_in("pin was hunter2hunter2", ["hunter2hunter2"]) == ["a secret of the run"]
