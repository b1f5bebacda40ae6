"""Stripe's error answers. Errors with a fixed wording live here, so that they can be read as a set.

    StripeError            one error answer: HTTP status, the fields of `error`, headers
    ├─ made by invalid()   400 invalid_request_error, from parameters or wrong states
    ├─ made by missing()   404 / 400 resource_missing
    └─ made by declined()  402 card_error
"""

from typing import Any, Final

from cardpresent.emulator.fidelity import API, GUIDE, declare

JsonObject = dict[str, Any]

_DOCS: Final = "https://docs.stripe.com/error-codes#"


class StripeError(Exception):
    """An answer that is not 200.

    `fields` are the keys of `error` without `doc_url`; `kept` says whether the answer is stored under the
    request's idempotency key (what fails before the operation starts is not).
    """

    def __init__(
        self,
        status: int,
        fields: JsonObject,
        *,
        kept: bool = True,
        headers: tuple[tuple[bytes, bytes], ...] = (),
        log_url: bool = False,
    ) -> None:
        super().__init__(str(fields.get("message", "")))
        self.status, self.fields, self.kept, self.headers, self.log_url = status, fields, kept, headers, log_url

    @property
    def told(self) -> str:
        """The code, or the type where there is none."""
        return str(self.fields.get("code", self.fields["type"]))

    def error(self) -> JsonObject:
        """The content of `error`, keys in Stripe's (alphabetical) order."""
        fields = dict(self.fields)
        if "code" in fields:
            fields["doc_url"] = doc_url(fields["code"])
        return dict(sorted(fields.items()))


def doc_url(code: str) -> str:
    return _DOCS + code.replace("_", "-")


def invalid(
    message: str, *, code: str | None = None, param: str | None = None, kept: bool = False, log_url: bool = True,
    objects: JsonObject | None = None,
) -> StripeError:
    """400 invalid_request_error. `objects` are whole Stripe objects shown inside the error."""
    fields: JsonObject = {"message": message, "type": "invalid_request_error"}
    if code is not None:
        fields["code"] = code
    if param is not None:
        fields["param"] = param
    fields.update(objects or {})
    return StripeError(400, fields, kept=kept, log_url=log_url)


def too_large(most: int) -> StripeError:
    message = f"emulator: this body has more than the {most:,} bytes that are taken."
    return StripeError(413, {"message": message, "type": "invalid_request_error"}, kept=False)


def not_emulated(message: str, *, status: int = 400, param: str | None = None) -> StripeError:
    """Something Stripe may well do and this emulator does not: refused loudly, never ignored."""
    fields: JsonObject = {"message": f"emulator: {message}", "type": "invalid_request_error"}
    if param is not None:
        fields["param"] = param
    return StripeError(status, fields, kept=False, headers=((b"x-emulator", b"not-emulated"),))


declare(
    "errors.resource_missing", "observed", "https://github.com/stripe/stripe-ios/issues/4531",
    "An unknown id in the URL answers 404 resource_missing with the path parameter's name in param.",
)
declare(
    "errors.resource_missing_in_parameter", "assumed", "",
    "An unknown id in a parameter answers 400 resource_missing naming the parameter.",
)


def missing(noun: str, id: str, param: str, *, in_url: bool = True) -> StripeError:
    """resource_missing: 404 for an id in the URL, 400 for one in a parameter."""
    fields = {
        "code": "resource_missing", "message": f"No such {noun}: '{id}'",
        "param": param, "type": "invalid_request_error",
    }
    return StripeError(404 if in_url else 400, fields, kept=False)


declare(
    "reader.errors.body", "documented", GUIDE,
    "terminal_reader_* and intent_invalid_state carry exactly code, doc_url, message and type.",
)
declare(
    "reader.errors.status", "observed", "https://github.com/wcpos/stripe-terminal-for-woocommerce/issues/22",
    "terminal_reader_timeout is HTTP 400.",
)
declare(
    "reader.errors.status_of_others", "assumed", GUIDE,
    "terminal_reader_busy, terminal_reader_offline and intent_invalid_state are HTTP 400 as their type suggests.",
)


def reader_busy() -> StripeError:
    return _reader("terminal_reader_busy", "Reader is currently busy processing another request.")


def reader_offline() -> StripeError:
    return _reader("terminal_reader_offline", "Reader is currently offline; check its power and its network.")


def reader_timeout() -> StripeError:
    return _reader("terminal_reader_timeout", "There was a timeout when sending this command to the reader.")


def invalid_location_for_payment() -> StripeError:
    return _reader(
        "terminal_reader_invalid_location_for_payment",
        "This reader cannot take payments where it is registered; register it to a Location in the account's country.",
    )


def reader_hardware_fault() -> StripeError:
    return _reader("terminal_reader_hardware_fault", "This reader has a permanent fault and must be replaced.")


def intent_invalid_state(noun: str = "PaymentIntent") -> StripeError:
    return _reader(
        "intent_invalid_state", f"The {noun} must be in the requires_payment_method state to be processed."
    )


def _reader(code: str, message: str) -> StripeError:
    return StripeError(400, {"code": code, "message": message, "type": "invalid_request_error"})


def unauthorized(message: str) -> StripeError:
    return StripeError(
        401, {"message": message, "type": "invalid_request_error"}, kept=False,
        headers=((b"www-authenticate", b'Basic realm="Stripe"'),),
    )


declare(
    "errors.lock_timeout", "documented", "https://docs.stripe.com/rate-limits",
    "An object that another request is using answers 429 lock_timeout, to be retried.",
)
declare(
    "errors.lock_while_authorizing", "assumed", "https://docs.stripe.com/rate-limits",
    "A PaymentIntent is in use while an issuer is being asked about it: calls that change it answer lock_timeout.",
)


def lock_timeout() -> StripeError:
    fields = {
        "code": "lock_timeout", "type": "invalid_request_error",
        "message": "This object cannot be accessed right now because another Stripe process is accessing it.",
    }
    return StripeError(429, fields, kept=False, headers=((b"stripe-should-retry", b"true"),))


def rate_limited(reason: str, code: str = "rate_limit") -> StripeError:
    """429 for too many requests; `reason` as Stripe-Rate-Limited-Reason says it."""
    fields = {
        "code": code, "type": "invalid_request_error",
        "message": "Request rate limit exceeded. Send fewer requests at once, and try again after a while.",
    }
    return StripeError(429, fields, kept=False, headers=((b"stripe-rate-limited-reason", reason.encode()),))


declare(
    "idempotency.mismatch", "documented", f"{API}/idempotent_requests",
    "A key used again with other parameters answers 400 idempotency_error.",
)
declare(
    "idempotency.in_flight", "documented", "https://docs.stripe.com/error-low-level",
    "A key whose first request still runs answers 409 idempotency_key_in_use.",
)
declare("idempotency.in_flight_type", "assumed", "", "The type of that error is idempotency_error; sources disagree.")


def idempotency_mismatch(key: str) -> StripeError:
    fields = {
        "type": "idempotency_error",
        "message": "Keys for idempotent requests can only be used with the same parameters they were first used "
        f"with. Try using a key other than '{key}' if you meant to execute a different request.",
    }
    return StripeError(400, fields, kept=False)


def idempotency_in_flight(key: str) -> StripeError:
    fields = {
        "type": "idempotency_error", "code": "idempotency_key_in_use",
        "message": f"There is currently another in-progress request using this Idempotent Key: {key}.",
    }
    return StripeError(409, fields, kept=False)
