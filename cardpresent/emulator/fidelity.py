"""How each emulated behaviour is known: documented by Stripe, observed in Stripe's answers, or assumed by us.

Entries are declared beside the code that shows the behaviour; `/_emulator/fidelity` and the docs print them all.
"""

from dataclasses import asdict, dataclass
from typing import Final, Literal

Known = Literal["documented", "observed", "assumed"]

API: Final = "https://docs.stripe.com/api"
GUIDE: Final = "https://docs.stripe.com/terminal/payments/collect-card-payment?terminal-sdk-platform=server-driven"
TESTING: Final = "https://docs.stripe.com/terminal/references/testing"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One behaviour; `source` is a public URL, or empty where nobody has published one."""

    id: str
    known: Known
    source: str
    summary: str


_declared: dict[str, Behaviour] = {}


def declare(id: str, known: Known, source: str, summary: str) -> Behaviour:
    """Registers a behaviour once; a second entry under the same id is a mistake of ours."""
    if id in _declared:
        raise ValueError(f"behaviour {id} is declared twice")
    if known != "assumed" and not source.startswith("https://"):
        raise ValueError(f"behaviour {id} is {known} but names no source")
    entry = Behaviour(id, known, source, summary)
    _declared[id] = entry
    return entry


def behaviours() -> list[Behaviour]:
    return [_declared[key] for key in sorted(_declared)]


def report() -> dict[str, object]:
    """Counts by kind and every entry, as served by the control API."""
    entries = behaviours()
    counts: dict[str, object] = {
        kind: sum(e.known == kind for e in entries) for kind in ("documented", "observed", "assumed")
    }
    return {**counts, "behaviours": [asdict(e) for e in entries]}
