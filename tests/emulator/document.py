"""Stripe's OpenAPI document as a judge: may this operation answer so, and is every key there that Stripe always sends?

The document (stripe_api/) is turned into plain JSON Schema once. `nullable` becomes "null" among the types, and a
nullable key becomes a required one: Stripe sends it as null, and leaves out only what is not nullable. So one compiled
validator for each operation finds wrong types and unknown values, missing keys, and keys nobody has documented.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs

FOLDER = Path(__file__).with_name("stripe_api")
PINNED = "2026-05-27.dahlia"
NEWEST = "2026-10-28.endive"
OLDER = "older"  # the document does not fit; what it says of types still does
_URI = "urn:stripe:"

# Nullable in the document, and yet not always there.
LEFT_OUT = {
    "charge": {"refunds": "sent only when asked for since 2022-11-15 (https://docs.stripe.com/upgrades#2022-11-15)"},
}
# In no schema of the document, and yet sent.
_RECORDED = "null in events recorded up to 2025 (https://github.com/woocommerce/woocommerce-ios)"
_EXTENSION = "only with the extension partial_authorization, which is ours"
ALSO_SENT = {
    "payment_intent": {"source": _RECORDED, "amount_requested": _EXTENSION},
    "charge": dict.fromkeys(("destination", "dispute", "order", "source"), _RECORDED),
    "payment_method_details_card_present": dict.fromkeys(("amount_requested", "partial_authorization"), _EXTENSION),
}
# On the files host and so in no document (https://docs.stripe.com/terminal/features/print-content): answers a reader.
ANSWERED_ALIKE = {"print_content": "cancel_action"}
# What codes there are beside those that Stripe's SDK lists.
OTHER_CODES = {
    "offline_pin_required": "amounts ending in 02 (https://docs.stripe.com/terminal/references/testing)",
    "online_or_offline_pin_required": "amounts ending in 03 (https://github.com/BreX900/mek-packages/issues/35)",
}
# Added to answers since the document was made; these are sent as null where they are not set.
_NULL_WHEN_UNSET = {"allowed_payment_method_types", "customer", "customer_account", "payment_method", "payment_record"}


def _read(name: str) -> dict[str, Any]:
    return json.loads(FOLDER.joinpath(name).read_text(encoding="utf-8"))


DOCUMENT = _read("openapi.json")
DELTA = _read("endive_delta.json")
SCHEMAS = DOCUMENT["components"]["schemas"]
ERROR_CODES = frozenset(DELTA["api_error_codes_all"]) | set(OTHER_CODES)


class Described(NamedTuple):
    """One operation of the document."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def entry(self) -> dict[str, Any]:
        return DOCUMENT["paths"][self.path][self.method.lower()]


OPERATIONS = [Described(method.upper(), path) for path, entry in DOCUMENT["paths"].items() for method in entry]


@cache
def _shapes() -> dict[tuple[str, int], list[tuple[list[str], Described]]]:
    """Operations by method and number of segments; those with fewer variables first, as `search` goes before an id."""
    found: dict[tuple[str, int], list[tuple[list[str], Described]]] = {}
    for operation in sorted(OPERATIONS, key=lambda one: one.path.count("{")):
        segments = operation.path.strip("/").split("/")
        found.setdefault((operation.method, len(segments)), []).append((segments, operation))
    return found


def described(method: str, path: str) -> Described | None:
    """The document's operation behind a request, or None."""
    segments = path.strip("/").split("/")
    segments[-1] = ANSWERED_ALIKE.get(segments[-1], segments[-1])
    for shape, operation in _shapes().get((method, len(segments)), ()):
        if all(a == b or a[0] == "{" for a, b in zip(shape, segments, strict=True)):
            return operation
    return None


# ------------------------------------------------------------------------------------------------------ to JSON Schema


def edition(version: str) -> str:
    """Which reading of the document fits a Stripe-Version."""
    return {"2026-09-30.endive": NEWEST, NEWEST: NEWEST, PINNED: PINNED}.get(version, OLDER)


