"""What whoever drives load is handed: the till as it stands, its lanes, and how long customers come.

Written by the process that started everything, read by each that drives. It holds the secrets of the run, so its file
is nobody else's to read.
"""

import os
from pathlib import Path
from typing import Any, Final

import msgspec

from cardpresent.drivers.suite_door import SuiteDoor
from cardpresent.loadgen.profile import Phase

# Where a process that drives load finds its brief.
BRIEF: Final = "CARDPRESENT_LOAD_BRIEF"
# Where a worker on another machine has the integration file.
INTEGRATION: Final = "CARDPRESENT_LOAD_INTEGRATION"


class Lane(msgspec.Struct, frozen=True):
    """Where a cashier stands: a register, and the reader beside it. `shared`: others ask the same reader."""

    register: str
    reader: str
    label: str
    shared: bool = False


class Patience(msgspec.Struct, frozen=True):
    """How long anything is waited for, seconds: a poll's rhythm, the till's own bounds, the customer."""

    poll_s: float
    deadline_s: float
    settle_s: float
    unknown_within_s: float
    customer_s: float
    hand_s: float


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """`integration`: the file's path. `values`: what its templates may name. `door`: the suite's own at the gateway."""

    integration: str
    venue: str
    till: str
    values: dict[str, Any]
    door: str
    door_token: str
    key: str
    account: str
    secrets: tuple[str, ...]
    salt: str
    seed: int
    scenario: str
    per_s: float
    duration_s: float
    mix: dict[str, float]
    phases: tuple[Phase, ...]
    lanes: tuple[Lane, ...]
    patience: Patience
    shares: int = 1

    @property
    def file(self) -> Path:
        """The integration file on this machine."""
        return Path(os.environ.get(INTEGRATION) or self.integration)

    def suite_door(self, ca: str | None) -> SuiteDoor:
        """The suite's door at the gateway; `ca` as the integration file names it, beside itself."""
        trusted = (self.file.parent / ca).resolve() if ca else None
        return SuiteDoor(self.door, self.door_token, trusted)

    def lanes_of(self, share: int) -> tuple[Lane, ...]:
        """The lanes of one share: no two shares ask the same reader."""
        readers = list(dict.fromkeys(lane.reader for lane in self.lanes))
        mine = set(readers[share :: self.shares])
        return tuple(lane for lane in self.lanes if lane.reader in mine)


def write_brief(brief: Brief, path: Path) -> None:
    """The brief as a file that its owner alone can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(brief))


def take_brief(path: Path) -> Brief:
    """The brief of that file, which is gone then: its secrets lie about no longer than they must."""
    brief = msgspec.json.decode(path.read_bytes(), type=Brief)
    path.unlink(missing_ok=True)
    return brief


def encoded(brief: Brief) -> str:
    """As a text that goes over a wire."""
    return msgspec.json.encode(brief).decode()


def decoded(text: str) -> Brief:
    return msgspec.json.decode(text, type=Brief)
