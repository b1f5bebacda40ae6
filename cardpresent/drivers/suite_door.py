"""Where the suite comes in at a gateway: its address and, for one on another host, what opens the door."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

TOKEN_HEADER: Final = "X-Cardpresent-Token"


@dataclass(frozen=True, slots=True)
class SuiteDoor:
    """`token`: for a gateway that has one port for till and suite. `ca`: a file with the certificates it is trusted by,
    None for those this machine trusts anyway."""

    base: str
    token: str = ""
    ca: Path | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {TOKEN_HEADER: self.token} if self.token else {}
