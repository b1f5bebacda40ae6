"""What the small tills have in common: a server on $PORT, and raw calls to Stripe."""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode
from urllib.request import Request, urlopen

BASE = os.environ["STRIPE_API_BASE"]
KEY = os.environ["STRIPE_SECRET_KEY"]


def stripe(method, path, **params):
    """Stripe's answer; a refusal is {"error": …}, as it came."""
    data = urlencode(params).encode() if method == "POST" else None
    request = Request(BASE + path, data=data, method=method, headers={"Authorization": f"Bearer {KEY}"})
    try:
        with urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except HTTPError as refusal:
        return json.load(refusal)


def readers():
    return stripe("GET", "/v1/terminal/readers")["data"]


def new_payment(amount, capture="automatic", currency="usd"):
    return stripe("POST", "/v1/payment_intents", amount=amount, currency=currency, capture_method=capture,
                  **{"payment_method_types[]": "card_present"})


def process(payment, reader):
    return stripe("POST", f"/v1/terminal/readers/{reader}/process_payment_intent", payment_intent=payment)


def state(payment):
    """waiting, authorized, paid, declined or canceled, and Stripe's own word for it."""
    found = stripe("GET", f"/v1/payment_intents/{payment}")
    words = {"succeeded": "paid", "requires_capture": "authorized", "canceled": "canceled"}
    failed = found.get("last_payment_error") or {}
    if found["status"] == "requires_payment_method" and failed:
        return "declined", failed["code"]
    return words.get(found["status"], "waiting"), found["status"]


class Till(BaseHTTPRequestHandler):
    """`routes` maps "POST /pay" to a function of (handler, form or JSON body), the first word of a path to `*`."""

    protocol_version = "HTTP/1.1"
    routes: ClassVar = {}

    def _any(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        kind = self.headers.get("Content-Type", "")
        try:
            body = json.loads(raw) if "json" in kind else {k: v[0] for k, v in parse_qs(raw).items()}
        except ValueError:
            body = {}
        parts = self.path.strip("/").split("/")
        for name in (f"{self.command} {self.path}", f"{self.command} /{parts[0]}/*" + "/".join(["", *parts[2:]])):
            if name in self.routes:
                try:
                    return self.routes[name](self, body)
                except (KeyError, TypeError, AttributeError) as error:
                    return self.json({"error": f"bad request: {error}"}, 400)
        return self.json({"error": "not found"}, 404)

    do_GET = do_POST = _any

    @property
    def named(self):
        """What the path names: the 17 of /sales/17/cancel."""
        return self.path.strip("/").split("/")[1]

    def json(self, body, status=200):
        self.send(json.dumps(body).encode(), status, ("Content-Type", "application/json"))

    def send(self, content, status=200, *headers):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format, *args):
        sys.stdout.write(f"{format % args}\n")
        sys.stdout.flush()


def open_shop(routes):
    Till.routes = routes
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Till)
    server.daemon_threads = True
    server.serve_forever()
