"""What a run of a till's page relied on in the place of Stripe's own script, as a sentence for the certificate."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cardpresent.profile import Integration

# Addresses shown; a page that asks for more of them asks for much the same.
SHOWN: Final = 4
_MARK: Final = b'"page_refused"'


def sdk_of(integration: Integration, journal: Path) -> str | None:
    """None for tills without a page that holds the SDK."""
    if not any(shop.at_page for shop in integration.every_shop.values()):
        return None
    told = "The page ran in a browser on a stand-in of Stripe's terminal.js, served where it loads Stripe's script"
    refused = sorted(set(_refused(journal)))
    if not refused:
        return told
    more = f" and {len(refused) - SHOWN} more" if len(refused) > SHOWN else ""
    return f"{told}; what else it asked of Stripe was refused: {', '.join(refused[:SHOWN])}{more}"


def _refused(journal: Path) -> Iterator[str]:
    with journal.open("rb") as lines:
        for line in lines:
            if _MARK in line:
                entry = json.loads(line)
                if entry["kind"] == "control" and entry["data"].get("what") == "page_refused":
                    yield str(entry["data"]["url"])
