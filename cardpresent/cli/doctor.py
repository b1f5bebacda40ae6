"""`cardpresent doctor`: walk through a till once and say what stands in the way of a verdict."""

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console

from cardpresent.cli.faults import as_sentences
from cardpresent.cli.stop import Stop
from cardpresent.launch.interruption import Interruption
from cardpresent.launch.keys import LiveKeyRefused, refuse_live_keys
from cardpresent.model.outcome import Exit
from cardpresent.model.printable import printable
from cardpresent.profile import IntegrationError, load

MARKS = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[dim]–[/]"}


@click.command()
@click.option(
    "--integration", type=click.Path(path_type=Path), default=Path("cardpresent.toml"), show_default=True,
    metavar="FILE", help="How your till is described (docs/integrations.md).",
)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Keep the journal of the walk and the till's data here; they are thrown away if left out.",
)
@click.option("--json", "as_json", is_flag=True, help="Every look as one JSON list on stdout, for a script.")
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="NUMBER",
    help="The port that {port} stands for in the integration file; a free one if left out.",
)
def doctor(integration: Path, out: Path | None, port: int | None, *, as_json: bool) -> None:
    """Walk through a till once, step by step, before any verdict.

    \b
    In this order: the file, the machine, the start, the way to Stripe, the log-in, one sale, one declined card,
    a receipt, a refund, one sale that is stopped, webhooks, the log, the page, a second start. What does not stand
    is told with where it has to be mended: in the file, in the till, or on the machine. What rests on it is not
    looked at, for it could not be right.

    \b
      cardpresent doctor                                    looks for cardpresent.toml here
      cardpresent doctor --integration tills/front.toml --out reports/out/doctor

    \b
    Exit codes:
      0  all is well: `cardpresent certify` can come to a verdict
      2  usage           the command line cannot be followed
      3  configuration   something has to be mended first
      4  harness         the suite itself failed
    """
    with Interruption() as interruption, _folder(out) as folder:
        try:
            code = _walk(integration, folder, port, as_json=as_json)
        except KeyboardInterrupt:
            raise Stop(f"{interruption.by}: the walk was not ended", Exit.INCOMPLETE) from None
    sys.exit(int(code))


def _walk(file: Path, folder: Path, port: int | None, *, as_json: bool) -> Exit:
    try:
        refuse_live_keys()
        described = load(file)
    except (LiveKeyRefused, IntegrationError) as error:
        raise Stop(str(error), Exit.CONFIGURATION) from None
    # Working a till takes a second to import: a file that cannot be read does not wait for it.
    from cardpresent.doctor.walk import walk

    console, looks = Console(stderr=as_json, highlight=False), []
    with as_sentences(folder, ()):
        for look in walk(described, folder, seed=0, port=port):
            looks.append(look)
            console.print(f"{MARKS[look.well]} [bold]{look.step}[/]: ", end="")
            console.print(printable(look.seen), markup=False, soft_wrap=True)
            if look.well is False:
                console.print(f"  in {look.place}: {printable(look.fix)}", style="red", markup=False, soft_wrap=True)
    if as_json:
        click.echo(json.dumps([asdict(look) for look in looks], ensure_ascii=False))
    ill = Counter(look.place for look in looks if look.well is False)
    if not ill:
        console.print(f"All is well. Next: cardpresent certify --integration {file}", soft_wrap=True)
        return Exit.CERTIFIED
    told = ", ".join(f"{count} in {place}" for place, count in ill.items())
    console.print(f"To be mended: {told}. Then the same command again.", soft_wrap=True)
    return Exit.CONFIGURATION


@contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    if out is None:
        with tempfile.TemporaryDirectory(prefix="cardpresent-doctor-") as made:
            yield Path(made)
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Stop(f"--out {out}: cannot be written ({why}); choose another folder", Exit.USAGE) from None
    yield out
