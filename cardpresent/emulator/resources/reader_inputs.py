"""Reader actions that ask the customer for something other than a card: choices, texts, a signature."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, invalid
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import BY_ITSELF, Call, Cause, Operation
from cardpresent.emulator.paying.card_session import Outcome
from cardpresent.emulator.resources import files, readers
from cardpresent.emulator.resources.readers import ONE, Command
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import absent, empty, unknown

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_GUIDE = "https://docs.stripe.com/terminal/features/collect-inputs"
_SUCCEED = f"{API}/terminal/readers/succeed_input_collection"

declare(
    "inputs.limits", "documented", _GUIDE,
    "Up to 5 inputs, 4 choices and 4 toggles each; titles, descriptions, buttons and choices have longest lengths.",
)
declare("inputs.limit_error", "assumed", _GUIDE, "What is beyond a limit answers 400 naming the parameter.")
declare(
    "inputs.timeout", "documented", _GUIDE,
    "Inputs nobody finishes fail after 2 minutes, with their values null.",
)
declare(
    "inputs.timeout_code", "documented", f"{API}/terminal/readers/timeout_input_collection",
    "The failure of inputs that timed out is collect_inputs_timeout.",
)
declare(
    "inputs.skipped", "documented", _GUIDE,
    "An input that is not required may be skipped; it then reads skipped and has no value.",
)
declare(
    "inputs.values", "assumed", _SUCCEED,
    "The simulated customer takes the first choice, types fixed values, signs, and leaves toggles as they are.",
)

INPUTS_MAX: Final = 5
CHOICES_MAX: Final = 4
TOGGLES_MAX: Final = 4
TIMEOUT_S: Final = 120
_TEXTS: Final = {"title": 40, "submit_button": 30, "skip_button": 14}
_DESCRIPTION: Final = 100
_SELECTION_DESCRIPTION: Final = 500
_CHOICE: Final = {"id": 50, "text": 30}
_TOGGLE: Final = {"title": 50, "description": 50}
_TYPED: Final = {
    "email": "customer@example.com", "numeric": "1234567890", "phone": "+15555550100", "text": "A customer's words",
}


# -------------------------------------------------------------------------------------------------------------- fields


def _input(given: JsonObject, path: str) -> JsonObject:
    """One input as the action repeats it, nothing filled in yet."""
    _check(given, path)
    kind, text = given["type"], given["custom_text"]
    toggles = [
        {"default_value": t.get("default_value"), "description": t.get("description"), "title": t.get("title"),
         "value": None}
        for t in given.get("toggles", [])
    ]
    content: JsonObject = {"value": None}
    if kind == "selection":
        choices = [{"id": c["id"], "style": c.get("style"), "text": c["text"]} for c in given["selection"]["choices"]]
        content = {"choices": choices, "id": None, "text": None}
    return {
        "custom_text": {name: text.get(name) for name in ("description", "skip_button", "submit_button", "title")},
        "required": given.get("required", False), kind: content, "toggles": toggles or None, "type": kind,
    }


def _check(given: JsonObject, path: str) -> None:
    selects = given["type"] == "selection"
    description = _SELECTION_DESCRIPTION if selects else _DESCRIPTION
    _check_lengths(given["custom_text"], {**_TEXTS, "description": description}, f"{path}[custom_text]")
    if selects and "selection" not in given:
        raise absent(f"{path}[selection]")
    if not selects and "selection" in given:
        raise unknown(f"{path}[selection]")
    if selects:
        choices = given["selection"]["choices"]
        _check_count(choices, 1, CHOICES_MAX, f"{path}[selection][choices]")
        for index, choice in enumerate(choices):
            _check_lengths(choice, _CHOICE, f"{path}[selection][choices][{index}]")
    toggles = given.get("toggles", [])
    _check_count(toggles, 0, TOGGLES_MAX, f"{path}[toggles]")
    for index, toggle in enumerate(toggles):
        _check_lengths(toggle, _TOGGLE, f"{path}[toggles][{index}]")
        if "title" not in toggle and "description" not in toggle:
            raise invalid("A toggle needs a title or a description.", param=f"{path}[toggles][{index}]")


def _check_count(items: list[Any], least: int, most: int, path: str) -> None:
    if len(items) < least:
        raise empty(path)
    if len(items) > most:
        raise invalid(f"At most {most} are shown on a reader, {len(items)} were given.", param=path)


def _check_lengths(given: JsonObject, longest: dict[str, int], path: str) -> None:
    for name, most in longest.items():
        if len(given.get(name, "")) > most:
            raise invalid(f"This value has at most {most} characters.", param=f"{path}[{name}]")


def _answered(account: "Account", asked: JsonObject, cause: Cause) -> JsonObject:
    """The input as the simulated customer fills it in."""
    kind, content = asked["type"], asked[asked["type"]]
    if kind == "selection":
        first = content["choices"][0]
        content = {**content, "id": first["id"], "text": first["text"]}
    elif kind == "signature":
        content = {"value": files.make_signature(account, cause)}
    else:
        content = {"value": _TYPED[kind]}
    toggles = [{**t, "value": t["default_value"] or "disabled"} for t in asked["toggles"] or []]
    return {**asked, kind: content, "skipped": False, "toggles": toggles or None}


# ---------------------------------------------------------------------------------------------------------- operations


def collect_inputs(call: Call) -> JsonObject:
    account, params = call.account, call.params
    command = Command(call, "collect_inputs")
    _check_count(params["inputs"], 1, INPUTS_MAX, "inputs")
    inputs = [_input(given, f"inputs[{index}]") for index, given in enumerate(params["inputs"])]
    metadata = merged({}, params["metadata"]) if "metadata" in params else None
    action = command.start({"inputs": inputs, "metadata": metadata})
    reader = command.reader

    def give_up() -> None:
        if reader["action"] is action:
            _time_out(account, reader, BY_ITSELF)

    account.clock.at(account.clock.now() + TIMEOUT_S, give_up)
    return command.acknowledged()


def _time_out(account: "Account", reader: JsonObject, cause: Cause) -> None:
    outcome = Outcome("collect_inputs_timeout", "The customer did not finish the inputs in time.")
    readers.finish(account, reader, outcome, cause)


def _collecting(call: Call) -> JsonObject:
    reader = readers.find(call.account, call.id)
    action = reader["action"]
    if action is None or (action["type"], action["status"]) != ("collect_inputs", "in_progress"):
        raise invalid(f"Reader {reader['id']} is not collecting inputs.", kept=True)
    return reader


def succeed_input_collection(call: Call) -> JsonObject:
    reader, account = _collecting(call), call.account
    skips = call.params.get("skip_non_required_inputs", "none") == "all"
    inputs = [
        {**asked, "skipped": True} if skips and not asked["required"] else _answered(account, asked, call.cause)
        for asked in reader["action"]["collect_inputs"]["inputs"]
    ]
    readers.finish(account, reader, Outcome(result={"inputs": inputs}), call.cause)
    return reader


def timeout_input_collection(call: Call) -> JsonObject:
    reader = _collecting(call)
    _time_out(call.account, reader, call.cause)
    return reader


# -------------------------------------------------------------------------------------------------------------- routes

_HELPERS: Final = "/v1/test_helpers/terminal/readers/{reader}"
OPERATIONS: Final = [
    Operation("reader.collect_inputs", "POST", f"{ONE}/collect_inputs", collect_inputs,
              "terminal.reader_collect_inputs"),
    Operation("succeed_input_collection", "POST", f"{_HELPERS}/succeed_input_collection", succeed_input_collection,
              "test_helpers.terminal.reader_succeed_input_collection"),
    Operation("timeout_input_collection", "POST", f"{_HELPERS}/timeout_input_collection", timeout_input_collection,
              "test_helpers.terminal.reader_timeout_input_collection"),
]
