"""A first integration file from a template and a handful of answers.

A template is TOML with `"<<question>>"` where an answer goes. An answer that is None takes its whole line away, so one
template serves tills that are started and tills that run already.
"""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cardpresent.profile.vocabulary import CAPABILITIES, CAPABILITY_VERBS

_QUESTION: Final = re.compile(r'"<<(\w+)>>"')
_LIST: Final = re.compile(r'\["<<(\w+)>>"\]')
# A table whose lines all went, and the blank lines after it.
_EMPTY: Final = re.compile(r"^\[[^\]\n]+\]\n\n+(?=\[)", re.MULTILINE)

# Where Stripe has readers, and what a shop there sells in.
# Documented: https://docs.stripe.com/terminal/payments/collect-card-payment/supported-card-brands
_EURO: Final = "IE FR DE NL AT BE ES FI IT LU PT BG CY EE GR HR LT LV MT SI SK"
_CURRENCIES: Final = {
    "US": "usd", "CA": "cad", "GB": "gbp", "AU": "aud", "NZ": "nzd", "SG": "sgd", "CH": "chf", "CZ": "czk",
    "DK": "dkk", "NO": "nok", "PL": "pln", "SE": "sek", "MY": "myr", "JP": "jpy", "AE": "aed", "HK": "hkd",
    "MX": "mxn", "HU": "huf", "RO": "ron", "GI": "gbp", "LI": "chf", **dict.fromkeys(_EURO.split(), "eur"),
}  # fmt: skip

COUNTRIES: Final = frozenset(_CURRENCIES)

Answer = str | bool | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of till. `says` is what kind, in a sentence: the first comment of its file."""

    name: str
    says: str
    text: str


def templates_in(folder: Path) -> dict[str, Template]:
    """Every template of a folder, by name."""
    found = {}
    for path in sorted(folder.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        found[path.stem] = Template(path.stem, text.partition("\n")[0].removeprefix("# "), text)
    return found


def currency_of(country: str) -> str:
    """What a shop in this country (two capital letters) sells in; usd where that is not known."""
    return _CURRENCIES.get(country, "usd")


def questions_of(template: Template) -> set[str]:
    """What has to be answered."""
    return set(_QUESTION.findall(template.text))


def drafted(template: Template, answers: Mapping[str, Answer]) -> str:
    """The template's text with every answer in its place. Raises KeyError for a question without one.

    >>> drafted(Template("x", "", 'name = "<<name>>"  # a\\nready = "<<ready>>"\\n'), {"name": "a", "ready": None})
    'name = "a"  # a\\n'
    """
    lines = []
    for line in template.text.splitlines():
        asked = _QUESTION.findall(line)
        if any(answers[name] is None for name in asked):
            continue
        whole = _LIST.sub(lambda found: _in_list(answers[found[1]]), line)
        lines.append(_QUESTION.sub(lambda found: _written(answers[found[1]]), whole))
    return _EMPTY.sub("", "\n".join(lines) + "\n")


def left_to_say(declared: Collection[str]) -> str:
    """The capabilities that a file says nothing of, as comments to put at its end, under `[capabilities]`.

    They are named because a file that leaves them out certifies nothing, and their names stand nowhere else in it.
    """
    lines = [
        "",
        "# Of the rest, write what is true, and describe it (in brackets: its operations); or write why it does not",
        '# apply, as in: tip_on_reader = "nobody tips here". What is left out is not demonstrated, and a must that',
        "# is not demonstrated leaves the verdict incomplete.",
        "#",
    ]
    for name, says in CAPABILITIES.items():
        if name not in declared:
            verbs = ", ".join(CAPABILITY_VERBS.get(name, ()))
            described = f" ({verbs})" if verbs else ""
            lines.append(f"# {name + ' = true':<30}# {says}{described}")
    return "\n".join(lines) + "\n"


def _in_list(answer: Answer) -> str:
    """A list stands in the place of the brackets, one text between them."""
    return _written(answer) if isinstance(answer, tuple) else f"[{_written(answer)}]"


def _written(answer: Answer) -> str:
    """As TOML: what JSON writes of texts, lists of texts and claims is that, too."""
    return json.dumps(list(answer) if isinstance(answer, tuple) else answer, ensure_ascii=False)
