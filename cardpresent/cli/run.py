"""`cardpresent run -- CMD …`: a till at a developer's desk, started with its Stripe traffic going to a local Stripe."""

import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import click
import httpx

from cardpresent.cli.stop import Stop
from cardpresent.launch.desk import Desk, DeskUnusable
from cardpresent.launch.foreground import Foreground
from cardpresent.launch.guard import Guard
from cardpresent.launch.interruption import Interruption
from cardpresent.launch.keys import KEY_VARIABLES, LiveKeyRefused, refuse_live_keys
from cardpresent.launch.ports import PortTaken, free_port
from cardpresent.launch.redirecting import Redirecting
from cardpresent.model.outcome import Exit

_FILE = click.Path(dir_okay=False, path_type=Path)
LOOK_S: Final = 0.3
LAST_LOOK_S: Final = 3.0
_WELCOME: Final = """\
cardpresent: a local Stripe at {url}, and this till's calls to Stripe go there. Ctrl-C ends both.

  its key         {key}, in place of any test key of its own
  its reader      {reader}
  a customer      curl -u {key}: -X POST {url}/_emulator/readers/{reader}/present
  the screen      curl -u {key}: {url}/_emulator/readers/{reader}
  a bad line      curl {url}/_gateway/faults -d '{{"fault": "answer_lost"}}'
  webhooks        {webhooks}
  more            docs/emulator.md

"""
_FORWARDED: Final = "go to {to}; STRIPE_WEBHOOK_SECRET holds the secret they are signed with"
_NOT_FORWARDED: Final = "--forward-to http://localhost:3000/webhooks, or the till's own POST /v1/webhook_endpoints"


def _test_key(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not value.startswith(("sk_test_", "rk_test_")):
        raise click.BadParameter("is no test key: any text that begins with sk_test_ is one")
    return value


@click.command(context_settings={"allow_interspersed_args": False})
@click.option("--port", type=click.IntRange(0, 65535), default=4010, show_default=True,
              help="Where the local Stripe listens; 0: any.")
@click.option("--key", default="sk_test_desk", show_default=True, callback=_test_key, help="The key the till gets.")
@click.option("--state", type=_FILE, help="Keep everything in this file and begin with what is in it.")
@click.option("--forward-to", metavar="URL", help="Deliver every event there, signed.")
@click.option("--journal", type=_FILE, help="Write what crosses the wire into this file, secrets removed.")
@click.option("--warn-after", type=click.FloatRange(min=0, min_open=True), default=20.0, show_default=True,
              metavar="SECONDS", help="Say so when the till has not called Stripe by then.")
@click.argument("command", nargs=-1, required=False, metavar="-- CMD [ARGS]...")
def run(
    port: int, key: str, state: Path | None, forward_to: str | None, journal: Path | None, warn_after: float,
    command: tuple[str, ...],
) -> None:
    """Start a till at your desk, its Stripe traffic redirected to a local Stripe with a reader.

    \b
    Nothing in the till is edited, and its key does not matter:
      cardpresent run -- npm start
      cardpresent run --forward-to http://localhost:3000/webhooks -- bundle exec rails server
      cardpresent run --state shop.state -- sh -c 'cd api && python server.py'

    What Node.js, Python, Ruby and PHP mean for api.stripe.com goes to the local Stripe; every other way to stripe.com
    is refused. A program in another language has to be told where Stripe is by itself: cardpresent emulate.

    It ends with the exit code of CMD, and 3 if nothing could be started.
    """
    if not command:
        raise Stop("run: nothing to start; say what, as in: cardpresent run -- npm start", Exit.USAGE)
    given = {"--port": port, "--state": state, "--forward-to": forward_to, "--journal": journal}
    options = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    try:
        refuse_live_keys()
        if port:
            free_port(port)
        with Interruption() as interruption, _desk(options, key) as (desk, guard):
            code = _with_desk(desk, guard, interruption, command, key=key, to=forward_to, warn_after=warn_after)
    except (LiveKeyRefused, PortTaken, DeskUnusable) as refused:
        raise Stop(str(refused), Exit.CONFIGURATION) from None
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


@contextmanager
def _desk(options: Sequence[str], key: str) -> Iterator[tuple[Desk, Guard]]:
    with ExitStack() as stack:
        guard = Guard()
        stack.callback(guard.end)
        desk = Desk(options, key, guard)
        stack.callback(desk.end)
        yield desk, guard


def _with_desk(
    desk: Desk, guard: Guard, interruption: Interruption, command: tuple[str, ...], *, key: str, to: str | None,
    warn_after: float,
) -> int:  # fmt: skip
    with ExitStack() as stack:
        hellos = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cardpresent-")))
        redirecting = Redirecting(hellos, with_shims=True)
        stack.callback(redirecting.end)
        webhooks = _FORWARDED.format(to=to) if to else _NOT_FORWARDED
        _say(_WELCOME.format(url=desk.url, key=key, reader=desk.reader, webhooks=webhooks))
        own = {"STRIPE_WEBHOOK_SECRET": desk.forward_secret} if desk.forward_secret else {}
        kept = {name: value for name, value in os.environ.items() if name not in KEY_VARIABLES}
        try:
            till = Foreground(command, redirecting.around(kept, own, desk.url, key, {}), guard)
        except OSError as error:
            sentence = f"run: cannot start {command[0]!r} ({(error.strerror or 'no reason given').lower()})"
            raise Stop(f"{sentence}; correct the command", Exit.CONFIGURATION) from None
        over = threading.Event()
        watch = threading.Thread(target=_watch, args=(desk, redirecting, till, over, warn_after), daemon=True)
        watch.start()
        try:
            return till.wait(interruption)
        finally:
            over.set()
            watch.join(LAST_LOOK_S)


def _watch(desk: Desk, redirecting: Redirecting, till: Foreground, over: threading.Event, warn_after: float) -> None:
    """Say once that the till has called; before that, once, that it has not; and that the local Stripe has ended."""
    waited, warned, ended = 0.0, False, False
    while not ended:
        ended = over.wait(LOOK_S)
        waited += LOOK_S
        try:
            calls = desk.calls()
        except httpx.HTTPError:
            if not desk.alive:
                _say("cardpresent: the local Stripe has ended; start again\n")
            return
        if calls:
            who = ", ".join(str(hello) for hello in redirecting.hellos() if hello.redirected)
            _say(f"cardpresent: the till has called Stripe{': ' if who else ''}{who}\n")
            return
        if not warned and (ended or waited >= warn_after):
            when = "before it ended" if ended else f"in {warn_after:g} s"
            _say(_not_seen(redirecting, till, when))
            warned = True


def _not_seen(redirecting: Redirecting, till: Foreground, when: str) -> str:
    told = "".join(f"\n  {part}" for part in redirecting.told([till.pid]))
    fix = (
        "nothing to worry about if nothing was sold yet"
        if redirecting.hellos()
        else "it is in no language that can be redirected; tell it where Stripe is by a setting of its own"
    )
    return f"cardpresent: warning: the till made no call to Stripe {when}: {fix}{told}\n"


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
