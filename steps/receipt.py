"""What stands on a receipt."""

from pytest_bdd import then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.stage import Stage
from cardpresent.checks import receipts


@when("the cashier asks for a receipt")
def ask_receipt(cashier: Cashier) -> None:
    cashier.asks_receipt()


@then("the receipt names the card application")
def names_application(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(receipts.names_the_application, cashier.sale)


@then("the receipt shows what was charged")
def shows_amount(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(receipts.shows_what_was_charged, cashier.sale)
