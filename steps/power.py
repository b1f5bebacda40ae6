"""A till that loses power and comes back."""

from pytest_bdd import given, when

from cardpresent.actors.merchant import Merchant


@given("the till loses power")
def power_cut(merchant: Merchant) -> None:
    merchant.loses_power()


@given("the till is started again")
@when("the till is started again")
def started_again(merchant: Merchant) -> None:
    merchant.starts_till_again()
