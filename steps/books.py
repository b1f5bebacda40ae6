"""The till's books and Stripe's, side by side."""

from pytest_bdd import then

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.stage import Stage
from cardpresent.checks import day, invariants


@then("the word at the till matches the books")
def word_matches(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(invariants.captured_as_told, cashier.sale)


@then("the till's books and Stripe's agree")
def books_agree(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(invariants.till_books_agree, cashier.sale)


@then("nothing of the sale is left open")
def nothing_open(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(day.nothing_left_open, cashier.sale)


@then("the till no longer counts on the money")
def not_counted(stage: Stage, cashier: Cashier) -> None:
    stage.judge_once(day.lapsed_hold_not_counted, cashier.sale)
