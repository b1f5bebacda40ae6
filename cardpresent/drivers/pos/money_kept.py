"""What an answer says of the till's own books: the record of one sale, and its list of payments taken offline."""

import re
from collections.abc import Mapping
from typing import Final

from cardpresent.drivers.pos.extraction import Reading
from cardpresent.drivers.pos.port import SUMS, TillRecord, TillWorklist
from cardpresent.drivers.pos.templates import parse_amount
from cardpresent.model.money import Money
from cardpresent.profile.schema import Extract, Record, Worklist

NO: Final = frozenset({"", "0", "false", "no"})
# Digits of other scripts, raised ones and figures without end are no count that anybody could have meant.
COUNT: Final = re.compile(r"[0-9]{1,12}")


def record_of(
    record: Record, reading: Reading, values: Mapping[str, object], default: str, missing: list[str]
) -> TillRecord | None:
    """The till's own books of the sale; None where nothing of them was found. `default`: the till's own currency."""
    asked = values.get("amount")
    currency = asked.currency if isinstance(asked, Money) else default
    if record.currency is not None:
        currency = (reading.find(record.currency) or currency).lower()
    amounts: dict[str, Money] = {}
    for name in SUMS:
        amount = _amount(getattr(record, name), reading, currency, record.unit, f"record.{name}", missing)
        if amount is not None:
            amounts[name] = amount
    effects = _count(record.effects, reading, "record.effects", missing)
    if not amounts and effects is None:
        return None
    return TillRecord(**amounts, effects=effects, tip_rule=record.tip_rule)


def worklist_of(
    described: Worklist, reading: Reading, values: Mapping[str, object], default: str, missing: list[str]
) -> TillWorklist:
    """The list of payments taken offline. A sale that does not stand there is no mistake of the file."""
    asked = values.get("amount")
    currency = asked.currency if isinstance(asked, Money) else default
    value = reading.find(described.listed)
    listed = next((word for word in ("stored", "lost", "paid") if value in getattr(described, word)), None)
    overdue = reading.find(described.overdue) if described.overdue is not None else None
    return TillWorklist(
        listed=listed,
        owner=(reading.find(described.owner) or None) if described.owner is not None else None,
        overdue=None if overdue is None else overdue.lower() not in NO,
        count=_count(described.count, reading, "worklist.count", missing),
        sum_stored=_amount(
            described.sum_stored, reading, currency, described.unit, "worklist.sum_stored", missing
        ),
        sum_lost=_amount(described.sum_lost, reading, currency, described.unit, "worklist.sum_lost", missing),
    )


def _amount(
    extract: Extract | None, reading: Reading, currency: str, unit: str, name: str, missing: list[str]
) -> Money | None:
    if extract is None:
        return None
    text = reading.find(extract)
    amount = parse_amount(text, currency, unit) if text is not None else None
    if amount is None:
        missing.append(name)
    return amount


def _count(extract: Extract | None, reading: Reading, name: str, missing: list[str]) -> int | None:
    if extract is None:
        return None
    found = reading.find(extract) or ""
    if COUNT.fullmatch(found):
        return int(found)
    missing.append(name)
    return None
