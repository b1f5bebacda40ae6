"""Which recorded tests can be staged at Stripe, and why the others cannot."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fidelity.pairs import ID

_TIME = re.compile(r"(?<!\d)\d{10,13}(?!\d)")
TIMES_BEGIN = 1_000_000_000
REQUESTS_MAX = 150  # of one test: fifteen seconds at the pace of a guest


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request as it came to the emulator, and what the emulator answered."""

    method: str
    path: str
    query: str
    scheme: str
    key: str
    headers: dict[str, str]
    body: str
    status: int
    answer: Any
    answer_headers: dict[str, str]
    clock: int

    @property
    def is_control(self) -> bool:
        return self.path.startswith("/_emulator")

    @property
    def is_refused_loudly(self) -> bool:
        """The emulator said that it does not emulate this: there is nothing to hold against Stripe."""
        return "x-emulator" in self.answer_headers

    @property
    def text(self) -> str:
        """Everything in the request that can name an object."""
        return "\n".join((self.path, self.query, self.body))


@dataclass(frozen=True, slots=True)
class Recorded:
    """One test of tests/emulator, as it was heard on the wire."""

    name: str
    outcome: str
    raced: bool
    emulators: int
    continued: bool  # in an account that an earlier test had used
    inside: str
    events: list[tuple[str, str]]  # type and id of the object, as the account was told
    exchanges: tuple[Exchange, ...]

    @property
    def api(self) -> list[Exchange]:
        return [exchange for exchange in self.exchanges if not exchange.is_control]


def read_recording(file: Path) -> list[Recorded]:
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [
        Recorded(
            line["test"], line["outcome"], line["raced"], line["emulators"], line["continued"], line["inside"],
            [(type, id) for type, id in line["events"] if id is not None],
            tuple(Exchange(**one) for one in line["exchanges"]),
        )
        for line in lines
    ]


def why_not(test: Recorded, country: str) -> str | None:
    """Why this test cannot be put to a Stripe account of `country`; None when it can."""
    controls = (_controls(exchange, country) for exchange in test.exchanges if exchange.is_control)
    reasons = (_not_over_the_wire(test), *controls, _not_repeatable(test), _another_account(test),
               _shared_changed(test), _times_sent(test))
    return next((reason for reason in reasons if reason), None)


def _not_over_the_wire(test: Recorded) -> str | None:
    if test.outcome != "passed":
        return "did not pass on the emulator itself"
    if test.emulators > 1:
        return "starts emulators of its own"
    if test.continued:
        return "goes on in an account that an earlier test used"
    return f"reaches inside the emulator ({test.inside})" if test.inside else None


def _not_repeatable(test: Recorded) -> str | None:
    if len(test.api) > REQUESTS_MAX:
        return f"makes more than {REQUESTS_MAX} requests, which is more than a guest should"
    if len({exchange.clock for exchange in test.exchanges}) > 1:
        return "moves the clock"
    return "sends requests at the same time, whose order is nobody's promise" if test.raced else None


def _controls(exchange: Exchange, country: str) -> str | None:
    if (exchange.method, exchange.path) != ("POST", "/_emulator/account"):
        return f"uses the control API ({exchange.method} {_shortened(exchange.path)})"
    order = json.loads(exchange.body or "{}")
    if order.keys() - {"country"}:
        return f"sets what no account of Stripe's lets itself be told ({', '.join(sorted(order.keys() - {'country'}))})"
    if order.get("country", country) != country:
        return f"needs an account in {order['country']}, and this one is in {country}"
    return None


def _shortened(path: str) -> str:
    return ID.sub(r"{\1}", path.removeprefix("/_emulator/"))


def _another_account(test: Recorded) -> str | None:
    if any("stripe-account" in exchange.headers for exchange in test.exchanges):
        return "speaks for a connected account"
    if len({exchange.key for exchange in test.exchanges}) > 1:
        return "speaks for more than one account, or with a key that is none"
    return None


def _shared_changed(test: Recorded) -> str | None:
    """At Stripe the account outlives the test, and others work in it."""
    shared: set[str] = set()
    for exchange in test.api:
        if exchange.method != "GET" and shared.intersection(exchange.path.split("/")):
            return "changes the account's default configuration"
        answer = exchange.answer if isinstance(exchange.answer, dict) else {}
        rows = answer["data"] if isinstance(answer.get("data"), list) else [answer]
        shared.update(str(row["id"]) for row in rows if isinstance(row, dict) and row.get("is_account_default") is True)
    return None


def _times_sent(test: Recorded) -> str | None:
    told: set[str] = set()
    for exchange in test.api:
        if told.intersection(_TIME.findall(exchange.query + "&" + exchange.body)):
            return "asks by a time that the emulator's clock told"
        told.update(str(number) for number in numbers(exchange.answer) if number >= TIMES_BEGIN)
    return None


def numbers(value: Any) -> Iterator[int]:
    """Every whole number in a JSON value."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner)
    elif type(value) is int:
        yield value
