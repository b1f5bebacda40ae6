"""How requests reach a till. Load brings its own transport; the rest of the suite uses httpx."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final, Protocol

import httpx

# Unpacked. A page with all its pictures in it is smaller; a till that sends more than that sends without end.
ANSWER_BYTES_MAX: Final = 16 * 1024 * 1024


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
    """The till was not there, left in the middle of its answer, took too long, or never came to an end.

    It may have acted all the same.
    """


class CannotBeSent(Exception):
    """A request that HTTP has no way to write, such as one to an address with a line break in it. Nobody was asked."""


class Transport(Protocol):
    """Sends one request once. Raises NoAnswer, CannotBeSent; never follows a redirect, keeps no cookies, repeats
    nothing."""

    def send(self, request: TillRequest) -> TillAnswer: ...

    def close(self) -> None: ...


class HttpxTransport:
    """One httpx client for the whole session."""

    def __init__(self, timeout_s: float) -> None:
        # Sessions belong to roles, so the client's own jar takes nothing.
        no_cookies = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.Client(timeout=timeout_s, trust_env=False, follow_redirects=False, cookies=no_cookies)
        self._timeout_s = timeout_s

    def send(self, request: TillRequest) -> TillAnswer:
        patience_s = self._timeout_s if request.patience_s is None else request.patience_s
        deadline = time.monotonic() + patience_s
        try:
            # As bytes: a header is sent as it was written, whatever its letters.
            headers_sent = [(name.encode(), value.encode()) for name, value in request.headers.items()]
            asked = self._client.stream(
                request.method, request.url, headers=headers_sent, content=request.body, timeout=patience_s
            )
            with asked as answer:
                headers = tuple((name.lower(), value) for name, value in answer.headers.multi_items())
                return TillAnswer(answer.status_code, headers, _whole(answer, deadline))
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeError) as error:
            raise CannotBeSent(type(error).__name__) from error
        except httpx.RequestError as error:
            raise NoAnswer(type(error).__name__) from error

    def close(self) -> None:
        self._client.close()


def _whole(answer: httpx.Response, deadline: float) -> bytes:
    """The body of an answer that has come in time. httpx counts from one piece to the next, and so would read for ever
    what is sent for ever."""
    parts: list[bytes] = []
    length = 0
    for part in answer.iter_bytes():
        parts.append(part)
        length += len(part)
        if length > ANSWER_BYTES_MAX:
            raise NoAnswer("TooLong")
        if time.monotonic() > deadline:
            raise NoAnswer("ReadTimeout")
    return b"".join(parts)
