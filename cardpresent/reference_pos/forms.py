"""What the reader asks a customer beside a card: a name, a telephone number, a choice; and what came back.

Nothing that Stripe forbids to ask on a reader: no card numbers, no health, no secrets.
https://docs.stripe.com/terminal/features/collect-inputs (documented)
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .asking import body_of, refuse, till_of, within
from .bodies import text
from .sessions import require_till_session
from .stripe_calls import Lost, Refused, Trouble
from .till import Till

PICKUP: Final[list[dict[str, Any]]] = [
    {"type": "text", "required": True,
     "custom_text": {"title": "Name for the order", "submit_button": "Next"}},
    {"type": "phone", "required": False,
     "custom_text": {"title": "Telephone for the pickup", "submit_button": "Next", "skip_button": "Skip"}},
    {"type": "selection", "required": True,
     "custom_text": {"title": "How shall we wrap it?"},
     "selection": {"choices": [{"id": "paper", "text": "In paper"}, {"id": "none", "text": "Not at all"}]}},
]
WORDS: Final = {
    "waiting": "The reader is asking the customer.",
    "answered": "The customer has answered.",
    "not_answered": "The customer did not answer. Ask by word of mouth, or go on without.",
    "not_known": "Not known yet. The till is asking for the answers.",
}


@dataclass(frozen=True, slots=True)
class Form:
    """One form put to one customer. `answers` is a JSON list of {"question", "answer", "skipped"}."""

    form: str
    reader: str
    state: str
    answers: str
    deadline: float


def find(till: Till, name: str) -> Form | None:
    rows = till.store.run("SELECT form, reader, state, answers, deadline FROM forms WHERE form = ?", name)
    return Form(*rows[0]) if rows else None


def _write(till: Till, name: str, state: str, answers: list[dict[str, Any]] | None = None) -> None:
    till.store.run("UPDATE forms SET state = ?, answers = ? WHERE form = ?", state, json.dumps(answers or []), name)
    till.log.line("form", form=name, state=state)


async def ask(till: Till, name: str, reader: str) -> str | None:
    """Put the form on the reader, once for its name. Returns why not, in the till's word."""
    fresh = till.store.run(
        "INSERT OR IGNORE INTO forms VALUES (?, ?, 'waiting', '[]', ?) RETURNING form",
        name, reader, till.clock.now() + till.settings.deadline_s)
    if not fresh:
        return None
    try:
        await till.stripe.collect_inputs(reader, PICKUP, {"form": name}, f"form:{name}")
    except Lost:
        _write(till, name, "not_known")
    except Trouble:
        _write(till, name, "not_answered")
        return "form_not_asked"
    till.spawn(_follow(till, name))
    return None


async def _follow(till: Till, name: str) -> None:
    news = till.news.setdefault(f"form {name}", asyncio.Event())
    try:
        while (known := find(till, name)) and known.state in ("waiting", "not_known"):
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), timeout=till.settings.poll_s)
            news.clear()
            with suppress(Trouble):
                await _look(till, known)
    finally:
        till.news.pop(f"form {name}", None)


async def _look(till: Till, known: Form) -> None:
    """What became of the form. A reader that has gone on to something else asks nobody any more. Raises Trouble."""
    reader = await till.stripe.read_reader(known.reader)
    if reader.form != known.form:
        _write(till, known.form, "not_answered")
    elif reader.action_status == "succeeded":
        _write(till, known.form, "answered", [_answer(each) for each in reader.inputs])
    elif reader.action_status == "failed":
        _write(till, known.form, "not_answered")
    elif till.clock.now() >= known.deadline:
        await _take_off(till, known)


async def _take_off(till: Till, known: Form) -> None:
    with suppress(Refused):
        await till.stripe.cancel_action(known.reader, f"unask:{known.form}")
    reader = await till.stripe.read_reader(known.reader)
    if reader.form != known.form:
        _write(till, known.form, "not_answered")


def _answer(given: dict[str, Any]) -> dict[str, Any]:
    """One question with what the customer made of it. A skipped one has no value, and none is made up for it."""
    content = given.get(str(given.get("type"))) or {}
    skipped = bool(given.get("skipped"))
    value = content.get("id") if given.get("type") == "selection" else content.get("value")
    return {"question": (given.get("custom_text") or {}).get("title"), "answer": None if skipped else value,
            "skipped": skipped}


def hear(till: Till, reader: dict[str, Any]) -> bool:
    """A reader's event: is it about a form? Then whoever waits for it looks."""
    metadata = ((reader.get("action") or {}).get("collect_inputs") or {}).get("metadata") or {}
    news = till.news.get(f"form {metadata.get('form')}")
    if news is not None:
        news.set()
    return "form" in metadata


def resume(till: Till) -> None:
    for (name,) in till.store.run("SELECT form FROM forms WHERE state IN ('waiting', 'not_known')"):
        till.spawn(_follow(till, str(name)))


# What may be asked


def _told(known: Form) -> dict[str, Any]:
    return {"form": known.form, "state": known.state, "answers": json.loads(known.answers), "words": WORDS[known.state]}


async def ask_form(request: Request) -> Response:
    till, body, name = till_of(request), await body_of(request), str(request.path_params["form"])
    reader = till.store.bound_reader(text(body, "register", "front"))
    if reader is None:
        return refuse(till, "no_reader")
    if till.store.attempt_on(reader) is not None:
        return refuse(till, "in_payment")
    why_not = await within(till, ask(till, name, reader))
    known = find(till, name)
    assert known is not None
    return refuse(till, why_not) if why_not else JSONResponse(_told(known))


async def read_form(request: Request) -> Response:
    known = find(till_of(request), str(request.path_params["form"]))
    if known is None:
        raise HTTPException(404, "No such form was put to anybody.")
    return JSONResponse(_told(known))


ROUTES = [
    Route("/forms/{form}", require_till_session(ask_form), methods=["POST"]),
    Route("/forms/{form}", require_till_session(read_form)),
]
