"""What a run relied on in the place of Stripe's own SDK, as a sentence for the certificate."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cardpresent.profile import Integration

# Addresses shown; a page that asks for more of them asks for much the same.
SHOWN: Final = 4
_MARK: Final = b'"page_refused"'


def sdk_of(integration: Integration, journal: Path) -> str | None:
    """None where no till of the file has the SDK in a page of its own, or leaves it to an app that the suite plays."""
    shops = integration.every_shop.values()
    told = [_played(shop) for shop in shops if shop.plays_app]
    if any(shop.at_page for shop in shops):
        told.append(_of_page(journal))
    return "; ".join(dict.fromkeys(told)) or None


def _played(shop: Integration) -> str:
    """Who was the app, where a till is the backend of one."""
    told = "the app is played by the suite, on a stand-in of Stripe's Terminal SDK"
    if shop.till.kind != "native":
        return told
    return f"{told}: what a machine judged is the backend, and what the app itself does on its device is left to a hand"


def _of_page(journal: Path) -> str:
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
