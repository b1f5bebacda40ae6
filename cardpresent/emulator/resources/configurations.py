"""Configurations: how an account's readers behave, for all of them or for those of one location."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, invalid, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.resources import files
from cardpresent.emulator.wire.answers import page_of
from cardpresent.emulator.wire.params import UNSET, absent, unknown

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_ON_READER = "https://docs.stripe.com/terminal/features/collecting-tips/on-reader"
_TIPPING = "https://docs.stripe.com/terminal/fleet/tipping"
_OVERVIEW = "https://docs.stripe.com/terminal/fleet/configurations-overview"
_REBOOT = "https://docs.stripe.com/terminal/fleet/reboot-time"

declare(
    "configuration.tipping", "documented", _ON_READER,
    "Where tipping is configured for the currency and no tip is chosen, amount_details.tip.amount is 0.",
)
declare(
    "configuration.tip_countries", "documented",
    "https://docs.stripe.com/terminal/features/collecting-tips/overview",
    "No tip screen comes up in countries where tips are not collected on readers, such as AE and GR.",
)
declare(
    "configuration.tip_without", "assumed", "",
    "A simulated tip is honoured also where no configuration asks for one; only skip_tipping and an eligible amount "
    "of 0 suppress it.",
)
declare(
    "configuration.tipping_same_keys", "documented", _TIPPING,
    "All currencies of one configuration use the same keys: percentages, fixed_amounts, or both and a threshold.",
)
declare(
    "configuration.tipping_limits", "assumed", _TIPPING,
    "Three percentages of 0 to 100, three amounts of 0 or more; a threshold only with both: else 400 by name.",
)
declare(
    "configuration.at_once", "assumed", f"{API}/terminal/configuration",
    "A changed configuration holds for the next prompt at once, where real readers take minutes.",
)
declare(
    "configuration.inheritance", "documented", _OVERVIEW,
    "A location's configuration overrides the account's default key by key; what it leaves unset is inherited.",
)
declare(
    "configuration.deleted", "documented", _OVERVIEW,
    "Deleting a location's configuration brings the account's default back there.",
)
declare(
    "configuration.deleted_override", "assumed", _OVERVIEW,
    "The locations then name no configuration_overrides any more; the account's default itself cannot be deleted.",
)
declare(
    "configuration.unset", "documented", f"{API}/terminal/configuration/update",
    "An empty string unsets a key of a configuration, or a device's splash screen.",
)
declare(
    "configuration.reboot_window", "documented", _REBOOT,
    "start_hour and end_hour are 0 to 23 and differ; an end before the start is on the next day.",
)
declare("configuration.reboot_window_error", "assumed", _REBOOT, "Other hours answer 400 naming the hour.")
declare(
    "configuration.wifi", "documented", f"{API}/terminal/configuration/object",
    "wifi holds the credentials of the one kind its type names; whether they let anybody in is not looked at.",
)

# -------------------------------------------------------------------------------------------------------------- fields

DEVICES: Final = (
    "bbpos_wisepad3", "bbpos_wisepos_e", "stripe_s700", "stripe_s710", "stripe_t600", "verifone_m425", "verifone_p400",
    "verifone_p630", "verifone_ux700", "verifone_v660p",
)
WITHOUT_TIPS: Final = frozenset({"AE", "GR"})
_HOUR_MAX: Final = 23
_SUGGESTIONS: Final = 3
_PERCENT_MAX: Final = 100
_SMART: Final = frozenset({"fixed_amounts", "percentages", "smart_tip_threshold"})
_MODES: Final = (frozenset({"percentages"}), frozenset({"fixed_amounts"}), _SMART)


def _new(account: "Account", *, is_default: bool) -> JsonObject:
    return {
        "id": account.ids.new("tmc"), "object": "terminal.configuration", "is_account_default": is_default,
        "livemode": False, "name": None,
    }


def _changes(account: "Account", old: JsonObject, params: JsonObject) -> JsonObject:
    """Every new value, all checked before the first is set; None removes a key."""
    changes: JsonObject = {}
    for name, value in params.items():
        if name == "expand":
            continue
        if name == "name":
            changes[name] = None if value is UNSET else value
        elif value is UNSET:
            changes[name] = None
        else:
            changes[name] = _CHECKED.get(name, _device)(value, old.get(name), name)
            _check_splashscreen(account, changes[name], name)
    return changes


def _write(configuration: JsonObject, changes: JsonObject) -> JsonObject:
    for name, value in changes.items():
        if value is None and name != "name":
            configuration.pop(name, None)
        else:
            configuration[name] = value
    return configuration


def _device(given: JsonObject, old: Any, name: str) -> JsonObject | None:
    merged = {**(old or {}), **given}
    return {key: value for key, value in merged.items() if value is not UNSET} or None


def _check_splashscreen(account: "Account", changed: JsonObject | None, name: str) -> None:
    if changed and isinstance(changed.get("splashscreen"), str):
        param = f"{name}[splashscreen]"
        purpose = files.find(account, changed["splashscreen"], param, in_url=False)["purpose"]
        if purpose != "terminal_reader_splashscreen":
            raise invalid(f"A splash screen is a file for terminal_reader_splashscreen, not {purpose}.", param=param)


def _plain(given: JsonObject, old: Any, name: str) -> JsonObject:
    return dict(given)


def _reboot_window(given: JsonObject, old: Any, name: str) -> JsonObject:
    for key in ("start_hour", "end_hour"):
        if not 0 <= given[key] <= _HOUR_MAX:
            raise invalid(f"An hour is 0 to {_HOUR_MAX}.", param=f"{name}[{key}]")
    if given["start_hour"] == given["end_hour"]:
        raise invalid("The window must not begin and end in the same hour.", param=f"{name}[end_hour]")
    return dict(given)


def _wifi(given: JsonObject, old: Any, name: str) -> JsonObject:
    kind = given["type"]
    if kind not in given:
        raise absent(f"{name}[{kind}]")
    for key in given:
        if key not in ("type", kind):
            raise unknown(f"{name}[{key}]")
    return dict(given)


def _tipping(given: JsonObject, old: JsonObject | None, name: str) -> JsonObject | None:
    merged = dict(old or {})
    for currency, choice in given.items():
        if choice is UNSET:
            merged.pop(currency, None)
            continue
        _check_tips(choice, f"{name}[{currency}]")
        merged[currency] = {
            "fixed_amounts": choice.get("fixed_amounts"), "percentages": choice.get("percentages"),
            **({"smart_tip_threshold": choice["smart_tip_threshold"]} if "smart_tip_threshold" in choice else {}),
        }
    modes = {currency: _mode(choice) for currency, choice in merged.items()}
    if len(set(modes.values())) > 1:
        message = f"All currencies must use the same keys; these differ: {', '.join(sorted(modes))}."
        raise invalid(message, param=name)
    return merged or None


def _mode(choice: JsonObject) -> frozenset[str]:
    return frozenset(key for key, value in choice.items() if value is not None)


def _check_tips(choice: JsonObject, path: str) -> None:
    if _mode(choice) not in _MODES:
        message = "Give percentages, or fixed_amounts, or both of them with smart_tip_threshold."
        raise invalid(message, param=path)
    for key, most in (("percentages", _PERCENT_MAX), ("fixed_amounts", None)):
        suggested = choice.get(key, [0] * _SUGGESTIONS)
        if len(suggested) != _SUGGESTIONS:
            raise invalid(f"Exactly {_SUGGESTIONS} are shown on a reader.", param=f"{path}[{key}]")
        if any(value < 0 or (most is not None and value > most) for value in suggested):
            raise invalid("A suggested tip is out of bounds.", param=f"{path}[{key}]")
    if choice.get("smart_tip_threshold", 0) < 0:
        raise invalid("Invalid non-negative integer", param=f"{path}[smart_tip_threshold]")


_CHECKED: Final = {
    "cellular": _plain, "offline": _plain, "reader_security": _device, "reboot_window": _reboot_window,
    "tipping": _tipping, "wifi": _wifi,
}


def in_force(account: "Account", reader: JsonObject, key: str) -> Any:
    """What a reader goes by: its location's configuration, else the account's default; None where neither says."""
    location = account.locations.get(reader["location"] or "")
    override = account.configurations.get(location.get("configuration_overrides", "")) if location else None
    for configuration in (override, *account.configurations.by(is_account_default="true")):
        if configuration is not None and key in configuration:
            return configuration[key]
    return None


def asks_for_tip(account: "Account", reader: JsonObject, currency: str) -> bool:
    """Whether this reader shows a tip screen for a payment in this currency."""
    location = account.locations.get(reader["location"] or "")
    if location is not None and location["address"]["country"] in WITHOUT_TIPS:
        return False
    return currency in (in_force(account, reader, "tipping") or {})


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
    changes = _changes(account, {}, call.params)
    made = _write(_new(account, is_default=False), changes)
    return account.configurations.add(made["id"], made, account.clock.now())


def retrieve(call: Call) -> JsonObject:
    return call.account.deleted.get(call.id) or find(call.account, call.id)


def update(call: Call) -> JsonObject:
    configuration = find(call.account, call.id)
    return _write(configuration, _changes(call.account, configuration, call.params))


def delete(call: Call) -> JsonObject:
    configuration, account = find(call.account, call.id), call.account
    if configuration["is_account_default"]:
        raise invalid("The account's default configuration cannot be deleted.", kept=True)
    account.configurations.remove(configuration["id"])
    for location in account.locations.by(configuration_overrides=configuration["id"]):
        if location.get("configuration_overrides") == configuration["id"]:
            del location["configuration_overrides"]
    stub = {"id": configuration["id"], "object": "terminal.configuration", "deleted": True}
    account.deleted[configuration["id"]] = stub
    return stub


def list_all(call: Call) -> JsonObject:
    wanted = call.params.get("is_account_default")
    key = ("is_account_default", "true") if wanted else None
    keep = (lambda configuration: not configuration["is_account_default"]) if wanted is False else None
    return page_of(call, call.account.configurations, _ALL, key, keep, "terminal configuration")


# -------------------------------------------------------------------------------------------------------------- routes

_ALL: Final = "/v1/terminal/configurations"
_ONE: Final = "/v1/terminal/configurations/{configuration}"
OPERATIONS: Final = [
    Operation("configuration.create", "POST", _ALL, create, "terminal.configuration_create"),
    Operation("configuration.list", "GET", _ALL, list_all, "terminal.configuration_list"),
    Operation("configuration.retrieve", "GET", _ONE, retrieve, "terminal.configuration_retrieve"),
    Operation("configuration.update", "POST", _ONE, update, "terminal.configuration_update"),
    Operation("configuration.delete", "DELETE", _ONE, delete, "terminal.configuration_delete"),
]
