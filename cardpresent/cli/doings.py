"""What a step of the suite may come to do at a till, read from the code it calls.

A step calls one actor, which calls others, and somewhere down there a verb is performed, the till is killed, or one of
its declared bounds is waited out. Following the calls finds all of it, so what is said of a run beforehand cannot grow
old.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from cardpresent.cli.call_graph import Code, Key
from cardpresent.profile import VERBS

WAITS: Final = ("settle_s", "late_s", "unknown_within_s", "deadline_s")
# Calls that do something to the till itself and are no verb of its file, by the attribute they are made on.
DEEDS: Final = {("till", "kill"): "kill", ("till", "restart"): "restart", ("around", "advance_till"): "clock"}
DOES: Final = {"makes_reader": "reader", "_new_sale": "sale"}


@dataclass(frozen=True, slots=True)
class Doings:
    """How often each verb, deed and wait (by its key in `[timing]`) is come to, calls within calls included."""

    verbs: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Doings") -> "Doings":
        return Doings(self.verbs + other.verbs, self.deeds + other.deeds, self.waits + other.waits)

    def add(self, other: "Doings", times: int) -> None:
        """Take in what is come to so many times."""
        for mine, its in ((self.verbs, other.verbs), (self.deeds, other.deeds), (self.waits, other.waits)):
            mine.update({what: count * times for what, count in its.items()})


NOTHING: Final = Doings()


class Reckoner:
    """Answers by file and function."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._own: dict[Key, Doings] = {}

    def step(self, file: str, function: str) -> Doings:
        """What a step definition may come to do; `file` as in `steps/sale.py`. Raises KeyError for no step."""
        return self._of(self._code.step(file, function))

    def function(self, module: str, name: str) -> Doings:
        """What one function, or method (`Stage.await_final`), may come to do."""
        return self._of((module, name))

    def constant(self, module: str, name: str) -> float:
        """A number that a module names. Raises KeyError where it names none."""
        match self._code.bound(module, name):
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case _:
                raise KeyError(f"{module} names no number {name}")

    def _of(self, start: Key) -> Doings:
        found = Doings()
        for key, times in self._code.times(start).items():
            if key not in self._own:
                self._own[key] = self._done_by(key)
            found.add(self._own[key], times)
        return found

    def _done_by(self, key: Key) -> Doings:
        """What a function does by itself."""
        found, (module, _) = Doings(), key
        for node in ast.walk(self._code.node(key)):
            match node:
                case ast.Call():
                    found.add(self._called(node, module), 1)
                case ast.Attribute(value=ast.Attribute(attr="bounds") | ast.Name(id="bounds"), attr=bound):
                    found.waits.update([bound] if bound in WAITS else [])
        return found

    def _called(self, call: ast.Call, module: str) -> Doings:
        """What a call does by itself: it names a verb that is performed, or works the till's process or clock."""
        match call.func:
            case ast.Attribute(attr="intend" | "note" | "control" | "offers"):
                return NOTHING
            case ast.Attribute(value=ast.Attribute(attr=on) | ast.Name(id=on), attr=name) if (on, name) in DEEDS:
                return Doings(deeds=Counter([DEEDS[on, name]]))
            case ast.Attribute(value=ast.Attribute(attr="door") | ast.Name(id="door")) | ast.Attribute(attr="door"):
                return Doings(deeds=Counter(["knock"]))
            case ast.Attribute(attr=name) if name in DOES:
                return Doings(deeds=Counter([DOES[name]]))
            case ast.Attribute() | ast.Name():
                return Doings(verbs=Counter(self._verbs(call.args, module)))
            case _:
                return NOTHING

    def _verbs(self, arguments: Iterable[ast.expr], module: str) -> Iterator[str]:
        """The verbs among what a call is given: by name, or any that a table of the same file holds."""
        for argument in arguments:
            match argument:
                case ast.Constant(value=str(word)) if word in VERBS:
                    yield word
                case ast.Subscript(value=ast.Name(id=name)) if isinstance(
                    table := self._code.bound(module, name), ast.Dict
                ):
                    yield from self._verbs(table.values, module)
