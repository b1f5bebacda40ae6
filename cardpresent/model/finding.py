"""What one check concluded on one requirement, and what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cardpresent.model.outcome import Party


@dataclass(frozen=True, slots=True)
class Asked:
    """What a finding answers: which check, of which entries (first and last), with what given beside them."""

    check: str
    entries: tuple[int, int]
    given: Sequence[Any] = ()
    named: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """`holds` is True, False, or None when the evidence decides nothing (the reason is then in `observed`)."""

    requirement: str
    check: str
    holds: bool | None
    expected: str
    observed: str
    evidence: tuple[int, ...] = ()
    sale: str | None = None
    party: Party = "product"
    headline: str | None = None
    supplementary: bool = field(default=False)
    asked: Asked | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        shown = f" (evidence {list(self.evidence)})" if self.evidence else ""
        return f"{self.requirement}: expected {self.expected}, observed {self.observed}{shown}"
