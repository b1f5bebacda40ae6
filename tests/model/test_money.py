"""Money is exact, knows its currency's decimals, and never mixes two currencies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardpresent.model.money import Money, MoneyError, exponent


@pytest.mark.parametrize(
    ("text", "minor_units"),
    [("20.00 USD", 2000), ("0.01 usd", 1), ("2000 JPY", 2000), ("1.234 KWD", 1234), ("1,005.10 USD", 100_510)],
)
def test_an_amount_is_read_in_its_smallest_unit(text: str, minor_units: int) -> None:
    assert Money.parse(text).minor_units == minor_units


@pytest.mark.parametrize("text", ["20 USD", "20.0 USD", "20.000 USD", "20.00 JPY", "20.00", "USD", "twenty USD", ""])
def test_what_is_no_amount_of_that_currency_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        Money.parse(text)


@given(st.integers(-(10**12), 10**12), st.sampled_from(["usd", "jpy", "kwd", "eur"]))
def test_what_is_written_reads_back_the_same(minor_units: int, currency: str) -> None:
    money = Money(minor_units, currency)

    assert Money.parse(str(money)) == money


@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_sums_are_exact(a: int, b: int) -> None:
    assert (Money(a, "usd") + Money(b, "usd") - Money(b, "usd")).minor_units == a


def test_two_currencies_never_meet() -> None:
    for mix in (lambda: Money(1, "usd") + Money(1, "eur"), lambda: Money(1, "usd") < Money(1, "eur")):
        with pytest.raises(MoneyError, match="USD with EUR"):
            mix()


@pytest.mark.parametrize("value", [19.99, "1999", True, None])
def test_only_whole_minor_units_are_money(value: object) -> None:
    with pytest.raises(MoneyError):
        Money(value, "usd")  # type: ignore[arg-type]


def test_decimals_follow_the_currency() -> None:
    assert [exponent(c) for c in ("usd", "JPY", "kwd")] == [2, 0, 3]
