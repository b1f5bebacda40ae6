"""`cardpresent certify`: put the checklist to a till and end in a verdict."""

import secrets as random_source
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click

from cardpresent.cli.order import INTERLEAVINGS, Order
from cardpresent.cli.stop import Stop
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.interruption import Interruption
from cardpresent.launch.keys import LiveKeyRefused, TestKeyMissing, refuse_live_keys
from cardpresent.model.outcome import Exit
from cardpresent.profile import Integration, IntegrationError, load


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
    "--guided", is_flag=True,
    help="At a terminal: ask for what only a person can see, and record who answered for it until when.",
)
@click.option(
    "--attestations", type=click.Path(path_type=Path), metavar="FILE",
    help="Where such answers are kept; attestations.json beside the integration file if left out.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="NUMBER",
    help="The port that {port} stands for in the integration file; a free one if left out.",
)
def certify(
    integration: Path | None, out: Path | None, seed: int | None, select: tuple[str, ...], smoke: bool, venue: str,
    lanes: int | None, repeat: int, beside: str | None, interleavings: int, guided: bool,
    attestations: Path | None, port: int | None,
) -> None:  # fmt: skip
    """Put the checklist to a till and end in a verdict, with the evidence.

    \b
      cardpresent certify                                   the whole checklist, against the reference POS
      cardpresent certify --integration cardpresent.toml    the same against your till
      cardpresent certify --select FD-26 --seed 7           one line of it again
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
    if guided and not sys.stdin.isatty():
        raise Stop("--guided asks a person and needs a terminal; leave it out where nobody sits", Exit.USAGE)
    chosen_seed = seed if seed is not None else random_source.randbelow(2**32)
    folder = out or Path("reports/out") / run_name(datetime.now(UTC), chosen_seed)
    carry_out(Order(
        integration, folder, chosen_seed, select, smoke, port, venue, lanes, repeat, beside, interleavings,
        guided=guided, attestations=attestations,
    ))  # fmt: skip



def carry_out(order: Order) -> NoReturn:
    """The whole of a run, ended with its exit code whatever comes in between."""
    with Interruption() as interruption:
        try:
            described = _sound(order)
            # What runs scenarios takes a second to import: a command line that is refused does not wait for it.
            from cardpresent.cli.certification import run_order

            code = run_order(order, described, interruption)
        except KeyboardInterrupt:
            raise Stop(f"{interruption.by} before anything was started", Exit.INCOMPLETE) from None
        except click.ClickException:
            raise
        except Exception as error:
            # Python would end with 1 here, which says that the till was refused.
            raise Stop(_own_fault(error), Exit.HARNESS) from None
    sys.exit(int(code))


def _own_fault(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    told = Redactor().clean_text(f"{type(error).__name__}: {error}")
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"the suite itself failed, {told} ({place}); report it with what you typed"


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
    from cardpresent.launch.staging import GatewayUnusable, about_of
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
