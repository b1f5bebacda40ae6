"""What the reader asks a customer beside a card: nothing that is forbidden, and every answer reaches the till."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from cardpresent.checks.catalogue import check
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome

LINE = "EX-32"

# Words that ask for what may not be asked on a reader, and for nothing else. Other languages, and what is asked for in
# other words, need a reader of flesh and blood.
# Documented: https://docs.stripe.com/terminal/features/collect-inputs ("don't collect … payment card or health data").
FORBIDDEN: Final = re.compile(
    r"""(?ix)
      \b (?: credit | debit | bank | payment ) [ -]? card s? \b
    | (?<! gift\ ) (?<! loyalty\ ) (?<! member\ ) (?<! membership\ ) (?<! club\ ) (?<! bonus\ ) (?<! library\ )
      \b card [ ] (?: number | no\b | nr\b | expiry | pin\b | details )
    | \b (?: cvc2? | cvv2? | security\ code | social\ security | ssn ) \b
    | \b (?: diagnos[ie]s | blood\ type | health\ insurance | medical\ (?: condition | history | record ) s? )
    | \b password \b
    | \b (?: kreditkarte | kartennummer | pr(?:ü|ue)fziffer | krankenversicherung )
    | \b (?: num[ée]ro | n[úu]mero | numero ) \s d[eiu] (?: \sla | lla )? \s (?: carte | tarjeta | carta ) \b"""
)
TEXTS: Final = ("title", "description", "submit_button", "skip_button")


@check
def answers_arrived(journal: Journal) -> Finding:
    """Whatever the customer answered stands in what the till recorded, and a form that was answered is told as such."""
    name, expected = "forms.answers_arrived", "every answer recorded by the till"
    look, words = _last_form(journal, "succeeded"), _words(journal)
    if look is None or words is None:
        return Finding(LINE, name, None, expected, "no form was answered, or the till never spoke of it")
    recorded = str(words.data.get("answers") or "")
    missing = [title for title, value in _answers(look) if _plain(value) not in _plain(recorded)]
    told = words.data["outcome"] == Outcome.ACCEPTED.value
    observed = f"no answer to: {', '.join(missing)}" if missing else "every answer recorded"
    return Finding(
        requirement=LINE,
        check=name,
        holds=told and not missing,
        expected=expected,
        observed=observed if told else f"told as {words.data['outcome']}; {observed}",
        evidence=(look.n, words.n),
        headline=None if told and not missing else "A customer answers on the reader, and the till does not know it",
    )


@check
def left_told(journal: Journal) -> Finding:
    """A form that nobody finished is told as not answered."""
    name, expected, words = "forms.left_told", "the form told as not answered", _words(journal)
    left = journal.controls("form_left")
    if not left or words is None:
        return Finding(LINE, name, None, expected, "no form was left, or the till never spoke of it")
    holds = words.data["outcome"] == Outcome.REFUSED.value
    return Finding(
        requirement=LINE,
        check=name,
        holds=holds,
        expected=expected,
        observed=f"told as {words.data['outcome']}, {words.data['standing']}",
        evidence=(left[-1].n, words.n),
        headline=None if holds else "The customer left, and the till goes on as if they were there",
    )


@check
def asks_nothing_forbidden(journal: Journal) -> Finding:
    """No text on the reader asks for card data, health data or secrets, as far as its words are known."""
    name, expected = "forms.asks_nothing_forbidden", "questions that may be asked on a reader"
    looks = [e for e in _looks(journal) if _form(e) is not None]
    if not looks:
        return Finding(LINE, name, None, expected, "the reader was never seen asking anything")
    texts = [text for look in looks for text in _texts(_form(look) or {})]
    wrong = [text for text in texts if FORBIDDEN.search(text)]
    return Finding(
        requirement=LINE,
        check=name,
        holds=not wrong,
        expected=expected,
        observed=f"“{wrong[0][:120]}”" if wrong else f"{len(set(texts))} text(s), none of them forbidden",
        evidence=tuple(e.n for e in looks[:1]),
        headline=f"The reader asks for what may not be asked there: “{wrong[0][:60]}”" if wrong else None,
    )


def _looks(journal: Journal) -> list[Entry]:
    return [entry for entry in journal.kind("ledger") if entry.data.get("reader")]


def _words(journal: Journal) -> Entry | None:
    return next((e for e in reversed(journal.kind("screen")) if e.data["verb"] == "input_answers"), None)


def _action(look: Entry) -> Mapping[str, Any]:
    action: Mapping[str, Any] = look.data["reader"].get("action") or {}
    return action


def _form(look: Entry) -> Mapping[str, Any] | None:
    return _action(look).get("collect_inputs")


def _last_form(journal: Journal, status: str) -> Entry | None:
    done = (e for e in reversed(_looks(journal)) if _form(e) is not None and _action(e).get("status") == status)
    return next(done, None)


def _answers(look: Entry) -> Iterable[tuple[str, str]]:
    """Title and value of every question that was answered in words or by a choice; a signature is a file of its own."""
    for asked in (_form(look) or {}).get("inputs") or ():
        kind, content = str(asked["type"]), asked.get(str(asked["type"])) or {}
        value = content.get("value") or content.get("text")
        if value and kind != "signature" and not asked.get("skipped"):
            yield str(asked["custom_text"]["title"]), str(content.get("id") or value)


def _texts(form: Mapping[str, Any]) -> Iterable[str]:
    for asked in form.get("inputs") or ():
        yield from (str(text) for key in TEXTS if (text := (asked.get("custom_text") or {}).get(key)))
        yield from (str(choice["text"]) for choice in (asked.get("selection") or {}).get("choices") or ())
        for toggle in asked.get("toggles") or ():
            yield from (str(text) for key in ("title", "description") if (text := toggle.get(key)))


def _plain(text: str) -> str:
    """Letters and digits alone: tills write telephone numbers and quotation marks as they like."""
    return re.sub(r"[\W_]", "", text.encode().decode("unicode_escape", "ignore") if "\\u" in text else text).lower()