def _plain(schema: Any, name: str, of: str) -> Any:
    """One schema without OpenAPI's own words. `name` is the component it is, or empty."""
    if "$ref" in schema:
        plain = {"$ref": schema["$ref"].replace("#/components/schemas/", "#/$defs/")}
        return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") else plain
    plain = {key: schema[key] for key in ("type", "enum", "maxLength", "pattern") if key in schema}
    if "anyOf" in schema:
        plain["anyOf"] = [_plain(branch, "", of) for branch in schema["anyOf"] if not _for_browsers(branch)]
    if "items" in schema:
        plain["items"] = _plain(schema["items"], "", of)
    if "additionalProperties" in schema:
        rest = schema["additionalProperties"]
        plain["additionalProperties"] = rest if isinstance(rest, bool) else _plain(rest, "", of)
    if "properties" in schema:
        _with_keys(plain, schema, name, of)
    if schema.get("nullable"):
        return _or_null(plain)
    return plain


def _for_browsers(branch: dict[str, Any]) -> bool:
    """Shapes that only publishable keys get to see."""
    return str(branch.get("$ref", "")).endswith("_client")


def _with_keys(plain: dict[str, Any], schema: dict[str, Any], name: str, of: str) -> None:
    keys = schema["properties"]
    plain["properties"] = {key: _plain(value, "", of) for key, value in keys.items()}
    if of == OLDER:
        plain["required"] = [key for key in ("id", "object", "deleted") if key in schema.get("required", [])]
        return
    left_out = LEFT_OUT.get(name, {})
    always = [key for key, value in keys.items() if value.get("nullable") and key not in left_out]
    plain["required"] = sorted({*schema.get("required", []), *always})
    plain["properties"].update(dict.fromkeys(ALSO_SENT.get(name, ()), True))
    if not schema.get("x-trimmed") and keys:
        plain.setdefault("additionalProperties", False)


def _or_null(plain: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in plain:
        return {**plain, "anyOf": [*plain["anyOf"], {"type": "null"}]}
    if "enum" in plain:
        plain["enum"] = [*plain["enum"], None]
    if "type" in plain:
        plain["type"] = [plain["type"], "null"]
    return plain


def _newest(schemas: dict[str, Any]) -> dict[str, Any]:
    """The document's schemas with what was added to answers since."""
    grown = dict(schemas)
    for name, change in DELTA["responses"].items():
        keys = dict(grown[name]["properties"])
        for key, annotation in change["added"].items():
            keys[key] = _added(key, annotation, change.get("nested", {}).get(key))
        for key, values in change["enum_added"].items():
            keys[key] = {**keys[key], "enum": [*keys[key]["enum"], *values]}
        grown[name] = {**grown[name], "properties": keys}
    return grown


def _added(key: str, annotation: str, nested: dict[str, str] | None) -> dict[str, Any]:
    """A key that only the SDK describes, by its Python annotation."""
    if nested is not None:
        inner = {"splashscreen": {"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/file"}]}}
        return {"type": "object", "properties": {name: inner.get(name, {"type": "string"}) for name in nested}}
    schema: dict[str, Any]
    if "ForwardRef" in annotation:
        [model] = re.findall(r"ForwardRef\('(\w+)'\)", annotation)
        component = re.sub(r"(?<!^)(?=[A-Z])", "_", model).lower()
        known = [{"$ref": f"#/components/schemas/{component}"}] if component in SCHEMAS else []
        schema = {"anyOf": [{"type": "string"}, *known]}
    elif "List[" in annotation:
        schema = {"type": "array", "items": {"type": "string"}}
    else:
        schema = {"type": "string" if annotation == "Optional[str]" else "object"}
    return {**schema, "nullable": True} if key in _NULL_WHEN_UNSET else schema


@cache
def _definitions(of: str) -> dict[str, Any]:
    schemas = _newest(SCHEMAS) if of != PINNED else SCHEMAS
    return {name: _plain(schema, name, of) for name, schema in schemas.items()}


