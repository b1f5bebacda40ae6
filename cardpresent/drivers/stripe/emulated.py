"""What only an emulated Stripe lets the suite do: readers and banks that misbehave, time that moves."""

from types import TracebackType
from typing import Any, Self

import httpx

from cardpresent.drivers.wire import WireError


class EmulatedStripe:
    """The emulator's control paths for one account, over the suite's own port: the key's, or one connected to it."""

    def __init__(self, base: str, key: str, connected: str | None = None) -> None:
        seller = {"Stripe-Account": connected} if connected else {}
        self._http = httpx.Client(
            base_url=base, trust_env=False, timeout=30.0, headers={"Authorization": f"Bearer {key}", **seller}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._http.close()

    def configure(self, country: str, extensions: tuple[str, ...] = ()) -> None:
        self._send("POST", "/_emulator/account", {"country": country, "extensions": list(extensions)})

    def advance_s(self, seconds: int) -> None:
        """Move Stripe's clock, and Stripe's alone."""
        self._send("POST", "/_emulator/clock", {"advance_s": seconds})

    def arm(self, reader: str, fault: str, **params: Any) -> str:
        """Arm a reader or issuer fault; returns its id. Names: cardpresent/emulator/faults."""
        return str(self._send("POST", f"/_emulator/readers/{reader}/faults", {"fault": fault, **params})["id"])

    def release(self, fault_id: str) -> None:
        self._send("DELETE", f"/_emulator/faults/{fault_id}")

    def release_all(self) -> list[dict[str, Any]]:
        faults = list(self._send("GET", "/_emulator/faults")["faults"])
        if faults:
            self._send("DELETE", "/_emulator/faults")
        return faults

    def faults(self) -> list[dict[str, Any]]:
        return list(self._send("GET", "/_emulator/faults")["faults"])

    def add_readers(self, count: int, label: str, location: str) -> None:
        """So many readers more, as by as many registrations."""
        self._send("POST", "/_emulator/readers", {"count": count, "label": label, "location": location})

    def places_mobile_reader(self, location: str) -> str:
        """A mobile reader without a screen, last used at a Location, is switched on beside the till."""
        return str(self._send("POST", "/_emulator/mobile_readers", {"location": location})["id"])

    def hides_readers(self, hidden: bool) -> None:
        """Whether a scan for readers finds none; those that are connected stay so."""
        self._send("POST", "/_emulator/account", {"readers_in_range": not hidden})

    def screen_of(self, reader: str) -> str:
        """What the reader shows: idle, card, tip, processing, … (see the emulator's handbook)."""
        return str(self._send("GET", f"/_emulator/readers/{reader}")["screen"])

    def customer_cancels(self, reader: str) -> None:
        self._send("POST", f"/_emulator/readers/{reader}/customer_cancel", {})

    def inserts_card(self, reader: str, number: str, network: str) -> None:
        """A co-branded card is inserted, and its network, domestic or international, picked on the reader."""
        self._send("POST", f"/_emulator/readers/{reader}/present", {"number": number, "network": network})

    def fidelity(self) -> dict[str, Any]:
        return self._send("GET", "/_emulator/fidelity")

    def _send(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            raise WireError(f"emulator: {method} {path} got no answer ({type(error).__name__})") from error
        if answer.status_code >= 400:
            raise WireError(f"emulator: {method} {path} answered {answer.status_code}: {answer.text[:300]}")
        return dict(answer.json())
