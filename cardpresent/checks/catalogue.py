"""Every check under its name, so that what one judged can be judged again from the saved journal alone."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from cardpresent.evidence.journal import Journal, as_data, money_of
from cardpresent.model.finding import Asked, Finding
from cardpresent.model.money import Money

Given = ParamSpec("Given")
Found = TypeVar("Found", bound=Finding | None)

_MONEY: Final = {"minor_units", "currency"}
_CHECKS: Final[dict[str, Callable[..., Finding | None]]] = {}


class UnknownCheck(LookupError):
    """A report names a check that this version does not have."""


def check(
    judge: Callable[Concatenate[Journal, Given], Found],
) -> Callable[Concatenate[Journal, Given], Found]:
    """A check: a pure function of a journal and of what is given beside it. Its findings say what they answer."""
    name = f"{judge.__module__.rpartition('.')[2]}.{judge.__name__}"

    def asked(journal: Journal, /, *given: Given.args, **named: Given.kwargs) -> Found:
        found = judge(journal, *given, **named)
        if found is None:
            return found
        question = Asked(name, (journal.first_n, journal.last_n), _plain(list(given)), _plain(dict(named)))
        return replace(found, asked=question)

    functools.update_wrapper(asked, judge)
    _CHECKS[name] = asked
    return asked


def checks() -> Mapping[str, Callable[..., Finding | None]]:
    """Every check by name, as module.function."""
    package = import_module("cardpresent.checks")
    for module in iter_modules(package.__path__):
        import_module(f"cardpresent.checks.{module.name}")
    return dict(sorted(_CHECKS.items()))


def judged_again(asked: Mapping[str, Any], journal: Journal) -> Finding | None:
    """What the check finds in the same entries now. Raises UnknownCheck."""
    judge = checks().get(asked["check"])
    if judge is None:
        raise UnknownCheck(f"{asked['check']} is no check of this version")
    first, last = asked["entries"]
    seen = journal.since(first - 1).until(last)
    given = [_money(value) for value in asked["given"]]
    named = {name: _money(value) for name, value in asked["named"].items()}
    return judge(seen, *given, **named)


def _plain(value: Any) -> Any:
    """As JSON holds it. Raises TypeError for what could not be read back."""
    if isinstance(value, Money):
        return as_data(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"a check was given a {type(value).__name__}, which no report can hold; give it what it is about")


def _money(value: Any) -> Any:
    return money_of(value) if isinstance(value, Mapping) and set(value) == _MONEY else value

