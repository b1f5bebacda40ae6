"""`cardpresent emulate`: a local Stripe with simulated readers, for a developer's desk."""

import os
import subprocess
import sys

import click

from cardpresent.cli.certify import Stop
from cardpresent.launch.keys import LiveKeyRefused, refuse_live_keys
from cardpresent.model.outcome import Exit


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=4010, show_default=True, help="Where to listen; 0: any.")
def emulate(port: int) -> None:
    """Run a local Stripe with simulated readers until Ctrl-C.

    \b
    Point your till at the address it prints, with any key that begins with sk_test_:
      STRIPE_API_BASE=http://127.0.0.1:4010 STRIPE_SECRET_KEY=sk_test_desk npm start
    """
    try:
        refuse_live_keys()
    except LiveKeyRefused as refused:
        raise Stop(str(refused), Exit.CONFIGURATION) from None
    try:
        done = subprocess.run(
            [sys.executable, "-m", "cardpresent.emulator", "--port", str(port)], env=os.environ, check=False
        )
    except KeyboardInterrupt:
        return
    sys.exit(done.returncode)
