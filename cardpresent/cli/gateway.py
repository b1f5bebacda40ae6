"""`cardpresent gateway`: the gateway alone, beside a till that runs on another host."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from cardpresent.cli.stop import Stop
from cardpresent.launch.keys import LiveKeyRefused, TestKeyMissing, refuse_live_keys, test_mode_key
from cardpresent.model.outcome import Exit

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:8443", show_default=True,
              help="Where to listen; anything but this machine needs --cert and --key-file.")
@click.option("--name", metavar="HOST", help="The name others reach this host by; the one of --listen if left out.")
@click.option("--cert", type=_FILE, help="The certificate it shows, with those that vouch for it (PEM).")
@click.option("--key-file", type=_FILE, help="The private key to it (PEM, no password).")
@click.option("--stripe", "venue", type=click.Choice(["emulator", "test"]), default="emulator", show_default=True,
              help="Which Stripe stands behind it; test needs a key of your test mode in STRIPE_SECRET_KEY.")
@click.option("--journal", type=_FILE, help="Where what crosses the wire is kept; a file of its own below reports/out.")
def gateway(
    listen: str, name: str | None, cert: Path | None, key_file: Path | None, venue: str, journal: Path | None
) -> None:
    """Stand between a till on another host and its Stripe, for run after run, until Ctrl-C.

    \b
    The till is given this address as its Stripe, and the key and webhook secret that are printed. The suite, wherever
    it runs, is given the address in its integration file, and the token in CARDPRESENT_GATEWAY_TOKEN:
      export CARDPRESENT_GATEWAY_TOKEN=$(openssl rand -hex 24)
      cardpresent gateway --listen 0.0.0.0:8443 --name staging.example --cert chain.pem --key-file key.pem
    and there:
      cardpresent certify --integration staging.toml
    What the file has to say, and what is left at the till: docs/integrations.md, "Staging".
    """
    try:
        refuse_live_keys()
        if venue == "test":
            test_mode_key()
    except (LiveKeyRefused, TestKeyMissing) as refused:
        raise Stop(str(refused), Exit.CONFIGURATION) from None
    kept = journal or Path("reports/out") / f"gateway-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.jsonl"
    given = {"--name": name, "--cert": cert, "--key-file": key_file}
    options = [word for option, value in given.items() if value is not None for word in (option, str(value))]
    # In place of this process, so that whoever ends the command ends the gateway, however they do it.
    os.execv(sys.executable, [
        sys.executable, "-m", "cardpresent.gateway.standalone", "--listen", listen, "--stripe", venue,
        "--journal", str(kept), *options,
    ])  # fmt: skip
