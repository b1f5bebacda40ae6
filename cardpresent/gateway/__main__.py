"""`python -m cardpresent.gateway`: the server process of a run."""

import argparse
import os
import secrets
import sys
from pathlib import Path
from typing import NoReturn

import msgspec
import uvloop

from cardpresent.evidence.redaction import Redactor
from cardpresent.evidence.writer import JournalWriter
from cardpresent.gateway.app import Gateway
from cardpresent.gateway.call import LIVE_KEYS
from cardpresent.gateway.server import GatewayServer, end_without, keep_the_collector_away, listen, url_of
from cardpresent.gateway.test_mode import NoTestMode, test_mode_venue
from cardpresent.gateway.venue import Venue, VenueSilent
from cardpresent.gateway.venue_emulator import EmulatorVenue

REDACT = "CARDPRESENT_REDACT"

DESCRIPTION = """\
The gateway between a till and Stripe, with the emulator behind it, or Stripe's test mode (--stripe test).

Point the till's Stripe base URL at the "till" address and the suite at the "suite" address; both are printed as one
JSON line on stdout once they listen: {"till": URL, "suite": URL, "pid": N}. The process ends when its stdin does, or
on SIGTERM or SIGINT, with the journal on the disk.
"""

EPILOG = """\
what the suite's address serves beside /v1/...:
  /_gateway/journal, /quiet, /epoch, /entries     what happened, and whether anything still does
  /_gateway/faults                                what goes wrong on the wire
  /_gateway/endpoints, /deliver, /redirection     webhooks, forged ones too; who has been here
  /_gateway/about, /cleanup                       which Stripe this is, CPU used; take back what the run made there
  /_emulator/...                                  clock, readers' faults, reset; only where the emulator is behind it

from the environment, for a command line can be read by every user of the machine:
  CARDPRESENT_REDACT      values to keep out of the journal, one a line
  CARDPRESENT_TILL_KEY    with --stripe test: the only key that is let in; the user's takes its place on the way out
  STRIPE_SECRET_KEY       with --stripe test: the user's own, sk_test_…

to keep it running at a terminal:   python -m cardpresent.gateway --journal run/journal.jsonl
"""


def main() -> None:
    """Serve one run. Exit 0 at the end; 2 on a usage error, named in one sentence on stderr."""
    arguments = _parser().parse_args()
    secrets_told = [*arguments.secret, *filter(None, os.environ.get(REDACT, "").split("\n"))]
    if any(secret.startswith(LIVE_KEYS) for secret in secrets_told):
        _refuse("--secret was given a live key; cardpresent works with test keys only")
    try:
        till, suite = listen(arguments.till_port), listen(arguments.suite_port)
    except OSError as problem:
        _refuse(f"cannot listen on 127.0.0.1: {problem.strerror}; choose another --till-port or --suite-port")
    try:
        journal = JournalWriter(arguments.journal, Redactor(secrets_told), arguments.first)
        journal.on_lost = end_without(arguments.journal)
    except OSError as problem:
        _refuse(f"cannot write --journal {arguments.journal}: {problem}")
    seed = secrets.randbits(32) if arguments.seed is None else arguments.seed
    venue = _venue(arguments, seed, journal)
    gateway = Gateway(venue, journal, till.getsockname()[1], seed, arguments.webhook_timeout_s)

    def announce() -> None:
        line = {"till": url_of(till), "suite": url_of(suite), "pid": os.getpid()}
        sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
        sys.stdout.flush()

    server = GatewayServer(gateway, gateway.stop, announce, with_stdin=True)
    keep_the_collector_away()
    try:
        uvloop.run(gateway.serve(server, [till, suite]))
    except VenueSilent as silent:
        _refuse(str(silent))
    finally:
        journal.close()


def _venue(arguments: argparse.Namespace, seed: int, journal: JournalWriter) -> Venue:
    if arguments.stripe == "emulator":
        return EmulatorVenue(seed)
    try:
        return test_mode_venue(os.environ, arguments.run, seed, journal)
    except NoTestMode as refused:
        _refuse(str(refused))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cardpresent.gateway",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--journal", type=Path, required=True, metavar="FILE", help="where the journal goes: a new file"
    )
    parser.add_argument(
        "--first", type=int, default=1, metavar="N", help="the number of the journal's first entry (default 1)"
    )
    parser.add_argument(
        "--secret", action="append", default=[], metavar="VALUE", help="a value to keep out of the journal; repeatable"
    )
    parser.add_argument("--seed", type=int, default=None, metavar="N", help="decides every id; drawn fresh when absent")
    parser.add_argument(
        "--stripe", choices=("emulator", "test"), default="emulator", help="which Stripe is behind it"
    )
    parser.add_argument(
        "--run", default=secrets.token_hex(4), metavar="NAME", help="marks what is made in a test account"
    )
    parser.add_argument("--till-port", type=int, default=0, metavar="PORT", help="the till's port; 0: any free one")
    parser.add_argument("--suite-port", type=int, default=0, metavar="PORT", help="the suite's port; 0: any free one")
    parser.add_argument(
        "--webhook-timeout-s",
        type=float,
        default=10.0,
        metavar="S",
        help="how long an endpoint may take to answer a webhook (default 10)",
    )
    return parser


def _refuse(sentence: str) -> NoReturn:
    sys.stderr.write(f"cardpresent.gateway: {sentence}\n")
    raise SystemExit(2)


if __name__ == "__main__":
    main()
