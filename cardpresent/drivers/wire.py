"""The suite's hand on the wire: the gateway's control port, spoken to over HTTP."""

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import msgspec
import urllib3

from cardpresent.drivers.suite_door import SuiteDoor
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Actor, Entry, Kind
from cardpresent.model.entry import Wire as WireName

# Every object is a call of its own, and Stripe takes only so many a second.
CLEANED_WITHIN_S = 120.0
# Entries asked for at once. The gateway reads them while the till waits.
PAGE = 1000
SAID_CHARS = 300
_ENTRIES = msgspec.json.Decoder(list[Entry])


class WireError(RuntimeError):
    """The gateway refused or did not answer: a fault of the harness, never of the till."""


class _Page(msgspec.Struct):
    entries: list[Entry]
    last: int
    newest: int


class _RawPage(msgspec.Struct):
    entries: list[msgspec.Raw]
    last: int
    newest: int


class Wire:
    """Records what the suite does, arms faults, stages deliveries and follows the journal, from entry `after` on."""

    def __init__(self, at: SuiteDoor | str, after: int = 0) -> None:
        door = at if isinstance(at, SuiteDoor) else SuiteDoor(at)
        self.base = door.base
        # One address, thousands of small calls: nothing between the call and its connection.
        self._http = urllib3.connection_from_url(
            door.base, maxsize=4, timeout=30.0, retries=False, headers=door.headers,
            **({"ca_certs": str(door.ca)} if door.ca else {}),
        )  # fmt: skip
        self.journal = Journal(after=after)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._http.close()

    def follow(self, wait_ms: int = 0) -> Journal:
        """Bring the local journal up to date; with `wait_ms`, wait that long for something new. Returns what is new.

        Up to date is what stood there when it was first asked: a busy till writes on meanwhile.
        """
        fresh = Journal()
        newest: int | None = None
        while True:
            asked = {"after": self.journal.last_n, "limit": PAGE, "wait_ms": wait_ms}
            page = msgspec.json.decode(self._send("GET", "/_gateway/journal", asked).data, type=_Page)
            self.journal.add(page.entries)
            fresh.add(page.entries)
            newest = page.newest if newest is None else newest
            if not page.entries or page.last >= newest:
                return fresh
            wait_ms = 0

    def epoch(self, scenario: str | None) -> None:
        self._send("POST", "/_gateway/epoch", json={"scenario": scenario})

    def note(
        self,
        kind: Kind,
        data: Mapping[str, Any],
        *,
        sale: str | None = None,
        wire: WireName = "none",
        actor: Actor = "suite",
    ) -> None:
        """Write one entry of the suite's own into the journal."""
        self.note_all([{"kind": kind, "wire": wire, "actor": actor, "sale": sale, "data": dict(data)}])

    def note_all(self, entries: Sequence[Mapping[str, Any]]) -> None:
        if entries:
            self._send("POST", "/_gateway/entries", json={"entries": list(entries)})

    def quiet(self, quiet_ms: int, timeout_ms: int) -> bool:
        """Wait until the till asks nothing and is sent nothing for `quiet_ms`; False at the time-out."""
        answer = self._send("GET", "/_gateway/quiet", {"quiet_ms": quiet_ms, "timeout_ms": timeout_ms})
        return bool(answer.json()["quiet"])

    def hears_news(self, timeout_ms: int) -> bool:
        """Wait until Stripe has told all that happened there so far: an emulated one does so at once."""
        return bool(self._send("GET", "/_gateway/news", {"timeout_ms": timeout_ms}).json()["heard"])

    def deliveries_due(self) -> int:
        """How many webhooks are on their way to the till or wait for their turn."""
        answer = self._send("GET", "/_gateway/quiet", {"quiet_ms": 0, "timeout_ms": 0})
        return int(answer.json()["deliveries_due"])

    def arm(self, fault: str, operation: str | None = None, **params: Any) -> str:
        """Arm a fault on the till's wire; returns its id. Names and parameters: cardpresent/gateway/faults."""
        answer = self._send("POST", "/_gateway/faults", json={"fault": fault, "operation": operation, **params})
        return str(answer.json()["id"])

    def release(self, fault_id: str) -> dict[str, Any]:
        return dict(self._send("DELETE", f"/_gateway/faults/{fault_id}").json())

    def release_all(self) -> list[dict[str, Any]]:
        """Release every fault, make every withheld delivery; returns each fault with how often it fired."""
        return list(self._send("DELETE", "/_gateway/faults").json()["faults"])

    def faults(self) -> list[dict[str, Any]]:
        return list(self._send("GET", "/_gateway/faults").json()["faults"])

    def add_endpoint(
        self, url: str, secret: str, account_key: str, types: Sequence[str] = ("*",), old_secret: str | None = None,
        *, connect: bool = False,
    ) -> str:  # fmt: skip
        """Have events delivered to `url`; `old_secret` is one that was rolled, for deliveries with two signatures.

        `connect`: those of the accounts connected to the key's own, instead of its own.
        """
        body = {
            "url": url, "secret": secret, "old_secret": old_secret, "types": list(types), "account_key": account_key,
            "connect": connect,
        }  # fmt: skip
        return str(self._send("POST", "/_gateway/endpoints", json=body).json()["id"])

    def deliver(self, endpoint: str, event: Mapping[str, Any], signing: str, **params: Any) -> dict[str, Any]:
        """Send one staged delivery and return {status, error, answer}."""
        body = {"endpoint": endpoint, "event": dict(event), "signing": signing, **params}
        return dict(self._send("POST", "/_gateway/deliver", json=body).json())

    def about(self) -> dict[str, Any]:
        """Which Stripe is behind the gateway, and what its process has used: {"venue": "emulator" or "test",
        "journal": n, "cpu_s": CPU seconds since it began, an emulator's among them, …}."""
        return self._document("GET", "/_gateway/about")

    def begin_run(self, run: str, secrets: Sequence[str]) -> dict[str, Any]:
        """Have a gateway that outlives its runs to itself; its `about`. Raises WireError where another run has it."""
        return self._document("POST", "/_gateway/runs", {"run": run, "secrets": list(secrets)})

    def end_run(self, run: str) -> None:
        self._send("DELETE", f"/_gateway/runs/{run}")

    def clean_up(self) -> dict[str, Any]:
        """Have taken back what the run made at Stripe: {"cleaned": [{"id", "did"}], "left": [{"id", "why"}]}."""
        return dict(self._send("POST", "/_gateway/cleanup", within_s=CLEANED_WITHIN_S).json())

    def lines(self, after: int) -> Iterator[bytes]:
        """The journal's own lines from entry `after` on, as far as it went when it was first asked; one page at a time
        is in memory."""
        newest: int | None = None
        while newest is None or after < newest:
            asked = {"after": after, "limit": PAGE}
            page = msgspec.json.decode(self._send("GET", "/_gateway/journal", asked).data, type=_RawPage)
            yield from (bytes(line) for line in page.entries)
            after, newest = page.last, page.newest if newest is None else newest

    def redirection(self) -> dict[str, Any]:
        return dict(self._send("GET", "/_gateway/redirection").json())

    def _document(self, method: str, path: str, json: Any = None) -> dict[str, Any]:
        """What is answered by whatever stands at an address that somebody wrote into a file: that may be anything."""
        try:
            return dict(self._send(method, path, json=json).json())
        except (ValueError, TypeError):
            raise WireError(f"gateway at {self.base}: {method} {path} was not answered as a gateway does") from None

    def _send(
        self, method: str, path: str, params: Mapping[str, Any] | None = None, json: Any = None,
        within_s: float = 30.0,
    ) -> urllib3.BaseHTTPResponse:  # fmt: skip
        url = f"{path}?{urlencode(params)}" if params else path
        try:
            answer = self._http.request(method, url, json=json, timeout=within_s)
        except urllib3.exceptions.HTTPError as error:
            raise WireError(
                f"gateway at {self.base}: {method} {path} got no answer ({type(error).__name__})"
            ) from error
        if answer.status >= 300:
            said = " ".join(answer.data.decode("utf-8", "replace").split())
            raise WireError(f"gateway: {method} {path} answered {answer.status}: {said[:SAID_CHARS]}")
        return answer
