"""The shop's server, as far as this app needs one: it alone holds the secret key, mints tokens and collects money.

A real app asks its server for this over the network; here both live in one process, and are cut off together.
"""

import base64
import http.client
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from cardpresent.reference_pos.log import Log

from .settings import Settings

ATTEMPTS: Final = 3
PAUSE_S: Final = 0.05


class Trouble(Exception):
    """A call did not end well. `code` is Stripe's code, or the till's own word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Refused(Trouble):
    """Stripe said no. Nothing happened."""


class Lost(Trouble):
    """No answer, or none that says what happened: it may have been done."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What the app needs of a PaymentIntent. Amounts in minor units."""

    id: str
    status: str
    amount: int
    capturable: int
    received: int
    sale: str | None
    client_secret: str


class Backend:
    """Calls Stripe with the secret key. Every repetition of a call carries the key of the first."""

    def __init__(self, settings: Settings, log: Log) -> None:
        self._settings, self._log = settings, log
        base = urlsplit(settings.stripe_api_base)
        self._host, self._tls = base.netloc, base.scheme == "https"
        self._authorization = "Basic " + base64.b64encode(f"{settings.stripe_secret_key}:".encode()).decode()

    def connection_token(self) -> str:
        """A new token for every call, good for this shop's Location only, and never kept anywhere."""
        location = {"location": self._settings.location} if self._settings.location else {}
        return str(self._call("POST", "/v1/terminal/connection_tokens", location, f"token:{uuid.uuid4()}")["secret"])

    def readers(self) -> list[dict[str, Any]]:
        return list(self._call("GET", "/v1/terminal/readers?limit=100")["data"])

    def read(self, intent: str) -> Intent:
        return _intent(self._call("GET", f"/v1/payment_intents/{intent}"))

    def capture(self, intent: str, sale: str) -> Intent:
        """Collect all that is held. The key is the sale's, so however often it is repeated, it is done once."""
        return _intent(self._call("POST", f"/v1/payment_intents/{intent}/capture", {}, f"capture:{sale}:{intent}"))

    def cancel(self, intent: str) -> None:
        self._call("POST", f"/v1/payment_intents/{intent}/cancel", {}, f"cancel:{intent}")

    def give_back(self, intent: str) -> None:
        self._call("POST", "/v1/refunds", {"payment_intent": intent}, f"give_back:{intent}")

    def of_sale(self, sale: str) -> list[Intent]:
        """Every PaymentIntent that carries the sale's own id, among the newest hundred."""
        found = [_intent(one) for one in self._call("GET", "/v1/payment_intents?limit=100")["data"]]
        return [intent for intent in found if intent.sale == sale]

    def _call(self, method: str, path: str, params: dict[str, str] | None = None, key: str | None = None) -> Any:
        """Raises Refused or Lost."""
        lost = Lost("not_sent")
        for number in range(1, ATTEMPTS + 1):
            try:
                return self._send(method, path, params, key)
            except (OSError, http.client.HTTPException) as error:
                lost = Lost(type(error).__name__)
            except Lost as trouble:
                lost = trouble
            self._log.line("stripe_error", operation=path.split("?", maxsplit=1)[0].rsplit("/", 1)[-1], code=lost.code,
                           attempt=number)
            time.sleep(PAUSE_S * number)
        raise lost

    def _send(self, method: str, path: str, params: dict[str, str] | None, key: str | None) -> Any:
        kind = http.client.HTTPSConnection if self._tls else http.client.HTTPConnection
        connection = kind(self._host, timeout=self._settings.stripe_timeout_s)
        headers = {"Authorization": self._authorization, "Content-Type": "application/x-www-form-urlencoded"}
        if key:
            headers["Idempotency-Key"] = key
        try:
            connection.request(method, path, urlencode(params) if params is not None else None, headers)
            answer = connection.getresponse()
            body = json.loads(answer.read() or b"{}")
        except ValueError:
            raise Lost("no_json") from None
        finally:
            connection.close()
        if answer.status < 400:
            return body
        code = str((body.get("error") or {}).get("code") or answer.status)
        if answer.status >= 500 or answer.status in (409, 429):
            raise Lost(code)
        raise Refused(code)


def _intent(body: dict[str, Any]) -> Intent:
    return Intent(
        id=str(body["id"]), status=str(body["status"]), amount=int(body["amount"]),
        capturable=int(body.get("amount_capturable") or 0), received=int(body.get("amount_received") or 0),
        sale=(body.get("metadata") or {}).get("sale"), client_secret=str(body.get("client_secret") or ""),
    )
