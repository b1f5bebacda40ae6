"""Stripe's API in test mode, over the network: calls that keep its limits and outlast a short trouble of the line.

What the venue itself does (its limits, a broken line, a 500) was staged by nobody, so it must not be taken for a fault
of the till: it is waited out where that is safe, and written down as `venue_waited` or `venue_trouble`.
"""

import asyncio
import hashlib
import random
import time
import uuid
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from cardpresent.gateway.pace import OWN, SUITE, TILL, Pace
from cardpresent.gateway.venue import Answer, Headers, Question, VenueSilent

STRIPE: Final = "https://api.stripe.com"
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
# A till gives a call up after a while: 80 s is what Stripe's own clients wait.
TILL_PATIENCE_S: Final = 20.0
SUITE_PATIENCE_S: Final = 60.0
CONNECT_S: Final = 5.0
ANSWER_S: Final = 65.0
FIRST_PAUSE_S: Final = 0.4
LONGEST_PAUSE_S: Final = 8.0
WAITED_LONG_MS: Final = 1000.0
KEY_CHARS_MAX: Final = 255
_OWN_HEADERS: Final = frozenset(
    {b"host", b"authorization", b"content-length", b"connection", b"keep-alive", b"accept-encoding",
     b"transfer-encoding", b"idempotency-key", b"expect", b"te", b"upgrade", b"proxy-authorization"}
)  # fmt: skip

Note = Callable[[dict[str, Any]], None]


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine: nothing but Stripe itself may be elsewhere."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


