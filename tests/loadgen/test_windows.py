"""Fault windows: a run that cannot open one of its windows says so before anybody comes."""

from types import SimpleNamespace
from typing import Any

import pytest

from cardpresent.drivers.wire import WireError
from cardpresent.loadgen.profile import Window
from cardpresent.loadgen.windows import WindowRefused, Windows


class Wire:
    """A gateway that knows one fault."""

    def __init__(self) -> None:
        self.armed: list[str] = []

    def arm(self, fault: str, **params: Any) -> str:
        if fault != "answer_lost":
            raise WireError(f"no fault is called {fault}")
        self.armed.append(fault)
        return fault

    def release(self, fault: str) -> dict[str, Any]:
        self.armed.remove(fault)
        return {"id": fault, "fired": 0}

    def faults(self) -> list[dict[str, Any]]:
        return [{"id": fault, "fired": 0} for fault in self.armed]


def windows(wire: Wire, fault: str) -> Windows:
    window = Window(what="answers are lost", fault=fault, begins=0, ends=1)
    return Windows(SimpleNamespace(wire=wire), (), (window,), 60)


def test_a_fault_that_there_is_not_is_named_before_anybody_comes():
    with pytest.raises(WindowRefused, match="'answers are lost': no fault is called anser_lost"):
        windows(Wire(), "anser_lost").rehearse()


def test_a_rehearsal_leaves_nothing_armed_and_nothing_to_tell():
    wire = Wire()
    rehearsed = windows(wire, "answer_lost")
    rehearsed.rehearse()

    assert not wire.armed
    assert not rehearsed.told(60)
