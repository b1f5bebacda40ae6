"""`python -m cardpresent.gateway.standalone`: a gateway beside a till on another host, for run after run.

One address for both doors: whoever shows the token is the suite, anybody else is the till. Ends on SIGTERM or SIGINT.
"""

import argparse
import hashlib
import hmac
import os
import secrets
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
import uvloop

from cardpresent.evidence.redaction import Redactor
from cardpresent.evidence.writer import JournalWriter
from cardpresent.gateway.app import Gateway
from cardpresent.gateway.server import Certificate, GatewayServer, end_without, keep_the_collector_away, listen, refuse
from cardpresent.gateway.test_mode import TILL_KEY, NoTestMode, test_mode_venue
from cardpresent.gateway.upstream import LOOPBACK
from cardpresent.gateway.venue import Venue, VenueSilent
from cardpresent.gateway.venue_emulator import EmulatorVenue

TOKEN: Final = "CARDPRESENT_GATEWAY_TOKEN"
TOKEN_CHARS_MIN: Final = 16

_WELCOME: Final = """\
cardpresent's gateway at {url}: it stands between a till and {behind}, records, and goes wrong when told to.
Ctrl-C ends it.

  the till    Stripe base URL   {url}
              Stripe API key    {key}
              webhook secret    {hook}   (the same at every start with this token)
  the suite   in cardpresent.toml, beside process.base_url:
                [stripe]
                gateway = "{url}"{ca}
              and the token in {token}: cardpresent certify{stripe} --integration cardpresent.toml
  the journal {journal}
"""
_TRUSTED: Final = '\n                gateway_ca = "ca.pem"   where no public authority vouches for the certificate'
_BEHIND: Final = {"emulator": "an emulated Stripe", "test": "Stripe's test mode, with the key in STRIPE_SECRET_KEY"}


def main() -> None:
    """Serve until told to end. Exit 0 then; 3 with one sentence on stderr when it cannot start as asked."""
    asked = _parser().parse_args()
    token = os.environ.get(TOKEN, "")
    if len(token) < TOKEN_CHARS_MIN:
        refuse(f"{TOKEN} has to hold a token of {TOKEN_CHARS_MIN} characters or more: whoever shows it is the suite; "
                "make one with: openssl rand -hex 24")  # fmt: skip
    if not (token.isascii() and token.isprintable()) or " " in token:
        refuse(f"{TOKEN} holds what no header can carry, a blank or a line break perhaps: letters, digits and "
                "punctuation only; make one with: openssl rand -hex 24")  # fmt: skip
    host, port = _place(asked.listen)
    certificate = _certificate(asked, host)
    try:
        sock = listen(port, host)
    except OSError as problem:
        refuse(f"--listen {asked.listen} cannot be listened at ({problem.strerror}): choose another")
    try:
        journal = JournalWriter(asked.journal, Redactor([token, _derived(token, "webhook secret")]))
        journal.on_lost = end_without(asked.journal)
    except OSError as problem:
        refuse(f"--journal {asked.journal} cannot be written ({problem}); name a new file")
    seed = secrets.randbits(32)
    key = f"sk_test_{_derived(token, 'till key')}"
    venue = _venue(asked.stripe, seed, journal, {**os.environ, TILL_KEY: key})
    gateway = Gateway(venue, journal, 0, seed, asked.webhook_timeout_s, token=token, till_key=key)
    name = asked.name or (host if host not in ("0.0.0.0", "::") else "this-host")
    url = f"{'https' if certificate else 'http'}://{f'[{name}]' if ':' in name else name}:{sock.getsockname()[1]}"

    def announce() -> None:
        sys.stderr.write(_WELCOME.format(
            url=url, behind=_BEHIND[asked.stripe], key=key, hook=f"whsec_{_derived(token, 'webhook secret')}",
            ca=_TRUSTED if certificate else "",
            token=TOKEN, stripe=" --stripe test" if asked.stripe == "test" else "", journal=asked.journal,
        ))  # fmt: skip
        sys.stderr.flush()
        sys.stdout.write(msgspec.json.encode({"url": url, "pid": os.getpid(), "venue": asked.stripe}).decode() + "\n")
        sys.stdout.flush()

    server = GatewayServer(
        gateway, gateway.stop, announce, with_stdin=False, certificate=certificate, open_to_others=True
    )
    keep_the_collector_away()
    try:
        uvloop.run(gateway.serve(server, [sock]))
    except VenueSilent as silent:
        refuse(str(silent))
    finally:
        journal.close()


def _derived(token: str, what: str) -> str:
    """As the suite derives it: see cardpresent/launch/staging.py."""
    return hmac.new(token.encode(), f"cardpresent {what}".encode(), hashlib.sha256).hexdigest()[:32]


def _venue(stripe: str, seed: int, journal: JournalWriter, environment: Mapping[str, str]) -> Venue:
    if stripe == "emulator":
        return EmulatorVenue(seed)
    try:
        return test_mode_venue(environment, f"gateway{secrets.token_hex(3)}", seed, journal)
    except NoTestMode as refused:
        refuse(str(refused))


def _place(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdecimal() or int(port) > 65535:
        refuse(f'--listen "{text}" is no address with a port, as 127.0.0.1:8443 is')
    return ("127.0.0.1" if host == "localhost" else host), int(port)


def _certificate(asked: argparse.Namespace, host: str) -> Certificate | None:
    """What it shows; only on this machine may it do without. Both files are read here, for a sentence that says why."""
    if asked.cert is None and asked.key_file is None:
        if host in LOOPBACK:
            return None
        refuse(f"--listen {asked.listen} is open to others: give --cert and --key-file, or the till's payments and "
                "the token go over the network in the clear")  # fmt: skip
    if asked.cert is None or asked.key_file is None:
        refuse("--cert and --key-file belong together: the certificate, and the private key to it")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(asked.cert, asked.key_file, password="")
    except (OSError, ssl.SSLError) as problem:
        reason = getattr(problem, "strerror", None) or getattr(problem, "reason", None) or "not readable"
        refuse(f"--cert {asked.cert} with --key-file {asked.key_file} cannot be used ({reason}): both are PEM files, "
                "the key without a password and belonging to the certificate")  # fmt: skip
    return Certificate(asked.cert, asked.key_file)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cardpresent.gateway.standalone", description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1:8443", metavar="HOST:PORT", help="where to listen")
    parser.add_argument("--name", default=None, metavar="HOST", help="the name others reach this host by")
    parser.add_argument("--cert", type=Path, default=None, metavar="FILE", help="certificate chain, PEM")
    parser.add_argument("--key-file", type=Path, default=None, metavar="FILE", help="its private key, PEM")
    parser.add_argument("--stripe", choices=("emulator", "test"), default="emulator", help="which Stripe is behind it")
    parser.add_argument("--journal", type=Path, required=True, metavar="FILE", help="what crosses the wire; a new file")
    parser.add_argument(
        "--webhook-timeout-s", type=float, default=10.0, metavar="S", help="how long the till may take to answer one"
    )
    return parser


if __name__ == "__main__":
    main()
