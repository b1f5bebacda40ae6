"""`cardpresent emulate`: a local Stripe with simulated readers, for a developer's desk."""

import os
import sys

import click

from cardpresent.cli.stop import Stop
from cardpresent.launch.keys import LiveKeyRefused, refuse_live_keys
from cardpresent.launch.ports import PortTaken, free_port
from cardpresent.model.outcome import Exit


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=4010, show_default=True, help="Where to listen; 0: any.")
@click.option("--fidelity", is_flag=True, help="Say how many behaviours are documented, observed, assumed; and stop.")
def emulate(port: int, fidelity: bool) -> None:
    """Run a local Stripe with simulated readers until Ctrl-C.

    \b
    Point your till at the address it prints, with any key that begins with sk_test_:
      STRIPE_API_BASE=http://127.0.0.1:4010 STRIPE_SECRET_KEY=sk_test_desk npm start
    """
    try:
        refuse_live_keys()
        if port and not fidelity:
            free_port(port)
    except (LiveKeyRefused, PortTaken) as refused:
        raise Stop(str(refused), Exit.CONFIGURATION) from None
    # In place of this process, so that whoever ends the command ends the emulator, however they do it.
    wanted = ["--fidelity", "counts"] if fidelity else ["--port", str(port)]
    os.execv(sys.executable, [sys.executable, "-m", "cardpresent.emulator", *wanted])
