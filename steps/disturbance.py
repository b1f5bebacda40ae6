"""What a real Stripe, or the line to it, did in a scenario though nobody staged it: no evidence against the till.

Of an emulated Stripe, there is none. At a real one a call may find no answer, an answer may come late, and the till
may reach for what an earlier run left behind.
"""

from collections.abc import Mapping
from typing import Final

from cardpresent.evidence.journal import Journal
from cardpresent.model.outcome import Party

# A call of the till that had to wait so long for its turn at Stripe may have been given up by it.
WAITED_LONG_MS: Final = 2000.0


def disturbance_of(journal: Journal) -> tuple[str, Party] | None:
    """What happened, and whose turn it is; None where the scenario was let alone."""
    for entry in journal.controls("venue_trouble", "venue_waited", "foreign_object_refused"):
        data = entry.data
        if data["what"] == "foreign_object_refused":
            why = f"the till works on {data['object']}, which this run did not make: its data has to be emptied before"
            return f"{why} (data.reset)", "configuration"
        if data["what"] == "venue_trouble":
            return f"Stripe's test mode was disturbed: {data['why']} ({_call(data)})", "environment"
        if float(data.get("ms", 0)) >= WAITED_LONG_MS:
            return f"Stripe's test mode kept a call waiting: {data['why']} ({_call(data)})", "environment"
    return None


def _call(data: Mapping[str, object]) -> str:
    return " ".join(str(data[name]) for name in ("method", "path") if name in data) or "its events"
