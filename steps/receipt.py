"""What stands on a receipt."""

from pytest_bdd import given, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.stage import Stage
from cardpresent.checks import receipts


@given("the cashier has asked for a receipt")
@when("the cashier asks for a receipt")
def ask_receipt(cashier: Cashier) -> None:
    cashier.asks_receipt()


@then("the receipt names the card application")
def names_application(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(receipts.names_the_application, cashier.sale)


@then("the receipt shows what was charged")
def shows_amount(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(receipts.shows_what_was_charged, cashier.sale)


@then("the receipt names the card by its last digits only")
def last_digits(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(receipts.card_by_its_last_digits, cashier.sale)


@then("the customer gets a receipt")
def given_receipt(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(receipts.on_offer, cashier.sale)


@then("no receipt says that the sale was paid")
def no_paid_receipt(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(receipts.nothing_paid_after_decline, cashier.sale)


@then("the receipt shows what was given back")
def shows_refund(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(receipts.shows_what_was_refunded, cashier.sale)


@then("the receipt is the same as before")
def same_receipt(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(receipts.kept, cashier.sale)
