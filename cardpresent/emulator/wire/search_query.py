"""Stripe's search query language: a query in, a test for objects out.

    clause     field operator value, a `-` before it turns it round; joined by AND (or nothing) or by OR, never by both
    field      a name with dots, or metadata["key"]
    operator   `:` exact · `~` part of a text · `>` `<` `>=` `<=` numbers
    value      quoted text (with backslashes), a number with or without quotes, or null: no value there
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from cardpresent.emulator.errors import JsonObject, StripeError, invalid
from cardpresent.emulator.fidelity import declare

if TYPE_CHECKING:
    from lark import Lark

_PAGE: Final = "https://docs.stripe.com/search"

declare(
    "search.language", "documented", _PAGE,
    "Clauses of field, operator and value, negated by -, joined by AND, OR or a space; AND and OR are never mixed.",
)
declare(
    "search.types", "documented", _PAGE,
    "Tokens match whole, texts by their words in order or by a part of 3 characters or more, numbers by comparison.",
)
declare(
    "search.null", "documented", _PAGE,
    "null finds what has no value; refunded is true, false for a part, or null, disputed is true or false.",
)
declare(
    "search.refusals", "assumed", _PAGE,
    "A query that cannot be read, another field or an operator the field does not have answer 400 with param query.",
)

Kind = Literal["token", "string", "numeric"]
Test = Callable[[JsonObject], bool]
SUBSTRING_MIN: Final = 3
_ESCAPES: Final = re.compile(r"\\.|[^\\]", re.DOTALL)
_OPERATORS: Final[dict[Kind, frozenset[str]]] = {
    "token": frozenset({":"}), "string": frozenset({":", "~"}), "numeric": frozenset({":", ">", "<", ">=", "<="}),
}
_GRAMMAR: Final = r"""
    start: clause (joint? clause)*
    joint: AND | OR
    clause: MINUS? field OPERATOR value
    field: NAME ["[" TEXT "]"]
    value: TEXT | NUMBER | NULL

    AND.2: /and(?=[\s"'-])/i
    OR.2: /or(?=[\s"'-])/i
    NULL.2: /null(?![\w.])/i
    MINUS: "-"
    OPERATOR: ">=" | "<=" | ":" | "~" | ">" | "<"
    NAME: /[a-zA-Z_][\w.]*/
    NUMBER.1: /-?\d+(\.\d+)?(?![\w.])/
    TEXT: /"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/s
    %import common.WS
    %ignore WS
"""


class Field(NamedTuple):
    """A searchable field: what may be asked of it, where its value is, and its only values where they are few."""

    kind: Kind
    value: Callable[[JsonObject], Any]
    only: frozenset[str] | None = None


class _Clause(NamedTuple):
    negated: bool
    field: str
    key: str | None
    operator: str
    value: str | None


def compile_query(text: str, fields: Mapping[str, Field], resource: str) -> Test:
    """The test whether an object matches. Raises Stripe's 400."""
    clauses, joints = _parse(text)
    if len(set(joints)) > 1:
        raise _refused("A search query cannot combine AND with OR.")
    tests = [_test(clause, fields, resource) for clause in clauses]
    if "or" in joints:
        return lambda obj: any(test(obj) for test in tests)
    return lambda obj: all(test(obj) for test in tests)


# ------------------------------------------------------------------------------------------------------------ reading


@cache
def _parser() -> "Lark":
    from lark import Lark  # when somebody searches: it would slow every start

    return Lark(_GRAMMAR, parser="lalr")


def _parse(text: str) -> tuple[list[_Clause], list[str]]:
    from lark.exceptions import LarkError

    try:
        tree: Any = _parser().parse(text)
    except LarkError:
        message = (
            "We were unable to parse your search query. Write field:\"value\" or metadata[\"key\"]:\"value\", with "
            "quotes around texts, joined by AND or by OR."
        )
        raise _refused(message) from None
    clauses: list[_Clause] = []
    joints: list[str] = []
    between = ""
    for node in tree.children:
        if node.data == "joint":
            between = str(node.children[0]).lower()
            continue
        if clauses:
            joints.append(between or "and")
        clauses.append(_clause(node.children))
        between = ""
    return clauses, joints


def _clause(parts: list[Any]) -> _Clause:
    *minus, field, operator, value = parts
    name, key = field.children
    given = value.children[0]
    return _Clause(
        bool(minus), str(name), None if key is None else _plain(str(key)), str(operator),
        None if given.type == "NULL" else _plain(str(given)),
    )


def _plain(text: str) -> str:
    """Without its quotes, and what was escaped inside them as it is meant."""
    if text[0] not in "\"'":
        return text
    return "".join(part[-1] for part in _ESCAPES.findall(text[1:-1]))


def _refused(message: str) -> StripeError:
    return invalid(message, param="query")


# ----------------------------------------------------------------------------------------------------------- matching


def _test(clause: _Clause, fields: Mapping[str, Field], resource: str) -> Test:
    field = _field(clause, fields, resource)
    matches = _matcher(clause, field)
    if clause.negated:
        return lambda obj: not matches(field.value(obj))
    return lambda obj: matches(field.value(obj))


def _field(clause: _Clause, fields: Mapping[str, Field], resource: str) -> Field:
    if clause.field == "metadata" and clause.key is not None:
        key = clause.key
        return Field("token", lambda obj: obj["metadata"].get(key))
    found = fields.get(clause.field)
    if found is None or clause.key is not None:
        raise _refused(f"Field `{clause.field}` is an unsupported search field for resource `{resource}`.")
    return found


def _matcher(clause: _Clause, field: Field) -> Callable[[Any], bool]:
    operator, wanted = clause.operator, clause.value
    if operator not in _OPERATORS[field.kind]:
        raise _refused(f"Operator `{operator}` cannot be used with field `{clause.field}`.")
    if wanted is None:
        if operator != ":":
            raise _refused(f"`null` cannot be compared by `{operator}`.")
        return lambda value: value is None
    if field.kind == "numeric":
        return _compared(clause.field, operator, wanted)
    if field.only is not None and wanted.lower() not in field.only:
        raise _refused(f"Field `{clause.field}` only takes: {', '.join(sorted(field.only))}.")
    lowered = wanted.lower()
    if operator == "~":
        if len(wanted) < SUBSTRING_MIN:
            raise _refused(f"A part to search for has at least {SUBSTRING_MIN} characters.")
        return lambda value: value is not None and lowered in str(value).lower()
    if field.kind == "token":
        return lambda value: value is not None and str(value).lower() == lowered
    words = lowered.split()
    return lambda value: value is not None and _has_words(str(value).lower().split(), words)


def _compared(name: str, operator: str, text: str) -> Callable[[Any], bool]:
    try:
        wanted = float(text)
    except ValueError:
        raise _refused(f"Field `{name}` is numeric; {text!r} is no number.") from None
    compare: Callable[[float, float], bool] = {
        ":": lambda a, b: a == b, ">": lambda a, b: a > b, "<": lambda a, b: a < b, ">=": lambda a, b: a >= b,
        "<=": lambda a, b: a <= b,
    }[operator]
    return lambda value: value is not None and compare(value, wanted)


def _has_words(text: list[str], words: list[str]) -> bool:
    """Whether the words stand in the text, one after the other."""
    return any(text[start : start + len(words)] == words for start in range(len(text) - len(words) + 1))
