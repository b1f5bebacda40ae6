"""Locations: where readers stand, with the address rules of each country."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, invalid, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.paying import amounts
from cardpresent.emulator.resources import configurations
from cardpresent.emulator.wire.answers import page_of
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import UNSET, absent, empty

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_GUIDE = "https://docs.stripe.com/terminal/fleet/locations-and-zones"

declare(
    "location.address", "documented", _GUIDE,
    "Each country requires its own address lines; a location's country never changes.",
)
declare(
    "location.newer_countries", "assumed", _GUIDE,
    "Countries whose rules are not published require line1, city and postal_code.",
)
declare(
    "location.line2", "observed", "https://github.com/stripe-samples/terminal",
    "A second address line that was not sent reads as an empty string.",
)
declare(
    "location.japan", "documented", "https://docs.stripe.com/terminal/payments/regional",
    "A Japanese location has address_kana or address_kanji, no address, and one of three display names.",
)
declare(
    "location.japan_address", "assumed", f"{API}/terminal/locations/object",
    "Its address and display_name, which every location has, are read from the kanji ones, else from the kana ones.",
)
declare("location.name_length", "documented", f"{API}/terminal/locations/create", "display_name has at most 1000.")
declare(
    "location.delete_in_use", "assumed", f"{API}/terminal/locations/delete",
    "Deleting a location that still has readers answers 400.",
)

# -------------------------------------------------------------------------------------------------------------- fields

_LINES: Final = {
    **dict.fromkeys(("US", "CA", "AU", "IT", "ES"), ("line1", "city", "state", "postal_code")),
    **dict.fromkeys(("IE", "SG"), ("line1", "postal_code")),
}
_OTHER_LINES: Final = ("line1", "city", "postal_code")
_ADDRESS_KEYS: Final = ("city", "country", "line1", "line2", "postal_code", "state")
_JAPANESE_KEYS: Final = (*_ADDRESS_KEYS, "town")
_JAPANESE: Final = ("address_kanji", "address_kana")
_NAMES: Final = ("display_name", "display_name_kanji", "display_name_kana")
_OPTIONAL: Final = ("configuration_overrides", "display_name_kana", "display_name_kanji", "phone")
_NAME_LENGTH_MAX: Final = 1000


def _address(given: JsonObject) -> JsonObject:
    country = given["country"].upper()
    if country not in amounts.COUNTRIES:
        raise invalid(f"Country '{country}' is not supported by Terminal.", param="address[country]")
    if country == "JP":
        raise invalid("A location in JP takes address_kana or address_kanji.", param="address")
    for line in _LINES.get(country, _OTHER_LINES):
        if not given.get(line):
            raise absent(f"address[{line}]")
    return {key: country if key == "country" else given.get(key, "") for key in _ADDRESS_KEYS}


def _japanese_address(given: JsonObject, name: str) -> JsonObject:
    if given.get("country", "JP").upper() != "JP":
        raise invalid(f"{name} is for locations in JP only.", param=f"{name}[country]")
    return {key: "JP" if key == "country" else given.get(key) for key in _JAPANESE_KEYS}


def _read_from(japanese: JsonObject) -> JsonObject:
    """The address every location has, from a Japanese one: the town is part of the first line."""
    line1 = " ".join(part for part in (japanese["town"], japanese["line1"]) if part)
    return {**{key: japanese[key] or "" for key in _ADDRESS_KEYS}, "line1": line1}


def _values(account: "Account", old: JsonObject, params: JsonObject) -> JsonObject:
    """The location's own fields after a call, all checked; `old` is empty for a new one."""
    new = {name: value for name, value in old.items() if name in (*_OPTIONAL, *_JAPANESE, "display_name", "address")}
    for name in (*_NAMES, "phone", "configuration_overrides"):
        value: Any = params.get(name)
        if value is UNSET:
            new.pop(name, None)
        elif value is not None:
            new[name] = _checked(account, name, value)
    for name in _JAPANESE:
        if name in params:
            new[name] = _japanese_address({**(new.get(name) or {}), **params[name]}, name)
    japanese = next((new[name] for name in _JAPANESE if name in new), None)
    if japanese is not None and "address" in params:
        raise invalid("A location in JP takes address_kana or address_kanji, and no address.", param="address")
    if japanese is None and any(name in new for name in _NAMES[1:]):
        raise invalid("Names in kana and kanji are for locations in JP only.", param=_NAMES[1])
    if japanese is not None:
        new["address"] = _read_from(japanese)
    elif "address" in params:
        new["address"] = _address({**old.get("address", {}), **params["address"]})
    named = next((new[name] for name in (_NAMES if japanese is not None else _NAMES[:1]) if name in new), None)
    if named is None:
        raise empty("display_name") if old else absent("display_name")
    if "address" not in new:
        raise absent("address")
    return {**new, "display_name": named}


