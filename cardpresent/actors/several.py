"""Judging several sales, and what a till lists of them beside its word on each."""

from cardpresent.actors.sale import Sale
from cardpresent.actors.stage import SaleCheck, Stage


def judge_amounts(stage: Stage, check: SaleCheck) -> None:
    """Judge each sale of the scenario against its own amount, once it has come to its end."""
    for sale in stage.sales:
        stage.judge_final(check, sale, sale.amount)


def judge_in_order(stage: Stage, check: SaleCheck, *given: str) -> None:
    """Judge the sales one by one, each with a word of its own."""
    for sale, word in zip(stage.sales, given, strict=True):
        stage.judge_final(check, sale, word)


def judge_listed(stage: Stage, check: SaleCheck, sale: Sale) -> None:
    """Judge by the till's list of stored payments, as soon as it shows what it should."""

    def holds() -> bool:
        stage.perform("stored_payments", sale)
        stage.keep_books(stage.settle())
        finding = check(stage.journal, sale.id)
        return finding is not None and finding.holds is True

    stage.await_final(sale)
    stage.until(holds, stage.around.bounds.settle_s)
    stage.judge(check(stage.journal, sale.id))
