"""A replay: what was done to a till, in order, written so that it can be done again.

It holds stimuli and fault windows with their amounts, and nothing of the till: no id, no secret, no thread. Whoever
reads it can follow it with the eyes; `cardpresent replay` follows it with a till.
"""

import json
from pathlib import Path
from typing import Final

import msgspec

FORMAT: Final = "cardpresent replay"
VERSION: Final = 1
PREFIX: Final = "replay-"


class ReplayError(ValueError):
    """A file cannot be played. The message names the file, what is wrong and what to do."""


class Stimulus(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One thing that somebody does. `amount` is written as `20.00 USD`; `times` counts attempts on the wire."""

    who: str
    does: str
    amount: str | None = None
    card: str | None = None
    step: str | None = None
    times: int | None = None

    def __str__(self) -> str:
        said = [self.amount, self.card, self.step, f"{self.times} times" if self.times else None]
        told = ", ".join(part for part in said if part)
        return f"{self.who}: {self.does}" + (f" ({told})" if told else "")


class Shown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the stimuli brought to light: a line of the register, the check that found it, and in words."""

    requirement: str
    check: str
    headline: str


class Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`scenario` is the id of the one that found it, `seed` its run's, `cardpresent` the version that wrote it."""

    format: str
    version: int
    cardpresent: str
    scenario: str
    seed: int
    till: str
    shows: Shown
    stimuli: tuple[Stimulus, ...]


def written(replay: Replay) -> str:
    """The file's text."""
    return json.dumps(msgspec.to_builtins(replay), ensure_ascii=False, indent=1) + "\n"


def read(path: Path) -> Replay:
    """Raises ReplayError for a file that is missing, broken, none of ours, or of another version."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        why = (error.strerror or "cannot be read").lower()
        raise ReplayError(f"{path}: {why}; give a replay-….json that a run wrote into its folder") from None
    except ValueError as error:
        raise ReplayError(f"{path}: not valid JSON ({error}); it was changed after the run, make it again") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ReplayError(f"{path}: no replay; give a replay-….json that a run wrote into its folder")
    if document.get("version") != VERSION:
        raise ReplayError(
            f"{path}: replay version {document.get('version')!r}, written by cardpresent "
            f"{document.get('cardpresent', 'unknown')}; this one plays version {VERSION}: use the one that wrote it"
        )
    try:
        replay = msgspec.convert(document, Replay)
    except msgspec.ValidationError as error:
        raise ReplayError(f"{path}: {error}; it was changed after the run, make it again") from None
    if not replay.stimuli:
        raise ReplayError(f"{path}: holds no stimuli; it was changed after the run, make it again")
    return replay
