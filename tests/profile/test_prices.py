"""In which money a till is asked: one factor a currency, so that sums stay sums."""

from pathlib import Path

import pytest

from cardpresent.cli.gherkin_lint import scenarios
from cardpresent.model.money import Money, exponent
from cardpresent.profile.prices import ENDINGS, SMALLEST, WHOLE_UNITS, NoSuchPrice, Prices, factor, in_money_of
from steps.amounts import amounts_in, reworded

ROOT = Path(__file__).parents[2]
EVERYWHERE = sorted({"usd", "eur", "gbp", "jpy", "krw", "kwd", "chf", *SMALLEST, *WHOLE_UNITS})


def written() -> list[list[str]]:
    """The steps of every scenario there is."""
    return [[step.text for step in scenario.steps] for scenario in scenarios(ROOT)[0]]


@pytest.mark.parametrize(
    "currency, asked",
    [
        ("usd", "20.00 USD"), ("eur", "20.00 EUR"), ("gbp", "20.00 GBP"), ("jpy", "2,000 JPY"), ("kwd", "20.000 KWD"),
        ("dkk", "200.00 DKK"), ("czk", "2,000.00 CZK"), ("huf", "20,000.00 HUF"), ("isk", "2,000.00 ISK"),
    ],
)  # fmt: skip
def test_an_amount_is_put_in_the_money_of_the_shop(currency, asked):
    assert str(in_money_of(Money.parse("20.00 USD"), currency)) == asked


def test_an_amount_that_names_another_currency_stays_as_it_is():
    assert in_money_of(Money.parse("8.80 CAD"), "eur") == Money.parse("8.80 CAD")


@pytest.mark.parametrize("currency", EVERYWHERE)
def test_sums_stay_sums_and_nothing_stays_nothing(currency):
    price, tip = Money.parse("20.00 USD"), Money.parse("3.20 USD")

    assert in_money_of(price, currency) + in_money_of(tip, currency) == in_money_of(price + tip, currency)
    assert in_money_of(Money.zero("usd"), currency) == Money.zero(currency)


@pytest.mark.parametrize("currency", EVERYWHERE)
def test_no_price_of_any_scenario_comes_to_be_one_that_a_bank_declines_or_stripe_refuses(currency):
    prices = {amount for steps in written() for amount in amounts_in(steps) if amount.currency == "usd" and amount}
    clear = [amount for amount in prices if amount.minor_units % 100 not in ENDINGS]
    assert len(clear) > 60

    for amount in clear:
        asked = in_money_of(amount, currency)
        assert asked.minor_units % 100 not in ENDINGS, f"{amount} became {asked}"
        assert amount < Money(100, "usd") or asked.minor_units >= SMALLEST.get(currency, 50)
        assert exponent(currency) != 3 or asked.minor_units % 10 == 0
        assert currency not in WHOLE_UNITS or asked.minor_units % 100 == 0


@pytest.mark.parametrize("currency, asked", [("eur", "20.55 EUR"), ("jpy", "2,055 JPY"), ("sek", "200.55 SEK")])
def test_an_ending_that_the_scenario_is_about_is_kept(currency, asked):
    assert str(in_money_of(Money.parse("20.55 USD"), currency)) == asked


@pytest.mark.parametrize("currency", ["kwd", "isk"])
def test_where_no_amount_can_end_so_it_is_said(currency):
    with pytest.raises(NoSuchPrice, match=f"no amount in {currency.upper()} ends in 55"):
        in_money_of(Money.parse("20.55 USD"), currency)


def test_the_steps_of_a_scenario_are_asked_and_expected_in_the_same_money():
    steps = ["a sale of 1,005.10 USD", "the customer tips 2.40 USD", "the customer has been charged 1,007.50 USD"]

    assert reworded(steps, {"FD-43"}, Prices("eur")) == [step.replace("USD", "EUR") for step in steps]


@pytest.mark.parametrize("tag", ["country-CA", "currency-jpy", "names-currency"])
def test_a_scenario_about_a_currency_is_asked_as_it_is_written(tag):
    assert reworded(["a sale of 20.00 USD"], {tag}, Prices("eur", Money(900, "eur"))) == ["a sale of 20.00 USD"]


def test_where_any_amount_would_do_the_fixed_price_stands_for_it():
    steps = ["a sale of 20.00 USD", "the customer has been charged 20.00 USD", "the customer was charged 0.00 USD"]

    assert reworded(steps, set(), Prices("eur", Money(900, "eur"))) == [
        "a sale of 9.00 EUR", "the customer has been charged 9.00 EUR", "the customer was charged 0.00 EUR"
    ]  # fmt: skip


@pytest.mark.parametrize("amount", ["19.99 USD", "20.55 USD", "1,005.10 USD", "10,000.20 USD"])
def test_an_amount_that_is_there_for_a_reason_has_nothing_to_stand_for_it(amount):
    assert reworded([f"a sale of {amount}"], set(), Prices("usd", Money(900, "usd"))) == [f"a sale of {amount}"]


def test_amounts_that_hang_together_are_not_asked_of_a_till_with_a_price_of_its_own():
    prices = Prices("eur", Money(900, "eur"))
    steps = reworded(["a sale of 20.00 USD", "the cashier refunds 8.00 USD"], set(), prices)

    assert steps == ["a sale of 20.00 EUR", "the cashier refunds 8.00 EUR"]
    assert prices.why_not(Money.parse("20.00 EUR")) == (
        "till.fixed_amount: every sale of this till costs 9.00 EUR, and the scenario needs one of 20.00 EUR "
        "or amounts that hang together with it"
    )
    assert prices.why_not(Money.parse("9.00 EUR")) is None
    assert prices.usual(1460) == Money.parse("9.00 EUR")


def test_every_currency_has_one_factor():
    assert [factor(currency) for currency in ("usd", "jpy", "kwd", "sek", "thb", "czk", "huf")] == [
        1, 1, 10, 10, 10, 100, 1000
    ]  # fmt: skip
