"""`certify --plan`: reckoned from the suite's own code, and true of what a run then does."""

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cardpresent.cli.call_graph import Code
from cardpresent.cli.doings import DEEDS, DOES, Reckoner
from cardpresent.cli.foreseen import Foreseen, foreseen
from cardpresent.cli.main import main
from cardpresent.cli.plan import LEAVES
from cardpresent.cli.planned import lasting
from cardpresent.launch.suite import suite_root
from cardpresent.profile import VERBS, load
from cardpresent.profile.schema import Timing
from tests.certify.conftest import bench, compiled, till  # noqa: F401
from tests.certify.running import Bench

NAIVE = suite_root() / "fixtures" / "integrations" / "naive_till.toml"
TIMING = Timing(settle_s=3, late_s=2, unknown_within_s=5, deadline_s=7)


@pytest.fixture(scope="module")
def known() -> dict[str, Foreseen]:
    return foreseen(suite_root())


def planned(*words: Path | str) -> Result:
    return CliRunner().invoke(main, ["certify", "--plan", *map(str, words)])


def one(known: dict[str, Foreseen], title: str) -> Foreseen:
    return next(each for name, each in known.items() if name.endswith(f"::{title}"))


def test_all_that_a_scenario_can_do_is_either_told_or_known_to_leave_nothing() -> None:
    assert set(LEAVES) == {*VERBS, *DEEDS.values(), *DOES.values(), "knock"}


def test_every_scenario_that_works_a_till_is_seen_to(known: dict[str, Foreseen]) -> None:
    idle = {name for name, each in known.items() if not each.doings.verbs and not each.doings.deeds}

    assert {name.split("::")[0] for name in idle} <= {
        "features/people/app.feature", "features/people/production.feature", "features/people/shop.feature",
        "features/interleavings/any_order.feature",
    }  # fmt: skip


def test_a_scenario_is_foreseen_from_what_its_steps_call(known: dict[str, Foreseen]) -> None:
    paid = one(known, "An approved sale is charged once and only then shown as paid")
    parts = one(known, "Refunds in parts end at what was captured")
    power = one(known, "A paid sale is still paid after the till lost power")
    late = one(known, "A reader that nobody pays at is cleared at the till's own deadline")

    assert (paid.doings.deeds["sale"], paid.doings.verbs["refund_sale"]) == (1, 0)
    assert parts.doings.verbs["refund_sale"] >= 2
    assert power.doings.deeds["kill"] == 1
    assert paid.doings.deeds["kill"] == 0
    assert late.doings.waits["deadline_s"] > 0


def test_a_bound_grows_with_what_the_file_declares_and_a_wait_for_nothing_is_always_waited(
    known: dict[str, Foreseen]
) -> None:
    late = one(known, "A reader that nobody pays at is cleared at the till's own deadline")
    longer = Timing(settle_s=3, late_s=2, unknown_within_s=5, deadline_s=107)

    assert late.bound_s(longer, 4) >= late.bound_s(TIMING, 4) + 100
    assert late.usual_s(longer, 4) >= late.usual_s(TIMING, 4) + 100
    assert 0 < late.usual_s(TIMING, 4) < late.bound_s(TIMING, 4)


def test_stories_in_random_orders_are_reckoned_by_their_number(known: dict[str, Foreseen]) -> None:
    orders = one(known, "Whatever befalls a sale in whatever order, the till ends up saying what the books say")

    assert orders.bound_s(TIMING, 500) - orders.bound_s(TIMING, 4) == pytest.approx(496 * orders.story_s)


SUITE = {
    "steps/sale.py": """
from pytest_bdd import given, when
from cardpresent.actors import elsewhere
from cardpresent.actors.clerk import Clerk
HOW = {"by card": "refund_sale", "by hand": "finish_sale"}
@given("a sale")
def sale(clerk: Clerk) -> None:
    clerk.sells()
@when("the till dies")
def dies(clerk: Clerk) -> None:
    clerk.stage.around.till.kill()
@when("it is given back")
def back(clerk: Clerk, how: str) -> None:
    clerk.does(HOW[how])
@when("it goes round")
def round(clerk: Clerk) -> None:
    clerk.ping()
@when("somebody else does it")
def other(clerk: Clerk) -> None:
    elsewhere.does(clerk)
""",
    "actors/clerk.py": """
from cardpresent.actors.stage import Stage
class Clerk:
    def __init__(self, stage: Stage, other: Stage) -> None:
        self.stage, self._other = stage, other
    def sells(self) -> None:
        stage = self.stage
        stage.perform("start_sale", None)
        self._waits(stage)
    def _waits(self, stage: Stage) -> None:
        stage.until(stage.around.bounds.settle_s)
    def does(self, verb: str) -> None: ...
    def ping(self) -> None:
        self.pong()
    def pong(self) -> None:
        self.ping()
        self.stage.perform("edit_sale", None)
""",
    "actors/stage.py": """
class Stage:
    around: object
    def perform(self, verb: str, sale: object) -> None: ...
""",
    "actors/elsewhere.py": """
from cardpresent.actors.clerk import Clerk
def does(clerk: Clerk) -> None:
    if clerk.ready:
        clerk.stage.perform("cancel_sale", None)
""",
}


