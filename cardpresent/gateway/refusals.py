"""Stripe-shaped answers the gateway gives itself. Clients branch on `type` and `code`; the messages are for people."""

import random
from typing import Any

import msgspec

from cardpresent.gateway.token import token
from cardpresent.gateway.venue import Answer, Headers


class Refusals:
    """Makes error answers; request ids come from the run's seed."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def live_key(self) -> Answer:
        return self.error(
            401,
            "A live key was presented. cardpresent works with test keys only and has kept nothing of this one.",
            type="invalid_request_error",
            code="testmode_charges_only",
        )

    def unknown_url(self, path: str) -> Answer:
        return self.error(404, f"Unrecognized request URL ({path}).", type="invalid_request_error")

    def error(self, status: int, message: str, headers: Headers | None = None, **fields: Any) -> Answer:
        """An error envelope: `fields` are type, code, param, …"""
        return self.document(status, {"error": {"message": message, **fields}}, headers)

    def document(self, status: int, value: Any, headers: Headers | None = None) -> Answer:
        request_id = "req_" + token(self._rng, 14)
        own: Headers = [(b"content-type", b"application/json"), (b"request-id", request_id.encode())]
        return Answer(status, [*own, *(headers or [])], msgspec.json.encode(value))
