"""Configurations: what readers ask the customer for. Emulated as far as tipping."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, invalid, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.params import UNSET
from cardpresent.emulator.wire import page_of

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_ON_READER = "https://docs.stripe.com/terminal/features/collecting-tips/on-reader"

declare(
    "configuration.tipping", "documented", _ON_READER,
    "Where tipping is configured for the currency and no tip is chosen, amount_details.tip.amount is 0.",
)
declare(
    "configuration.tip_without", "assumed", "",
    "A simulated tip is honoured also where no configuration asks for one; only skip_tipping and an eligible amount "
    "of 0 suppress it.",
)
declare(
    "configuration.at_once", "assumed", f"{API}/terminal/configuration",
    "A changed configuration holds for the next prompt at once, where real readers take minutes.",
)


# -------------------------------------------------------------------------------------------------------------- fields


def _new(account: "Account", *, is_default: bool) -> JsonObject:
    return {
        "id": account.ids.new("tmc"), "object": "terminal.configuration", "is_account_default": is_default,
        "livemode": False, "name": None,
    }


def _tipping(given: Any, old: JsonObject | None) -> JsonObject | None:
    if given is UNSET:
        return None
    merged = dict(old or {})
    for currency, choice in given.items():
        if choice is UNSET:
            merged.pop(currency, None)
            continue
        merged[currency] = {
            "fixed_amounts": choice.get("fixed_amounts"), "percentages": choice.get("percentages"),
            **({"smart_tip_threshold": choice["smart_tip_threshold"]} if "smart_tip_threshold" in choice else {}),
        }
    return merged or None


def _write(configuration: JsonObject, params: JsonObject) -> JsonObject:
    if "tipping" in params:
        tipping = _tipping(params["tipping"], configuration.get("tipping"))
        configuration.pop("tipping", None)
        if tipping is not None:
            configuration["tipping"] = tipping
    if "name" in params:
        configuration["name"] = None if params["name"] is UNSET else params["name"]
    return configuration


def asks_for_tip(account: "Account", reader: JsonObject, currency: str) -> bool:
    """Whether this reader shows a tip screen: its location's configuration, else the account's default."""
    location = account.locations.get(reader["location"] or "")
    override = account.configurations.get(location.get("configuration_overrides", "")) if location else None
    for configuration in (override, *account.configurations.by(is_account_default="true")):
        if configuration is not None and "tipping" in configuration:
            return currency in configuration["tipping"]
    return False


def make_default(account: "Account") -> JsonObject:
    """The configuration every account has from the start."""
    made = _new(account, is_default=True)
    return account.configurations.add(made["id"], made, account.clock.now(), is_account_default="true")


# ---------------------------------------------------------------------------------------------------------- operations


def find(account: "Account", id: str, param: str = "configuration", *, in_url: bool = True) -> JsonObject:
    found = account.configurations.get(id)
    if found is None:
        raise missing("terminal configuration", id, param, in_url=in_url)
    return found


def create(call: Call) -> JsonObject:
    account = call.account
    made = _write(_new(account, is_default=False), call.params)
    return account.configurations.add(made["id"], made, account.clock.now())


def retrieve(call: Call) -> JsonObject:
    return find(call.account, call.id)


def update(call: Call) -> JsonObject:
    return _write(find(call.account, call.id), call.params)


def delete(call: Call) -> JsonObject:
    configuration = find(call.account, call.id)
    if configuration["is_account_default"]:
        raise invalid("The account's default configuration cannot be deleted.", kept=True)
    call.account.configurations.remove(configuration["id"])
    return {"id": configuration["id"], "object": "terminal.configuration", "deleted": True}


def list_all(call: Call) -> JsonObject:
    wanted = call.params.get("is_account_default")
    keep = None if wanted is None else (lambda configuration: configuration["is_account_default"] is wanted)
    return page_of(call, call.account.configurations, _ALL, None, keep, "terminal configuration")


# -------------------------------------------------------------------------------------------------------------- routes

_ALL: Final = "/v1/terminal/configurations"
_ONE: Final = "/v1/terminal/configurations/{configuration}"
OPERATIONS: Final = [
    Operation("configuration.create", "POST", _ALL, create, "terminal.configuration_create", "name tipping"),
    Operation("configuration.list", "GET", _ALL, list_all, "terminal.configuration_list",
              "ending_before is_account_default limit starting_after"),
    Operation("configuration.retrieve", "GET", _ONE, retrieve, "terminal.configuration_retrieve"),
    Operation("configuration.update", "POST", _ONE, update, "terminal.configuration_update", "name tipping"),
    Operation("configuration.delete", "DELETE", _ONE, delete, "terminal.configuration_delete"),
]
