"""The line to Stripe: one call, and whether it was answered."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx

_PATHS: Final = "/v1/terminal/sdk"
JsonObject = dict[str, Any]


class Unanswered(Exception):
    """Nobody knows whether Stripe did what was asked."""


class Refused(Exception):
    """Stripe answered, and not with yes. `error` is its error object."""

    def __init__(self, status: int, error: JsonObject) -> None:
        super().__init__(str(error.get("message", "")))
        self.status, self.error = status, error

    @property
    def passes(self) -> bool:
        """Whether the same call may well be answered otherwise a moment later."""
        return self.status in (409, 429) or self.status >= 500


class StripeLine:
    """Calls of the SDK's own API. Thread-safe. Nothing is repeated here."""

    def __init__(self, base: str, timeout_s: float) -> None:
        self._http = httpx.Client(base_url=base.rstrip("/"), trust_env=False, timeout=timeout_s)

    def reach(self) -> bool:
        """Whether Stripe answers at all."""
        try:
            self._http.get(f"{_PATHS}/reach")
        except httpx.HTTPError:
            return False
        return True

    def get(self, path: str, secret: str, query: Mapping[str, str]) -> JsonObject:
        return self._answer(lambda: self._http.get(f"{_PATHS}{path}", params=dict(query), headers=_headers(secret)))

    def post(self, path: str, secret: str, form: Mapping[str, Any], key: str) -> JsonObject:
        """Raises Unanswered and Refused."""
        pairs = dict(_flat(form))
        headers = {**_headers(secret), "Idempotency-Key": key}
        return self._answer(lambda: self._http.post(f"{_PATHS}{path}", data=pairs, headers=headers))

    def close(self) -> None:
        self._http.close()

    def _answer(self, ask: Any) -> JsonObject:
        try:
            response = ask()
            answer: JsonObject = response.json()
        except (httpx.HTTPError, json.JSONDecodeError) as lost:
            raise Unanswered(type(lost).__name__) from lost
        if response.status_code >= 400:
            raise Refused(response.status_code, answer.get("error", {}))
        return answer


def _headers(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def _flat(form: Mapping[str, Any], inside: str = "") -> Iterator[tuple[str, str]]:
    """Stripe's bracketed names; None is left out."""
    for name, value in form.items():
        path = f"{inside}[{name}]" if inside else name
        if isinstance(value, Mapping):
            yield from _flat(value, path)
        elif isinstance(value, (list, tuple)):
            for position, one in enumerate(value):
                yield f"{path}[{position}]", str(one)
        elif value is not None:
            yield path, str(value)
