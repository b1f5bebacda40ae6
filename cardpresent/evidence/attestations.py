"""What people answered for: one file a team keeps beside its integration file, and reviews like code.

Each entry says who saw what, when, until when it counts, and which file shows it, by its SHA-256. Nothing is edited: a
later answer to the same question stands in for an earlier one.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec

NAME: Final = "attestations.json"


class AttestationError(ValueError):
    """The file cannot be used, or what it points at is not what was attested. One sentence with the fix."""


class Attested(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer. `scenario` is the id of the question; `evidence` a path beside the file, `sha256` of its bytes then.

    `seen_at_stripe`: what the run itself saw of it. `holds`: whether the person says that it is so.
    """

    scenario: str
    requirements: tuple[str, ...]
    statement: str
    holds: bool
    by: str
    on: date
    until: date
    till: str
    build: str
    evidence: str | None = None
    sha256: str | None = None
    seen_at_stripe: str | None = None
    note: str | None = None


class Attestations:
    """The file, as far as a run needs it. One that does not exist yet holds nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept: list[Attested] = []
        if path.exists():
            self._kept = _read(path)

    def latest(self, scenario: str) -> Attested | None:
        """The last answer to a question."""
        return next((one for one in reversed(self._kept) if one.scenario == scenario), None)

    def check_evidence(self, one: Attested) -> None:
        """Raises AttestationError when the file that was shown is gone or another one."""
        if one.evidence is None:
            return
        shown = self.path.parent / one.evidence
        if not shown.is_file():
            raise AttestationError(f"{self.path}: {one.evidence} is gone; put it back, or have it attested again")
        if digest(shown) != one.sha256:
            raise AttestationError(f"{self.path}: {one.evidence} was changed since; have it attested again")

    def keep(self, one: Attested) -> None:
        """Add an answer, and write the file whole."""
        self._kept.append(one)
        text = json.dumps(msgspec.to_builtins(self._kept), ensure_ascii=False, indent=2)
        unfinished = self.path.with_suffix(".unfinished")
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(self.path)


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(path: Path) -> list[Attested]:
    try:
        held: Sequence[Any] = json.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(held, list[Attested])
    except OSError as error:
        raise AttestationError(f"{path}: cannot be read ({error.strerror}); give the path of a readable file") from None
    except (ValueError, msgspec.ValidationError) as error:
        raise AttestationError(f"{path}: holds no attestations ({error}); restore it, or begin a new one") from None
