"""What each step of the suite needs of Stripe that a real one cannot be made to do, read from the code it leads to.

A step needs an emulated Stripe where that code reads `around.emulated`, or arms a reader's fault that the gateway
cannot stand in for. Nothing is listed by hand: what an actor starts to use is needed from that moment on.
"""

import ast
from collections.abc import Iterator
from typing import Final

from cardpresent.cli.call_graph import Code, Key
from cardpresent.drivers.stripe.emulated import EmulatedStripe
from cardpresent.drivers.stripe.reader_faults import READER_FAULTS

EMULATED: Final = "emulated"
# What arming a reader's fault needs depends on which: its call says that, not the method that it is made to.
READER_FAULT: Final = "reader_fault"
UNNAMED: Final = "what only an emulated Stripe can do"
ANY_FAULT: Final = "a reader or a bank that misbehaves"


class Needs:
    """Answers by file and function."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._known: dict[Key, frozenset[str]] = {}

    def of(self, file: str, function: str) -> frozenset[str]:
        """What a step definition needs, in words; `file` as in `steps/reader.py`. Raises KeyError for no step."""
        reached = self._code.reached(self._code.step(file, function), closed=(READER_FAULT,))
        return frozenset().union(*(self._own(key) for key in reached))

    def _own(self, key: Key) -> frozenset[str]:
        if key not in self._known:
            self._known[key] = frozenset(_needed(self._code.node(key)))
        return self._known[key]


def _needed(node: ast.stmt) -> Iterator[str]:
    """What a function needs by itself."""
    # `….emulated` is only there for what comes after its next dot, if there is one.
    followed = {each.value for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    for inner in ast.walk(node):
        match inner:
            case ast.Attribute(value=ast.Attribute(attr="emulated"), attr=method):
                yield _said_of(method)
            case ast.Attribute(attr="emulated") if inner not in followed:
                yield UNNAMED
            case ast.Call(func=ast.Attribute(attr="reader_fault"), args=[ast.Constant(value=str(fault)), *_]):
                yield from _of_fault(fault)
            case ast.Call(func=ast.Attribute(attr="reader_fault")):
                yield ANY_FAULT


def _said_of(method: str) -> str:
    said = getattr(getattr(EmulatedStripe, method, None), "only_emulated", None)
    return said if isinstance(said, str) else UNNAMED


def _of_fault(fault: str) -> Iterator[str]:
    if fault not in READER_FAULTS:
        yield ANY_FAULT
    elif (why := READER_FAULTS[fault]) is not None:
        yield why
