"""What stands between a guest and its upstream in tests: a proxy that limits, delays, loses and tampers on request."""

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests

PASSED_ON = ("authorization", "content-type", "idempotency-key", "stripe-version")
HANDED_BACK = ("idempotent-replayed", "stripe-version", "x-emulator", "stripe-should-retry")
LIMITED = {"error": {"code": "rate_limit", "type": "invalid_request_error", "message": "Too many requests."}}


class Heard(NamedTuple):
    """One request that was passed on, and what the upstream answered."""

    method: str
    target: str
    key: str
    status: int
    answer: Any

    @property
    def path(self) -> str:
        return urlsplit(self.target).path


Change = Callable[[Heard], tuple[int, Any] | None]


class Between:
    """`change` answers otherwise, `lost` says which answer never arrives; 429 above `per_second`, and `every_nth`."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.heard: list[Heard] = []
        self.limited = 0
        self.per_second = 0
        self.every_nth = 0
        self.should_retry = ""
        self.change: Change = lambda heard: None
        self.lost: Callable[[Heard], bool] = lambda heard: False
        self._asked = 0
        self._times: deque[float] = deque()
        self._session = requests.Session()
        self._session.trust_env = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"between": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._session.close()

    def is_too_much(self) -> bool:
        now = time.monotonic()
        while self._times and now - self._times[0] > 1:
            self._times.popleft()
        self._asked += 1
        too_soon = self.per_second and len(self._times) >= self.per_second
        if too_soon or (self.every_nth and self._asked % self.every_nth == 0):
            self.limited += 1
            return True
        self._times.append(now)
        return False

    def pass_on(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> tuple[Heard, dict[str, str]]:
        reply = self._session.request(method, self.upstream + target, data=body or None, headers=headers, timeout=10)
        heard = Heard(method, target, headers.get("idempotency-key", ""), reply.status_code, reply.json())
        self.heard.append(heard)
        return heard, {name: reply.headers[name] for name in HANDED_BACK if name in reply.headers}


class _Handler(BaseHTTPRequestHandler):
    between: Between
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # an answer in one piece: in two, the second waits for a late acknowledgement

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.between.is_too_much():
            hint = {"Stripe-Should-Retry": self.between.should_retry} if self.between.should_retry else {}
            self._say(429, LIMITED, {"Stripe-Rate-Limited-Reason": "endpoint-rate", **hint})
            return
        sent = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
        heard, headers = self.between.pass_on(self.command, self.path, body, sent)
        if self.between.lost(heard):
            self.close_connection = True
            return
        self._say(*(self.between.change(heard) or (heard.status, heard.answer)), headers)

    do_GET = do_POST = do_DELETE = _answer  # the names that http.server asks for

    def _say(self, status: int, answer: Any, headers: dict[str, str]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing: a test speaks when it fails."""
