"""Stripe's habits in answers: expansion, lists, and the error envelope."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from cardpresent.emulator.account import EXPANDABLE, NEVER_SET, Account
from cardpresent.emulator.errors import JsonObject, StripeError, invalid, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call
from cardpresent.emulator.store import Cut, Row, Table
from cardpresent.emulator.wire.versions import NEWEST, as_of

encode: Final = msgspec.json.Encoder().encode
EXPAND_DEPTH_MAX: Final = 4
CHARGES_UNTIL: Final = "2022-11-15"  # since when a PaymentIntent holds no list of its charges
# (kind, path) -> the list an object holds only where it is asked for by expand; filled by the resources
LISTS: Final[dict[tuple[str, str], Callable[[Row, Account], Row]]] = {}
# hashes and lists that lead to what can be expanded
_ON_THE_WAY: Final = frozenset(EXPANDABLE) | NEVER_SET.keys() | {
    "action", "api_error", "card", "charges", "data", "last_payment_error", "last_setup_error",
    "payment_method_details",
}
# what the objects of a table are, and what an operation answers, where the name alone does not tell
_KIND_OF_TABLE: Final = {
    "locations": "terminal.location", "platforms_transfers": "transfer", "sellers_charges": "charge",
}
_KIND_OF_ANSWER: Final = {
    "configuration": "terminal.configuration", "location": "terminal.location", "reader": "terminal.reader",
    "present_payment_method": "terminal.reader", "succeed_input_collection": "terminal.reader",
    "timeout_input_collection": "terminal.reader", "charge.dispute.close": "dispute",
    "charge.dispute.update": "dispute", "charge.refunds.create": "refund", "charge.refunds.update": "refund",
    "sdk": "payment_intent",
}
LIMIT_MAX: Final = 100

declare(
    "wire.expand", "documented", f"{API}/expanding_objects",
    "expand[] fills ids with objects, with dots for nesting, at most four levels deep.",
)
declare(
    "wire.expand_first", "assumed", f"{API}/expanding_objects",
    "What cannot be expanded is refused before the call has any effect.",
)
declare(
    "wire.lists", "documented", f"{API}/pagination",
    "Lists are newest first, 10 unless limit (1-100) says otherwise, cut by starting_after or ending_before.",
)
declare(
    "wire.unknown_cursor", "assumed", f"{API}/pagination",
    "A cursor that names no object answers 400 resource_missing.",
)


def shown(obj: Any, account: Account, version: str, expand: list[str]) -> Any:
    """An answer as the caller's version returns it, with what it asked to expand filled in."""
    if type(obj) is not dict:
        return obj
    if obj.get("object") in ("list", "search_result"):
        return _shown_list(obj, account, version, expand)
    if version != NEWEST:
        obj = as_of(obj, version, account)
    for path in expand:
        steps = _steps(path)
        obj = _expanded(obj, str(obj.get("object", "")), steps, path, account, version)
    return obj


def check_expand(operation: str, expand: list[str], version: str) -> None:
    """Raises for what the answer of an operation that changes something cannot have expanded: call it before."""
    kind = _KIND_OF_ANSWER.get(operation) or _KIND_OF_ANSWER.get(operation.partition(".")[0])
    for path in expand:
        _check_path(kind or operation.partition(".")[0], _steps(path), path, version)


def _check_path(kind: str, steps: list[str], path: str, version: str) -> None:
    for at, step in enumerate(steps):
        inner = ".".join(steps[at : at + 2])
        if (kind, step) in LISTS or (kind, inner) in LISTS or step in NEVER_SET.get(kind, ()):
            return
        table = EXPANDABLE.get(kind, {}).get(step)
        if step == "charges" and version[:10] >= CHARGES_UNTIL:
            raise _unexpandable(path)
        is_last = at == len(steps) - 1
        if table is None and (step not in _ON_THE_WAY or (is_last and step != "charges")):
            raise _unexpandable(path)
        if table == "sources":  # of many kinds
            return
        kind = _kind_below(step, table)


def _kind_below(step: str, table: str | None) -> str:
    """What stands behind a step: an object of a table, a charge of the list of old, or a hash."""
    if table is not None:
        return _KIND_OF_TABLE.get(table, table[:-1])
    return "charge" if step == "data" else step


def _steps(path: str) -> list[str]:
    steps = path.split(".")
    if len(steps) > EXPAND_DEPTH_MAX:
        message = f"You cannot expand more than {EXPAND_DEPTH_MAX} levels of a property. Property: {path}."
        raise invalid(message, param="expand")
    return steps


