"""`cardpresent emulate`: a local Stripe with simulated readers and webhooks, for a developer's desk."""

import os
import sys
from pathlib import Path

import click

from cardpresent.cli.stop import Stop
from cardpresent.launch.keys import LiveKeyRefused, refuse_live_keys
from cardpresent.launch.ports import PortTaken, free_port
from cardpresent.model.outcome import Exit

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=4010, show_default=True, help="Where to listen; 0: any.")
@click.option("--forward-to", metavar="URL", help="Deliver every event there, signed with the secret it prints.")
@click.option("--seed", type=int, metavar="N", help="Make every id the same each time; fresh if left out.")
@click.option("--state", type=_FILE, help="Keep everything in this file and begin with what is in it.")
@click.option("--journal", type=_FILE, help="Write what crosses the wire into this file, secrets removed.")
@click.option("--fidelity", is_flag=False, flag_value="counts", type=click.Choice(["counts", "all"]),
              help="Say how many behaviours are documented, observed, assumed, or list them with sources; and stop.")
def emulate(
    port: int, forward_to: str | None, seed: int | None, state: Path | None, journal: Path | None,
    fidelity: str | None,
) -> None:
    """Run a local Stripe with simulated readers until Ctrl-C.

    \b
    Point your till at the address it prints, with any key that begins with sk_test_:
      STRIPE_API_BASE=http://127.0.0.1:4010 STRIPE_SECRET_KEY=sk_test_desk npm start
    Webhooks go out, too:
      cardpresent emulate --forward-to http://localhost:3000/webhooks
    A first payment in six lines of curl, the customer's hand, clock, faults: docs/emulator.md
    """
    try:
        refuse_live_keys()
        if port and not fidelity:
            free_port(port)
    except (LiveKeyRefused, PortTaken) as refused:
        raise Stop(str(refused), Exit.CONFIGURATION) from None
    if fidelity:
        _become("cardpresent.emulator", "--fidelity", fidelity)
    given = {"--forward-to": forward_to, "--seed": seed, "--state": state, "--journal": journal}
    options = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    _become("cardpresent.gateway.desk", "--port", str(port), *options)


def _become(module: str, *words: str) -> None:
    # In place of this process, so that whoever ends the command ends the emulator, however they do it.
    os.execv(sys.executable, [sys.executable, "-m", module, *words])
