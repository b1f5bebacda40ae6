"""`certify --plan`: what a run would do to this till, reckoned before anything is started.

Which scenarios are put to which till is asked of the code that deals them in a run; what they do there is read from the
suite's own steps. So nothing here is a list that somebody has to keep up to date.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from cardpresent.certificate.requirements import not_applicable
from cardpresent.cli.foreseen import Foreseen, foreseen, summed, timing_of
from cardpresent.cli.order import Order
from cardpresent.cli.reach import Reach
from cardpresent.cli.selection import Listed
from cardpresent.cli.share import by_shop, lanes_for
from cardpresent.cli.stop import Stop
from cardpresent.evidence.attestations import AttestationError, Attestations
from cardpresent.launch.asking import GUIDED, why_not
from cardpresent.launch.browser import find_browser
from cardpresent.launch.people import People
from cardpresent.launch.test_mode import unhurried
from cardpresent.model.outcome import WORST_FIRST, Exit, ScenarioOutcome
from cardpresent.model.requirement import Register
from cardpresent.profile import Integration
from cardpresent.profile.answers import answers_of, capabilities_of
from cardpresent.profile.consent import why_not_driven

# What a verb or a deed leaves behind in a till's data or does to its program; None for what changes nothing there.
LEAVES: Final[Mapping[str, str | None]] = MappingProxyType(
    {
        "sale": "sales rung up",
        "start_sale": None,
        "sale_state": None,
        "retry_sale": "cards asked for again",
        "edit_sale": "sales changed",
        "cancel_sale": "sales cancelled",
        "capture_sale": None,
        "tip_on_receipt": "tips added on the receipt",
        "refund_sale": "refunds",
        "refund_state": None,
        "check_status": None,
        "end_of_day": "days closed",
        "receipt": "receipts made",
        "connection_token": None,
        "list_readers": None,
        "bind_reader": None,
        "register_reader": "readers registered at the till",
        "stored_payments": None,
        "log_out": "log-outs",
        "clear_device": "clearings of the device",
        "switch_account": "switches of the account",
        "show_cart": "carts shown",
        "clear_cart": None,
        "take_cash": "sales partly paid in cash",
        "finish_sale": "sales finished by hand",
        "raise_hold": "holds raised",
        "save_card": "cards kept without a sale",
        "saved_card": None,
        "charge_saved_card": "kept cards charged",
        "collect_inputs": "forms put to customers",
        "input_answers": None,
        "reader_status": None,
        "find_readers": None,
        "stop_finding": None,
        "kill": "power cuts: its program is killed and started again on its data",
        "restart": None,
        "clock": "moves of its own clock",
        "reader": "further readers made at Stripe",
        "knock": "rounds of requests that nobody at the till would make",
    }
)


@dataclass(frozen=True, slots=True)
class TillPlan:
    """What one till of the file is put to, `guided` by a person's hand or eyes.

    `unasked` has (outcome, reason) and the scenarios it holds for.
    """

    shop: str
    till: Integration
    asked: Sequence[Foreseen]
    unasked: Mapping[tuple[str, str], Sequence[str]]
    guided: Collection[str] = ()

    def told(self, stories: int) -> dict[str, Any]:
        """As JSON holds it; seconds."""
        timing, process = self.till.timing, self.till.process
        counts = summed(self.asked)
        return {
            "shop": self.shop, "name": self.till.till.name, "kind": self.till.till.kind,
            "country": self.till.till.country, "currencies": list(self.till.till.currencies),
            "started": list(process.command) or None, "reached_at": process.base_url,
            "app": self._app(), "by_person": sum(one.id in self.guided for one in self.asked),
            "scenarios": len(self.asked), "runs": sum(one.rows for one in self.asked),
            "timing": dict(timing_of(timing)),
            "usual_s": round(sum(one.usual_s(timing, stories) for one in self.asked), 1),
            "bound_s": round(sum(one.bound_s(timing, stories) for one in self.asked), 1),
            "does": {told: counts[what] for what, told in LEAVES.items() if told and counts[what] and self._can(what)},
            "resets": self._resets(), "not_driven": why_not_driven(self.till),
            "unasked": [{"outcome": outcome, "reason": reason, "scenarios": len(titles)}
                        for (outcome, reason), titles in sorted(self.unasked.items(), key=_what_can_be_mended)],
        }  # fmt: skip

    def _app(self) -> str | None:
        """Who works the app that this till is, or is the backend of; None where it is neither."""
        if self.till.plays_app:
            return "suite"
        return "person" if self.till.till.kind == "native" else None

    def _can(self, what: str) -> bool:
        """Whether the file describes the verb at all; a deed needs none."""
        needed = {"kill": self.till.process.restart, "clock": self.till.clock is not None}
        return needed.get(what, what in self.till.operations or what in ("sale", "reader", "knock"))

    def _resets(self) -> list[str]:
        data = self.till.data
        request = [f"{data.reset.method} {data.reset.path}"] if data.reset else []
        return [*request, *([" ".join(data.reset_command)] if data.reset_command else [])]


def _what_can_be_mended(each: tuple[tuple[str, str], Sequence[str]]) -> tuple[int, int]:
    """What the file could still offer first, and there what keeps most scenarios away."""
    (outcome, _), titles = each
    return WORST_FIRST.index(ScenarioOutcome(outcome)), -len(titles)


def plan(
    order: Order,
    till: Integration,
    suite: Path,
    scenarios: Sequence[Listed],
    register: Register,
    within: Reach | None = None,
) -> dict[str, Any]:
    """The whole plan as JSON holds it. `within`: what can be staged, None where everything can.

    Raises Stop for a file of attestations that cannot be read.
    """
    known, people = foreseen(suite), _people(order)
    browser = find_browser() is not None
    dealt = within or Reach(by_shop(scenarios, till), ())
    tills = list(_tills(till, dealt, known, people, browser=browser))
    if order.venue == "test":
        # A run gives the till the time that a Stripe far away takes.
        tills = [replace(one, till=unhurried(one.till)) for one in tills]
    asked = {one.id for each in tills for one in each.asked}
    told = [one.told(order.interleavings) for one in tills]
    lanes = lanes_for(till, scenarios, order.lanes, os.cpu_count() or 1)
    usual, bound = (sum(float(one[key]) * order.repeat for one in told) for key in ("usual_s", "bound_s"))
    return {
        "file": str(till.path), "integration_sha256": till.digests.baseline, "venue": order.venue, "lanes": lanes,
        "repeat": order.repeat, "interleavings": order.interleavings, "tills": told,
        # A lane waits for its till most of the time, so lanes divide what has to be waited for.
        "usual_s": round(usual / lanes, 1), "bound_s": round(bound, 1),
        "lines": _lines(till, register, [one for one in scenarios if one.id in asked], dealt),
    }  # fmt: skip


def _people(order: Order) -> People:
    try:
        kept = Attestations(order.answers)
    except AttestationError as error:
        raise Stop(str(error), Exit.CONFIGURATION) from None
    return People(kept, order.today, _somebody if order.guided else None)


def _somebody(question: Mapping[str, Any]) -> Mapping[str, Any]:
    raise AssertionError(f"a plan asks nobody: {question}")


def _tills(
    till: Integration, dealt: Reach, known: Mapping[str, Foreseen], people: People, *, browser: bool
) -> Iterator[TillPlan]:
    asked: dict[str, list[Foreseen]] = defaultdict(list)
    unasked: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, its in dealt.planned.items():
        for scenario in its:
            why = why_not(scenario.tags, till.every_shop[name]) or _unseen(scenario, people, browser=browser)
            if why is None:
                asked[name].append(known[scenario.id])
            else:
                unasked[name][why[0].value, why[1]].append(scenario.title)
    for one in dealt.beyond:
        unasked[one.shop][one.outcome.value, one.reason].append(one.scenario.title)
    guided = {scenario.id for its in dealt.planned.values() for scenario in its if GUIDED in scenario.tags}
    for name, shop in till.every_shop.items():
        if asked[name] or unasked[name]:
            yield TillPlan(name, shop, asked[name], unasked[name], guided)


def _unseen(scenario: Listed, people: People, *, browser: bool) -> tuple[ScenarioOutcome, str] | None:
    """What keeps a scenario from being put to a till that could be asked: nobody to look, or nothing to look with."""
    if "page" in scenario.tags and not browser:
        return ScenarioOutcome.NOT_RUN, "no browser was found"
    return people.why_unasked(scenario.id) if GUIDED in scenario.tags else None


def _lines(till: Integration, register: Register, asked: Sequence[Listed], dealt: Reach) -> dict[str, Any]:
    """The register's lines by what this run will say of them: put to a till, or why not."""
    decided = {name for scenario in asked for name in scenario.requirements}
    unstaged = [one.scenario for one in dealt.beyond if one.outcome is ScenarioOutcome.UNTESTED]
    beyond = {name for scenario in unstaged for name in scenario.requirements}
    answers, capabilities = answers_of(till), capabilities_of(till)
    counts: dict[str, Counter[str]] = {"must": Counter(), "should": Counter()}
    for line in register:
        if not_applicable(line, answers, capabilities):
            kind = "not_applicable"
        elif line.untested:
            kind = "untested"
        elif line.id in decided:
            kind = "put"
        else:
            kind = "untested" if line.id in beyond else "not_put"
        counts[line.level][kind] += 1
    return {level: dict(found) for level, found in counts.items()}
