"""Further tills of one file."""

from pathlib import Path

import pytest

from cardpresent.profile import IntegrationError, load
from tests.profile.test_loading import GOOD

JAPAN = """
[shops.japan]
till = { country = "JP", currencies = ["jpy"] }
process.env = { CURRENCY = "jpy" }
"""


def _loaded(folder: Path, text: str):
    path = folder / "cardpresent.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_shop_is_the_file_with_its_own_answers_laid_over(tmp_path):
    till = _loaded(tmp_path, GOOD + JAPAN)

    japan = till.shops["japan"]
    assert (japan.till.country, japan.till.currencies) == ("JP", ("jpy",))
    assert japan.till.name == till.till.name
    assert japan.operations == till.operations
    assert japan.process.env == {**till.process.env, "CURRENCY": "jpy"}
    assert (till.shop, japan.shop) == ("main", "japan")
    assert list(till.every_shop) == ["main", "japan"]


def test_a_file_without_shops_has_one_till(tmp_path):
    assert list(_loaded(tmp_path, GOOD).every_shop) == ["main"]


@pytest.mark.parametrize(
    ("over", "place", "words"),
    [
        ('[shops.japan]\ntill = { country = "Japan" }', "shops.japan.till.country", "in shop japan"),
        ("[shops.japan.capabilities]\nsushi = true", "shops.japan.capabilities.sushi", "unknown capability"),
        ("[shops.Japan]\ntill = { country = 'JP' }", "shops.Japan", "small letters"),
        ("[shops.main]\ntill = { country = 'JP' }", "shops.main", "not main"),
    ],
)
def test_what_is_wrong_in_a_shop_is_named_with_its_place(tmp_path, over, place, words):
    with pytest.raises(IntegrationError) as wrong:
        _loaded(tmp_path, f"{GOOD}\n{over}\n")

    assert wrong.value.key == place
    assert words in str(wrong.value)


def test_false_takes_a_table_away_in_a_shop(tmp_path):
    receipt = "[operations.receipt]\nmethod = 'GET'\npath = '/receipt'\n[webhooks]\npath = '/hook'\n"
    over = "[shops.bare]\nwebhooks = false\noperations.receipt = false"

    till = _loaded(tmp_path, f"{GOOD}\n{receipt}\n{over}\n")

    assert till.webhooks is not None and "receipt" in till.operations
    assert till.shops["bare"].webhooks is None
    assert "receipt" not in till.shops["bare"].operations
