"""A till's data: emptied before anything is sold, and not touched where nobody has consented."""

from collections.abc import Callable
from pathlib import Path

from tests.certify.running import PAID, Bench

ABROAD = """
[shops.ca]
till = { country = "CA", currencies = ["cad"] }
process.env = { SHOP = "2", CURRENCY = "cad" }
"""
EVERYWHERE = "A usual sale is paid in the money of the country, with the debit card that is usual there"


def added(file: Path, text: str) -> Path:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")
    return file


def test_data_that_is_not_the_runs_alone_is_left_alone_without_consent(bench: Bench, till: Callable[..., Path]) -> None:
    ended = bench.certify("--integration", added(till("naive_till"), "\n[data]\nholds_rows = true\n"))

    assert ended.code == 3
    ended.says("data.holds_rows: is true, and nobody has consented", 'write who lets it, as consent = "…"')
    assert ended.left_nothing


def test_whoever_consented_stands_in_the_report(bench: Bench, till: Callable[..., Path]) -> None:
    data = "\n[data]\nholds_rows = true\nconsent = \"staging only; Ada, 2026-11-02\"\n"

    ended = bench.certify("--integration", added(till("naive_till"), data), "--select", PAID)

    assert ended.outcomes() == {PAID: "passed"}
    assert ended.report["till"]["consent"] == "staging only; Ada, 2026-11-02"


def test_the_data_is_emptied_before_each_shop_is_asked_for_anything(bench: Bench, till: Callable[..., Path]) -> None:
    times = bench.folder / "emptied"
    empties = f"import os; open('{times}', 'a').write(os.environ.get('SHOP', '1'))"
    data = f'\n[data]\nreset_command = ["{{python}}", "-c", "{empties}"]\n{ABROAD}'

    ended = bench.certify("--integration", added(till("naive_till"), data), "--select", EVERYWHERE)

    assert {row["shop"] for row in ended.scenario(EVERYWHERE)["rows"]} == {"main", "ca"}
    assert times.read_text(encoding="utf-8") == "12"


def test_a_reset_that_is_refused_stops_the_run_before_its_first_sale(bench: Bench, till: Callable[..., Path]) -> None:
    data = '\n[data.reset]\nmethod = "POST"\npath = "/no/such/path"\n'

    ended = bench.certify("--integration", added(till("naive_till"), data), "--select", PAID)

    assert ended.code == 3
    ended.says("data.reset: the till was asked to empty its data, and it answered 404; correct the request")
    assert not bench.alive()


def test_a_command_that_does_not_empty_it_is_named_with_its_last_words(bench: Bench, till: Callable[..., Path]) -> None:
    data = '\n[data]\nreset_command = ["{python}", "-c", "raise SystemExit(\'no database\')"]\n'

    ended = bench.certify("--integration", added(till("naive_till"), data), "--select", PAID)

    assert ended.code == 3
    ended.says("data.reset_command: ", "exited with 1: no database")
