"""`cardpresent certify`: put the checklist to a till and end in a verdict."""

import secrets as random_source
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from cardpresent.cli.order import INTERLEAVINGS, Order
from cardpresent.cli.own_fault import own_fault
from cardpresent.cli.stop import Stop
from cardpresent.launch.interruption import Interruption
from cardpresent.launch.keys import LiveKeyRefused, TestKeyMissing, refuse_live_keys
from cardpresent.model.outcome import Exit
from cardpresent.profile import Integration, IntegrationError, load

if TYPE_CHECKING:
    from cardpresent.cli.again import Again

Act = Callable[[Order, Integration, Interruption], Exit]


@click.command()
@click.option(
    "--integration", type=click.Path(path_type=Path), metavar="FILE",
    help="How your till is described (docs/integrations.md); the reference POS if left out.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Where report, evidence and certificate go; a folder of its own below reports/out if left out.",
)
@click.option(
    "--seed", type=click.IntRange(0), metavar="NUMBER",
    help="Replay the stimuli of an earlier run; fresh if left out.",
)
@click.option(
    "--select", multiple=True, metavar="WHAT",
    help="Only a requirement (FD-26), a feature or a scenario by title; repeatable. Certifies nothing by itself.",
)
@click.option("--smoke", is_flag=True, help="Only the short set, in about ten seconds; certifies nothing by itself.")
@click.option(
    "--stripe",
    "venue",
    type=click.Choice(["emulator", "test"]),
    default="emulator",
    show_default=True,
    help="Which Stripe stands behind the till; test needs a key of your test mode in STRIPE_SECRET_KEY.",
)
@click.option(
    "--lanes", type=click.IntRange(1, 8), metavar="NUMBER",
    help="How many tills to work at the same time; three if left out, where the file says process.parallel.",
)
@click.option(
    "--repeat", type=click.IntRange(1, 100), default=1, metavar="TIMES",
    help="Run every scenario so often; the worst attempt counts.",
)
@click.option(
    "--beside", type=click.Choice(["smoke", "everything"]), metavar="WHAT",
    help="What runs once beside the scenarios that --select names: smoke, the short set, or everything.",
)
@click.option(
    "--interleavings", type=click.IntRange(1), default=INTERLEAVINGS, show_default=True, metavar="NUMBER",
    help="How many random orders of everything that can befall a sale are tried; about a second each.",
)
@click.option(
    "--rerun", type=click.Choice(["failed"]), metavar="failed",
    help="Only what did not pass in the last run, once more, with its seed. Certifies nothing by itself.",
)
@click.option(
    "--from", "report", type=click.Path(path_type=Path), metavar="REPORT",
    help="Which run --rerun speaks of: its report.json or its folder; the one in --out, else the newest, if left out.",
)
@click.option(
    "--plan", "plan_only", is_flag=True,
    help="Start nothing: say what would run, for how long at most, what not and why, and what it does to the till.",
)
@click.option("--json", "as_json", is_flag=True, help="The plan for programs.")
@click.option(
    "--guided", is_flag=True,
    help="At a terminal: ask for what only a person can see, and record who answered for it until when.",
)
@click.option(
    "--attestations", type=click.Path(path_type=Path), metavar="FILE",
    help="Where such answers are kept; attestations.json beside the integration file if left out.",
)
@click.option(
    "--waivers", type=click.Path(path_type=Path), metavar="FILE",
    help="What your team accepts as broken for now (docs/waivers.md); waivers.toml beside the integration file if left "
    "out.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="NUMBER",
    help="The port that {port} stands for in the integration file; a free one if left out.",
)
def certify(
    integration: Path | None, out: Path | None, seed: int | None, select: tuple[str, ...], smoke: bool, venue: str,
    lanes: int | None, repeat: int, beside: str | None, interleavings: int, rerun: str | None, report: Path | None,
    plan_only: bool, as_json: bool, guided: bool,
    attestations: Path | None, waivers: Path | None, port: int | None,
) -> None:  # fmt: skip
    """Put the checklist to a till and end in a verdict, with the evidence.

    \b
      cardpresent certify                                   the whole checklist, against the reference POS
      cardpresent certify --integration cardpresent.toml    the same against your till
      cardpresent certify --select FD-26 --seed 7           one line of it again
      cardpresent certify --plan                            what a run would do, and for how long, first
      cardpresent certify --rerun failed                    what did not pass in the last run, once more
      cardpresent certify --interleavings 500               and look long for an order that goes wrong
      cardpresent certify --stripe test                     at Stripe's own test mode, as far as it can be staged there

    \b
    Exit codes:
      0  certified       every must that can be tested here holds
      1  refused         a must was seen to be broken
      2  usage           the command line cannot be followed
      3  configuration   the integration file, the till or a key stands in the way
      4  harness         the suite itself failed
      5  incomplete      a must was left undecided, or the run was narrowed or cut short
    """
    if as_json and not plan_only:
        raise Stop("--json is for --plan; a run leaves report.json", Exit.USAGE)
    if guided and not plan_only and not sys.stdin.isatty():
        raise Stop("--guided asks a person and needs a terminal; leave it out where nobody sits", Exit.USAGE)
    again = _again(rerun, report, out, narrowed=bool(select or smoke or beside))
    if again:
        integration, seed = integration or again.integration, again.seed if seed is None else seed
    chosen_seed = seed if seed is not None else random_source.randbelow(2**32)
    folder = out or Path("reports/out") / run_name(datetime.now(UTC), chosen_seed)
    act = _planned(as_json=as_json) if plan_only else None
    carry_out(Order(
        integration, folder, chosen_seed, select, smoke, port, venue, lanes, repeat, beside, interleavings,
        guided=guided, attestations=attestations, waivers=waivers, again=again,
    ), act)  # fmt: skip