@cache
def _registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([
        (_URI + of, {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": _definitions(of)})
        for of in (PINNED, NEWEST, OLDER)
    ])


@cache
def _validator(schema: str, of: str) -> jsonschema_rs.Draft202012Validator:
    """The compiled validator of a schema given as JSON text, for it is the key under which it is kept."""
    text = schema.replace('"#/$defs/', f'"{_URI}{of}#/$defs/')
    return jsonschema_rs.Draft202012Validator(json.loads(text), registry=_registry())


@cache
def _answer_schema(operation: Described, of: str) -> str:
    schema = operation.entry["responses"]["200"]["content"]["application/json"]["schema"]
    return json.dumps(_plain(schema, "", of))


# ------------------------------------------------------------------------------------------------------------ judging


def breaches(operation: Described, version: str, answer: Any) -> list[str]:
    """What is wrong with a 200: one sentence each, by JSON path. Empty if it is as the document says."""
    of = edition(version)
    found = _violations(_validator(_answer_schema(operation, of), of), answer)
    if operation.path.startswith("/v1/events"):
        rows = answer.get("data", []) if answer.get("object") == "list" else [answer]
        found += [breach for row in rows for breach in event_breaches(row)]
    return found


def error_breaches(version: str, answer: Any) -> list[str]:
    """What is wrong with an answer that is not 200."""
    of = edition(version)
    found = _violations(_validator(json.dumps({"$ref": "#/$defs/error"}), of), answer)
    return found or list(_unknown_codes(answer["error"]))


def _unknown_codes(error: dict[str, Any]) -> Iterator[str]:
    code = error.get("code")
    if code is not None and code not in ERROR_CODES:
        yield f"$.error.code: {code!r} is no error code of Stripe's"
    if code is not None and "doc_url" not in error:
        yield "$.error.doc_url: missing beside a code"
    if "message" not in error:
        yield "$.error.message: missing"


def event_breaches(event: Any) -> list[str]:
    """What is wrong with an event: its envelope, its type, and the object inside at the event's own version."""
    of = edition(event.get("api_version") or NEWEST)
    found = _violations(_validator(json.dumps({"$ref": "#/$defs/event"}), of), event)
    if found:
        return found
    if event["type"] not in event_types():
        found.append(f"$.type: {event['type']!r} is no event of Stripe's")
    obj, before = event["data"]["object"], event["data"].get("previous_attributes")
    kind = obj.get("object", "")
    if kind not in SCHEMAS:
        return [*found, f"$.data.object.object: {kind!r} is no object of Stripe's"]
    inside = _violations(_validator(json.dumps({"$ref": f"#/$defs/{kind}"}), of), obj)
    found += [breach.replace("$", "$.data.object", 1) for breach in inside]
    found += [f"$.data.previous_attributes.{key}: no key of the {kind}" for key in before or () if key not in obj]
    return found


@cache
def event_types() -> frozenset[str]:
    """Every type an endpoint may subscribe to, and so every type there is."""
    [create] = [one for one in OPERATIONS if str(one) == "POST /v1/webhook_endpoints"]
    content = create.entry["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]["properties"]
    newer = DELTA["request_enums"][str(create)]["enabled_events"]
    return frozenset([*content["enabled_events"]["items"]["enum"], *newer]) - {"*"}


def _violations(validator: jsonschema_rs.Draft202012Validator, answer: Any) -> list[str]:
    if validator.is_valid(answer):
        return []
    return [sentence for error in validator.iter_errors(answer) for sentence in _sentences(error)]


def _sentences(error: jsonschema_rs.ValidationError) -> Iterator[str]:
    """One violation for people; of alternatives, those of the branch that was meant."""
    kind = error.kind.name
    if kind in ("anyOf", "oneOf"):
        branches = [list(branch) for branch in error.kind.context]
        meant = [branch for branch in branches if not any(_another_kind(error, one) for one in branch)]
        if meant:
            for one in min(meant, key=len):
                yield from _sentences(one)
            return
    path = _path(error.instance_path)
    if kind == "required":
        yield f"{path}.{error.kind.property}: missing"
    elif kind == "additionalProperties":
        yield from (f"{path}.{key}: not in the document" for key in error.kind.unexpected)
    else:
        yield f"{path}: {error.message if len(error.message) < 300 else '… ' + error.message[-200:]}"


def _another_kind(parent: jsonschema_rs.ValidationError, error: jsonschema_rs.ValidationError) -> bool:
    """Whether this branch is about something else: of another type, or another object."""
    below = list(error.instance_path[len(parent.instance_path) :])
    return (not below and error.kind.name == "type") or (below == ["object"] and error.kind.name == "enum")


def _path(steps: list[str | int]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