def _unexpandable(path: str) -> StripeError:
    return invalid(f"This property cannot be expanded ({path}).", param="expand")


def _shown_list(page: JsonObject, account: Account, version: str, expand: list[str]) -> JsonObject:
    if version == NEWEST and not expand:
        return page
    inner = []
    for path in expand:
        if not path.startswith("data."):
            raise invalid(f"This property cannot be expanded ({path}). Did you mean 'data.{path}'?", param="expand")
        inner.append(path[len("data.") :])
    return {**page, "data": [shown(row, account, version, inner) for row in page["data"]]}


def _expanded(obj: Row, kind: str, steps: list[str], path: str, account: Account, version: str) -> Row:
    step, rest = steps[0], steps[1:]
    if (kind, step) in LISTS or (kind, ".".join(steps[:2])) in LISTS:
        obj = _with_list(obj, kind, steps, account, version)
    value = obj.get(step)
    if type(value) is list and step == "data" and rest:
        rows = [_expanded(row, str(row.get("object", "")), rest, path, account, version) for row in value]
        return {**obj, step: rows}
    table = EXPANDABLE.get(kind, {}).get(step)
    if isinstance(value, str) and table is not None:
        found = account.expanded(table, value)
        if found is None:
            return obj
        value = found if version == NEWEST else as_of(found, version, account)
    elif value is None and (table is not None or step in NEVER_SET.get(kind, ())):
        return obj
    elif not isinstance(value, dict) or not (rest or "object" in value):
        if value is None and rest and step in _ON_THE_WAY:
            return obj
        raise _unexpandable(path)
    if rest:
        value = _expanded(value, str(value.get("object", step)), rest, path, account, version)
    return {**obj, step: value}


def check_limit(params: JsonObject) -> int:
    """How many objects a page holds at most. Raises Stripe's error for more or fewer than there can be."""
    limit: int = params.get("limit", 10)
    if limit > LIMIT_MAX or limit < 1:
        bound = f"less than or equal to {LIMIT_MAX}" if limit > LIMIT_MAX else "greater than or equal to 1"
        raise invalid(f"This value must be {bound}.", code="parameter_invalid_integer", param="limit")
    return limit


def _with_list(obj: Row, kind: str, steps: list[str], account: Account, version: str) -> Row:
    """`obj` with the list at the beginning of `steps`, one or two steps deep."""
    n = 1 if (kind, steps[0]) in LISTS else 2
    page = LISTS[kind, ".".join(steps[:n])](obj, account)
    if version != NEWEST:
        page = {**page, "data": [as_of(row, version, account) for row in page["data"]]}
    return {**obj, steps[0]: page if n == 1 else {**obj[steps[0]], steps[1]: page}}


def page_of(
    call: Call, table: Table[Any], url: str, key: tuple[str, str] | None = None,
    keep: Callable[[Any], bool] | None = None, noun: str = "object",
) -> JsonObject:
    """The list object for this call's limit, cursors and creation bounds."""
    params = call.params
    limit = check_limit(params)
    if "starting_after" in params and "ending_before" in params:
        raise invalid("You may only specify one of these parameters: ending_before, starting_after.",
                      code="parameters_exclusive")
    for cursor in ("starting_after", "ending_before"):
        if cursor in params and params[cursor] not in table:
            raise missing(noun, params[cursor], cursor, in_url=False)
    created_from, created_to = _created_bounds(params.get("created"))
    cut = Cut(limit, params.get("starting_after"), params.get("ending_before"), created_from, created_to)
    rows, more = table.page(cut, key, keep)
    return {"object": "list", "data": rows, "has_more": more, "url": url}


def _created_bounds(created: Any) -> tuple[int | None, int | None]:
    if created is None:
        return None, None
    if isinstance(created, int):
        return created, created
    lows = [created[name] + extra for name, extra in (("gt", 1), ("gte", 0)) if name in created]
    highs = [created[name] - less for name, less in (("lt", 1), ("lte", 0)) if name in created]
    return max(lows, default=None), min(highs, default=None)


def error_body(error: StripeError, account: Account | None, version: str, request_id: str) -> bytes:
    """The error envelope. Objects inside it are shown at the caller's version."""
    fields = error.error()
    if error.log_url and account is not None:
        fields["request_log_url"] = f"https://dashboard.stripe.com/{account.id}/test/logs/{request_id}"
    if account is not None and version != NEWEST:
        fields = {k: shown(v, account, version, []) if isinstance(v, dict) else v for k, v in fields.items()}
    return encode({"error": dict(sorted(fields.items()))})
