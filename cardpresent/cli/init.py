"""`cardpresent init`: a first integration file, from a handful of questions or their flags."""

import shlex
import sys
import tempfile
from pathlib import Path
from typing import Final

import click

from cardpresent.certificate.report import write_whole
from cardpresent.cli.stop import Stop
from cardpresent.launch.keys import LiveKeyRefused, refuse_live_text
from cardpresent.launch.suite import suite_root
from cardpresent.model.outcome import Exit
from cardpresent.profile import Integration, IntegrationError, load
from cardpresent.profile.drafting import Answer, Template, currency_of, drafted, left_to_say, templates_in

FILE: Final = "cardpresent.toml"
SCHEMA: Final = "cardpresent.schema.json"
NEEDED: Final = "--template, and --command or --base-url"


@click.command()
@click.option("--template", metavar="NAME", help="Which kind of till it is; `--list` shows them.")
@click.option("--list", "listed", is_flag=True, help="List the templates, and stop.")
@click.option("--name", metavar="TEXT", help="What the certificate calls the till; the folder's name if left out.")
@click.option("--country", metavar="XX", help="Of the Stripe account, two capital letters; US if left out.")
@click.option("--currency", metavar="xxx", help="What it sells in; the country's own if left out.")
@click.option("--command", metavar="LINE", help="How the till is started, as you would type it: 'node server.js'.")
@click.option("--base-url", metavar="URL", help="Instead of --command: where a till answers that runs already.")
@click.option("--port-env", metavar="NAME", help="The variable that tells the till its port; PORT if left out.")
@click.option("--ready", metavar="PATH", help="A path that answers once the till can be used; / if left out.")
@click.option("--key-env", metavar="NAME",
              help="The variable that holds the till's Stripe key; STRIPE_SECRET_KEY if left out.")
@click.option("--base-env", metavar="NAME", help="The variable that says where Stripe is, if the till has one.")
@click.option("--file", "path", type=click.Path(path_type=Path, dir_okay=False), default=FILE, show_default=True,
              help="What to write.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--yes", is_flag=True, help="Ask nothing: what no flag says is what it would be if left out.")
def init(
    template: str | None, listed: bool, path: Path, force: bool, yes: bool, **flags: str | None
) -> None:
    """Write a first integration file for your till, from a handful of questions.

    \b
    At a terminal it asks for what no flag says:
      cardpresent init
    Elsewhere, or with --yes, it asks nothing:
      cardpresent init --template server_driven_json --command 'node server.js' --yes
    Then go through the operations in it: paths and fields are a guess at yours.
    """
    templates = templates_in(suite_root() / "fixtures" / "templates")
    if listed:
        for one in templates.values():
            click.echo(f"{one.name:<20} {one.says}")
        return
    asks = sys.stdin.isatty() and not yes
    _may_write(path, force=force, asks=asks)
    chosen = _template(template, templates, asks=asks)
    answers = _answers(flags, path, asks=asks)
    text = f"#:schema ./{SCHEMA}\n{drafted(chosen, answers)}"
    text += left_to_say(_loaded(text).capabilities)
    try:
        # What an editor checks the file with lies beside it, so that the line holds on every machine of the team.
        shipped = suite_root() / "docs" / SCHEMA
        write_whole(path.parent / SCHEMA, shipped.read_text(encoding="utf-8"))
        write_whole(path, text)
    except OSError as error:
        raise Stop(f"--file {path}: cannot be written ({error.strerror}); name another place", Exit.USAGE) from None
    click.echo(f"Wrote {path}, for a till of this kind: {chosen.says}")
    if answers["base_url"]:
        click.echo("It runs already, so no run can tell it where Stripe is: stand `cardpresent gateway` beside it")
        click.echo("(docs/integrations.md, Staging).")
    click.echo("Next: go through its operations, and write what your own page sends and gets. Then:")
    click.echo(f"  cardpresent doctor --integration {path}     walks the till once and says what is wrong")
    click.echo(f"  cardpresent certify --integration {path}    puts the checklist to it")


def _may_write(path: Path, *, force: bool, asks: bool) -> None:
    if path.exists() and not path.is_file():
        # Written over, it would be a file from then on: a device, a pipe, another program's socket.
        raise Stop(f"--file {path}: is there, and no ordinary file; name another place", Exit.USAGE)
    if not path.exists() or force:
        return
    if not asks:
        raise Stop(f"{path} is there already: nothing was written; --force writes over it", Exit.USAGE)
    if not click.confirm(f"{path} is there already. Write over it?", default=False):
        raise Stop(f"{path} was left as it is", Exit.USAGE)


