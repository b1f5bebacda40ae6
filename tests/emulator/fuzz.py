"""`make fuzz`: requests drawn from Stripe's document, thrown at the emulator, and what must hold after each of them.

No answer of the 500s, none that breaks inside, every answer as the document says, what was sent comes back as sent, and
the books add up. Hypothesis draws lists of numbers, each number is a request (drawn.py) and 0 is none, so a failure is
cut down to the fewest requests that still show it.
"""

import argparse
import logging
import re
import secrets
import sys
import time
from collections import Counter
from typing import Any
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st

from tests.emulator.books import Books
from tests.emulator.document import OPERATIONS
from tests.emulator.drawn import NAMES, USUAL, Drawn, body, drawn
from tests.emulator.inside import Answer, Inside

_IDS = re.compile(r'"id": ?"((' + "|".join(NAMES) + r')_[A-Za-z0-9]+)"')
BOOKS_EVERY = 20
DAY_S = 24 * 3600
RUN_LENGTH = 60
ROUND = 20
# Calls whose parameters are about another object than the one they answer.
ABOUT_ANOTHER = ("/v1/terminal/readers/{reader}/", "/v1/charges/{charge}/refund")
# Parameters that an answer shows under the same name in another form.
SHOWN_OTHERWISE: dict[str, str] = {
    "expires_at": "now is a moment", "currency": "in lower case", "registration_code": "not shown",
    "amount": "with what a tip adds",
    "source": "the card behind the id", "customer": "an id, or the object when expanded",
}


class Broken(AssertionError):
    """What the emulator must not do."""


class _Log(logging.Handler):
    """Keeps what the emulator last wrote to its log, for the one failure that is shown in the end."""

    last = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.last = logging.Formatter().format(record)


LOG = _Log()


class Run:
    """One account under fire. `tally` counts answers by operation and status over all runs."""

    def __init__(self, tally: Counter[tuple[str, int]]) -> None:
        self.account = Inside("sk_test_fuzz")
        self.tally = tally
        self.live: dict[str, list[str]] = {}
        self.requests = 0
        self.trail: list[str] = []
        self._furnish()

    def _furnish(self) -> None:
        """A shop with a reader and one captured and refunded sale."""
        reader = "/v1/terminal/readers"
        for path in ("/v1/terminal/locations", reader, "/v1/payment_intents"):
            self._learn(self.account.call("POST", path, USUAL[f"POST {path}"][0]))
        one, pi = f"{reader}/{self.live['tmr'][0]}", self.live["pi"][0]
        helpers = one.replace("/v1", "/v1/test_helpers")
        for path, params in (
            (f"{one}/process_payment_intent", {"payment_intent": pi}), (f"{helpers}/present_payment_method", {}),
            (f"/v1/payment_intents/{pi}/capture", {}), ("/v1/refunds", {"payment_intent": pi, "amount": 100}),
        ):
            self.account.ok("POST", path, params)
        for name in ("charges", "refunds", "events", "balance_transactions", "terminal/configurations"):
            self._learn(self.account.call("GET", f"/v1/{name}"))

    def _learn(self, answer: Answer) -> None:
        for id, kind in _IDS.findall(str(answer.body).replace("'", '"')):
            known = self.live.setdefault(kind, [])
            if id not in known:
                known.insert(0, id)
                del known[8:]

    def resolved(self, text: str) -> str:
        """`@pi:2` -> the id of a live PaymentIntent."""
        if text[:1] != "@":
            return text
        kind, _, number = text[1:].partition(":")
        known = self.live.get(kind)
        return known[int(number or 0) % len(known)] if known else f"{kind}_none"

    def throw(self, request: Drawn) -> None:
        method = request.operation.method
        path = "/".join(self.resolved(step) for step in request.path.split("/"))
        pairs = [(name, self.resolved(value)) for name, value in request.pairs]
        content = body(pairs) if request.raw is None else request.raw
        headers = {name: self.resolved(value) for name, value in request.headers.items()}
        self.trail.append(f"{method} {path} {content[:300]!r} {headers}")
        if method == "POST":
            answer = self.account.send(method, path, content, **headers)
        else:
            answer = self.account.send(method, f"{path}?{content.decode('latin-1')}", **headers)
        self.requests += 1
        self.tally[str(request.operation), answer.status] += 1
        self.check(answer)
        if answer.status == 200:
            self._learn(answer)
            about_it = not request.operation.path.startswith(ABOUT_ANOTHER)
            if method == "POST" and about_it and request.raw is None and "idempotent-replayed" not in answer.headers:
                self.echoed(dict(pairs), answer.body)
        if self.requests % BOOKS_EVERY == 0:
            self.balanced()
            self.account.control("POST", "clock", advance_s=DAY_S if self.requests % 100 == 0 else 10)

    def check(self, answer: Answer) -> None:
        if answer.status >= 500 or answer.headers.get("x-emulator") == "internal-error":
            raise Broken(f"answered {answer.status}: {answer.body}\n{LOG.last}")
        self.as_documented()

    def as_documented(self) -> None:
        breaches = self.account.judged.settle()
        if breaches:
            raise Broken("\n".join(["not as Stripe's document says:", *breaches]))

    def echoed(self, sent: dict[str, str], shown: dict[str, Any]) -> None:
        """What was set is what is shown, wherever an answer has a place of that name: nothing is silently ignored."""
        for name, value in sent.items():
            here: Any = shown
            for step in name.replace("]", "").split("["):
                here = here.get(step, shown) if isinstance(here, dict) and step not in SHOWN_OTHERWISE else shown
            # unset on purpose, a test card's name, or nothing single of that name
            if not value or value.startswith(("pm_card_", "tok_")) or isinstance(here, dict | list):
                continue
            text = str(here).lower() if isinstance(here, bool) else str(here)
            if text != value:
                raise Broken(f"{name}={value!r} came back as {here!r}")

    def balanced(self) -> None:
        faults = Books(self.account).faults()
        if faults:
            raise Broken("\n".join(["the books do not add up:", *faults]))
        self.as_documented()


