"""A till's data is emptied for each shop of a file, before anything is sold there."""

from collections.abc import Callable
from pathlib import Path

from tests.certify.running import Bench

ABROAD = """
[shops.ca]
till = { country = "CA", currencies = ["cad"] }
process.env = { SHOP = "2", CURRENCY = "cad" }
"""
EVERYWHERE = "A usual sale is paid in the money of the country, with the debit card that is usual there"


def added(file: Path, text: str) -> Path:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
    return file


def test_the_data_is_emptied_before_each_shop_is_asked_for_anything(bench: Bench, till: Callable[..., Path]) -> None:
    times = bench.folder / "emptied"
    empties = f"import os; open('{times}', 'a').write(os.environ.get('SHOP', '1'))"
    data = f'\n[data]\nreset_command = ["{{python}}", "-c", "{empties}"]\n{ABROAD}'

    ended = bench.certify("--integration", added(till("naive_till"), data), "--select", EVERYWHERE)

    assert {row["shop"] for row in ended.scenario(EVERYWHERE)["rows"]} == {"main", "ca"}
    assert times.read_text(encoding="utf-8") == "12"
