"""The sample merchants: each file sound, none at odds with its currency, and something to go by for every country."""

from pathlib import Path

import pytest

from cardpresent.actors.cards import NUMBERS
from cardpresent.model.money import Money, exponent
from cardpresent.profile.merchants import MerchantError, load_merchants, merchant_of
from cardpresent.profile.prices import ENDINGS

FOLDER = Path(__file__).parents[2] / "fixtures" / "merchants"
SHIPPED = load_merchants(FOLDER)

each = pytest.mark.parametrize("merchant", SHIPPED.values(), ids=lambda merchant: merchant.country)


def test_there_is_a_merchant_for_every_kind_of_country_that_differs_in_money() -> None:
    assert {country: merchant.currency for country, merchant in SHIPPED.items()} == {
        "US": "usd", "CA": "cad", "GB": "gbp", "DE": "eur", "AU": "aud", "JP": "jpy",
    }  # fmt: skip


@each
def test_a_merchant_stands_in_its_own_country_and_says_where_each_fact_is_written(merchant) -> None:
    address = merchant.location.get("address") or merchant.location["address_kanji"]

    assert address["country"] == merchant.country
    assert merchant.facts and merchant.networks
    assert all(fact.source.startswith("https://") for fact in merchant.facts)


@each
def test_a_merchant_is_refused_a_neighbours_currency_and_one_with_three_decimals(merchant) -> None:
    decimals = sorted(exponent(amount.currency) for amount in merchant.refused)

    assert decimals == [2, 3]


@each
def test_a_sweep_holds_an_amount_that_a_float_gets_wrong(merchant) -> None:
    wrong = [a for a in merchant.sweep if int(float(a.decimal) * 10 ** exponent(a.currency)) != a.minor_units]

    assert wrong or exponent(merchant.currency) == 0


@each
def test_every_card_of_a_merchant_is_one_that_the_journal_knows_as_a_test_card(merchant) -> None:
    assert set(merchant.cards.values()) <= NUMBERS


def test_a_country_without_a_file_still_has_a_location_and_amounts_in_its_tills_currency() -> None:
    merchant = merchant_of(SHIPPED, "NZ", "nzd")

    assert merchant.location["address"]["country"] == "NZ"
    assert (merchant.sale, merchant.refund) == (Money(48_000, "nzd"), Money(18_000, "nzd"))
    assert merchant.sweep and not {a.minor_units % 100 for a in merchant.sweep} & ENDINGS


def test_a_till_that_sells_in_another_currency_keeps_its_countrys_location() -> None:
    merchant = merchant_of(SHIPPED, "JP", "usd")

    assert (merchant.location, merchant.sale.currency) == (SHIPPED["JP"].location, "usd")
    assert all(amount.currency != "usd" for amount in merchant.refused)


@pytest.mark.parametrize(
    "old, new, named",
    [
        pytest.param("decimals = 0", "decimals = 2", "decimals: JPY has 0", id="decimals"),
        pytest.param('"1,200 JPY"', '"1,205 JPY"', "declines 1,205 JPY by its ending", id="a magic ending"),
        pytest.param('"480 JPY"', '"4.80 USD"', "4.80 USD is not in JPY", id="a foreign refund"),
        pytest.param('"20.00 USD"', '"20 JPY"', "20 JPY is in the shop's own currency", id="nothing to refuse"),
        pytest.param('"480 JPY"', '"4.80 JPY"', "JPY has 0 decimals", id="no amount"),
        pytest.param('sale = "1,200', 'sales = "1,200', "sales", id="unknown key"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_by_name(tmp_path, old, new, named) -> None:
    text = (FOLDER / "jp.toml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (tmp_path / "jp.toml").write_text(text.replace(old, new), encoding="utf-8")

    with pytest.raises(MerchantError, match=named):
        load_merchants(tmp_path)


def test_two_files_of_one_country_are_one_too_many(tmp_path) -> None:
    text = (FOLDER / "jp.toml").read_text(encoding="utf-8")
    for name in ("jp", "nippon"):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")

    with pytest.raises(MerchantError, match="JP has a file already"):
        load_merchants(tmp_path)
