"""waivers.toml: which lines of the register a team accepts as broken, in which venue, for how long, and who answers.

The file lies beside the integration file and is reviewed like code: it hides nothing, and it runs out. docs/waivers.md
explains every key.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from cardpresent.profile.errors import IntegrationError
from cardpresent.profile.lines import line_of
from cardpresent.profile.loading import document
from cardpresent.profile.schema import Table, Text
from cardpresent.profile.shape import ShapeError, check, closest

NAME: Final = "waivers.toml"
LONGEST: Final = timedelta(days=90)
EVERY_VENUE: Final = "any"

Venue = Literal["emulator", "test", "any"]


class Waiver(Table, frozen=True, kw_only=True):
    """One line of the register that its owner accepts until a day, that day included.

    `link`: where the decision, or the repair, is kept. `venue`: behind which Stripe it counts.
    """

    requirement: Text
    venue: Venue
    owner: Text
    reason: Text
    link: Annotated[str, Meta(pattern="^https?://")]
    created: date
    expires: date

    def covers(self, venue: str) -> bool:
        """Whether it speaks of runs in that venue."""
        return self.venue in (EVERY_VENUE, venue)

    def counts(self, venue: str, today: date | None) -> bool:
        """Whether it sets its line aside in a run of that venue on that day."""
        return today is not None and today <= self.expires and self.covers(venue)


class WaiverFile(Table, frozen=True, kw_only=True):
    """The whole file."""

    waiver: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True)
class Waivers:
    """A file that was found sound. `digest` is the SHA-256 of its bytes, in hex; None where there is no file."""

    waivers: Sequence[Waiver] = ()
    digest: str | None = None


def load_waivers(path: Path, lines: Collection[str], today: date) -> Waivers:
    """The waivers of the file at `path`; `lines` are the ids of the register.

    Raises IntegrationError, whose text is the one sentence to print, with the line and the fix. A waiver that has
    expired is no mistake in the file: the run says so, and certifies nothing.
    """
    if not path.exists():
        raise IntegrationError(path, "", "there is no such file", "give its path, or leave --waivers out")
    content, text, raw = document(path)
    try:
        check(raw, WaiverFile)
        waivers = msgspec.convert(raw, WaiverFile).waiver
        for number, waiver in enumerate(waivers):
            _sound(f"waiver[{number}]", waiver, lines, today)
        _once(waivers)
    except ShapeError as error:
        raise IntegrationError(path, error.key, error.problem, _fix(error), line_of(text, error.key)) from None
    return Waivers(waivers, hashlib.sha256(content).hexdigest())


def _fix(error: ShapeError) -> str:
    """What the file's own page says, where the shape's words point at the integration file's."""
    return error.fix.replace("docs/integrations.md", "docs/waivers.md")


def _sound(key: str, waiver: Waiver, lines: Collection[str], today: date) -> None:
    for name in ("requirement", "owner", "reason"):
        if not getattr(waiver, name).strip():
            raise ShapeError(f"{key}.{name}", "is blank", "say it")
    if waiver.requirement not in lines:
        problem = f'the register has no line "{waiver.requirement}"'
        raise ShapeError(f"{key}.requirement", problem, _near(waiver.requirement, lines))
    if waiver.created > today:
        raise ShapeError(f"{key}.created", f"{waiver.created} is yet to come", "give the day it was agreed on")
    if waiver.expires < waiver.created:
        raise ShapeError(f"{key}.expires", f"{waiver.expires} is before it was created", "give a later day")
    if waiver.expires - waiver.created > LONGEST:
        latest = waiver.created + LONGEST
        problem = f"{waiver.expires} is {(waiver.expires - waiver.created).days} days after it was created"
        fix = f"give {latest} or earlier: after {LONGEST.days} days somebody has to look at it again"
        raise ShapeError(f"{key}.expires", problem, fix)


def _near(name: str, lines: Collection[str]) -> str:
    told = closest(name.upper(), lines)
    return told if told.startswith("did you mean") else "`cardpresent explain` knows them; they are like FD-26"


def _once(waivers: Sequence[Waiver]) -> None:
    """No two waivers speak of one line in one venue: nobody could tell which of them counts."""
    for (first, one), (second, other) in combinations(enumerate(waivers), 2):
        meets = one.covers(other.venue) or other.covers(one.venue)
        if one.requirement == other.requirement and meets:
            problem = f"{other.requirement} is waived for that venue already, by waiver[{first}]"
            raise ShapeError(f"waiver[{second}].requirement", problem, "keep one of the two")
