"""A question put to whoever sits at the terminal."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cardpresent.evidence.attestations import digest


def put_to_person(question: Mapping[str, Any], kept: Path) -> dict[str, Any]:
    """Show it, wait, and return {"answer": yes | no | later, "by", "evidence", "sha256", "note"}.

    Where the question says what a device may show (`shows`), the answer is one of that, or later, and `amount` is what
    was really rung up. The file that shows it is named as it lies beside `kept`, so that both can be moved and reviewed
    together.
    """
    click.echo(err=True)
    click.secho(f"{question['title']}  ({', '.join(question['requirements'])})", bold=True, err=True)
    click.echo(f"For whoever {question['whoever']}: please {question['task']}. The run waits.", err=True)
    click.echo(f"The till of this run is at {question['address']}.", err=True)
    if "shows" in question:
        return _what_it_shows(question, kept)
    answer = click.prompt("Is it so?", type=click.Choice(["yes", "no", "later"]), default="later", err=True)
    if answer == "later":
        return {"answer": answer}
    said: dict[str, Any] = {"answer": answer, "by": click.prompt("Your name", err=True)}
    if answer == "no":
        said["note"] = click.prompt("What is not so?", err=True)
    wanted = question.get("evidence")
    if wanted or answer == "no":
        said |= _evidence(str(wanted or "what shows it"), kept, needed=answer == "yes")
    return said


def _what_it_shows(question: Mapping[str, Any], kept: Path) -> dict[str, Any]:
    """What was seen on a device, once it is done."""
    words = {str(number): word for number, word in enumerate([*question["shows"], "later"], start=1)}
    for number, word in words.items():
        click.echo(f"  {number}  {word}", err=True)
    picked = click.prompt(
        "When it is done: what does the device show?", type=click.Choice(list(words)), default=list(words)[-1],
        show_choices=False, err=True,
    )  # fmt: skip
    if words[picked] == "later":
        return {"answer": "later"}
    amount = click.prompt("The amount it showed", default=question["amount"], err=True)
    said = {"answer": words[picked], "amount": amount, "by": click.prompt("Your name", err=True)}
    return said | _evidence(str(question["evidence"]), kept, needed=False)


def _evidence(what: str, kept: Path, *, needed: bool) -> dict[str, str]:
    while True:
        ask = f"File with {what}" + ("" if needed else " (empty for none)")
        named = click.prompt(ask, default=None if needed else "", show_default=False, err=True)
        if not named:
            return {}
        path = Path(named).expanduser()
        if path.is_file():
            return {"evidence": _beside(path, kept.parent), "sha256": digest(path)}
        click.echo(f"{named}: there is no such file; give its path", err=True)


def _beside(path: Path, folder: Path) -> str:
    whole, base = path.resolve(), folder.resolve()
    return str(whole.relative_to(base)) if whole.is_relative_to(base) else str(whole)
