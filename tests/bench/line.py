"""One measured number and the budget it is held to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`value` in `unit`; `budget` is the most it may be, None where none applies. A gating line fails the bench."""

    name: str
    value: float
    unit: str
    budget: float | None = None
    gating: bool = False

    @property
    def holds(self) -> bool | None:
        if self.budget is None:
            return None
        return self.value <= self.budget

    def as_json(self) -> dict[str, object]:
        return {"value": round(self.value, 4), "unit": self.unit, "budget": self.budget, "holds": self.holds}
