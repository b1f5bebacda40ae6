"""Idempotency keys: one request, one effect, the same answer again.

A key belongs to an account. It holds the first request while that runs and its answer afterwards, for
24 hours of account time; what never began (a bad parameter, 401, 429) leaves no trace.
"""

from typing import Final, NamedTuple

from cardpresent.emulator.errors import idempotency_in_flight, idempotency_mismatch, invalid
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.wire.form import parse_form

KEPT_S: Final = 24 * 3600
KEY_LENGTH_MAX: Final = 255

declare(
    "idempotency.replay", "documented", f"{API}/idempotent_requests",
    "The first answer, success or failure, is given again for 24 hours with Idempotent-Replayed: true.",
)
declare(
    "idempotency.not_kept", "documented", "https://docs.stripe.com/error-low-level",
    "401, 429, refused parameters and in-flight conflicts are not stored under the key.",
)
declare(
    "idempotency.reader_errors_kept", "assumed", "https://docs.stripe.com/error-low-level",
    "terminal_reader_* errors arise in a running operation, so their key replays them.",
)


class Answer(NamedTuple):
    """A stored answer. `error` is Stripe's code for what went wrong, or its type."""

    status: int
    body: bytes
    request_id: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    error: str | None = None


class _Entry:
    __slots__ = ("answer", "path", "since", "text")

    def __init__(self, path: str, text: str, since: int) -> None:
        self.path, self.text, self.since = path, text, since
        self.answer: Answer | None = None

    def is_for(self, path: str, text: str) -> bool:
        """Whether this is the same request; the order of its parameters does not matter."""
        if self.path != path:
            return False
        return self.text == text or parse_form(self.text) == parse_form(text)


class IdempotencyKeys:
    """The keys one account has used."""

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    def begin(self, key: str, path: str, text: str, now: int) -> Answer | None:
        """The stored answer to repeat, or None when the request is to run (and `end` or `drop` must follow).

        `text` is the request's parameters as they came. Raises idempotency_error (400) for other parameters,
        idempotency_key_in_use (409) while the first still runs.
        """
        if len(key) > KEY_LENGTH_MAX:
            raise invalid(f"Idempotency keys may be at most {KEY_LENGTH_MAX} characters long.")
        entry = self._entries.get(key)
        if entry is None or (entry.answer is not None and now - entry.since >= KEPT_S):
            self._entries[key] = _Entry(path, text, now)
            return None
        if not entry.is_for(path, text):
            raise idempotency_mismatch(key)
        if entry.answer is None:
            raise idempotency_in_flight(key)
        return entry.answer

    def end(self, key: str, answer: Answer) -> None:
        self._entries[key].answer = answer

    def drop(self, key: str) -> None:
        self._entries.pop(key, None)
