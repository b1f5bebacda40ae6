"""`cardpresent replay`: the stimuli that a run wrote down, done once more to a fresh till."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from cardpresent import __version__
from cardpresent.cli.certify import carry_out, run_name
from cardpresent.cli.order import Order
from cardpresent.cli.selection import listed
from cardpresent.cli.stop import Stop
from cardpresent.evidence.replay import Replay, ReplayError, read
from cardpresent.launch.suite import suite_root
from cardpresent.model.outcome import Exit


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--integration", type=click.Path(path_type=Path), metavar="FILE",
    help="How your till is described (docs/integrations.md); the reference POS if left out.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Where report, evidence and certificate go; a folder of its own below reports/out if left out.",
)
@click.option(
    "--tries", type=click.IntRange(1, 100), default=3, show_default=True, metavar="NUMBER",
    help="How often the stimuli are done, each time to a new sale on a new reader.",
)
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="NUMBER",
    help="The port that {port} stands for in the integration file; a free one if left out.",
)
def replay(file: Path, integration: Path | None, out: Path | None, tries: int, port: int | None) -> None:
    """Put a till once more to what went wrong, from the FILE that a run wrote.

    A scenario that tries things in random orders cuts what went wrong down to the fewest stimuli and writes them into
    the run's folder as replay-….json: who did what, in which order, with which amounts, under which faults. It holds
    nothing of the till, so it can be kept beside its source and played against every build to come.

    \b
      cardpresent replay replay-FD-15-captured_as_told-sale.json --integration cardpresent.toml
      cardpresent replay replay-FD-15-captured_as_told-sale.json --tries 20     where it shows only now and then

    \b
    Exit codes, as those of certify:
      1  refused         it went wrong again
      2  usage           the file cannot be played, or the command line cannot be followed
      3  configuration   the integration file, the till or a key stands in the way
      4  harness         the suite itself failed
      5  incomplete      it did not go wrong this time, or this till cannot be put to it
    """
    try:
        told = read(file)
    except ReplayError as error:
        raise Stop(str(error), Exit.USAGE) from None
    if told.scenario not in {scenario.id for scenario in listed(suite_root())}:
        why = f"names a scenario that cardpresent {__version__} does not have: {told.scenario}"
        raise Stop(f"{file}: {why}; play it with the version that wrote it, {told.cardpresent}", Exit.USAGE)
    _tell(file, told)
    folder = out or Path("reports/out") / run_name(datetime.now(UTC), told.seed)
    wanted = (told.scenario,)
    carry_out(Order(integration, folder, told.seed, wanted, False, port, "emulator", replay=told, tries=tries))


def _tell(file: Path, told: Replay) -> None:
    """What is about to be done, on stderr: results belong on stdout."""
    click.echo(f"{file}: {told.shows.requirement}: {told.shows.headline}", file=sys.stderr)
    if told.cardpresent != __version__:
        click.echo(f"  written by cardpresent {told.cardpresent}, played by {__version__}", file=sys.stderr)
    for number, stimulus in enumerate(told.stimuli, start=1):
        click.echo(f"  {number}. {stimulus}", file=sys.stderr)
