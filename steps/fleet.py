"""The shop's readers: registered, given to registers, listed."""

from pytest_bdd import given, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.installer import WRONG_CODE, Installer
from cardpresent.actors.network import Network
from cardpresent.actors.stage import Stage
from cardpresent.checks import fleet


@given("the manager has registered a new reader")
@when("the manager registers a new reader at the other site")
def register_reader(installer: Installer) -> None:
    installer.registers()


@when("the manager types in a wrong registration code")
def wrong_code(installer: Installer) -> None:
    installer.registers(code=WRONG_CODE)


@when("a stranger registers a reader")
def stranger_registers(installer: Installer) -> None:
    installer.registers(role="stranger")


@given("the shop has another site")
def another_site(installer: Installer) -> None:
    installer.opens_site()


@given("the register is given the new reader")
@given("the register is given the reader on the second page")
def bind(installer: Installer) -> None:
    installer.binds()


@when("the manager gives the register a reader of another site")
def bind_misplaced(installer: Installer) -> None:
    installer.binds_misplaced()


@when("the manager gives the register a reader without a Location")
def bind_unplaced(installer: Installer) -> None:
    installer.binds_unplaced()


@given("the shop has so many readers that its own is on the second page")
def many_readers(installer: Installer) -> None:
    installer.fills_a_page()


@given("the cashier has looked at the list of readers")
@when("the cashier looks at the list of readers")
def look_at_list(installer: Installer) -> None:
    installer.looks_at_list()


@given("the reader loses its network")
def loses_network(network: Network) -> None:
    network.reader_vanishes()


@then("the new reader belongs to the shop")
def new_reader(stage: Stage) -> None:
    stage.judge(fleet.registered(stage.followed()))


@then("the new reader stands at the site that was chosen")
def chosen_site(stage: Stage) -> None:
    stage.judge(fleet.at_the_chosen_location(stage.followed()))


@then("the manager is told that the code is wrong")
def told_wrong_code(stage: Stage) -> None:
    stage.judge(fleet.wrong_code_told(stage.followed()))


@then("no reader was registered")
def nothing_registered(stage: Stage) -> None:
    stage.judge(fleet.strangers_register_nothing(stage.followed()))


@then("the reader on the second page is in the list")
def in_list(stage: Stage) -> None:
    stage.judge_observed(fleet.listed(stage.followed()), "a reader in the till's list")


@then("the reader stands in the list as it is now")
def listed_live(stage: Stage) -> None:
    stage.judge_observed(fleet.listed(stage.followed(), "DC-08.1"), "a reader in the till's list")


@then("the till does not take it without a word")
def misplaced_told(stage: Stage) -> None:
    stage.judge(fleet.misplaced_reader_told(stage.followed()))


@then("no other reader was sent the sale")
@then("each register's sale is on its own reader")
def own_readers(stage: Stage, cashier: Cashier) -> None:
    stage.judge(fleet.sent_to_own_reader(stage.followed(), *cashier.whose_readers()))
