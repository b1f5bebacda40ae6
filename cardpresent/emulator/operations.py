"""What one call is, which operations exist, and which one a path means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.wire.legacy_params import LEGACY, UNTYPED
from cardpresent.emulator.wire.params import Check, compile_params

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account


class Cause(NamedTuple):
    """What made something happen: the request, or nothing (the clock, an issuer's late answer)."""

    request_id: str | None = None
    idempotency_key: str | None = None


BY_ITSELF: Final = Cause()


class Call:
    """One request on its way through: who asks, for what, with which parameters (validated and typed)."""

    __slots__ = ("account", "cause", "ids", "params", "version")

    def __init__(
        self, account: "Account", params: dict[str, Any], ids: tuple[str, ...], cause: Cause, version: str
    ) -> None:
        self.account, self.params, self.ids, self.cause, self.version = account, params, ids, cause, version

    @property
    def id(self) -> str:
        return self.ids[0]


@dataclass(slots=True)
class Operation:
    """One endpoint: its logical name, where it lives, what it takes and what it does."""

    name: str
    method: str
    path: str
    run: Callable[[Call], Any]
    params: str | None = None
    emulates: str | None = None  # names apart from `expand`; None: all that the SDK knows
    _check: Check | None = None

    def checked(self, form: dict[str, Any]) -> JsonObject:
        """The form as typed parameters. Raises Stripe's error for the first thing wrong with it."""
        check = self._check
        if check is None:
            legacy = LEGACY.get(self.name, {})
            only = None if self.emulates is None else self.emulates.split()
            check = self._check = compile_params(
                self.params, legacy, unsets=self.name.endswith(".update"), only=only,
                untyped=UNTYPED.get(self.name, ()),
            )
        taken: JsonObject = check(form, "")
        return taken


_Node = dict[str, Any]


class Router:
    """Paths to operations, by a walk along the path's segments."""

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations
        self._root: _Node = {}
        for operation in operations:
            node = self._root
            for segment in operation.path.strip("/").split("/"):
                node = node.setdefault("*" if segment.startswith("{") else segment, {})
            node[f" {operation.method}"] = operation

    def find(self, method: str, path: str) -> tuple[Operation, tuple[str, ...]] | None:
        """The operation and the ids in its path, or None."""
        node = self._root
        ids: tuple[str, ...] = ()
        for segment in path.strip("/").split("/"):
            below = node.get(segment)
            if below is None:
                below = node.get("*")
                if below is None or not segment:
                    return None
                ids = (*ids, segment)
            node = below
        operation = node.get(f" {method}")
        return None if operation is None else (operation, ids)