def _checked(account: "Account", name: str, value: str) -> str:
    if name == "configuration_overrides":
        configurations.find(account, value, name, in_url=False)
    elif name in _NAMES and len(value) > _NAME_LENGTH_MAX:
        raise invalid(f"A display name has at most {_NAME_LENGTH_MAX} characters.", param=name)
    return value


def _remember_override(account: "Account", location: JsonObject) -> JsonObject:
    if "configuration_overrides" in location:
        account.locations.also(location["id"], configuration_overrides=location["configuration_overrides"])
    return location


# ---------------------------------------------------------------------------------------------------------- operations


def find(account: "Account", id: str, *, in_url: bool = True) -> JsonObject:
    found = account.locations.get(id)
    if found is None:
        raise missing("location", id, "location", in_url=in_url)
    return found


def create(call: Call) -> JsonObject:
    account, params = call.account, call.params
    values, metadata = _values(account, {}, params), merged({}, params.get("metadata"))
    made: JsonObject = {
        "id": account.ids.new("tml"), "object": "terminal.location", "livemode": False, "metadata": metadata,
        **values,
    }
    account.locations.add(made["id"], made, account.clock.now())
    return _remember_override(account, made)


def retrieve(call: Call) -> JsonObject:
    return call.account.deleted.get(call.id) or find(call.account, call.id)


def update(call: Call) -> JsonObject:
    location, params = find(call.account, call.id), call.params
    values = _values(call.account, location, params)
    if values["address"]["country"] != location["address"]["country"]:
        raise invalid("The country of a location cannot be changed.", param="address[country]")
    metadata = merged(location["metadata"], params.get("metadata"))
    kept = {name: location[name] for name in ("id", "object", "livemode")}
    location.clear()
    location.update({**kept, "metadata": metadata, **values})
    return _remember_override(call.account, location)


def delete(call: Call) -> JsonObject:
    location, account = find(call.account, call.id), call.account
    if any(reader["location"] == location["id"] for reader in account.readers.by(location=location["id"])):
        raise invalid("Readers are still registered to this location; delete or move them first.", kept=True)
    account.locations.remove(location["id"])
    stub = {"id": location["id"], "object": "terminal.location", "deleted": True}
    account.deleted[location["id"]] = stub
    return stub


def list_all(call: Call) -> JsonObject:
    return page_of(call, call.account.locations, "/v1/terminal/locations", noun="location")


# -------------------------------------------------------------------------------------------------------------- routes

_ALL: Final = "/v1/terminal/locations"
_ONE: Final = "/v1/terminal/locations/{location}"
OPERATIONS: Final = [
    Operation("location.create", "POST", _ALL, create, "terminal.location_create"),
    Operation("location.list", "GET", _ALL, list_all, "terminal.location_list"),
    Operation("location.retrieve", "GET", _ONE, retrieve, "terminal.location_retrieve"),
    Operation("location.update", "POST", _ONE, update, "terminal.location_update"),
    Operation("location.delete", "DELETE", _ONE, delete, "terminal.location_delete"),
]
