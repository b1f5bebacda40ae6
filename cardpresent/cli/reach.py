"""Which scenarios can be put to a till at a Stripe that is not the emulator; why the others cannot; and to which till.

Decided before anything starts, from what the steps of a scenario need (`needs`), from what a till is, and from where
the account stands. What cannot be staged honestly is untested there, with its reason.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from cardpresent.certificate.wording import counted
from cardpresent.cli.call_graph import code_of
from cardpresent.cli.gherkin_lint import scenarios as parsed_in
from cardpresent.cli.needs import Needs
from cardpresent.cli.order import Order
from cardpresent.cli.selection import Listed
from cardpresent.cli.step_definitions import StepDefinition, read
from cardpresent.launch.account import EXTENSIONS
from cardpresent.launch.asking import GUIDED, shops_for, why_not
from cardpresent.launch.asking import NEEDS as NEEDS_TAG
from cardpresent.model.outcome import ScenarioOutcome
from cardpresent.profile import Integration

WHERE: Final = "Stripe's test mode"
SAID_AT_MOST: Final = 2


@dataclass(frozen=True, slots=True)
class Beyond:
    """A scenario that is put to no till here, and why. `shop` is the till that it was meant for."""

    scenario: Listed
    shop: str
    outcome: ScenarioOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What can run: scenarios by till, in the file's order of tills; and what cannot."""

    planned: Mapping[str, list[Listed]]
    beyond: Sequence[Beyond]

    @property
    def runs(self) -> int:
        return sum(one.rows for its in self.planned.values() for one in its)

    def announced(self, order: Order) -> Iterator[str]:
        """What a person has to know before a run begins in an account that others may use, too."""
        away = sum(one.scenario.rows for one in self.beyond)
        yield (f"Stripe's test mode, account {order.account} ({order.country}): {counted(self.runs, 'scenario')} can "
               f"run there, {away} cannot; each has its reason in the report")  # fmt: skip
        yield ("  the account will see: a Location and about a simulated reader for each scenario, marked "
               "`cardpresent` in their metadata, and the till's own payments on them")  # fmt: skip
        yield ("  at the end readers and Location are deleted and open payments cancelled; "
               "nothing that this run did not make is touched")  # fmt: skip


def nothing_within(within: Reach) -> str:
    """Why there is nothing to run at all, as one sentence."""
    reasons = Counter(one.reason for one in within.beyond)
    why = reasons.most_common(1)[0][0] if reasons else "nothing was selected"
    return f"--stripe test: none of the scenarios asked for can run there: {why}; run it on the emulator instead"


def reach(scenarios: Sequence[Listed], till: Integration, suite: Path, country: str) -> Reach:
    """`country`: where the test account is."""
    out_of_reach = {shop: why for shop, one in till.every_shop.items() if (why := why_not_here(one, country))}
    needed = needs_of(suite)
    planned: dict[str, list[Listed]] = {shop: [] for shop in till.every_shop}
    beyond: list[Beyond] = []
    for scenario in scenarios:
        meant = [shop.shop for shop in shops_for(scenario.tags, till)]
        why = unstaged(scenario, needed.get(scenario.id, frozenset()))
        here = [shop for shop in _elsewhere(scenario, till, meant, out_of_reach) if shop not in out_of_reach]
        for shop in here:
            unasked = why_not(scenario.tags, till.every_shop[shop])
            if why and unasked is None:
                beyond.append(Beyond(scenario, shop, ScenarioOutcome.UNTESTED, why))
            else:
                planned[shop].append(scenario)
        if not here:
            unasked = why_not(scenario.tags, till.every_shop[meant[0]])
            told = unasked or (ScenarioOutcome.UNTESTED, why or out_of_reach[meant[0]])
            beyond.append(Beyond(scenario, meant[0], *told))
    return Reach({shop: its for shop, its in planned.items() if its}, beyond)


def _elsewhere(scenario: Listed, till: Integration, meant: list[str], out_of_reach: Mapping[str, str]) -> list[str]:
    """Where the till that a scenario is meant for is out of reach, the first that is not and can be asked as well."""
    if any(shop not in out_of_reach for shop in meant):
        return meant
    within = {shop: one for shop, one in till.every_shop.items() if shop not in out_of_reach}
    found = next((shop for shop, one in within.items() if why_not(scenario.tags, one) is None), None)
    return [found] if found else []


def why_not_here(till: Integration, country: str) -> str | None:
    """Why a till cannot be put to anything at a test account in `country`."""
    if till.till.kind != "server-driven":
        return f"an app works its readers by Stripe's SDK, whose stand-in here cannot speak to {WHERE}"
    if till.till.connect is not None:
        return f"connected accounts are not made or removed in {WHERE}: they would be other people's"
    if till.till.country != country:
        return f"the test account is in {country}, this till's shop in {till.till.country}"
    return None


def unstaged(scenario: Listed, needs: frozenset[str]) -> str | None:
    """Why a scenario cannot be staged at a real Stripe, None where it can."""
    if GUIDED in scenario.tags:
        return None
    if needs:
        named = sorted(needs)
        more = f" and {len(named) - SAID_AT_MOST} things more" if len(named) > SAID_AT_MOST else ""
        return f"{WHERE} cannot be made to show {', '.join(named[:SAID_AT_MOST])}{more}"
    for name in EXTENSIONS:
        if f"{NEEDS_TAG}{name}" in scenario.tags:
            feature = name.replace("_", " ")
            return f"Stripe opens {feature} to some accounts only, and does not say whether to this one"
    return None


@lru_cache(maxsize=1)
def needs_of(suite: Path) -> Mapping[str, frozenset[str]]:
    """Scenario by scenario what its steps need that no real Stripe can be made to do; all rows of an outline count."""
    definitions, _ = read(suite)
    needs = Needs(code_of(suite))
    known: dict[tuple[str, str], frozenset[str]] = {}
    found: dict[str, frozenset[str]] = {}
    parsed, _ = parsed_in(suite)
    for one in parsed:
        steps = set(one.spoken())
        for step in steps - known.keys():
            known[step] = _needed(step, definitions, needs)
        found[f"{one.file}::{one.title}"] = frozenset().union(*(known[step] for step in steps))
    return found


def _needed(step: tuple[str, str], definitions: Iterable[StepDefinition], needs: Needs) -> frozenset[str]:
    matching = [one for one in definitions if one.matches(*step)]
    return frozenset().union(*(needs.of(one.file, one.function) for one in matching))
