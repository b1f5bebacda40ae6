"""What a load profile says: one question, and who comes to the till while it is asked. Data only; no Locust here.

A profile is written for any length: phases and fault windows are parts of the run, from 0 to 1.
"""

import importlib.util
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import msgspec

from cardpresent.loadgen.goals import GoalError, goals_from

# What a customer may come for. `sale`: a card that is approved. `tip`: the same, with a tip picked on the reader.
# `decline`: a card that is declined, and the customer leaves. `second_card`: one that is declined, then one that is
# approved. `cancel`: the cashier cancels before a card is presented. `refund`: a sale, and all of it given back.
# `part_refund`: a sale, and half of it given back. `double_press`: a sale, and a cashier in a hurry presses Pay twice.
KINDS: Final = ("sale", "tip", "decline", "second_card", "cancel", "refund", "part_refund", "double_press")
# What the till has to offer for it, beside taking sales.
NEEDS: Final[Mapping[str, str]] = MappingProxyType(
    {"tip": "tip_on_reader", "second_card": "retry", "cancel": "cancel", "refund": "refund", "part_refund": "refund"}
)
SUFFIX: Final = ".py"


class ProfileError(ValueError):
    """A profile cannot be used: which, what is wrong with it, and what to do."""


class Phase(msgspec.Struct, frozen=True):
    """Until this part of the run customers come at `times` the profile's rate."""

    until: float
    times: float


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that goes wrong from one part of the run to another, in words and as the gateway's fault.

    `at`: "wire" between the till and Stripe, "reader" at each reader, as only an emulated one does.
    """

    what: str
    fault: str
    begins: float
    ends: float
    at: str = "wire"
    params: dict[str, Any] = {}


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """One question asked of a till under load.

    `per_s`: customers a second, on average. `lanes_per_reader`: above 1, cashiers share a reader, and each waits for
    it. `hand_s`: how long a customer takes to present a card, which counts as nobody's latency. `patience_s`: how long
    a cashier goes on trying before the customer leaves. `goals`: the profile's own, as `[load]` names them.
    """

    question: str
    per_s: float
    readers: int
    duration_s: float = 60.0
    lanes_per_reader: int = 1
    hand_s: float = 0.3
    patience_s: float = 30.0
    mix: dict[str, float] = msgspec.field(default_factory=lambda: {"sale": 1.0})
    phases: tuple[Phase, ...] = (Phase(1.0, 1.0),)
    windows: tuple[Window, ...] = ()
    goals: dict[str, float] = {}

    def __post_init__(self) -> None:
        unknown = sorted(set(self.mix) - set(KINDS))
        if unknown:
            raise ProfileError(f"mix: nobody comes for {unknown[0]!r}; there are {', '.join(KINDS)}")
        if self.per_s <= 0 or self.readers < 1 or self.duration_s <= 0 or self.lanes_per_reader < 1:
            raise ProfileError("per_s and duration_s are above 0, readers and lanes_per_reader from 1")
        if self.hand_s < 0 or self.patience_s < 0:
            raise ProfileError("hand_s and patience_s are seconds from 0")
        sizes = (self.per_s, self.duration_s, self.hand_s, self.patience_s, *self.mix.values())
        if not all(math.isfinite(size) for size in (*sizes, *(phase.times for phase in self.phases))):
            raise ProfileError("every number has an end: nan and inf are none that anybody could come at")
        if not any(weight > 0 for weight in self.mix.values()):
            raise ProfileError("mix: nobody comes at all; give one kind a weight above 0")
        untils = [phase.until for phase in self.phases]
        if untils != sorted(untils) or not untils or untils[-1] != 1.0:
            raise ProfileError("phases: each ends after the one before it, the last at 1.0")
        if min(untils) <= 0 or min(phase.times for phase in self.phases) < 0:
            raise ProfileError("phases: until is above 0, times from 0")
        for window in self.windows:
            _check(window)
        try:
            goals_from(self.goals)
        except GoalError as error:
            raise ProfileError(f"goals: {error}") from None


def _check(window: Window) -> None:
    if not 0 <= window.begins < window.ends <= 1:
        raise ProfileError(f"windows: {window.what!r} begins and ends within the run, from 0 to 1, in that order")
    if window.at not in {"wire", "reader"}:
        raise ProfileError(f"windows: {window.what!r} is at {window.at!r}; there are wire and reader")


def named(name: str, folder: Path) -> Path:
    """The file of a profile: one of the suite's own by name, or a file of the team's by its path.

    Raises ProfileError.
    """
    given = Path(name)
    if given.suffix == SUFFIX or len(given.parts) > 1:
        if not given.is_file():
            raise ProfileError(f"{name}: there is no such file; name one of {', '.join(known(folder))}, or a path")
        return given
    path = folder / f"{name}{SUFFIX}"
    if not path.is_file():
        raise ProfileError(f"no load profile is called {name}; there are {', '.join(known(folder))}")
    return path


def known(folder: Path) -> Sequence[str]:
    """The names of the suite's own profiles."""
    return sorted(path.stem for path in folder.glob(f"*{SUFFIX}"))


def load_profile(path: Path) -> Profile:
    """The PROFILE of a file. Raises ProfileError for one that has none, or cannot be read."""
    spec = importlib.util.spec_from_file_location(f"load_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ProfileError(f"{path}: is no Python file; name it with {SUFFIX} at its end")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ProfileError as error:
        raise ProfileError(f"{path}: {error}") from None
    except SystemExit:
        # Or a file that ends the program would end it as well as a till that was certified.
        raise ProfileError(f"{path}: ends the program; a profile only says what is to come, mend the file") from None
    except Exception as error:
        raise ProfileError(f"{path}: {type(error).__name__}: {error}; mend the file") from error
    profile = getattr(module, "PROFILE", None)
    if not isinstance(profile, Profile):
        raise ProfileError(f"{path}: defines no PROFILE = Profile(…); docs/load.md shows one")
    return profile
