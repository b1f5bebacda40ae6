"""From what a till answered to what it means, by the tables of the integration file."""

from collections.abc import Sequence
from typing import Final

from cardpresent.drivers.pos.extraction import Reading
from cardpresent.model.outcome import Outcome, Standing
from cardpresent.profile.schema import OutcomeTable

Meaning = tuple[Outcome, Standing]

# Held money is neither paid nor not paid, nor is a payment that no bank has seen yet: neither is a yes or a no.
MEANINGS: Final[dict[str, Meaning]] = {
    "accepted": (Outcome.ACCEPTED, Standing.SETTLED),
    "refused": (Outcome.REFUSED, Standing.SETTLED),
    "unknown": (Outcome.UNKNOWN, Standing.SETTLED),
    "collecting": (Outcome.UNKNOWN, Standing.COLLECTING),
    "held": (Outcome.UNKNOWN, Standing.HELD),
    "stored": (Outcome.UNKNOWN, Standing.STORED),
}
NOT_KNOWN: Final = MEANINGS["unknown"]
BY_STATUS: Final = (OutcomeTable(by="status", accepted=("2xx",), refused=("4xx",)),)


def meaning_of(reading: Reading, tables: Sequence[OutcomeTable]) -> tuple[str, tuple[str, ...]]:
    """The word of the first table that matches, and what was looked for in vain by the tables before it.

    A table matches when its value is found and stands in one of its lists, or it has an `otherwise`. Where none
    matches the meaning is "unknown": an answer nobody described settles nothing.
    """
    missing: list[str] = []
    for table in tables:
        value = str(reading.answer.status) if table.by == "status" else reading.find(table.by)
        if value is None:
            missing.append("outcome")
            continue
        if word := _word(table, value):
            return word, ()
    return "unknown", tuple(dict.fromkeys(missing))


def _word(table: OutcomeTable, value: str) -> str | None:
    for word in MEANINGS:
        if any(_same(expected, value, table) for expected in getattr(table, word)):
            return word
    return table.otherwise


def _same(expected: str, value: str, table: OutcomeTable) -> bool:
    if table.by == "status" and expected.endswith("xx"):
        return value[0] == expected[0]
    return value == expected