def _planned(*, as_json: bool) -> Act:
    """Say what a run would do, in its place."""

    def tell(order: Order, described: Integration, interruption: Interruption) -> Exit:
        from cardpresent.cli.planned import tell_plan

        return tell_plan(order, described, as_json=as_json)

    return tell


def _again(rerun: str | None, report: Path | None, out: Path | None, *, narrowed: bool) -> "Again | None":
    """What is run again, where that was asked for."""
    if not rerun:
        if report:
            raise Stop("--from says what --rerun runs again; add --rerun failed, or leave it out", Exit.USAGE)
        return None
    if narrowed:
        raise Stop("--rerun says itself what is run; leave out --select, --smoke and --beside", Exit.USAGE)
    from cardpresent.cli.again import what_failed

    again = what_failed(out, report)
    left = len(again.ids)
    told = "1 scenario did not pass and is" if left == 1 else f"{left} scenarios did not pass and are"
    click.echo(f"{again.path}: {told} run again", err=True)
    return again


def carry_out(order: Order, act: Act | None = None) -> NoReturn:
    """The whole of a run, or of what is done in its place, ended with its exit code whatever comes in between."""
    with Interruption() as interruption:
        try:
            described = _sound(order)
            # What runs scenarios takes a second to import: a command line that is refused does not wait for it.
            from cardpresent.cli.certification import run_order

            code = (act or run_order)(order, described, interruption)
        except KeyboardInterrupt:
            raise Stop(f"{interruption.by} before anything was started", Exit.INCOMPLETE) from None
        except click.ClickException:
            raise
        except Exception as error:
            # Python would end with 1 here, which says that the till was refused.
            raise Stop(own_fault(error), Exit.HARNESS) from None
    sys.exit(int(code))


def _sound(order: Order) -> Integration:
    """The integration file, once no live key is in sight: before a process, a port or a folder is touched."""
    try:
        refuse_live_keys()
        integration = load(order.file, order.venue)
    except (LiveKeyRefused, IntegrationError) as error:
        raise Stop(str(error), Exit.CONFIGURATION) from None
    if integration.stripe.gateway or order.venue == "test":
        _look_at_stripe(order, integration)
    return integration


def _look_at_stripe(order: Order, integration: Integration) -> None:
    """Whose Stripe is behind the till, before anything is begun there."""
    if order.lanes not in {None, 1}:
        raise Stop("--lanes: one account of Stripe's takes only so many calls a second; leave it out", Exit.USAGE)
    order.lanes = 1
    from cardpresent.launch.gateway_token import GatewayUnusable
    from cardpresent.launch.staging import about_of
    from cardpresent.launch.test_mode import TestModeUnusable, account_in_test_mode

    try:
        if integration.stripe.gateway:
            about = about_of(integration)
            if about["venue"] != order.venue:
                raise GatewayUnusable(
                    f"{integration.path}: stripe.gateway: behind it is {about['venue']}, asked for was {order.venue}: "
                    f"start it with --stripe {order.venue}, or certify with --stripe {about['venue']}"
                )
            order.account, order.country = about.get("account", {}).get("id"), about.get("account", {}).get("country")
        else:
            account = account_in_test_mode()
            order.account, order.country = account.id, account.country
    except (GatewayUnusable, TestModeUnusable, TestKeyMissing) as error:
        raise Stop(str(error), Exit.CONFIGURATION) from None


def run_name(began: datetime, seed: int) -> str:
    """Where a run's output goes, and what the run is called on its page: 20261126T002637Z-79443695.

    Letters part the digits: thirteen in a row, dashes or not, may pass for a card number and be taken out.
    """
    return f"{began:%Y%m%dT%H%M%SZ}-{seed:08x}"
