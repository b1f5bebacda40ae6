"""A plan as people and programs read it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import click
from rich.console import Console
from rich.text import Text

from cardpresent.certificate.wording import LOOKS, counted
from cardpresent.cli.certification import reach_of, scenarios_of
from cardpresent.cli.order import Order
from cardpresent.cli.plan import plan
from cardpresent.launch.asking import NEEDS, why_not
from cardpresent.launch.suite import suite_root
from cardpresent.model.outcome import Exit, ScenarioOutcome
from cardpresent.model.requirement import Register
from cardpresent.profile import CAPABILITIES, MAIN, Integration

Plan = Mapping[str, Any]
APP: Final = {
    "suite": "the suite plays the app before its backend",
    "person": "sales are taken on the device, by hand; of its backend only what takes no card is asked",
}
LINES: Final = {
    "put": "put to a till", "not_put": "not put to any", "untested": "not testable here",
    "not_applicable": "not applicable",
}  # fmt: skip


def tell_plan(order: Order, till: Integration, *, as_json: bool) -> Exit:
    """Print what a run would do. Nothing is started and nothing is written."""
    suite = suite_root()
    register = Register.load(suite / "features" / "requirements.toml")
    scenarios = scenarios_of(order, suite, register)
    made = plan(order, till, suite, scenarios, register, reach_of(order, till, suite, scenarios))
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False, indent=1))
        return Exit.CERTIFIED
    console = Console()
    for line in _summary(made):
        console.print(Text(line), soft_wrap=True)
    for one in made["tills"]:
        _till(one, console)
        _undeclared(one, till.every_shop[one["shop"]], console)
    console.print()
    console.print(Text("Nothing was started. The same without --plan runs it."), soft_wrap=True)
    return Exit.CERTIFIED


def _summary(made: Plan) -> Iterator[str]:
    tills, runs = made["tills"], sum(one["runs"] for one in made["tills"]) * made["repeat"]
    scenarios = sum(one["scenarios"] for one in tills)
    times = f", each {made['repeat']} times" if made["repeat"] > 1 else ""
    yield f"{made['file']}, on the {made['venue']}"
    yield (
        f"{counted(scenarios, 'scenario')} in {counted(runs, 'run')}{times}, {counted(len(tills), 'till')}, "
        f"{counted(made['lanes'], 'lane')}"
    )
    yield (
        f"about {lasting(made['usual_s'])} at a till that answers at once; "
        f"at most {lasting(made['bound_s'])} if it used up every bound of its file each time"
    )
    for level in ("must", "should"):
        found = made["lines"][level]
        told = ", ".join(f"{found[kind]} {name}" for kind, name in LINES.items() if found.get(kind))
        yield f"{level}s: {told}"


def _till(one: Plan, console: Console) -> None:
    console.print()
    place = "the file's own till" if one["shop"] == MAIN else f"shop {one['shop']}"
    console.print(Text(f"{one['name']} ({place}), {one['kind']}, {one['country']}", "bold"), soft_wrap=True)
    if one["not_driven"]:
        console.print(Text(f"  will not be driven: {one['not_driven']}", "red"), soft_wrap=True)
    bounds = ", ".join(f"{name} {value:g}" for name, value in one["timing"].items())
    for line in (
        f"  {counted(one['scenarios'], 'scenario')} in {counted(one['runs'], 'run')}: "
        f"about {lasting(one['usual_s'])}, at most {lasting(one['bound_s'])} ({bounds})",
        *([f"  {APP[one['app']]}"] if one["app"] else []),
        *([f"  by machine {one['scenarios'] - one['by_person']}, by a person's word {one['by_person']}"]
          if one["by_person"] else []),
        f"  reached at {one['reached_at']}" if one["reached_at"] else f"  started as {' '.join(one['started'])}",
        *(f"  emptied first: {reset}" for reset in one["resets"]),
    ):
        console.print(Text(line), soft_wrap=True)
    does = ((count, what) for what, count in one["does"].items())
    unasked = ((each["scenarios"], f"{_name(each['outcome'])}: {each['reason']}") for each in one["unasked"])
    for heading, rows in (("what it does there, at least:", does), ("what is not put to it:", unasked)):
        for number, (count, what) in enumerate(rows):
            if number == 0:
                console.print(Text(f"  {heading}"))
            console.print(Text(f"{count:>7}  {what}"), soft_wrap=True)


def _undeclared(one: Plan, shop: Integration, console: Console) -> None:
    """The names of what keeps scenarios away only because the file says nothing of it, as the file would name it."""
    reasons = {each["reason"] for each in one["unasked"]}
    missing = {name: why_not([f"{NEEDS}{name}"], shop) for name in CAPABILITIES if name not in shop.capabilities}
    names = [name for name, why in missing.items() if why and why[1] in reasons]
    if names:
        console.print(Text(
            "  write under [capabilities] which of these is true, and describe it, or why it does not apply "
            f"(docs/integrations.md): {', '.join(names)}"
        ), soft_wrap=True)  # fmt: skip


def _name(outcome: str) -> str:
    return LOOKS[ScenarioOutcome(outcome)].name.lower()


def lasting(seconds: float) -> str:
    """40 s, 12 min, 3 h 20 min."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
