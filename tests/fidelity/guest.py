"""How to be a guest at Stripe: slowly, patiently, one request at a time, and never with a live key."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import MaxRetryError, ResponseError
from urllib3.util import Retry

STRIPE: Final = "https://api.stripe.com"
PER_SECOND: Final = 10.0  # a sandbox is allowed 25, and somebody else may be in it
TRIES: Final = 7  # with their back-off, half a minute and a bit
TIMEOUT_S: Final = (10, 60)
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class KeyRefused(Exception):
    """The key may not be used, or Stripe does not take it. The message never holds it."""


class NoAnswer(Exception):
    """No answer came, however often it was tried: the request may have had its effect."""


def checked_key(key: str) -> str:
    """The key, when it is one of test mode."""
    if not key.startswith(("sk_test_", "rk_test_")) or key in ("sk_test_", "rk_test_"):
        raise KeyRefused("STRIPE_SECRET_KEY must hold a test-mode key (sk_test_… or rk_test_…); nothing was sent")
    return key


def checked_upstream(url: str) -> str:
    """The address, when the key may go there: Stripe itself, or this machine."""
    parts = urlsplit(url)
    if url != STRIPE and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise KeyRefused(f"the key is sent to {STRIPE} or to this machine only, not to {parts.hostname}")
    return url


class Pace:
    """Lets `per_second` requests through, evenly: one that comes too soon waits its turn."""

    def __init__(
        self, per_second: float, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.per_second = per_second
        self._gap, self._now, self._sleep = 1 / per_second, now, sleep
        self._next = 0.0
        self._lock = threading.Lock()

    def take(self) -> None:
        with self._lock:
            turn = max(self._now(), self._next)
            self._next = turn + self._gap
        self._sleep(max(0.0, turn - self._now()))


class Patience(Retry):
    """urllib3's back-off, which also hears Stripe-Should-Retry, and takes its turn before each new try."""

    def __init__(self, *args: Any, pace: Pace, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.pace = pace

    def new(self, **changed: Any) -> "Patience":
        return super().new(pace=self.pace, **changed)

    def increment(self, method: Any = None, url: Any = None, response: Any = None, *args: Any, **more: Any) -> Retry:
        if response is not None and not _worth_another_try(response):
            raise MaxRetryError(more.get("_pool"), str(url), ResponseError("Stripe asks not to try again"))
        return super().increment(method, url, response, *args, **more)

    def sleep(self, response: Any = None) -> None:
        super().sleep(response)
        self.pace.take()


def _worth_another_try(response: Any) -> bool:
    wish = response.headers.get("stripe-should-retry")
    # 409 may be a refusal for good; only Stripe can tell that it is not
    return wish == "true" if wish is not None or response.status == 409 else True


@dataclass(frozen=True, slots=True)
class Reply:
    """What Stripe answered, and how often it had to be asked."""

    status: int
    answer: Any
    headers: Any
    tries: int


class _Key(AuthBase):
    """The key as the test sent its own. Said explicitly, or a .netrc would be heard."""

    def __init__(self, key: str, scheme: str) -> None:
        self._key, self._scheme = key, scheme

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._scheme == "basic":
            return requests.auth.HTTPBasicAuth(self._key, "")(request)
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class Guest:
    """One caller at Stripe. Every POST needs an idempotency key: then a lost answer can be asked for again."""

    def __init__(
        self, key: str, upstream: str = STRIPE, per_second: float = PER_SECOND, *, tries: int = TRIES,
        back_off_s: float = 0.5,
    ) -> None:
        self._key = checked_key(key)
        self._upstream = checked_upstream(upstream)
        self.pace = Pace(min(per_second, PER_SECOND) if upstream == STRIPE else per_second)
        self.requests = self.tries_again = 0
        self._session = requests.Session()
        self._session.trust_env = upstream == STRIPE
        self._session.headers["User-Agent"] = "cardpresent-fidelity"
        patience = Patience(
            tries - 1, status_forcelist=(409, 429, 500, 502, 503, 504), allowed_methods=None, redirect=0,
            backoff_factor=back_off_s, backoff_max=16, backoff_jitter=back_off_s, raise_on_status=False, pace=self.pace,
        )
        self._session.mount(f"{urlsplit(upstream).scheme}://", HTTPAdapter(max_retries=patience))

    def ask(
        self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None,
        scheme: str = "bearer",
    ) -> Reply:
        """One request, tried again as Stripe asks. `target` is path and query.

        Raises NoAnswer when none came, KeyRefused when Stripe does not know the key.
        """
        self.pace.take()
        self.requests += 1
        try:
            answer = self._session.request(
                method, self._upstream + target, data=body, headers=headers, auth=_Key(self._key, scheme),
                timeout=TIMEOUT_S, allow_redirects=False,
            )
        except requests.RequestException as failed:
            raise NoAnswer(f"{method} {urlsplit(target).path}: {type(failed).__name__}") from None
        tries = 1 + len(answer.raw.retries.history)
        self.tries_again += tries - 1
        if answer.status_code == 401:
            raise KeyRefused("Stripe does not take the key in STRIPE_SECRET_KEY")
        try:
            content = answer.json()
        except ValueError:
            content = None
        return Reply(answer.status_code, content, answer.headers, tries)

    def close(self) -> None:
        self._session.close()
