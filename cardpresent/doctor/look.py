"""One look of the walk: what was looked at, what was seen, and where it has to be mended."""

from dataclasses import dataclass
from typing import Literal

Place = Literal["the file", "the till", "the machine"]


@dataclass(frozen=True, slots=True)
class Look:
    """`well` is None where there was nothing to look at. `place` and `fix` are empty unless it is False.

    `gate`: nothing after it can be looked at while it is ill.
    """

    step: str
    well: bool | None
    seen: str
    place: Place | None = None
    fix: str = ""
    gate: bool = True


def well(step: str, seen: str) -> Look:
    return Look(step, True, seen)


def left_out(step: str, why: str) -> Look:
    return Look(step, None, why)


def ill(step: str, place: Place, seen: str, fix: str, *, gate: bool = True) -> Look:
    return Look(step, False, seen, place, fix, gate)