def run(numbers: list[int], tally: Counter[tuple[str, int]]) -> None:
    """Throws the requests of these numbers at one fresh account."""
    under_fire = Run(tally)
    try:
        for number in filter(None, numbers):
            for request in drawn(number):
                under_fire.throw(request)
        under_fire.balanced()
    except Exception as found:
        found.add_note("\n".join(["after these requests:", *under_fire.trail]))
        raise
    finally:
        under_fire.account.close()


def rounds(requests: int, start: int, tally: Counter[tuple[str, int]], said: Any) -> None:
    """Rounds of `ROUND` runs until there were so many requests. `said` is told after each."""
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # broken bodies are what this is about
    log = logging.getLogger("cardpresent.emulator")
    log.addHandler(LOG)
    log.propagate = False
    number = 0
    while tally.total() < requests:

        @seed(start + number)
        @settings(max_examples=ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck),
                  phases=[Phase.generate, Phase.shrink], verbosity=Verbosity.quiet, report_multiple_bugs=False)
        @given(st.lists(st.integers(0, 2**40), min_size=RUN_LENGTH, max_size=RUN_LENGTH))
        def one_round(numbers: list[int]) -> None:
            run(numbers, tally)

        one_round()
        number += 1
        said()


def over_the_socket(url: str, requests: int, start: int, tally: Counter[tuple[str, int]]) -> None:
    """The same kind of requests through a real server: what only HTTP in between could break."""
    with httpx.Client(base_url=url, trust_env=False, timeout=10) as http:
        for request in (one for number in range(start, start + requests) for one in drawn(number)):
            headers = {"authorization": "Bearer sk_test_socket"}
            headers |= {name.replace("_", "-"): value for name, value in request.headers.items() if value.isascii()}
            path = request.path.replace("@", "none_").replace(":", "")
            content = body(request.pairs) if request.raw is None else request.raw
            query = "" if request.operation.method == "POST" else f"?{quote(content, safe='&=[]%+')}"
            answer = http.request(request.operation.method, path + query, content=content if not query else None,
                                  headers=headers)
            tally[str(request.operation), answer.status_code] += 1
            if answer.status_code >= 500 or answer.headers.get("x-emulator") == "internal-error":
                raise Broken(f"{request} answered {answer.status_code}: {answer.text}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--requests", type=int, default=50_000, help="how many at least")
    parser.add_argument("--seed", type=int, default=None, help="repeats a run; drawn fresh when not given")
    arguments = parser.parse_args()
    start = secrets.randbits(32) if arguments.seed is None else arguments.seed
    say = sys.stdout.write
    say(f"fuzz: seed {start} (again with: make fuzz ARGS='--seed {start}')\n")
    began, tally = time.monotonic(), Counter[tuple[str, int]]()

    def progress() -> None:
        say(f"fuzz: {tally.total():>7,} requests, {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()

    rounds(arguments.requests, start, tally, progress)
    inside = tally.total()
    from tests.emulator.conftest import Server

    server = Server()
    try:
        over_the_socket(server.url, arguments.requests // 20, start, tally)
        assert server.judged.settle() == []
    finally:
        server.close()
    reached = {operation for operation, status in tally if status == 200}
    statuses = Counter({str(status): 0 for _, status in tally})
    for (_, status), count in tally.items():
        statuses[str(status)] += count
    say(f"fuzz: {tally.total():,} requests ({inside:,} in process, the rest over a socket), seed {start}\n")
    say(f"fuzz: {', '.join(f'{count:,} answered {status}' for status, count in sorted(statuses.items()))}\n")
    say(f"fuzz: {len(reached)} of {len(OPERATIONS)} operations answered 200 at least once; nothing broke\n")
    never = [str(operation) for operation in OPERATIONS if str(operation) not in reached]
    say("".join(f"fuzz: never 200: {operation}\n" for operation in never))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
