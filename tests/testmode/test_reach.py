"""Which scenarios can run at a real Stripe is decided before they start, from what their steps do, and for all."""

import ast
from pathlib import Path
from textwrap import dedent

import pytest

import cardpresent.actors
from cardpresent.cli.call_graph import Code
from cardpresent.cli.needs import UNNAMED, Needs
from cardpresent.cli.reach import needs_of, reach, unstaged, why_not_here
from cardpresent.cli.selection import Listed, listed
from cardpresent.drivers.stripe.emulated import EmulatedStripe
from cardpresent.drivers.stripe.reader_faults import READER_FAULTS, can_be_refused
from cardpresent.emulator.faults.registry import FAULTS
from cardpresent.gateway.faults.registry import TRANSPORT
from cardpresent.model.outcome import ScenarioOutcome
from cardpresent.profile import MAIN, Integration, load

ROOT = Path(__file__).parents[2]
ACTORS = Path(cardpresent.actors.__file__).parent


@pytest.fixture(scope="module")
def till() -> Integration:
    return load(ROOT / "fixtures" / "integrations" / "reference_pos.toml")


@pytest.fixture(scope="module")
def scenarios() -> list[Listed]:
    return listed(ROOT)


# Decisions --------------------------------------------------------------------------------------------------------


def test_every_scenario_has_a_decision_and_every_no_a_reason(till: Integration, scenarios: list[Listed]) -> None:
    within = reach(scenarios, till, ROOT, "US")

    planned = {one.id for its in within.planned.values() for one in its}
    beyond = {one.scenario.id for one in within.beyond}
    assert planned | beyond == {one.id for one in scenarios}
    assert not planned & beyond
    assert all(one.reason for one in within.beyond)
    assert set(needs_of(ROOT)) == {one.id for one in scenarios}


def titled(scenarios: list[Listed], title: str) -> Listed:
    return next(one for one in scenarios if one.title == title)


@pytest.mark.parametrize(
    ("title", "says"),
    [
        ("A command whose acknowledgement is lost does not start a second payment", "took effect and was never"),
        ("An approved sale is charged once and only then shown as paid", None),
        ("A sale on a reader that is offline charges nothing", None),
        ("A busy reader is waited for, not stormed", None),
    ],
)
def test_a_decision_names_what_is_missing(scenarios: list[Listed], title: str, says: str | None) -> None:
    one = titled(scenarios, title)

    why = unstaged(one, needs_of(ROOT)[one.id])

    assert why is None if says is None else says in str(why)


def test_what_some_accounts_only_may_do_is_not_held_against_a_till(scenarios: list[Listed]) -> None:
    by_telephone = [one for one in scenarios if "needs-moto" in one.tags]

    assert by_telephone
    assert all("some accounts only" in str(unstaged(one, frozenset())) for one in by_telephone)


def test_a_shop_elsewhere_an_app_and_a_platform_are_out_of_reach_as_a_whole(till: Integration) -> None:
    reasons = {shop: why_not_here(one, "US") for shop, one in till.every_shop.items()}

    assert reasons.pop(MAIN) is None
    assert all(reasons.values())
    assert {"connected" in str(why) or "SDK" in str(why) or "test account is in US" in str(why)
            for why in reasons.values()} == {True}  # fmt: skip


def test_what_does_not_apply_to_a_till_stays_so_where_it_cannot_be_staged_either(
    till: Integration, scenarios: list[Listed]
) -> None:
    for one in reach(scenarios, till, ROOT, "US").beyond:
        assert one.outcome in {
            ScenarioOutcome.UNTESTED, ScenarioOutcome.NOT_APPLICABLE, ScenarioOutcome.NOT_DEMONSTRATED
        }
        if one.outcome is ScenarioOutcome.UNTESTED:
            assert not one.reason.startswith("no shop of this till")


def test_an_account_in_another_country_leaves_nothing_of_this_till_but_what_is_there(
    till: Integration, scenarios: list[Listed]
) -> None:
    within = reach(scenarios, till, ROOT, "JP")

    assert MAIN not in within.planned
    assert {till.every_shop[shop].till.country for shop in within.planned} == {"JP"}


# Needs are read from the code -------------------------------------------------------------------------------------


def suite(folder: Path, actor: str) -> Needs:
    (folder / "steps").mkdir()
    (folder / "actors").mkdir()
    (folder / "steps" / "sale.py").write_text(dedent("""
        from pytest_bdd import when

        @when("it rains")
        def rains(weather: Weather) -> None:
            weather.rains()
    """))
    (folder / "actors" / "weather.py").write_text(dedent(actor))
    return Needs(Code(folder, folder / "actors"))


@pytest.mark.parametrize(
    ("actor", "needs"),
    [
        ("class Weather:\n    def rains(self):\n        self._stage.around.stripe.v1.charges.list()\n", set()),
        ("class Weather:\n    def rains(self):\n        self._stage.around.emulated.advance_s(1)\n",
         {"time that passes at Stripe"}),
        ("class Weather:\n    def rains(self):\n        emulated = self._stage.around.emulated\n", {UNNAMED}),
        ("""
         class Weather:
             def __init__(self, network: Network):
                 self._network = network
             def rains(self):
                 self._pours()
             def _pours(self):
                 self._network.floods()
         class Network:
             def floods(self):
                 self.around.emulated.advance_s(1)
         class Sea:
             def floods(self):
                 self.around.emulated.customer_cancels("r")
         """, {"time that passes at Stripe"}),
        ("""
         class Weather:
             def rains(self):
                 somebody.floods()
         class Network:
             def floods(self):
                 self.around.emulated.advance_s(1)
         """, {"time that passes at Stripe"}),
        ("class Weather:\n    def rains(self):\n        self.network.reader_fault('reader_busy')\n", set()),
        ("class Weather:\n    def rains(self):\n        self.network.reader_fault('slow_issuer')\n",
         {READER_FAULTS["slow_issuer"]}),
        ("class Weather:\n    def rains(self):\n        self.network.reader_fault(self.name)\n",
         {"a reader or a bank that misbehaves"}),
        ("""
         DEEDS = (lambda people: people.around.emulated.advance_s(1),)
         class Weather:
             def rains(self):
                 DEEDS[0](self)
         """, {"time that passes at Stripe"}),
    ],
)  # fmt: skip
def test_a_need_is_found_wherever_a_step_leads(tmp_path: Path, actor: str, needs: set[str]) -> None:
    assert suite(tmp_path, actor).of("steps/sale.py", "rains") == needs


def test_every_use_of_the_emulator_says_what_it_is_for() -> None:
    """What an actor does with `around.emulated` is declared where it is done, in words for the report."""
    used = {
        node.attr
        for path in [*ACTORS.rglob("*.py"), *(ROOT / "steps").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "emulated"
    }

    assert used
    assert [name for name in sorted(used) if not getattr(getattr(EmulatedStripe, name), "only_emulated", None)] == []


def test_every_readers_fault_says_where_it_can_be_staged() -> None:
    assert set(READER_FAULTS) == set(FAULTS)


def test_the_gateway_stands_in_for_those_it_is_said_to() -> None:
    assert {fault for fault in READER_FAULTS if can_be_refused(fault)} <= set(TRANSPORT)
