"""The local Stripe of a developer's desk: started, its first reader set up, ended."""

import hashlib
import os
import queue
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from cardpresent.launch.announcement import announced
from cardpresent.launch.guard import Guard
from cardpresent.launch.process import Child

LOCATION: Final = {
    "display_name": "Desk", "address[line1]": "1 Main St", "address[city]": "Portland", "address[state]": "ME",
    "address[postal_code]": "04101", "address[country]": "US",
}  # fmt: skip
READER: Final = {"registration_code": "simulated-wpe", "label": "desk"}


class DeskUnusable(Exception):
    """It could not be started as asked: what, and what to do."""


class Desk:
    """`cardpresent emulate` as a child, with its `options`. `key`: the till's."""

    def __init__(self, options: Sequence[str], key: str, guard: Guard) -> None:
        lines: queue.Queue[str] = queue.Queue()
        command = [sys.executable, "-m", "cardpresent.gateway.desk", *options]
        self._child = Child(command, env=os.environ, cwd=Path.cwd(), on_line=lines.put, guard=guard)
        try:
            told = self._first_line(lines)
            self.url: str = told["url"]
            self.forward_secret: str | None = told["forward_secret"]
            self._print = hashlib.sha256(key.encode()).hexdigest()[:12]
            self._http = httpx.Client(base_url=self.url, auth=(key, ""), trust_env=False, timeout=10.0)
            self.reader = self._first_reader()
            self._ours = self._calls()
        except BaseException:
            self._child.end()
            raise

    def end(self) -> None:
        self._http.close()
        self._child.end()

    @property
    def alive(self) -> bool:
        return self._child.returncode() is None

    def calls(self) -> int:
        """How many calls came with the till's key, beside our own at the start."""
        return self._calls() - self._ours

    def _calls(self) -> int:
        seen = self._http.get("/_gateway/redirection").raise_for_status().json()
        return int(seen["requests_by_key"].get(self._print, 0))

    def _first_reader(self) -> str:
        """The reader that is there already, where a state was kept; else a new one at a Location of its own."""
        readers = self._stripe("GET", "/v1/terminal/readers")["data"]
        if readers:
            return str(readers[0]["id"])
        location = self._stripe("POST", "/v1/terminal/locations", LOCATION)["id"]
        return str(self._stripe("POST", "/v1/terminal/readers", {**READER, "location": location})["id"])

    def _stripe(self, method: str, path: str, form: dict[str, str] | None = None) -> Any:
        answer = self._http.request(method, path, data=form)
        if answer.is_error:
            message = answer.json()["error"]["message"]
            raise DeskUnusable(f"the local Stripe refused to be set up: {message}")
        return answer.json()

    def _first_line(self, lines: "queue.Queue[str]") -> dict[str, Any]:
        told, said = announced(self._child, lines)
        if told is not None:
            return told
        # What it refuses to do it says in one sentence of its own.
        words = said[-1].removeprefix("cardpresent: ") if said else "the local Stripe did not start; try again"
        raise DeskUnusable(words)
