"""What one check concluded on one requirement, and what it rests on."""

from dataclasses import dataclass, field

from cardpresent.model.outcome import Party


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

    def __str__(self) -> str:
        shown = f" (evidence {list(self.evidence)})" if self.evidence else ""
        return f"{self.requirement}: expected {self.expected}, observed {self.observed}{shown}"
