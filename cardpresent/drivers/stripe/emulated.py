"""What only an emulated Stripe lets the suite do: readers and banks that misbehave, time that moves."""

import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from cardpresent.drivers.suite_door import SuiteDoor
from cardpresent.drivers.wire import WireError

Does = TypeVar("Does", bound=Callable[..., Any])


def only_emulated(what: str) -> Callable[[Does], Does]:
    """Say in a few words what a method does that no real Stripe can be made to do: scenarios that need it are known by
    this before they start, and reported with it."""

    def said(method: Does) -> Does:
        method.only_emulated = what  # type: ignore[attr-defined]
        return method

    return said


class EmulatedStripe:
    """The emulator's control paths for one account, over the suite's own port: the key's, or one connected to it."""

    def __init__(self, at: SuiteDoor | str, key: str, connected: str | None = None) -> None:
        door = at if isinstance(at, SuiteDoor) else SuiteDoor(at)
        seller = {"Stripe-Account": connected} if connected else {}
        headers = {"Authorization": f"Bearer {key}", **seller, **door.headers}
        trusted = ssl.create_default_context(cafile=str(door.ca)) if door.ca else True
        self._http = httpx.Client(base_url=door.base, trust_env=False, timeout=30.0, headers=headers, verify=trusted)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._http.close()

    def begins_anew(self) -> None:
        """Forget everything of this account: an emulator that outlives a run keeps what the run made."""
        self._send("POST", "/_emulator/reset", {})

    def configure(self, country: str, extensions: tuple[str, ...] = ()) -> None:
        self._send("POST", "/_emulator/account", {"country": country, "extensions": list(extensions)})

    @only_emulated("time that passes at Stripe")
    def advance_s(self, seconds: int) -> None:
        """Move Stripe's clock, and Stripe's alone."""
        self._send("POST", "/_emulator/clock", {"advance_s": seconds})

    @only_emulated("a reader or a bank that misbehaves")
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

    @only_emulated("a hundred readers at once")
    def add_readers(self, count: int, label: str, location: str) -> None:
        """So many readers more, as by as many registrations."""
        self._send("POST", "/_emulator/readers", {"count": count, "label": label, "location": location})

    @only_emulated("a mobile reader beside an app")
    def places_mobile_reader(self, location: str) -> str:
        """A mobile reader without a screen, last used at a Location, is switched on beside the till."""
        return str(self._send("POST", "/_emulator/mobile_readers", {"location": location})["id"])

    @only_emulated("readers that are out of range")
    def hides_readers(self, hidden: bool) -> None:
        """Whether a scan for readers finds none; those that are connected stay so."""
        self._send("POST", "/_emulator/account", {"readers_in_range": not hidden})

    @only_emulated("the screen of a reader")
    def screen_of(self, reader: str) -> str:
        """What the reader shows: idle, card, tip, processing, … (see the emulator's handbook)."""
        return str(self._send("GET", f"/_emulator/readers/{reader}")["screen"])

    def cart_on(self, reader: str) -> dict[str, Any] | None:
        """The cart that an app or a page has the reader show: {"line_items", "tax", "total", "currency"}."""
        shown = self._send("GET", f"/_emulator/readers/{reader}")
        return dict(shown["cart"]) if shown["screen"] == "cart" and shown["cart"] else None

    @only_emulated("a customer who presses cancel on the reader")
    def customer_cancels(self, reader: str) -> None:
        self._send("POST", f"/_emulator/readers/{reader}/customer_cancel", {})

    @only_emulated("a co-branded card whose network is picked on the reader")
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
