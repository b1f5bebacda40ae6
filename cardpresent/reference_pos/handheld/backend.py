"""The shop's server, as far as this app needs one: it alone holds the secret key, mints tokens and collects money.

A real app asks its server for this over the network; here both live in one process, and are cut off together.
"""

import uuid
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import urllib3
from urllib3.util import Retry

from cardpresent.reference_pos.log import Log

from .settings import Settings

# What leaves it open whether anything was done. Such a call is repeated, as is one that got no answer.
UNDECIDED: Final = frozenset({409, 429, 500, 502, 503, 504})
AGAIN: Final = Retry(
    total=2, backoff_factor=0.05, status_forcelist=UNDECIDED, allowed_methods=None, raise_on_status=False,
    respect_retry_after_header=False,
)  # fmt: skip


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
        self._base = settings.stripe_api_base
        self._own = urllib3.make_headers(basic_auth=f"{settings.stripe_secret_key}:")
        self._http = urllib3.PoolManager(retries=AGAIN, timeout=settings.stripe_timeout_s)

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
        headers = {"Content-Type": "application/x-www-form-urlencoded", **({"Idempotency-Key": key} if key else {})}
        body = urlencode(params) if params is not None else None
        try:
            answer = self._http.request(method, self._base + path, body=body, headers=self._own | headers)
            told = answer.json() if answer.data else {}
        except urllib3.exceptions.HTTPError as error:
            raise self._noted(path, Lost(type(error).__name__)) from None
        except ValueError:
            raise self._noted(path, Lost("no_json")) from None
        if answer.status < 400:
            return told
        code = str((told.get("error") or {}).get("code") or answer.status)
        undecided = answer.status >= 500 or answer.status in UNDECIDED
        raise self._noted(path, Lost(code) if undecided else Refused(code))

    def _noted(self, path: str, trouble: Trouble) -> Trouble:
        operation = path.split("?", maxsplit=1)[0].rsplit("/", 1)[-1]
        self._log.line("stripe_error", operation=operation, code=trouble.code)
        return trouble


def _intent(body: dict[str, Any]) -> Intent:
    return Intent(
        id=str(body["id"]), status=str(body["status"]), amount=int(body["amount"]),
        capturable=int(body.get("amount_capturable") or 0), received=int(body.get("amount_received") or 0),
        sale=(body.get("metadata") or {}).get("sale"), client_secret=str(body.get("client_secret") or ""),
    )
