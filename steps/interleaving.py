"""Whatever happens, in whatever order."""

import pytest
from pytest_bdd import given, parsers, then, when

from cardpresent.actors.stage import Stage
from cardpresent.launch.plan import PLAN
from steps.orders import Orders
from steps.recorder import PENDING
from steps.stage import fresh_stage


@pytest.fixture
def orders(request: pytest.FixtureRequest, stage: Stage) -> Orders:
    plan, record = request.config.stash[PLAN], request.node.stash[PENDING]
    return Orders(plan, record, stage, lambda: fresh_stage(request, stage.around))


@given(parsers.parse("everything that can befall {thing}"))
def everything(orders: Orders, thing: str) -> None:
    orders.of(thing)


@when("it befalls the till in one order after another")
def befalls(orders: Orders) -> None:
    orders.befall()


@then("no order has ended in a word that the books contradict")
def no_contradiction(orders: Orders) -> None:
    orders.judged()
