"""What was told about a test's objects: the emulator's events against those that Stripe lists."""

from collections import Counter
from typing import Any

from tests.fidelity.comparing import Difference
from tests.fidelity.pairs import Pairs

PAGE = "/v1/events?limit=100"

Told = Counter[tuple[str, str]]  # (type, id of the object at Stripe) -> how often


def told_by_emulator(events: list[tuple[str, str]], pairs: Pairs) -> Told:
    """Events about objects without a counterpart are left out: that those are missing was said before."""
    return Counter((type, there) for type, id in events if (there := pairs.theirs(id)) is not None)


def told_by_stripe(page: Any, pairs: Pairs) -> Told:
    rows = page.get("data", []) if isinstance(page, dict) else []
    about = [(str(row["type"]), str(row["data"]["object"].get("id"))) for row in rows]
    return Counter((type, id) for type, id in about if pairs.has_met(id))


def differences(ours: Told, theirs: Told) -> list[Difference]:
    """By type and object, how often each side told it."""
    parted = sorted({place for place in ours | theirs if ours[place] != theirs[place]})
    return [Difference(type, ours[type, id], theirs[type, id]) for type, id in parted]
