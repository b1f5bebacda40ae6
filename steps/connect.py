"""Where a platform sells for others."""

from pytest_bdd import parsers, then, when

from cardpresent.actors.attacker import Attacker
from cardpresent.actors.cashier import Cashier
from cardpresent.actors.installer import Installer
from cardpresent.actors.platform import Platform
from cardpresent.actors.stage import Stage
from cardpresent.checks import connect, fleet


@when("the manager registers a new reader")
def register_reader(installer: Installer) -> None:
    installer.registers()


@when(parsers.parse("a webhook of {whose} account says that the sale is paid"))
def other_accounts_event(attacker: Attacker, cashier: Cashier, whose: str) -> None:
    attacker.sends_event_of_account(cashier.sale, whose)


@then("every call of the till was made on the account that takes the payments")
def one_account(stage: Stage, platform: Platform) -> None:
    stage.judge(connect.one_account(stage.followed(), platform.account))


@then("the event set nothing off")
def nothing_set_off(stage: Stage, cashier: Cashier) -> None:
    stage.judge_unchanged(connect.nothing_set_off, cashier.sale)


@then("the seller gets the payment")
def seller_paid(stage: Stage, cashier: Cashier, platform: Platform) -> None:
    stage.judge_final(connect.seller_paid, cashier.sale, platform.seller)


@then("the seller's share is taken back")
def seller_gives_back(stage: Stage, cashier: Cashier) -> None:
    stage.judge_final(connect.seller_gives_back, cashier.sale)


@then("the platform keeps its share of what was captured")
def fee(stage: Stage, cashier: Cashier, platform: Platform) -> None:
    stage.judge_final(connect.fee_of_what_was_captured, cashier.sale, platform.fee_percent)


@then("the new reader is on the seller's account")
def on_sellers_account(stage: Stage) -> None:
    stage.judge(fleet.registered(stage.followed(), "DC-06.4"))


@then("the new reader is on the platform's account")
def on_platforms_account(stage: Stage) -> None:
    stage.judge(fleet.registered(stage.followed(), "DC-06.5"))