@pytest.mark.parametrize(
    ("function", "verbs", "deeds", "waits"),
    [
        ("sale", {"start_sale": 1}, {}, {"settle_s": 1}), ("dies", {}, {"kill": 1}, {}),
        ("back", {"refund_sale": 1, "finish_sale": 1}, {}, {}), ("round", {"edit_sale": 1}, {}, {}),
        ("other", {"cancel_sale": 1}, {}, {}),
    ],
)  # fmt: skip
def test_calls_are_followed_by_their_types(
    tmp_path: Path, function: str, verbs: dict, deeds: dict, waits: dict
) -> None:
    for name, text in SUITE.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    reckoner = Reckoner(Code(tmp_path, tmp_path / "actors"))

    found = reckoner.step("steps/sale.py", function)

    assert (dict(found.verbs), dict(found.deeds), dict(found.waits)) == (verbs, deeds, waits)
    # What was met on the way round a circle is known in full all the same.
    assert set(reckoner.function("cardpresent.actors.clerk", "Clerk.pong").verbs) == {"edit_sale"}


def test_a_plan_starts_nothing_and_writes_nothing(bench: Bench) -> None:  # noqa: F811
    ended = bench.run("certify", "--plan", "--integration", NAIVE)

    assert ended.code == 0
    assert "Nothing was started" in ended.stdout
    assert "sales rung up" in ended.stdout
    assert "not demonstrated: the till has no webhooks: declared as absent" in ended.stdout
    assert "settle_s 3, late_s 0, unknown_within_s 3, deadline_s 4" in ended.stdout
    assert list(bench.folder.iterdir()) == []


def test_a_bad_file_ends_a_plan_as_it_ends_a_run(bench: Bench, till: Callable[..., Path]) -> None:  # noqa: F811
    file = till("naive_till", ("settle_s = 3", 'settle_s = "3"'))

    ended = bench.run("certify", "--plan", "--integration", file)

    assert ended.code == 3
    ended.says("timing.settle_s", "write a number")


def test_what_is_planned_is_what_a_run_then_does(bench: Bench, known: dict[str, Foreseen]) -> None:  # noqa: F811
    words = ("--integration", NAIVE, "--select", "FD-15", "--select", "FD-53", "--select", "FD-66")
    told = json.loads(planned(*words, "--json").output)

    ran = bench.certify(*words)

    (plan,), timing = told["tills"], load(NAIVE).timing
    idle = ("not_demonstrated", "not_applicable", "untested")
    executed = {s["id"]: s for s in ran.report["scenarios"] if s["outcome"] not in idle}
    assert plan["scenarios"] == len(executed)
    assert plan["runs"] == sum(len(s.get("rows", [s])) for s in executed.values())
    assert {(each["reason"], each["scenarios"]) for each in plan["unasked"]} == _reasons(ran.report, idle)
    performed, sales = _done(ran.out / "journal.jsonl")
    for name, scenario in executed.items():
        assert performed[name] <= known[name].doings.verbs.keys(), name
        assert len(sales[name]) <= known[name].doings.deeds["sale"], name
        assert scenario["duration_ms"] / 1000 <= known[name].bound_s(timing, 4), name
    assert plan["does"]["sales rung up"] == sum(map(len, sales.values()))
    assert ran.report["timing"]["wall_s"] < plan["bound_s"]


def _reasons(report: dict, idle: tuple[str, ...]) -> set[tuple[str, int]]:
    counts: dict[str, int] = defaultdict(int)
    for scenario in report["scenarios"]:
        if scenario["outcome"] in idle:
            counts[scenario["reason"]] += 1
    return set(counts.items())


def _done(journal: Path) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """What each scenario had the till do, and the sales it rang up; a reader is bound before every one."""
    performed: dict[str, set[str]] = defaultdict(set)
    sales: dict[str, set[str]] = defaultdict(set)
    for line in journal.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["kind"] in ("screen", "intent") and entry["scenario"]:
            if entry["kind"] == "screen" and entry["data"]["verb"] != "bind_reader":
                performed[entry["scenario"]].add(entry["data"]["verb"])
            if entry["data"]["verb"] == "start_sale":
                sales[entry["scenario"]].add(entry["sale"])
    return performed, sales


def test_a_till_that_holds_rows_is_told_as_one_that_is_not_driven(tmp_path: Path) -> None:
    text = NAIVE.read_text(encoding="utf-8") + "\n[data]\nholds_rows = true\n"
    file = tmp_path / "cardpresent.toml"
    file.write_text(text, encoding="utf-8")

    without = planned("--integration", file)
    file.write_text(text + 'consent = "Ada Lovelace"\n', encoding="utf-8")
    consented = planned("--integration", file)

    assert (without.exit_code, consented.exit_code) == (0, 0)
    assert "will not be driven" in without.output
    assert "data.consent" in without.output
    assert "will not be driven" not in consented.output


def test_what_is_narrowed_in_a_run_is_narrowed_in_its_plan() -> None:
    whole, some = (json.loads(planned(*words, "--json").output) for words in ((), ("--select", "FD-26")))

    assert len(whole["tills"]) > 1
    assert 0 < sum(t["scenarios"] for t in some["tills"]) < sum(t["scenarios"] for t in whole["tills"])
    assert some["bound_s"] < whole["bound_s"]
    assert whole["lines"]["must"]["put"] > some["lines"]["must"]["put"]


@pytest.mark.parametrize(("seconds", "told"), [(0.4, "0 s"), (83, "83 s"), (700, "12 min"), (12_000, "3 h 20 min")])
def test_a_time_is_told_as_people_say_it(seconds: float, told: str) -> None:
    assert lasting(seconds) == told


def test_what_the_file_says_nothing_of_is_named_as_the_file_would_name_it() -> None:
    said = planned("--integration", NAIVE).output
    line = next(line for line in said.splitlines() if "write under [capabilities]" in line)
    named = line.partition("(docs/integrations.md): ")[2].split(", ")

    assert {"save_card_alone", "skip_tip"} <= set(named)
    assert not set(named) & set(load(NAIVE).capabilities)
    assert "any-sdk" not in said
    assert "write under [capabilities]" not in planned().output
