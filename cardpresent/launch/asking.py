"""Which of the file's tills a scenario is put to, by its tags; and why it is put to none."""

from collections.abc import Collection, Iterator
from typing import Final

from cardpresent.model.outcome import ScenarioOutcome
from cardpresent.profile import Integration
from cardpresent.profile.merchants import PIN_AFTER_TAP_IN
from cardpresent.profile.vocabulary import AT_DEVICE, BY_HAND, CAPABILITY_VERBS

NEEDS: Final = "needs-"
COUNTRY: Final = "country-"
CURRENCY: Final = "currency-"
KIND: Final = "kind-"
NATIVE: Final = "native"
# What several kinds have in common: an app of the shop's own holds the reader.
KINDS: Final = {
    "app": ("sdk", "offline-sdk", NATIVE),
    "any-sdk": ("sdk", "offline-sdk", "js-sdk", NATIVE),
}
IN_WORDS: Final = {"app": "an app at a reader of its own", "any-sdk": "one with Stripe's Terminal SDK in it"}
# Kinds whose scenarios are about what the app itself does.
IN_THE_APP: Final = frozenset({"sdk", "offline-sdk", "app", "any-sdk"})
# A scenario with this tag asks nothing of a device: no card is presented and no reader has a part in it.
BACKEND: Final = "backend"
GUIDED: Final = "guided"
# One with this tag is about what is done at the device and its reader; what the backend does decides nothing in it.
ON_DEVICE: Final = "on-device"
# One with this tag is about what the till itself says of a sale, of which an app's SDK knows less, or from elsewhere.
OWN_WORD: Final = "own-word"
HAND: Final = "needs a hand at the device; features/native asks for one (--guided)"
CONNECT: Final = "connect-"
EACH_SHOP: Final = "each-shop"
EACH_COUNTRY: Final = "each-country"
OWN_CAPTURE: Final = "own-capture"
BOUND_READER: Final = "bound-reader"
SELLER_REFUNDS: Final = "seller-bears-refunds"
NAMES_CURRENCY: Final = "names-currency"
CHOSEN_READER: Final = "chosen-reader"
PIN_AFTER_TAP: Final = "pin-after-tap"
BY_REQUEST: Final = "sale-by-request"

# Tags of scenarios whose currency is their point: their amounts are asked for as they are written.
CURRENCY_MATTERS: Final = (COUNTRY, CURRENCY, NAMES_CURRENCY)

Unasked = tuple[ScenarioOutcome, str]


def shops_for(tags: Collection[str], till: Integration) -> list[Integration]:
    """The first till that can be asked, under `@each-shop` all that can; the file's own where none can.

    Under `@each-country` it is the first in each country and currency.
    """
    able = [shop for shop in till.every_shop.values() if why_not(tags, shop) is None]
    if EACH_COUNTRY in tags and able:
        first = {(shop.till.country, shop.till.currencies): shop for shop in reversed(able)}
        return [shop for shop in able if shop in first.values()]
    if EACH_SHOP in tags and able:
        return able
    return [able[0] if able else till]


def why_not(tags: Collection[str], till: Integration) -> Unasked | None:
    """Why a scenario with these tags cannot be put to a till, None where it can."""
    return next(_reasons(sorted(tags), till), None)


