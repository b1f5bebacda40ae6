"""What a replay makes at Stripe, and its removal: what can be deleted or cancelled, is."""

import hashlib
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

from tests.fidelity.comparing import TAG
from tests.fidelity.guest import Guest, NoAnswer

# Where a new object can carry the run's name: the request types of Stripe's SDK have `metadata` there.
TAGGED: Final = frozenset({
    "/v1/charges", "/v1/customers", "/v1/payment_intents", "/v1/payment_methods", "/v1/refunds", "/v1/setup_intents",
    "/v1/terminal/locations", "/v1/terminal/readers", "/v1/webhook_endpoints",
})  # fmt: skip
METADATA_KEYS_MAX: Final = 50
KEY_LENGTH_MAX: Final = 255
UNANSWERED_MAX: Final = 2
_OVER: Final = frozenset({"canceled", "succeeded"})


# How one object of a collection is removed: the method, and what follows its id. What was paid or given back stays.
REMOVALS: Final = {
    "/v1/customers": ("DELETE", ""),
    "/v1/payment_intents": ("POST", "/cancel"),
    "/v1/setup_intents": ("POST", "/cancel"),
    "/v1/terminal/configurations": ("DELETE", ""),
    "/v1/terminal/locations": ("DELETE", ""),
    "/v1/terminal/readers": ("DELETE", ""),
    "/v1/webhook_endpoints": ("DELETE", ""),
}


def tagged(path: str, query: str, body: str, run: str) -> str:
    """The form with the run's tag added, where what it makes can carry one."""
    names = [name for name, _ in parse_qsl(f"{query}&{body}", keep_blank_values=True)]
    held = [name for name in names if name.startswith("metadata")]
    if path not in TAGGED or "metadata" in held or len(held) >= METADATA_KEYS_MAX:
        return body
    return f"{body}&metadata[{TAG}]={run}".removeprefix("&")


class Leavings:
    """Objects made at Stripe and not removed yet, newest last."""

    def __init__(self, run: str) -> None:
        self.run = run
        self._made: dict[str, str] = {}  # id -> collection
        self._over: set[str] = set()
        self.unsure = False  # a creation whose answer never came
        self.removed = self._unanswered = 0
        self.kept: list[str] = []

    def saw(self, method: str, path: str, status: int, answer: Any) -> None:
        """An answer of Stripe's that may tell of an object made, ended or deleted."""
        if status != 200 or not isinstance(answer, dict) or not isinstance(answer.get("id"), str):
            return
        id = answer["id"]
        if method == "POST" and path in REMOVALS:
            self._made[id] = path
        if answer.get("deleted"):
            self._made.pop(id, None)
        elif answer.get("status") in _OVER:
            self._over.add(id)

    @property
    def left(self) -> list[str]:
        return [id for id in self._made if id not in self._over]

    def tidy(self, guest: Guest) -> None:
        """Removes everything made, the newest first: a reader goes before the location it stands in."""
        for id in list(self._made)[::-1]:
            if self._unanswered >= UNANSWERED_MAX:
                self.kept.append(id)
            elif id not in self._over:
                self._remove(guest, id, self._made[id])
            del self._made[id]

    def _remove(self, guest: Guest, id: str, collection: str) -> None:
        method, tail = REMOVALS[collection]
        headers = {"Idempotency-Key": f"{self.run}-tidy-{id}"} if method == "POST" else {}
        try:
            reply = guest.ask(method, f"{collection}/{id}{tail}", headers=headers)
        except NoAnswer:
            self._unanswered += 1
            self.kept.append(id)
            return
        self._unanswered = 0
        error = (reply.answer or {}).get("error", {}) if reply.status != 200 else {}
        if reply.status == 200:
            self.removed += 1
        elif error.get("code") not in ("resource_missing", "payment_intent_unexpected_state",
                                       "setup_intent_unexpected_state"):
            self.kept.append(id)

    def sweep(self, guest: Guest) -> None:
        """Finds by its tag what was made without our hearing of it, and removes that, too."""
        if not self.unsure or self._unanswered >= UNANSWERED_MAX:
            return
        for collection in sorted(TAGGED & set(REMOVALS)):
            self._made.update(dict.fromkeys(self._found(guest, collection), collection))
        self.tidy(guest)

    def _found(self, guest: Guest, collection: str) -> Iterator[str]:
        try:
            rows = (guest.ask("GET", f"{collection}?limit=100").answer or {}).get("data", [])
        except NoAnswer:
            self.kept.append(f"{collection} with metadata {TAG}={self.run}")
            return
        for row in rows:
            if (row.get("metadata") or {}).get(TAG) == self.run and row.get("status") not in _OVER:
                yield str(row["id"])


def idempotency_key(run: str, test: int, key: str | None, n: int) -> str:
    """The test's own key made unique to this run and test, for at Stripe all share one account."""
    if key is None:
        return f"{run}-{test}.{n}"
    if len(key) > KEY_LENGTH_MAX:
        return key  # refused by Stripe, and that is what the test is about
    return f"{run}-{test}-{hashlib.sha256(key.encode('latin-1')).hexdigest()[:32]}"
