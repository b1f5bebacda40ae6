"""A step's definitions are looked for once: all of them are global, so every scenario finds the same ones.

pytest-bdd goes through every fixture there is, twice for each step of each scenario, which is a fifth of what the
suite's own process does in a certification. It has no way to be told; so its search is wrapped here, and left alone
where its inside has changed.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, Final

SEARCH: Final = "find_fixturedefs_for_step"
# What is asked of each fixture in turn, for every text anew.
VISIBLE: Final = "getfixturedefs"


def remembering(search: Callable[..., Iterable[Any]]) -> Callable[..., Iterable[Any]]:
    """The same search, done once for each text of a step."""
    found: dict[tuple[int, str, str], tuple[Any, ...]] = {}

    def remembered(step: Any, fixturemanager: Any, node: Any) -> Iterable[Any]:
        key = (id(fixturemanager), step.type, step.name)
        if key not in found:
            found[key] = tuple(search(step, fixturemanager, node))
        return found[key]

    return remembered


def visible_anywhere(look: Callable[..., Any]) -> Callable[..., Any]:
    """The same look at one fixture, done once: a step's definition that one scenario sees is seen by all."""
    seen: dict[tuple[int, str], Any] = {}

    def looked(fixturemanager: Any, name: str, node: Any) -> Any:
        key = (id(fixturemanager), name)
        if key not in seen:
            seen[key] = look(fixturemanager, name, node)
        return seen[key]

    return looked


# The package has a function of the module's name.
running = import_module("pytest_bdd.scenario")
for name, wrapped in ((SEARCH, remembering), (VISIBLE, visible_anywhere)):
    if hasattr(running, name):
        setattr(running, name, wrapped(getattr(running, name)))
