"""Which parameters an operation takes, learnt from the request types of the `stripe` package.

Every request type is a TypedDict in one generated file. Such a file is run here by itself, with stand-ins for what it
imports from the package: importing `stripe` costs half a second, the types alone a few milliseconds. Validators are
compiled on an operation's first call and kept. They take form text and answer typed values, or raise Stripe's error.
"""

import builtins
import collections.abc
import importlib.machinery
import importlib.util
import math
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Generic, Literal, NotRequired, TypeVar, Union, get_args, get_origin

from typing_extensions import TypedDict, is_typeddict

from cardpresent.emulator.errors import JsonObject, StripeError, invalid, not_emulated
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.wire.multipart import Upload

declare(
    "params.from_sdk", "documented", "https://github.com/stripe/stripe-python",
    "Parameter names, nesting, types and enums are those of the request types of stripe-python 16.",
)
declare(
    "params.errors", "documented", "https://docs.stripe.com/error-codes",
    "parameter_unknown, parameter_missing, parameter_invalid_empty and parameter_invalid_integer are told apart.",
)
declare(
    "params.enum_error", "assumed", "",
    "A value outside an enum, a bad boolean, array or hash answers 400 with param and message but no code.",
)

declare(
    "params.booleans", "observed", "https://github.com/stripe/stripe-python",
    "Booleans are taken as true and false, and as the True and False that stripe-python sent before version 8.",
)
declare(
    "params.length", "documented", "https://github.com/stripe/openapi",
    "A text of more than 5000 characters is refused, naming its parameter; that its error has no code is assumed.",
)

Check = Callable[[Any, str], Any]
TEXT_LENGTH_MAX: Final = 5000
_DIGITS_MAX: Final = 18  # of an integer; what is longer fits no 64 bits
_SHOWN_MAX: Final = 200
_T = TypeVar("_T")


class Unset:
    """The empty string where Stripe takes it to mean "remove this value"."""

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


# ------------------------------------------------------------------------------------------------- reading the types


class _RequestOptions(TypedDict):
    """Stands in for the SDK's own options (keys, headers), which are not parameters."""


class _UntypedObject(Generic[_T]):
    """Stands in for the SDK's response type, which some parameters also take and no wire does."""


_STAND_INS: Final[dict[str, dict[str, object]]] = {
    "stripe._request_options": {"RequestOptions": _RequestOptions},
    "stripe._stripe_object": {"UntypedStripeObject": _UntypedObject},
    "stripe.v2._amount": {"AmountParam": dict},
}


def _import(name: str, *args: Any, **kwargs: Any) -> object:
    stand_in = _STAND_INS.get(name)
    return types.SimpleNamespace(**stand_in) if stand_in else builtins.__import__(name, *args, **kwargs)


def _type_named(spec: str) -> tuple[type, dict[str, Any]]:
    """`terminal.reader_create` -> the class ReaderCreateParams and the names of its file."""
    *folders, stem = spec.split(".")
    package = importlib.util.find_spec("stripe")
    if package is None or package.origin is None:
        raise RuntimeError("the stripe package is not installed; the emulator reads its request types")
    module = f"_{stem}_params"
    path = Path(package.origin).parent.joinpath("params", *folders, f"{module}.py")
    name = ".".join(["stripe.params", *folders, module])
    code = importlib.machinery.SourceFileLoader(name, str(path)).get_code(name)
    if code is None:
        raise RuntimeError(f"{path} of the stripe package has no code")
    names: dict[str, Any] = {"__name__": name, "__builtins__": {**vars(builtins), "__import__": _import}}
    exec(code, names)
    wanted = stem.replace("_", "") + "params"
    found = next(value for key, value in names.items() if key.lower() == wanted)
    return found, {**names, "Mapping": collections.abc.Mapping}


# ---------------------------------------------------------------------------------------------------------- compiling


def compile_params(
    spec: str | None, legacy: Mapping[str, object] = types.MappingProxyType({}), *, unsets: bool = False,
    only: list[str] | None = None, untyped: tuple[str, ...] = (),
) -> Check:
    """The validator of one operation. `spec` None takes `expand` alone; `legacy` adds what the SDK has dropped.

    With `unsets` an empty text removes a value, as it does when an object is updated. `only` names what the
    operation really does; whatever else Stripe knows, and `untyped` without the SDK, is refused as not emulated.
    """
    fields: dict[str, Check] = {"expand": _list_of(check_string)}
    required: tuple[str, ...] = ()
    if spec is not None:
        cls, names = _type_named(spec)
        derived, required = _typed_dict(cls, names)
        fields.update(derived)
    if unsets:
        fields = {name: check_string_or_unset if check is check_string else check for name, check in fields.items()}
    fields.update({name: _compile(kind, {}) for name, kind in legacy.items()})
    if only is not None:
        fields = {name: check if name in ("expand", *only, *legacy) else _refuse for name, check in fields.items()}
    fields.update(dict.fromkeys(untyped, _refuse))
    return _hash(fields, required)


def _refuse(value: Any, path: str) -> Any:
    raise not_emulated(f'parameter "{path}" is not emulated here', param=path)


def _typed_dict(cls: type, names: dict[str, Any]) -> tuple[dict[str, Check], tuple[str, ...]]:
    fields: dict[str, Check] = {}
    required = []
    for name, hint in typing.get_type_hints(cls, names, include_extras=True).items():
        if get_origin(hint) is NotRequired:
            fields[name] = _compile(get_args(hint)[0], names)
        else:
            fields[name] = _compile(hint, names)
            required.append(name)
    return fields, tuple(required)


