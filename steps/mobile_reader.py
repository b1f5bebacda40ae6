"""An app and its mobile reader: where it belongs, what it cannot show, and its software."""

from pytest_bdd import given, then, when

from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.fitter import Fitter
from cardpresent.actors.network import Network
from cardpresent.actors.stage import Stage
from cardpresent.checks import app


@given("the till works with a reader that has no screen")
def without_screen(fitter: Fitter) -> None:
    fitter.brings()


@given("the till works with a reader whose update can wait")
def optional_update(fitter: Fitter) -> None:
    fitter.brings(required=False)


@given("the till is given a reader that has to be updated first")
def required_update(fitter: Fitter) -> None:
    fitter.brings(required=True)


@when("the manager puts a mobile reader of another site at the till")
def from_another_site(fitter: Fitter) -> None:
    fitter.brings_from_another_site()


@given("half of the update is through")
def half_through(fitter: Fitter) -> None:
    fitter.sees_half_of_update()


@given("the cashier has tried to log out")
def tries_to_leave(cashier: Cashier) -> None:
    cashier.does_to_till("log_out")


@when("the update is through")
def is_through(fitter: Fitter) -> None:
    fitter.ends_update()


@given("the reader could not read the customer's card")
def unreadable(customer: Customer, network: Network) -> None:
    network.reader_fault("card_not_read", count=1)
    customer.taps_unreadably()


@given("the line stalls once the card is asked for")
def stalls(network: Network) -> None:
    network.stalls_before_confirming()


@given("the reader has forgotten the card before it was confirmed")
def forgotten(network: Network) -> None:
    network.outlasts_card()


@then("the reader belongs to the shop's own Location")
def at_shop(stage: Stage) -> None:
    stage.judge(app.placed_at_shop(stage.followed(), stage.around.location, stage.subject))


@given("the app has asked for the card once more")
def asked_again(stage: Stage, cashier: Cashier) -> None:
    stage.judge_once(app.card_asked_for_again, cashier.sale)


@when("the cashier looks at the app")
def looks(fitter: Fitter) -> None:
    fitter.looks_at_app()


@then("the app says that an update waits")
def announced(stage: Stage) -> None:
    stage.judge(app.update_announced(stage.followed()))


@then("the app says how long the update takes")
def estimated(stage: Stage) -> None:
    stage.judge(app.update_estimated(stage.followed()))


@then("the app has said what kept the reader")
def explained(stage: Stage) -> None:
    stage.judge(app.update_explained(stage.followed()))


@then("the app has shown how far the update had come")
def progress(stage: Stage) -> None:
    stage.judge(app.progress_shown(stage.followed()))


@then("the app was not left")
def not_left(stage: Stage) -> None:
    stage.judge(app.not_left(stage.followed()))


@given("the manager searches for readers where there are none")
def searches(fitter: Fitter) -> None:
    fitter.searches()


@when("the manager breaks the search off and searches again")
def breaks_off(fitter: Fitter) -> None:
    fitter.breaks_search_off()


@then("the first search has ended")
def search_ended(stage: Stage) -> None:
    stage.judge(app.search_ended(stage.followed()))