def _reasons(tags: list[str], till: Integration) -> Iterator[Unasked]:
    for tag in tags:
        if tag.startswith(NEEDS) and (unable := _unable(tag.removeprefix(NEEDS), till)):
            yield unable
    for tag in tags:
        if tag.startswith(COUNTRY) and tag.removeprefix(COUNTRY) != till.till.country:
            yield ScenarioOutcome.NOT_APPLICABLE, f"no shop of this till is in {tag.removeprefix(COUNTRY)}"
        if tag.startswith(CURRENCY) and tag.removeprefix(CURRENCY) not in till.till.currencies:
            yield ScenarioOutcome.NOT_APPLICABLE, f"no shop of this till sells in {tag.removeprefix(CURRENCY)}"
        if tag.startswith(KIND) and not _is_kind(tag.removeprefix(KIND), till.till.kind):
            named = tag.removeprefix(KIND)
            yield ScenarioOutcome.NOT_APPLICABLE, f"the till is {till.till.kind}, not {IN_WORDS.get(named, named)}"
        if tag.startswith(CONNECT) and tag.removeprefix(CONNECT) != (till.till.connect and till.till.connect.type):
            yield ScenarioOutcome.NOT_APPLICABLE, f"no shop of this till makes {tag.removeprefix(CONNECT)} charges"
    if OWN_CAPTURE in tags and till.till.capture == "automatic":
        yield ScenarioOutcome.NOT_APPLICABLE, "capture = automatic: Stripe collects the money, not the till"
    if SELLER_REFUNDS in tags and till.till.connect and till.till.connect.refunds_from == "platform":
        yield ScenarioOutcome.NOT_APPLICABLE, "till.connect.refunds_from = platform: it bears its sellers' refunds"
    if BOUND_READER in tags and till.reader.chosen != "bound":
        yield ScenarioOutcome.NOT_APPLICABLE, f"reader.chosen = {till.reader.chosen}: no register keeps a reader"
    yield from _reasons_of_trade(tags, till)


def needs_hand(tags: Collection[str], till: Integration) -> bool:
    """Whether no machine can put this scenario to this till: the till is an app, and the scenario takes its device.

    A guided scenario asks a person anyway, and one about a backend needs no device. Where the suite plays the app, what
    is about the app itself still takes the device: a pass would be the suite's own app's, and not the till's.
    """
    if till.till.kind != NATIVE or GUIDED in tags or BACKEND in tags:
        return False
    if not till.plays_app or ON_DEVICE in tags or (OWN_WORD in tags and "sale_state" not in till.operations):
        return True
    about = {tag.removeprefix(KIND) for tag in tags if tag.startswith(KIND)}
    needed = (tag.removeprefix(NEEDS) for tag in tags if tag.startswith(NEEDS))
    return bool(about & IN_THE_APP) or any(_by_device(name, till) for name in needed)


def _by_device(name: str, till: Integration) -> bool:
    """Whether the app has a capability at its device alone. Another card is the one thing it needs no backend for: the
    suite's app presents it, and the backend's payment has to take it."""
    if name in AT_DEVICE:
        return True
    return name in BY_HAND - {"retry"} and not any(verb in till.operations for verb in CAPABILITY_VERBS.get(name, ()))


def _reasons_of_trade(tags: list[str], till: Integration) -> Iterator[Unasked]:
    if NAMES_CURRENCY in tags and not till.names("start_sale", "amount.currency"):
        yield ScenarioOutcome.NOT_APPLICABLE, "the till is never told a currency: it sells in one only"
    if CHOSEN_READER in tags and till.reader.chosen == "fixed":
        yield ScenarioOutcome.NOT_APPLICABLE, "the till is started with its one reader, and given no other"
    if BY_REQUEST in tags and till.at_page:
        yield ScenarioOutcome.NOT_APPLICABLE, "its sales live in a page, and are worked there instead of by requests"
    if PIN_AFTER_TAP in tags and till.till.country not in PIN_AFTER_TAP_IN:
        yield ScenarioOutcome.NOT_APPLICABLE, f"no bank in {till.till.country} wants the PIN after the tap"
    # Last of all: a person is asked for what concerns this till only.
    if needs_hand(tags, till):
        yield ScenarioOutcome.UNTESTED, HAND


def _is_kind(named: str, kind: str) -> bool:
    """Whether a till of that kind is what a tag names; what is about an app is about a native one, too."""
    return kind in KINDS.get(named, (named,)) or (kind == NATIVE and named in IN_THE_APP)


def _unable(name: str, till: Integration) -> Unasked | None:
    capability = till.capability(name)
    if capability.state == "not_applicable":
        return ScenarioOutcome.NOT_APPLICABLE, f"{name}: {capability.reason}"
    if capability.state == "absent":
        why = capability.reason or "declared as absent"
        return ScenarioOutcome.NOT_DEMONSTRATED, f"the till has no {name.replace('_', ' ')}: {why}"
    return None