def _compile(kind: Any, names: dict[str, Any]) -> Check:
    origin, args = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _enum(tuple(args))
    if origin is Union or origin is types.UnionType:
        return _union(list(args), names)
    if origin is list:
        return _list_of(_compile(args[0], names))
    if origin is dict:
        return _map_of(_compile(args[1], names))
    if is_typeddict(kind):
        return _hash(*_typed_dict(kind, names))
    return _SCALARS.get(kind, check_string)


def _union(members: list[Any], names: dict[str, Any]) -> Check:
    """One check for several types. `| str` beside an enum only says that enums grow; it is dropped."""
    members = [m for m in members if m is not type(None) and get_origin(m) is not _UntypedObject]
    enums = [m for m in members if get_origin(m) is Literal]
    values = [v for m in enums for v in get_args(m) if v != ""]
    unsettable = any("" in get_args(m) for m in enums)
    rest = [m for m in members if get_origin(m) is not Literal and not (m is str and values)]
    if values:
        rest.insert(0, Literal[tuple(values)])
    checks = [_compile(m, names) for m in rest]
    hashes = [c for c, m in zip(checks, rest, strict=True) if is_typeddict(m) or get_origin(m) in (list, dict)]
    scalars = [c for c in checks if c not in hashes]

    def check(value: Any, path: str) -> Any:
        if value == "" and unsettable:
            return UNSET
        *others, last = hashes if (isinstance(value, dict) and hashes) or not scalars else scalars
        for other in others:
            try:
                return other(value, path)
            except StripeError:
                continue
        return last(value, path)

    return check


def check_string(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise invalid(f"Invalid string: {_shown(value)}", param=path)
    if value == "":
        raise empty(path)
    if len(value) > TEXT_LENGTH_MAX:
        message = f"Invalid string: {value[:10]}...{value[-10:]}; must be at most {TEXT_LENGTH_MAX} characters"
        raise invalid(message, param=path)
    return value


def check_string_or_unset(value: Any, path: str) -> Any:
    return UNSET if value == "" else check_string(value, path)


def check_integer(value: Any, path: str) -> int:
    digits = value.removeprefix("-") if isinstance(value, str) else ""
    if not digits.isascii() or not digits.isdigit() or len(digits) > _DIGITS_MAX:
        raise invalid(f"Invalid integer: {_shown(value)}", code="parameter_invalid_integer", param=path)
    return int(value)


def check_boolean(value: Any, path: str) -> bool:
    if value in ("true", "True"):
        return True
    if value in ("false", "False"):
        return False
    raise invalid(f"Invalid boolean: {_shown(value)}", param=path)


def _check_number(value: Any, path: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise invalid(f"Invalid decimal: {_shown(value)}", param=path)
    return number


def check_upload(value: Any, path: str) -> Upload:
    if not isinstance(value, Upload):
        raise invalid(f"Invalid file: send {path} as a file of a multipart/form-data body.", param=path)
    return value


_SCALARS: Final[dict[Any, Check]] = {
    str: check_string, int: check_integer, bool: check_boolean, float: _check_number,
    Any: check_upload,  # the SDK types nothing but files like this
}


def _enum(values: tuple[str, ...]) -> Check:
    known = frozenset(values)

    def check(value: Any, path: str) -> str:
        if isinstance(value, str) and value in known and value != "":
            return value
        if value == "":
            if "" in known:
                return ""
            raise empty(path)
        raise invalid(f"Invalid {path}: must be one of {_one_of([v for v in values if v])}", param=path)

    return check


def _list_of(item: Check) -> Check:
    def check(value: Any, path: str) -> list[Any]:
        if not isinstance(value, dict) or not all(map(str.isdecimal, value)) or max(map(len, value)) > _DIGITS_MAX:
            raise invalid("Invalid array", param=path)
        ordered = value.items() if len(value) == 1 else sorted(value.items(), key=lambda entry: int(entry[0]))
        return [item(entry, f"{path}[{index}]") for index, entry in ordered]

    return check


def _map_of(item: Check) -> Check:
    def check(value: Any, path: str) -> JsonObject:
        if not isinstance(value, dict):
            raise invalid("Invalid object", param=path)
        if item is check_string:
            # a text that is not empty is as it should be
            return {k: v if v and type(v) is str else _text_of_map(v, f"{path}[{k}]") for k, v in value.items()}
        return {k: UNSET if v == "" else item(v, f"{path}[{k}]") for k, v in value.items()}

    return check


def _text_of_map(value: Any, path: str) -> Any:
    return UNSET if value == "" else check_string(value, path)


def _hash(fields: dict[str, Check], required: tuple[str, ...]) -> Check:
    def check(value: Any, path: str) -> JsonObject:
        if not isinstance(value, dict):
            raise invalid("Invalid object", param=path)
        taken: JsonObject = {}
        for name, content in value.items():
            field = fields.get(name)
            if field is None:
                raise unknown(f"{path}[{name}]" if path else name)
            taken[name] = field(content, f"{path}[{name}]" if path else name)
        for name in required:
            if name not in taken:
                raise absent(f"{path}[{name}]" if path else name)
        return taken

    return check


# ------------------------------------------------------------------------------------------------------------ errors


def unknown(path: str) -> StripeError:
    path = _cut(path)
    return invalid(f"Received unknown parameter: {path}", code="parameter_unknown", param=path)


def absent(path: str) -> StripeError:
    return invalid(f"Missing required param: {path}.", code="parameter_missing", param=path)


def empty(path: str) -> StripeError:
    message = f"You passed an empty string for '{path}', which cannot be unset. Leave it out or give it a value."
    return invalid(message, code="parameter_invalid_empty", param=path)


def _one_of(values: list[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"


def _shown(value: Any) -> str:
    return _cut(value) if isinstance(value, str) else "a nested value"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"