class Upstream:
    """One account in test mode. `run` keeps its idempotency keys apart from those of earlier runs: at Stripe they live
    for a day, and a till that begins with empty books counts its sales from 1 again.

    Raises VenueSilent where no answer can be had.
    """

    def __init__(
        self, base: str, key: str, run: str, note: Note, pace: Pace | None = None, *,
        till_patience_s: float = TILL_PATIENCE_S, suite_patience_s: float = SUITE_PATIENCE_S,
    ) -> None:  # fmt: skip
        if base != STRIPE and not is_loopback(base):
            raise ValueError(f"the key is sent to {STRIPE} or to this machine only")
        self._base, self._run, self._note = base, run, note
        self._authorization = b"Bearer " + key.encode()
        self._pace = pace or Pace()
        self._rng = random.Random(run)
        self._client: Any = None
        self._till_patience_s, self._suite_patience_s = till_patience_s, suite_patience_s

    async def ask(self, question: Question) -> Answer:
        """Stripe's answer to a call of the till or the suite. A POST carries an idempotency key whoever sent it, so
        that one whose answer got lost can be asked again: https://docs.stripe.com/error-low-level."""
        mine = question.actor != "till"
        patience_s = self._suite_patience_s if mine else self._till_patience_s
        return await self._insist(question, SUITE if mine else TILL, patience_s)

    async def own(self, method: str, path: str, query: str = "", body: bytes = b"") -> Answer:
        """A call of the gateway's own."""
        headers = [(b"content-type", b"application/x-www-form-urlencoded")] if body else []
        return await self._insist(Question(method, path, query.encode(), headers, body), OWN, self._suite_patience_s)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def key_at_stripe(self, key: str) -> str:
        """An idempotency key of the till's as Stripe gets it."""
        whole = f"{self._run}-{key}"
        return whole if len(whole) <= KEY_CHARS_MAX else f"{self._run}-{hashlib.sha256(key.encode()).hexdigest()}"

    # One call, as often as it takes ---------------------------------------------------------------------------------

    async def _insist(self, question: Question, rank: int, patience_s: float) -> Answer:
        headers = self._headers(question)
        began = time.monotonic()
        tries, why = 0, ""
        while True:
            await self._pace.turn(rank)
            tries += 1
            answer, trouble, is_safe = await self._once(question, headers, tries)
            if answer is not None:
                self._note_course(question, answer, tries, why, began)
                return answer
            why = trouble
            pause_s = self._pause_s(tries)
            if not is_safe or time.monotonic() - began + pause_s > patience_s:
                waited_ms = round((time.monotonic() - began) * 1000)
                self._note({"what": "venue_trouble", "method": question.method, "path": question.path, "why": why,
                            "tries": tries, "ms": waited_ms})  # fmt: skip
                course = f"{tries} tries in {waited_ms / 1000:.1f} s"
                raise VenueSilent(f"{question.method} {question.path}: {why}, {course}")
            await asyncio.sleep(pause_s)

    async def _once(self, question: Question, headers: Headers, tries: int) -> tuple[Answer | None, str, bool]:
        """The answer; or None, what went wrong, and whether the same may be asked again without harm."""
        import httpx

        again = question.method in ("GET", "POST")
        target = question.path + (f"?{question.query.decode('latin-1')}" if question.query else "")
        try:
            got = await self._http().request(question.method, target, content=question.body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return None, "Stripe cannot be reached", True
        except httpx.TimeoutException:
            return None, f"no answer from Stripe within {ANSWER_S:g} s", again
        except httpx.TransportError:
            return None, "the line to Stripe broke", again
        answer = Answer(got.status_code, [(n.lower(), v) for n, v in got.headers.raw], got.content)
        if _is_limited(answer):
            self._pace.hold(_retry_after_s(answer) or self._pause_s(tries))
            return None, "Stripe limits this account's calls (429)", True
        if answer.status == 409 and tries > 1 and _code(answer) == "idempotency_key_in_use":
            return None, "the first try is still under way at Stripe", True
        return answer, "", True

    def _note_course(self, question: Question, answer: Answer, tries: int, why: str, began: float) -> None:
        told = {"method": question.method, "path": question.path, "tries": tries,
                "ms": round((time.monotonic() - began) * 1000)}  # fmt: skip
        if answer.status >= 500:
            self._note({"what": "venue_trouble", **told, "why": f"Stripe itself answered {answer.status}"})
        elif tries > 1:
            self._note({"what": "venue_waited", **told, "why": why})

    def _pause_s(self, tries: int) -> float:
        # Jitter, or everybody who was refused comes back at the same moment.
        longest: float = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (tries - 1))
        return longest * (0.6 + 0.4 * self._rng.random())

    def _headers(self, question: Question) -> Headers:
        sent = [(name, value) for name, value in question.headers if name.lower() not in _OWN_HEADERS]
        sent.append((b"authorization", self._authorization))
        if question.method == "POST":
            given = next((value for name, value in question.headers if name.lower() == b"idempotency-key"), b"")
            key = given.decode("latin-1") or uuid.uuid4().hex
            sent.append((b"idempotency-key", self.key_at_stripe(key).encode("latin-1")))
        return sent

    def _http(self) -> Any:
        if self._client is None:
            import httpx

            # A proxy and certificates of the user's own count on the way to Stripe, and never on this machine.
            self._client = httpx.AsyncClient(
                base_url=self._base,
                trust_env=self._base == STRIPE,
                timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
                follow_redirects=False,
                limits=httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=30.0),
            )
        return self._client


def _is_limited(answer: Answer) -> bool:
    """Too many calls of the whole account. What one object cannot take (a lock, its own limit) is the caller's doing.

    Documented: Stripe-Rate-Limited-Reason, code lock_timeout (https://docs.stripe.com/rate-limits).
    """
    if answer.status != 429:
        return False
    reason = next((value for name, value in answer.headers if name == b"stripe-rate-limited-reason"), b"")
    return reason != b"resource-specific" and _code(answer) != "lock_timeout"


def _retry_after_s(answer: Answer) -> float:
    """What a Retry-After asks for; Stripe documents none, a proxy in between may send one."""
    value = next((value for name, value in answer.headers if name == b"retry-after"), b"")
    return min(float(value), LONGEST_PAUSE_S) if value.isdigit() else 0.0


def _code(answer: Answer) -> str | None:
    try:
        told = msgspec.json.decode(answer.body)
        code = told["error"]["code"]
    except (msgspec.DecodeError, KeyError, TypeError):
        return None
    return code if isinstance(code, str) else None
