"""The link to the readers in range, which is not the line to Stripe: what a device can ask of the reader beside it."""

import json
from typing import Any

import httpx

from cardpresent.sdk.objects import Reader, ReaderUpdate

JsonObject = dict[str, Any]


class LinkLost(Exception):
    """The reader does not answer, or does not know this device any more."""


class ReaderRefused(Exception):
    """The reader answered, and will not. `error`: taken, busy, no_card, battery_low."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error


class ReaderLine:
    """All readers in range, and the hold on one of them."""

    def __init__(self, base: str, device: str) -> None:
        self._http = httpx.Client(base_url=base.rstrip("/"), trust_env=False, timeout=5.0)
        self._device = device

    def nearby(self, location: str | None) -> list[Reader]:
        try:
            answer = self._http.get("/_reader/nearby", params={"location": location} if location else {})
            return [_reader(found) for found in answer.json()["readers"]]
        except (httpx.HTTPError, json.JSONDecodeError, KeyError):
            return []

    def connect(self, reader: str) -> "Link":
        """Raises LinkLost where it is out of range, ReaderRefused where another device has it."""
        answer = self.ask("POST", reader, "connect", {"device": self._device})
        return Link(self, answer["link"], _reader(answer["reader"]))

    def ask(self, method: str, reader: str, what: str, order: JsonObject) -> JsonObject:
        given: dict[str, Any] = {"params": order} if method == "GET" else {"json": order}
        try:
            response = self._http.request(method, f"/_reader/{reader}/{what}", **given)
            answer: JsonObject = response.json()
        except (httpx.HTTPError, json.JSONDecodeError) as lost:
            raise LinkLost(type(lost).__name__) from lost
        if response.status_code in (404, 410):
            raise LinkLost(str(answer.get("message")))
        if response.status_code >= 400:
            raise ReaderRefused(str(answer.get("error")), str(answer.get("message")))
        return answer

    def close(self) -> None:
        self._http.close()


class Link:
    """One device's hold on one reader. Every call raises LinkLost once that is gone."""

    def __init__(self, line: ReaderLine, id: str, reader: Reader) -> None:
        self._line, self._id, self.reader = line, id, reader

    def state(self) -> JsonObject | None:
        """{"state": waiting | read | canceled | failed | gone, "read"?} of the prompt, None without one."""
        prompt: JsonObject | None = self._line.ask("GET", self.reader.id, "state", {"link": self._id})["prompt"]
        return prompt

    def collect(self, amount: int, currency: str, types: tuple[str, ...], **asked: bool) -> None:
        order = {"link": self._id, "amount": amount, "currency": currency, "types": list(types), **asked}
        self._line.ask("POST", self.reader.id, "collect", order)

    def cancel(self) -> None:
        self._post("cancel")

    def finish(self, read: str, *, stored: bool) -> None:
        self._post("finish", read=read, stored=stored)

    def update(self, *, cancel: bool = False) -> float | None:
        """Begins, goes on with or breaks off an update; how far it is, from 0 to 1."""
        answer = self._line.ask("POST", self.reader.id, "update", {"link": self._id, "cancel": cancel})
        progress: float | None = answer["progress"]
        return progress

    def disconnect(self) -> None:
        self._post("disconnect")

    def _post(self, what: str, **order: Any) -> None:
        self._line.ask("POST", self.reader.id, what, {"link": self._id, **order})


def _reader(told: JsonObject) -> Reader:
    waiting = told["update"]
    update = waiting and ReaderUpdate(waiting["version"], waiting["required"], waiting["duration_s"])
    return Reader(
        told["id"], told["device_type"], told["serial_number"], told["label"], told["location"],
        told["battery_percent"], update,
    )
