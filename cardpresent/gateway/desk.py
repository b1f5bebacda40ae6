"""`python -m cardpresent.gateway.desk`: emulator and gateway in one process, on one port, for a developer's desk."""

import argparse
import hashlib
import os
import sys
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
import uvloop

from cardpresent.evidence.redaction import Redactor
from cardpresent.evidence.writer import JournalWriter
from cardpresent.gateway.app import Gateway
from cardpresent.gateway.server import GatewayServer, end_without, keep_the_collector_away, listen, refuse, url_of
from cardpresent.gateway.unwritten import Unwritten
from cardpresent.gateway.venue_emulator import EmulatorVenue, VenueUnusable

_WELCOME: Final = """\
A local Stripe with simulated readers at {url} (seed {seed}, {state}). Ctrl-C ends it.

  your till       STRIPE_API_BASE={url} STRIPE_SECRET_KEY=sk_test_desk npm start
                  any key that begins with sk_test_ is an account of its own
  webhooks        {webhooks}
  a customer      curl -u sk_test_desk: -X POST {url}/_emulator/readers/tmr_…/present
  a bad line      curl {url}/_gateway/faults -d '{{"fault": "webhook_duplicated"}}'
  more            docs/emulator.md
"""
_FORWARDED: Final = "every event goes to {to}, signed with {secret}"
_NOT_FORWARDED: Final = """\
curl -u sk_test_desk: {url}/v1/webhook_endpoints -d 'enabled_events[]=*' -d url=http://localhost:3000/webhooks
                  answers the secret they are signed with; or start with --forward-to http://localhost:3000/webhooks,
                  or, with a key of 20 characters: stripe listen --all-snapshot --api-base {url}"""


def main() -> None:
    """Serve until Ctrl-C. Exit 0 then; 3 with one sentence on stderr when it cannot start as asked."""
    asked = _parser().parse_args()
    to = None if asked.forward_to is None else _address(asked.forward_to)
    try:
        sock = listen(asked.port)
    except OSError as problem:
        refuse(f"--port {asked.port} cannot be listened at ({problem.strerror}): choose another")
    try:
        journal = Unwritten() if asked.journal is None else JournalWriter(asked.journal, Redactor())
        if asked.journal is not None:
            journal.on_lost = end_without(asked.journal)
        venue = EmulatorVenue(asked.seed, asked.state)
    except VenueUnusable as refused:
        refuse(str(refused))
    except OSError as problem:
        refuse(f"--journal {asked.journal} cannot be written: {problem.strerror or problem}")
    secret = secret_for(to or "")
    venue.forward(to, secret)
    gateway = Gateway(venue, journal, sock.getsockname()[1], venue.seed, asked.webhook_timeout_s, one_door=True)

    def announce() -> None:
        url, state = url_of(sock), "memory only" if asked.state is None else f"kept in {asked.state}"
        line = {"url": url, "pid": os.getpid(), "seed": venue.seed, "state": state, "forward_secret": to and secret}
        sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        sys.stdout.flush()
        webhooks = (_FORWARDED if to else _NOT_FORWARDED).format(url=url, to=to, secret=secret)
        sys.stderr.write(_WELCOME.format(url=url, seed=venue.seed, state=state, webhooks=webhooks))

    server = GatewayServer(gateway, gateway.stop, announce, with_stdin=False)
    keep_the_collector_away()
    try:
        uvloop.run(gateway.serve(server, [sock]))
    finally:
        venue.close()
        journal.close()


def secret_for(url: str) -> str:
    """What deliveries to `url` are signed with: the same at every start, so that a till needs to be told it once."""
    return "whsec_" + hashlib.sha256(f"cardpresent forwards to {url}".encode()).hexdigest()[:32]


def _address(text: str) -> str:
    """`localhost:3000/webhooks` is understood as Stripe's own command line client understands it."""
    url = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        refuse(f'--forward-to "{text}" is no http or https address, as http://localhost:3000/webhooks is')
    return url


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cardpresent.gateway.desk", description=__doc__)
    parser.add_argument("--port", type=int, default=0, metavar="PORT", help="where to listen; 0: any free port")
    parser.add_argument("--seed", type=int, default=None, metavar="N", help="decides every id; drawn fresh when absent")
    parser.add_argument("--state", type=Path, default=None, metavar="FILE", help="keep everything in this file")
    parser.add_argument("--journal", type=Path, default=None, metavar="FILE", help="write down what crosses the wire")
    parser.add_argument("--forward-to", default=None, metavar="URL", help="deliver every event of every account there")
    parser.add_argument(
        "--webhook-timeout-s", type=float, default=10.0, metavar="S", help="how long an endpoint may take to answer"
    )
    return parser


if __name__ == "__main__":
    main()
