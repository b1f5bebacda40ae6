"""The customer's hand at a reader, on the client that Locust itself uses: under load, it must cost next to nothing."""

import ssl
from collections.abc import Mapping
from typing import Any

import msgspec
from geventhttpclient import HTTPClient

from cardpresent.drivers.suite_door import SuiteDoor

AT_ONCE = 1_000


class Hand:
    """Presents cards at the emulated readers of one account, through the suite's own door."""

    def __init__(self, door: SuiteDoor, key: str, account: str = "") -> None:
        seller = {"Stripe-Account": account} if account else {}
        self._headers = {
            "Authorization": f"Bearer {key}", "Content-Type": "application/json", **seller, **door.headers,
        }  # fmt: skip
        trusted: dict[str, Any] = {}
        if door.ca:
            trusted["ssl_context_factory"] = lambda: ssl.create_default_context(cafile=str(door.ca))
        self._http = HTTPClient.from_url(
            door.base, concurrency=AT_ONCE, connection_timeout=30.0, network_timeout=30.0, **trusted
        )

    def presents(self, reader: str, number: str, tip: int | None) -> bool:
        """Present a card, with a tip picked before in minor units; False where the reader asks for none."""
        order: dict[str, Any] = {"number": number, **({} if tip is None else {"amount_tip": tip})}
        path = f"/_emulator/readers/{reader}/present"
        answer = self._http.post(path, body=msgspec.json.encode(order), headers=self._headers)
        answer.read()
        return bool(answer.status_code < 400)

    def asked(self, reader: str) -> Mapping[str, Any] | None:
        """What the reader asks somebody to pay now: {"payment_intent", "amount", …}; None where it asks nobody."""
        shown = msgspec.json.decode(self._http.get(f"/_emulator/readers/{reader}", headers=self._headers).read())
        payment: Mapping[str, Any] | None = shown.get("payment")
        return payment if shown.get("screen") in {"card", "tip"} else None

    def close(self) -> None:
        self._http.close()
