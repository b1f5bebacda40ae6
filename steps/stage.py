"""What a scenario stands on: the run's processes, its stage, and the people on it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cardpresent.actors.attacker import Attacker
from cardpresent.actors.bystander import customer_at
from cardpresent.actors.cashier import Cashier
from cardpresent.actors.customer import Customer
from cardpresent.actors.device import Device
from cardpresent.actors.fitter import Fitter
from cardpresent.actors.floor import Floor
from cardpresent.actors.installer import Installer
from cardpresent.actors.merchant import Merchant
from cardpresent.actors.network import Network
from cardpresent.actors.person import Person
from cardpresent.actors.platform import Platform
from cardpresent.actors.registers import Registers
from cardpresent.actors.screen import Screen
from cardpresent.actors.stage import Stage
from cardpresent.actors.surroundings import Surroundings
from cardpresent.launch.browser import find_browser
from cardpresent.launch.plan import PLAN, Plan, id_of, scenario_of
from cardpresent.launch.run import Run, opened
from cardpresent.profile import load
from steps.collection import SUITE, requirements_of

if TYPE_CHECKING:
    from cardpresent.drivers.pos.page import PagePos

NUMBER: pytest.StashKey[int] = pytest.StashKey()


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Iterator[Run]:
    """The run that `cardpresent certify` opened; under a bare `pytest features`, the reference POS on the emulator."""
    plan = pytestconfig.stash.get(PLAN, None)
    if plan is not None:
        yield plan.run
        return
    integration = load(SUITE / "fixtures" / "integrations" / "reference_pos.toml")
    with (
        tempfile.TemporaryDirectory(prefix="cardpresent-") as folder,
        opened(integration, Path(folder), seed=0) as fresh,
    ):
        pytestconfig.stash[PLAN] = Plan(fresh, find_browser())
        yield fresh
        # Its processes end before pytest does, so there is nothing left that could be judged once more.
        del pytestconfig.stash[PLAN]


@pytest.fixture
def stage(request: pytest.FixtureRequest, run: Run) -> Stage:
    """One scenario's stage. The recorder asks for it before the first step: a journal must not start in the middle."""
    return fresh_stage(request, run.around)


def fresh_stage(request: pytest.FixtureRequest, around: Surroundings) -> Stage:
    """A stage of the scenario that asks, with a reader and ids that no other has."""
    config = request.config
    config.stash[NUMBER] = config.stash.get(NUMBER, 0) + 1
    tags = requirements_of(request.node)
    made = Stage(around, scenario=id_of(request.node), subject=tags[0] if tags else "FD-81",
                 number=config.stash[NUMBER])  # fmt: skip
    made.begin()
    return made


@pytest.fixture
def cashier(stage: Stage) -> Cashier:
    return Cashier(stage)


@pytest.fixture
def customer(stage: Stage, cashier: Cashier) -> Customer:
    return customer_at(stage, cashier)


@pytest.fixture
def network(stage: Stage) -> Network:
    return Network(stage)


@pytest.fixture(scope="session")
def page(run: Run, pytestconfig: pytest.Config) -> Iterator["PagePos"]:
    """The till's page in a browser, opened when the first scenario asks for it."""
    browser = pytestconfig.stash[PLAN].browser
    if run.page is not None:
        yield run.page
        return
    assert browser is not None, "page scenarios are not run without a browser"
    with run.opens_page(browser) as opened_page:
        yield opened_page


@pytest.fixture
def screen(stage: Stage, cashier: Cashier, page: "PagePos") -> Screen:
    return Screen(stage, cashier, page)


@pytest.fixture
def shop(stage: Stage, cashier: Cashier, customer: Customer) -> Registers:
    return Registers(stage, cashier, customer)


@pytest.fixture
def floor(stage: Stage, cashier: Cashier) -> Floor:
    return Floor(stage, cashier)


@pytest.fixture
def merchant(stage: Stage) -> Merchant:
    return Merchant(stage)


@pytest.fixture
def person(request: pytest.FixtureRequest, stage: Stage) -> Person:
    plan: Plan = request.config.stash[PLAN]
    till, title = plan.run.integration.till, scenario_of(request.node).name
    lines = tuple(requirements_of(request.node))
    return Person(stage, plan.people, title, lines, till.name, till.build, plan.run.till.base_url)


@pytest.fixture
def device(stage: Stage, cashier: Cashier, person: Person) -> Device:
    return Device(stage, cashier, person)


@pytest.fixture
def attacker(stage: Stage) -> Attacker:
    return Attacker(stage)


@pytest.fixture
def fitter(stage: Stage, network: Network) -> Fitter:
    return Fitter(stage, network)


@pytest.fixture
def installer(stage: Stage) -> Installer:
    return Installer(stage)


@pytest.fixture
def platform(stage: Stage) -> Platform:
    """For whom the till sells; only scenarios that need `connect` ask."""
    assert stage.around.platform is not None, "put to a till that takes no payments for others"
    return stage.around.platform
