"""One line of the journal."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Kind = Literal["intent", "request", "reply", "webhook", "screen", "log", "control", "ledger"]
Wire = Literal["till", "stripe", "webhook", "none"]
Actor = Literal["till", "suite", "sdk", "gateway"]


class Entry(msgspec.Struct, frozen=True):
    """What happened once. `begin_ms` and `end_ms` count from the start of the run; `data` depends on `kind`:

    intent {verb, amount?} · request {method, path, operation, object, params, idempotency_key} ·
    reply {request, status, body, fault, delivered, committed} · webhook {event, type, status, genuine, …} ·
    screen {verb, outcome, standing, words} · control {what, …} · log {line} ·
    ledger {method, payment_intents, charges, refunds, reader}.
    """

    n: int
    kind: Kind
    wire: Wire
    actor: Actor
    begin_ms: float
    end_ms: float
    scenario: str | None
    sale: str | None
    data: Mapping[str, Any]
