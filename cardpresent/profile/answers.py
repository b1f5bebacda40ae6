"""What a file's tills answer to the questions by which the register selects its lines."""

from collections.abc import Mapping
from typing import Final

from cardpresent.model.capability import Capability
from cardpresent.profile.integration import Integration
from cardpresent.profile.vocabulary import CAPABILITIES

BEST_FIRST: Final = ("present", "absent", "not_applicable")
# A till of the first kind is one of the others, too: a native app has one of Stripe's mobile SDKs in it.
ALSO: Final[Mapping[str, tuple[str, ...]]] = {"native": ("sdk",)}


def answers_of(file: Integration) -> dict[str, tuple[str, ...]]:
    """kind, country and capture of all the file's tills: a line applies when any of them answers for it."""
    shops = file.every_shop.values()
    told = {name: [str(getattr(shop.till, name)) for shop in shops] for name in ("kind", "country", "capture")}
    told["kind"] += [also for kind in told["kind"] for also in ALSO.get(kind, ())]
    return {name: tuple(dict.fromkeys(said)) for name, said in told.items()}


def capabilities_of(file: Integration) -> dict[str, Capability]:
    """The best that any of the file's tills says of each: what one of them can do is asked of that one."""
    shops = file.every_shop.values()
    return {
        name: min((shop.capability(name) for shop in shops), key=lambda one: BEST_FIRST.index(one.state))
        for name in CAPABILITIES
    }
