"""Locations: where readers stand."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator import amounts
from cardpresent.emulator.errors import JsonObject, invalid, missing, not_emulated
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.metadata import merged
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.params import UNSET, absent
from cardpresent.emulator.resources import configurations
from cardpresent.emulator.wire import page_of

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "location.address", "documented", "https://docs.stripe.com/terminal/fleet/locations-and-zones",
    "Each country requires its own address lines; a location's country never changes.",
)
declare(
    "location.line2", "observed", "https://github.com/stripe-samples/terminal",
    "A second address line that was not sent reads as an empty string.",
)
declare(
    "location.delete_in_use", "assumed", f"{API}/terminal/locations/delete",
    "Deleting a location that still has readers answers 400.",
)

_LINES: Final = {
    **dict.fromkeys(("US", "CA", "AU", "IT", "ES"), ("line1", "city", "state", "postal_code")),
    **dict.fromkeys(("IE", "SG"), ("line1", "postal_code")),
}
_OTHER_LINES: Final = ("line1", "city", "postal_code")
_OPTIONAL: Final = ("configuration_overrides", "phone")
_ADDRESS_KEYS: Final = ("city", "country", "line1", "line2", "postal_code", "state")


# -------------------------------------------------------------------------------------------------------------- fields


def _address(given: JsonObject) -> JsonObject:
    country = given["country"].upper()
    if country not in amounts.COUNTRIES:
        raise invalid(f"Country '{country}' is not supported by Terminal.", param="address[country]")
    if country == "JP":
        raise not_emulated("locations in Japan (kana and kanji addresses) are not emulated", param="address[country]")
    for line in _LINES.get(country, _OTHER_LINES):
        if line not in given:
            raise absent(f"address[{line}]")
    return {key: country if key == "country" else given.get(key, "") for key in _ADDRESS_KEYS}


def _optional(account: "Account", name: str, value: str) -> str:
    if name == "configuration_overrides":
        configurations.find(account, value, name, in_url=False)
    return value


# ---------------------------------------------------------------------------------------------------------- operations


def find(account: "Account", id: str, *, in_url: bool = True) -> JsonObject:
    found = account.locations.get(id)
    if found is None:
        raise missing("location", id, "location", in_url=in_url)
    return found


def create(call: Call) -> JsonObject:
    account, params = call.account, call.params
    for name in ("address", "display_name"):
        if name not in params:
            raise absent(name)
    made: JsonObject = {
        "id": account.ids.new("tml"), "object": "terminal.location", "address": _address(params["address"]),
        "display_name": params["display_name"], "livemode": False, "metadata": merged({}, params.get("metadata")),
    }
    for name in _OPTIONAL:
        if name in params:
            made[name] = _optional(account, name, params[name])
    return account.locations.add(made["id"], made, account.clock.now())


def retrieve(call: Call) -> JsonObject:
    return find(call.account, call.id)


def update(call: Call) -> JsonObject:
    location, params = find(call.account, call.id), call.params
    changes: JsonObject = {"metadata": merged(location["metadata"], params.get("metadata"))}
    if "address" in params:
        changes["address"] = _address({**location["address"], **params["address"]})
        if changes["address"]["country"] != location["address"]["country"]:
            raise invalid("The country of a location cannot be changed.", param="address[country]")
    if params.get("display_name", UNSET) is not UNSET:
        changes["display_name"] = params["display_name"]
    kept = {name: value for name, value in location.items() if params.get(name) is not UNSET or name not in _OPTIONAL}
    for name in _OPTIONAL:
        if params.get(name, UNSET) is not UNSET:
            changes[name] = _optional(call.account, name, params[name])
    location.clear()
    location.update({**kept, **changes})
    return location


def delete(call: Call) -> JsonObject:
    location, account = find(call.account, call.id), call.account
    if any(reader["location"] == location["id"] for reader in account.readers.by(location=location["id"])):
        raise invalid("Readers are still registered to this location; delete or move them first.", kept=True)
    account.locations.remove(location["id"])
    return {"id": location["id"], "object": "terminal.location", "deleted": True}


def list_all(call: Call) -> JsonObject:
    return page_of(call, call.account.locations, "/v1/terminal/locations", noun="location")


# -------------------------------------------------------------------------------------------------------------- routes

_ALL: Final = "/v1/terminal/locations"
_ONE: Final = "/v1/terminal/locations/{location}"
_TAKES: Final = "address configuration_overrides display_name metadata phone"
OPERATIONS: Final = [
    Operation("location.create", "POST", _ALL, create, "terminal.location_create", _TAKES),
    Operation("location.list", "GET", _ALL, list_all, "terminal.location_list"),
    Operation("location.retrieve", "GET", _ONE, retrieve, "terminal.location_retrieve"),
    Operation("location.update", "POST", _ONE, update, "terminal.location_update", _TAKES),
    Operation("location.delete", "DELETE", _ONE, delete, "terminal.location_delete"),
]
