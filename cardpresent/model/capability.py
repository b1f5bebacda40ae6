"""Something a till can do, or cannot, or need not."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Capability:
    """`reason` is set for what is absent undeclared and for what does not apply."""

    state: Literal["present", "absent", "not_applicable"]
    reason: str | None = None