def _template(name: str | None, templates: dict[str, Template], *, asks: bool) -> Template:
    if name is None and not asks:
        raise Stop(f"nobody is here to ask: give {NEEDED}; `cardpresent init --list` shows the templates", Exit.USAGE)
    if name is None:
        for number, one in enumerate(templates.values(), 1):
            click.echo(f"  {number}  {one.name:<20} {one.says}")
        numbered = {str(number): one for number, one in enumerate(templates, 1)}
        told = click.prompt("Which is most like your till? Its number or name",
                            type=click.Choice([*numbered, *templates]), show_choices=False)
        name = numbered.get(told, told)
    if name not in templates:
        raise Stop(f"--template {name}: there is none of that name; take one of {', '.join(templates)}", Exit.USAGE)
    return templates[name]


def _answers(flags: dict[str, str | None], path: Path, *, asks: bool) -> dict[str, Answer]:
    """Every answer a template may want, from its flag, else from whoever is asked, else as it is if left out."""

    def answer(name: str, question: str, default: str | None) -> str | None:
        given = flags[name]
        if given is None:
            given = click.prompt(question, default=default or "", show_default=bool(default)) if asks else default
        return (given or "").strip() or None

    folder = path.absolute().parent.name
    name = answer("name", "What is the till called?", folder or "till")
    country = (answer("country", "In which country is its Stripe account?", "US") or "").upper()
    currency = (answer("currency", "Which currency does it sell in?", currency_of(country)) or "").lower()
    command, base_url = _how_started(flags, asks=asks)
    started = command is not None
    answers: dict[str, Answer] = {
        "name": name, "country": country, "currency": currency, "command": command, "base_url": base_url,
        "started": started, "ready": answer("ready", "Which path answers once it can be used?", "/"),
        "port_env": None, "key_env": None, "base_env": None,
    }  # fmt: skip
    if started:
        answers["port_env"] = answer("port_env", "Which environment variable tells it its port?", "PORT")
        answers["key_env"] = answer("key_env", "Which one holds its Stripe key?", "STRIPE_SECRET_KEY")
        answers["base_env"] = answer("base_env", "Which one says where Stripe is? Nothing, if there is none", None)
    _refuse_live(answers)
    return answers


def _how_started(flags: dict[str, str | None], *, asks: bool) -> tuple[tuple[str, ...] | None, str | None]:
    """The command's words, or the address of a till that runs already."""
    command, base_url = flags["command"], flags["base_url"]
    if command and base_url:
        raise Stop("--command and --base-url are both given: a till is started, or it runs already", Exit.USAGE)
    if not command and not base_url:
        if not asks:
            raise Stop("nobody is here to ask how the till is started: give --command or --base-url", Exit.USAGE)
        given = click.prompt("How is it started (a command), or where does it answer (a URL)?")
        command, base_url = (None, given) if given.startswith(("http://", "https://")) else (given, None)
    if base_url:
        return None, base_url
    try:
        return tuple(shlex.split(command or "")), None
    except ValueError as error:
        raise Stop(f"--command {command}: is no command line ({error}); close what was opened", Exit.USAGE) from None


def _refuse_live(answers: dict[str, Answer]) -> None:
    try:
        for given in answers.values():
            refuse_live_text(" ".join(given) if isinstance(given, tuple) else str(given), "an answer")
    except LiveKeyRefused as refused:
        raise Stop(str(refused), Exit.CONFIGURATION) from None


def _loaded(text: str) -> Integration:
    """A file that is written can be loaded: what cannot be is an answer that cannot be meant."""
    with tempfile.TemporaryDirectory(prefix="cardpresent-") as folder:
        draft = Path(folder) / FILE
        try:
            draft.write_text(text, encoding="utf-8")
        except UnicodeEncodeError:
            raise Stop("an answer holds bytes that are no UTF-8 text; nothing was written", Exit.USAGE) from None
        try:
            return load(draft)
        except IntegrationError as error:
            told = ": ".join(part for part in (error.key, f"{error.problem}; {error.fix}") if part)
            raise Stop(f"{told}; nothing was written", Exit.USAGE) from None
