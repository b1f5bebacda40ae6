"""A step's definitions are looked for once: all of them are global, so every scenario finds the same ones.

pytest-bdd goes through every fixture there is, twice for each step of each scenario, which is a fifth of what the
suite's own process does in a certification. It has no way to be told; so its search is wrapped here, and left alone
where its inside has changed.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, Final

SEARCH: Final = "find_fixturedefs_for_step"


def remembering(search: Callable[..., Iterable[Any]]) -> Callable[..., Iterable[Any]]:
    """The same search, done once for each text of a step."""
    found: dict[tuple[int, str, str], tuple[Any, ...]] = {}

    def remembered(step: Any, fixturemanager: Any, node: Any) -> Iterable[Any]:
        key = (id(fixturemanager), step.type, step.name)
        if key not in found:
            found[key] = tuple(search(step, fixturemanager, node))
        return found[key]

    return remembered


# The package has a function of the module's name.
running = import_module("pytest_bdd.scenario")
if hasattr(running, SEARCH):
    setattr(running, SEARCH, remembering(getattr(running, SEARCH)))
