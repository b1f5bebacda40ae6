"""A small till on its own port with the habits real ones have: it answers what a test tells it to."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Asked:
    """One request as it arrived. Header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def json(self):
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    body: str | bytes = ""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    promised: int | None = None  # a Content-Length that is never kept: the till dies in the middle of its answer


def says(body: object, status: int = 200, *headers: tuple[str, str]) -> Answer:
    return Answer(json.dumps(body), status, (("Content-Type", "application/json"), *headers))


@dataclass
class OddTill:
    """`answers` maps "POST /pay" to an Answer, or to a function of what was asked; anything else is 404 in HTML."""

    answers: dict[str, Answer | Callable[[Asked], Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def _answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        answer = self.answers.get(f"{asked.method} {asked.path}", Answer("<h1>Not found</h1>", 404))
        return answer(asked) if callable(answer) else answer

    def _handler(self):
        till = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self):
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(length).decode(errors="replace")
                answer = till._answer(Asked(self.command, self.path, headers, body))
                said = answer.body.encode() if isinstance(answer.body, str) else answer.body
                self.send_response(answer.status)
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(answer.promised or len(said)))
                self.end_headers()
                self.wfile.write(said)
                self.close_connection = True

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _any

            def log_message(self, *_):
                pass

        return Handler
