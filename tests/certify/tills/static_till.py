"""A till that no shim gets into, as a static binary is: started with -I -S, it reads no variable of Python's.

`proxies`: it calls api.stripe.com and honours HTTPS_PROXY. `past proxies`: it opens a socket itself; in place of
Stripe's address, which no test may call, stands one at which nobody listens.
"""

import json
import os
import socket
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


def stripe():
    if sys.argv[1] == "proxies":
        urllib.request.urlopen("https://api.stripe.com/v1/terminal/readers", timeout=5)
    else:
        socket.create_connection(("127.0.0.1", 9), timeout=5)


class Till(BaseHTTPRequestHandler):
    """Answers 200 to whatever happened, and leaves a trace of each sale."""

    def do_GET(self):
        try:
            stripe()
            told = {"readers": []}
        except OSError as error:
            told = {"error": str(error)}
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        Path("sold").touch()
        self.do_GET()

    def log_message(self, *given):
        """It keeps no log."""


HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Till).serve_forever()
