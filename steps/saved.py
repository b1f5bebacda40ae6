"""Cards that customers let the shop keep."""

import pytest
from pytest_bdd import given, parsers, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.keeper import Keeper
from cardpresent.actors.stage import Stage
from cardpresent.checks import saved
from cardpresent.model.money import Money
from steps.amounts import TYPES


@pytest.fixture
def keeper(stage: Stage, cashier: Cashier) -> Keeper:
    return Keeper(stage, cashier)


@given(
    parsers.parse("a sale of {amount:Money} whose customer lets the shop keep the card for itself", extra_types=TYPES)
)
def sale_to_keep(keeper: Keeper, amount: Money) -> None:
    keeper.rings_up_and_keeps(amount, "limited")


@given("a customer who lets the shop keep a card without buying anything")
def card_to_keep(keeper: Keeper) -> None:
    keeper.asks_for_card_to_keep("limited")


@given("a customer whose card the shop has kept")
def kept_card(keeper: Keeper) -> None:
    keeper.has_card("limited")


@when("the customer gives an approved card to be kept")
def gives_card(keeper: Keeper) -> None:
    keeper.is_given("approved")


@when("the customer gives a card to be kept that is declined")
def gives_declined_card(keeper: Keeper) -> None:
    keeper.is_given("generic_decline")


@given("the customer has changed their mind at the reader")
def changes_mind(keeper: Keeper) -> None:
    keeper.changes_mind()


@when(parsers.parse("the shop charges {amount:Money} to the kept card", extra_types=TYPES))
def charges_kept(keeper: Keeper, amount: Money) -> None:
    keeper.charges(amount)


@then("the till says rightly whether a card is kept")
def told_rightly(stage: Stage, keeper: Keeper) -> None:
    keeper.hears()
    stage.judge(saved.kept_as_told(stage.followed()))


@then("no card is kept")
def nothing_kept(stage: Stage, keeper: Keeper) -> None:
    keeper.hears()
    stage.judge(saved.nothing_kept(stage.followed()))


@then("the card is kept for no more than was allowed")
def as_allowed(stage: Stage) -> None:
    stage.judge(saved.kept_as_allowed(stage.followed()))


@then("the kept card has paid")
def kept_pays(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(saved.kept_card_pays, cashier.sale)
