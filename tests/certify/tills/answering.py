"""The HTTP side that small tills have in common: JSON out, and nothing on standard error."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answering(BaseHTTPRequestHandler):
    """What comes in is each till's own."""

    def answer(self, status: int, told: object) -> None:
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...


def serve(answers: type[Answering]) -> None:
    """On the port of the environment, until the process is ended."""
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), answers).serve_forever()
