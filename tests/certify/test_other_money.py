"""A till that sells in euros, or at one price only, is asked for what it sells; the report shows what that was."""

from collections.abc import Callable
from pathlib import Path

from tests.certify.running import PAID, Bench

REFUNDED = "A refund returns the amount once"
PARTLY = "A refund larger than the captured amount is refused"
DECLINED = "A bank that declines an amount leaves the customer uncharged"
EUROS = (('country = "US"', 'country = "DE"'), ('currencies = ["usd"]', 'currencies = ["eur"]'))


def steps(ended, title: str) -> str:
    return " / ".join(step["text"] for step in ended.scenario(title)["steps"])


def test_a_till_in_euros_is_asked_for_euros_and_judged_in_euros(bench: Bench, till: Callable[..., Path]) -> None:
    file = till("naive_till", *EUROS, CURRENCY="eur")

    ended = bench.certify("--integration", file, "--select", PAID, "--select", DECLINED)

    assert ended.outcomes() == {PAID: "passed", DECLINED: "passed"}
    assert "a sale of 20.00 EUR" in steps(ended, PAID) and "charged 20.00 EUR" in steps(ended, PAID)
    assert "USD" not in steps(ended, PAID) + steps(ended, DECLINED)


def test_a_till_that_takes_the_wrong_money_is_still_found_out(bench: Bench, till: Callable[..., Path]) -> None:
    file = till("naive_till", *EUROS, CURRENCY="gbp")

    ended = bench.certify("--integration", file, "--select", PAID)

    assert ended.code == 1
    assert ended.outcomes() == {PAID: "failed"}
    page = (ended.out / "certificate.html").read_text(encoding="utf-8")
    assert "20.00 EUR" in page
    assert "Scenarios are written in USD; the till was asked in EUR." in page
    assert set(ended.report["versions"]) >= {"integration_baseline_sha256", "integration_environment_sha256"}


def test_a_till_with_one_price_is_asked_for_that_or_not_at_all(bench: Bench, till: Callable[..., Path]) -> None:
    one_price = (
        ('currencies = ["eur"]', 'currencies = ["eur"]\nfixed_amount = 900'),
        ('json = { amount = "{amount.string}" }', 'json = { amount = "9.00" }'),
    )
    file = till("naive_till", *EUROS, *one_price, CURRENCY="eur")

    chosen = [word for title in (PAID, REFUNDED, PARTLY, DECLINED) for word in ("--select", title)]
    ended = bench.certify("--integration", file, *chosen)

    assert ended.outcomes() == {PAID: "passed", REFUNDED: "passed", PARTLY: "not_demonstrated",
                                DECLINED: "not_demonstrated"}  # fmt: skip
    assert "charged 9.00 EUR" in steps(ended, PAID)
    assert ended.scenario(PARTLY)["reason"].startswith(
        "till.fixed_amount: every sale of this till costs 9.00 EUR, and the scenario needs one of "
    )


def test_nobody_pays_by_interac_where_the_shop_does_not_take_it(bench: Bench, till: Callable[..., Path]) -> None:
    usual = "A usual sale is paid in the money of the country, with the debit card that is usual there"
    dollars = (('country = "US"', 'country = "CA"'), ('currencies = ["usd"]', 'currencies = ["cad"]'))
    file = till(
        "naive_till", *dollars, ('interac = "the shop is in the United States"', 'interac = "no Interac is taken"'),
        CURRENCY="cad",
    )

    ended = bench.certify("--integration", file, "--select", usual)

    assert ended.outcomes() == {usual: "passed"}, ended.stderr
