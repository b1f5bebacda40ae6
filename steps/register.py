"""Two registers in one shop, and the sales that meet at them."""

from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.registers import Registers
from cardpresent.actors.stage import Stage
from cardpresent.checks import conduct, invariants, registers
from cardpresent.model.money import Money
from steps.amounts import TYPES


@given("a second register with a reader of its own")
def own_reader(shop: Registers) -> None:
    shop.opens_second(shares_reader=False)


@given("a second register that shares the reader")
def shared_reader(shop: Registers) -> None:
    shop.opens_second(shares_reader=True)


@given(parsers.parse("a sale of {amount:Money} sent to both registers at once", extra_types=TYPES))
def sent_to_both(shop: Registers, amount: Money) -> None:
    shop.starts_at_both(amount)


@given("the same sale is sent to the second register")
@when("the same sale is sent to the second register")
def same_sale(shop: Registers) -> None:
    shop.sends_same_sale()


@given("the cashier asks for a card again at the second register")
def retry_at_second(shop: Registers) -> None:
    shop.retries_at_second()


@given(parsers.parse("the second register starts a sale of {amount:Money}", extra_types=TYPES))
@when(parsers.parse("the second register starts a sale of {amount:Money}", extra_types=TYPES))
def sale_at_second(shop: Registers, amount: Money) -> None:
    shop.starts_at_second(amount)


@given(parsers.parse("the next sale of {amount:Money} is started on the same reader", extra_types=TYPES))
@when(parsers.parse("the next sale of {amount:Money} is started on the same reader", extra_types=TYPES))
def next_sale(shop: Registers, amount: Money) -> None:
    shop.starts_next_on_same_reader(amount)


@then("the second register was served while the first was kept waiting")
def served_meanwhile(stage: Stage) -> None:
    stage.judge(conduct.others_served_meanwhile(stage.followed()))


@when("the later sale is cancelled")
def later_cancelled(shop: Registers) -> None:
    shop.cancels_the_later()


@when("an approved card is presented at every reader that asks for one")
def cards_everywhere(shop: Registers) -> None:
    shop.cards_at_every_reader()


@then("the second register is told that the sale is being paid")
def second_told(stage: Stage, cashier: Cashier) -> None:
    stage.judge_now(registers.second_register_told, cashier.sale)


@then("the till does not call the try under way ended")
def running_told(stage: Stage, cashier: Cashier) -> None:
    stage.judge_now(registers.running_attempt_told, cashier.sale)


@then("the reader is still at the earlier sale")
def not_disturbed(stage: Stage, cashier: Cashier) -> None:
    stage.judge_now(registers.not_disturbed, cashier.sale_before())


@then("the word on every sale matches the books")
def every_word(stage: Stage) -> None:
    stage.judge_every(invariants.captured_as_told)
