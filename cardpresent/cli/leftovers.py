"""What a run leaves behind where others find it: at Stripe, and at a till that nobody empties afterwards."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from cardpresent.certificate.wording import counted
from cardpresent.evidence.journal import Journal
from cardpresent.profile import Integration

NAMED: Final = 5
STARTS: Final = ("start_sale",)
Left = Sequence[Mapping[str, Any]]


def sales_left(integration: Integration, journal: Path) -> list[str]:
    """The sales that were rung up at a till that runs on afterwards; none where the run's own till went with it."""
    if not integration.process.base_url:
        return []
    try:
        intents = Journal.load(journal).kind("intent")
    except (OSError, msgspec.DecodeError):
        return []
    sales = [intent.sale for intent in intents if intent.data["verb"] in STARTS]
    return list(dict.fromkeys(sale for sale in sales if sale))


def told(reliance: Mapping[str, Any]) -> Iterator[str]:
    """The same for a person, from what the report relies on."""
    at_stripe, sales = reliance.get("leavings"), reliance.get("sales_left", [])
    if at_stripe:
        taken = counted(at_stripe["cleaned"], "thing")
        yield f"At Stripe: {taken} of the run's taken back, {len(at_stripe['left'])} left"
        yield from (f"  {one['id']}: {one['why']}" for one in at_stripe["left"][:NAMED])
        more = len(at_stripe["left"]) - NAMED
        if more > 0:
            yield f"  and {more} more, all in report.json"
    if sales:
        stay = "sale stays" if len(sales) == 1 else "sales stay"
        yield f"At the till: {len(sales)} {stay} in its books, {sales[0]} to {sales[-1]}; all in report.json"
