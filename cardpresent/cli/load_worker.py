"""`cardpresent load-worker`: another machine's hand in a load run."""

import os
import sys
from pathlib import Path

import click

from cardpresent.cli.load_driving import worker_command
from cardpresent.cli.stop import Stop
from cardpresent.launch.keys import LiveKeyRefused, refuse_live_keys
from cardpresent.loadgen.brief import INTEGRATION
from cardpresent.model.outcome import Exit
from cardpresent.profile import IntegrationError, load


@click.command("load-worker")
@click.argument("lead", metavar="HOST:PORT")
@click.option(
    "--integration",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The same file as the lead's, on this machine; where the lead has it if left out.",
)
def load_worker(lead: str, integration: Path | None) -> None:
    """Drive a share of a load run for the lead at HOST:PORT, which was started with --expect-workers.

    \b
      cardpresent load-worker lead.internal:5557 --integration staging.toml

    It is a worker of Locust's: it gets its readers and its customers from the lead, sends its figures there, and ends
    when the lead does. Their line is neither encrypted nor authenticated; keep it on a network of your own.

    \b
    Exit codes:
      0  the run is over
      1  no lead answered in five minutes
      2  usage           the command line cannot be followed
      3  configuration   the integration file cannot be used
    """
    host, _, port = lead.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Stop(f'"{lead}" is no address with a port, as lead.internal:5557 is', Exit.USAGE)
    try:
        refuse_live_keys()
        if integration is not None:
            load(integration)
    except (LiveKeyRefused, IntegrationError) as error:
        raise Stop(str(error), Exit.CONFIGURATION) from None
    click.echo(f"waiting for the lead at {lead}; Ctrl-C ends this", err=True)
    own = {} if integration is None else {INTEGRATION: str(integration.absolute())}
    sys.stdout.flush()
    # The worker takes this process's place, so that whoever ends it ends the worker.
    command = worker_command(host.strip("[]"), int(port))
    os.execve(command[0], command, {**os.environ, **own, "PYTHONUNBUFFERED": "1"})
