"""`cardpresent load`: customers come to a till at a rate, and money is the verdict."""

import math
import secrets as random_source
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from cardpresent.cli.certify import run_name
from cardpresent.cli.durations import Duration
from cardpresent.cli.load_order import LoadOrder, refuse_what_cannot_be_loaded
from cardpresent.cli.stop import Stop
from cardpresent.launch.interruption import Interruption
from cardpresent.launch.keys import LiveKeyRefused, refuse_live_keys
from cardpresent.launch.suite import suite_root
from cardpresent.loadgen.goals import GoalError, parse_goals
from cardpresent.loadgen.profile import ProfileError, load_profile, named
from cardpresent.model.outcome import Exit
from cardpresent.profile import IntegrationError
from cardpresent.profile import load as load_integration


@click.command()
@click.argument("profile")
@click.option(
    "--integration",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="How your till is described (docs/integrations.md); the reference POS if left out.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where report, evidence and page go; a folder of its own below reports/out if left out.",
)
@click.option("--duration", type=Duration(), metavar="TIME", help="How long customers come: 90s, 10m, 8h.")
@click.option(
    "--rate", type=click.FloatRange(0, min_open=True), metavar="PER_S", help="Customers a second, on average."
)
@click.option("--readers", type=click.IntRange(1, 1000), metavar="NUMBER", help="Readers, each with a lane of its own.")
@click.option(
    "--goal",
    "goals",
    multiple=True,
    metavar="WHAT=NUMBER",
    help="A number that must be held: p95=800ms, p99=2s, error_rate=1%, payments_per_s=3, stripe_calls=12; repeatable.",
)
@click.option("--seed", type=click.IntRange(0), metavar="NUMBER", help="The same customers again; fresh if left out.")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="NUMBER",
    help="Processes on this machine that drive load, each with readers of its own.",
)
@click.option(
    "--expect-workers",
    type=click.IntRange(1, 64),
    metavar="NUMBER",
    help="Await so many workers from other machines (docs/load.md); they are started there with load-worker.",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default="127.0.0.1:5557",
    show_default=True,
    help="Where they are awaited.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="NUMBER",
    help="The port that {port} stands for in the integration file; a free one if left out.",
)
def load(
    profile: str, integration: Path | None, out: Path | None, duration: float | None, rate: float | None,
    readers: int | None, goals: tuple[str, ...], seed: int | None, processes: int, expect_workers: int | None,
    listen: str, port: int | None,
) -> None:  # fmt: skip
    """Let customers come to a till as they do in a shop, and hold every sale against the books at Stripe.

    \b
    PROFILE is a question, one file each in load/, or the path of a file of your own:
      lunch_rush, steady, spike, soak, shared_reader, webhook_backlog, stripe_brownout, fleet

    \b
      cardpresent load lunch_rush                                    against the reference POS
      cardpresent load lunch_rush --integration staging.toml --duration 10m --goal p95=800ms
      cardpresent load stripe_brownout --seed 7                      the same customers, the same faults
      cardpresent load fleet --processes 2                           driven by two processes

    Stripe is emulated: its own servers are never loaded. Ctrl-C ends a run in good order: who is at a reader is
    served, the books are reconciled, and the verdict is incomplete.

    \b
    Exit codes:
      0  certified       every sale is in the books as the till says, and every goal was held
      1  refused         money is wrong somewhere, or a goal was missed
      2  usage           the command line cannot be followed
      3  configuration   the integration file or the till stands in the way
      4  harness         the suite itself failed
      5  incomplete      the run was cut short, lost a worker, or left something undecided
    """
    if rate is not None and not math.isfinite(rate):
        raise Stop(f"--rate {rate:g}: is no number of customers; write how many come in a second", Exit.USAGE)
    if expect_workers and processes > 1:
        raise Stop(
            "--processes and --expect-workers: workers are started here or come from elsewhere; take one of the two",
            Exit.USAGE,
        )
    chosen_seed = seed if seed is not None else random_source.randbelow(2**32)
    folder = out or Path("reports/out") / run_name(datetime.now(UTC), chosen_seed)
    with Interruption() as interruption:
        try:
            order = LoadOrder(
                path=(path := _path(profile)), profile=load_profile(path), out=folder, seed=chosen_seed,
                integration=integration, duration_s=duration, per_s=rate, readers=readers, goals=parse_goals(goals),
                processes=processes, awaited=expect_workers or 0, listen=listen, port=port,
            )  # fmt: skip
            refuse_live_keys()
            described = load_integration(order.file)
            refuse_what_cannot_be_loaded(order, described)
            from cardpresent.cli.load_course import run_load

            code = run_load(order, described, interruption)
        except (ProfileError, GoalError) as error:
            raise Stop(str(error), Exit.USAGE) from None
        except (LiveKeyRefused, IntegrationError) as error:
            raise Stop(str(error), Exit.CONFIGURATION) from None
        except KeyboardInterrupt:
            raise Stop(f"{interruption.by} before the first customer came", Exit.INCOMPLETE) from None
    sys.exit(int(code))


def _path(profile: str) -> Path:
    return named(profile, suite_root() / "load")
