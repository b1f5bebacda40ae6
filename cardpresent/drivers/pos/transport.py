"""How requests reach a till. Load brings its own transport; the rest of the suite uses httpx."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Protocol

import httpx


@dataclass(frozen=True, slots=True)
class TillRequest:
    """One request, complete: absolute URL, final headers and body. `patience_s`: after this long whoever asks hangs up;
    None: as long as an answer may take."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    patience_s: float | None = None


@dataclass(frozen=True, slots=True)
class TillAnswer:
    """One complete answer. Header names are lower case; one that came twice is there twice."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), None)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class NoAnswer(Exception):
    """The till was not there, left in the middle of its answer, or took too long. It may have acted all the same."""


class Transport(Protocol):
    """Sends one request once. Raises NoAnswer; never follows a redirect, keeps no cookies, repeats nothing."""

    def send(self, request: TillRequest) -> TillAnswer: ...

    def close(self) -> None: ...


class HttpxTransport:
    """One httpx client for the whole session."""

    def __init__(self, timeout_s: float) -> None:
        # Sessions belong to roles, so the client's own jar takes nothing.
        no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.Client(timeout=timeout_s, trust_env=False, follow_redirects=False, cookies=no_cookies)

    def send(self, request: TillRequest) -> TillAnswer:
        try:
            answer = self._client.request(
                request.method, request.url, headers=dict(request.headers), content=request.body,
                timeout=httpx.USE_CLIENT_DEFAULT if request.patience_s is None else request.patience_s,
            )  # fmt: skip
        except httpx.RequestError as error:
            raise NoAnswer(type(error).__name__) from error
        headers = tuple((name.lower(), value) for name, value in answer.headers.multi_items())
        return TillAnswer(answer.status_code, headers, answer.content)

    def close(self) -> None:
        self._client.close()
