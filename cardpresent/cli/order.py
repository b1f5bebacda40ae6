"""What `cardpresent certify` was asked for."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cardpresent.evidence.attestations import NAME
from cardpresent.evidence.replay import Replay
from cardpresent.launch.suite import suite_root
from cardpresent.profile.waivers import NAME as WAIVERS

if TYPE_CHECKING:
    # Reading reports takes longer to import than a command line that is refused should wait.
    from cardpresent.cli.again import Again

# Stories drawn for a scenario about any order, unless more are asked for.
INTERLEAVINGS = 4


@dataclass(slots=True)
class Order:
    """What was asked for on the command line."""

    integration: Path | None
    out: Path
    seed: int
    select: tuple[str, ...]
    smoke: bool
    port: int | None
    venue: str
    lanes: int | None = None
    repeat: int = 1
    beside: str | None = None
    interleavings: int = INTERLEAVINGS
    replay: Replay | None = None
    tries: int = 1
    guided: bool = False
    attestations: Path | None = None
    waivers: Path | None = None
    again: "Again | None" = None
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    @property
    def file(self) -> Path:
        return self.integration or suite_root() / "fixtures" / "integrations" / "reference_pos.toml"

    @property
    def answers(self) -> Path:
        """Where people's answers are kept: beside the integration file, and with the report for the reference POS."""
        return self.attestations or (self.integration.parent if self.integration else self.out) / NAME

    @property
    def waiver_file(self) -> Path | None:
        """The file that was named, else the one beside the integration file; None where there is neither."""
        beside = self.integration.parent / WAIVERS if self.integration else None
        return self.waivers or (beside if beside and beside.exists() else None)
