"""Every call to Stripe this till makes, and the three ways one can end: answered, refused, or not known."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import stripe

from . import platform
from .log import Log
from .sale import Sale
from .settings import Settings
from .terms import Terms

T = TypeVar("T")
S = TypeVar("S", bound=stripe.StripeObject)

# Single-message networks take the money at once; asking them for a manual capture is refused.
# https://docs.stripe.com/terminal/payments/regional (documented)
SINGLE_MESSAGE_CURRENCIES = {"cad", "aud"}
# What a reader does while it takes a payment; the two-step way has a pause between them.
PAYING = {"process_payment_intent", "collect_payment_method", "confirm_payment_intent"}


class Trouble(Exception):
    """A call did not end well. `code` is Stripe's code or the till's own word, `request` Stripe's request id.

    `param` names what Stripe will not have, where it says so.
    """

    def __init__(
        self, code: str, request: str | None = None, replayed: bool = False, param: str | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.request, self.replayed, self.param = code, request, replayed, param


class Refused(Trouble):
    """Stripe said no. Nothing happened."""


class Throttled(Trouble):
    """Stripe had no time for it, several times. Nothing happened, and nobody was declined."""


class Lost(Trouble):
    """No answer, or none that says what happened: it may have been done."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What the till needs of a PaymentIntent. Amounts in minor units; `tip` is the one given on the reader."""

    id: str
    status: str
    amount: int
    capturable: int
    received: int
    currency: str
    tip: int
    sale: str | None
    declined: bool
    card: str
    created: float


@dataclass(frozen=True, slots=True)
class Reader:
    """What the till needs of a reader; `intent` is the PaymentIntent its present or last action is about.

    `country` is that of its Location, known where it was asked for.
    """

    id: str
    label: str
    status: str
    location: str | None
    action: str | None
    action_status: str | None
    intent: str | None
    failure: str | None
    refund: str | None
    setup: str | None = None
    form: str | None = None
    inputs: tuple[dict[str, Any], ...] = ()
    country: str | None = None

    def collecting(self, intent: str) -> bool:
        return self.action_status == "in_progress" and self.action in PAYING and self.intent == intent

    def holds_card_for(self, intent: str) -> bool:
        """A card was read for this payment and waits to be confirmed: half a minute, then it is forgotten."""
        return self.action_status == "succeeded" and self.action == "collect_payment_method" and self.intent == intent


@dataclass(frozen=True, slots=True)
class Setup:
    """A card being kept, as Stripe has it; `generated` is the card that can be charged later, where there is one."""

    id: str
    status: str
    generated: str | None
    last4: str


@dataclass(frozen=True, slots=True)
class StripeRefund:
    """A refund as Stripe has it."""

    id: str
    status: str
    amount: int
    intent: str | None
    operation: str | None


class Stripe:
    """The official client with this till's base address, time-out and retries."""

    def __init__(self, settings: Settings, log: Log, terms_of: Callable[[str], Terms]) -> None:
        self._settings, self._log, self._terms_of = settings, log, terms_of
        client = stripe.StripeClient(
            settings.stripe_secret_key,
            stripe_account=settings.account,
            base_addresses={"api": settings.stripe_api_base},
            http_client=stripe.HTTPXClient(timeout=settings.stripe_timeout_s),
            max_network_retries=0,  # the till repeats by itself, so that every repetition carries the stored key
        )
        self._v1 = client.v1
        # The SDK loads its classes on first use; a customer should not wait for that.
        _ = (stripe.PaymentIntent, stripe.Charge, stripe.Refund, stripe.terminal.Reader)
        _ = (self._v1.payment_intents, self._v1.refunds, self._v1.terminal.readers, self._v1.terminal.connection_tokens)

    async def _call(self, operation: str, send: Callable[[], Awaitable[T]], sale: str | None = None) -> T:
        """Repeat with back-off and the same key while the answer is missing. Raises Refused, Throttled or Lost."""
        lost: Trouble | None = None
        for number in range(1, self._settings.attempts + 1):
            try:
                return await send()
            except stripe.StripeError as error:
                trouble = _trouble(error)
            self._log.line("stripe_error", operation=operation, sale=sale, code=trouble.code,
                           request=trouble.request, attempt=number)
            if isinstance(trouble, Refused):
                raise trouble
            # One lost answer makes the whole call not known, whatever the later ones were.
            lost = trouble if isinstance(trouble, Lost) else lost
            if trouble.replayed or number == self._settings.attempts:
                raise lost or trouble
            await asyncio.sleep(self._settings.backoff_s * 2 ** (number - 1) * random.uniform(0.5, 1.0))
        raise Lost("not_sent")

    # PaymentIntents

    async def create_intent(self, sale: Sale) -> Intent:
        params: dict[str, Any] = {
            "amount": sale.create_amount,
            "currency": sale.currency,
            "payment_method_types": ["card_present"],
            "capture_method": "manual",
            "metadata": {"sale": sale.sale, "register": sale.register},
            **platform.terms(self._settings, sale.create_amount),
        }
        if sale.capture == "later":
            params["payment_method_options"] = {"card_present": {"request_incremental_authorization_support": True}}
        if sale.currency in SINGLE_MESSAGE_CURRENCIES:
            params["capture_method"] = "automatic"
            params["payment_method_options"] = {"card_present": {"capture_method": "manual_preferred"}}
        if sale.currency == "cad":
            params["payment_method_types"] = ["card_present", "interac_present"]
        terms = self._terms_of(sale.sale)
        if terms.at_stripe:
            params["customer"] = terms.at_stripe
        if terms.consent:
            params["setup_future_usage"] = "off_session"
        if terms.card_told:
            params["payment_method_types"] = ["card"]
            params.pop("payment_method_options", None)
        answer = await self._call("payment_intent.create", lambda: self._v1.payment_intents.create_async(
            cast(Any, params), {"idempotency_key": sale.create_key}), sale.sale)
        self._log.line("intent_created", sale=sale.sale, intent=answer.id)
        return _intent(answer)

    async def read_intent(self, intent: str) -> Intent:
        return _intent(await self._call(
            "payment_intent.retrieve", lambda: self._v1.payment_intents.retrieve_async(intent)))

    async def read_charge(self, intent: str) -> dict[str, Any] | None:
        """The charge of the last attempt, whole, or None. It holds card data: never log it."""
        answer = await self._call("payment_intent.retrieve", lambda: self._v1.payment_intents.retrieve_async(
            intent, {"expand": ["latest_charge"]}))
        charge = answer.latest_charge
        return charge.to_dict() if isinstance(charge, stripe.Charge) else None

    async def change_amount(self, intent: str, amount: int, key: str) -> Intent:
        params: Any = {"amount": amount, **platform.fee(self._settings, amount)}
        return _intent(await self._call("payment_intent.update", lambda: self._v1.payment_intents.update_async(
            intent, params, {"idempotency_key": key})))

    async def raise_hold(self, intent: str, total: int, key: str) -> Intent:
        intents = self._v1.payment_intents
        return _intent(await self._call("payment_intent.increment", lambda: intents.increment_authorization_async(
            intent, {"amount": total}, {"idempotency_key": key})))

    async def capture(self, intent: str, amount: int, key: str) -> Intent:
        params: Any = {"amount_to_capture": amount, **platform.fee(self._settings, amount)}
        return _intent(await self._call("payment_intent.capture", lambda: self._v1.payment_intents.capture_async(
            intent, params, {"idempotency_key": key})))

    async def cancel_intent(self, intent: str, key: str) -> Intent:
        return _intent(await self._call("payment_intent.cancel", lambda: self._v1.payment_intents.cancel_async(
            intent, {}, {"idempotency_key": key})))

    async def list_intents(self, since: float) -> list[Intent]:
        """Every PaymentIntent created since, all pages, newest first."""
        page = await self._call("payment_intent.list", lambda: self._v1.payment_intents.list_async(
            {"limit": 100, "created": {"gte": int(since)}}))
        return [_intent(answer) for answer in await _all_pages(page)]

    # Readers

    async def process(self, sale: Sale, intent: str, key: str) -> None:
        """Have the reader take the payment: at once, or, where the card is to be looked at, only read the card."""
        terms, readers = self._terms_of(sale.sale), self._v1.terminal.readers
        config: dict[str, Any] = {"enable_customer_cancellation": True}
        if terms.keyed:
            # https://docs.stripe.com/terminal/features/mail-telephone-orders/payments (documented)
            config["moto"] = True
        elif sale.skip_tipping:
            config["skip_tipping"] = True
        elif sale.eligible is not None:
            config["tipping"] = {"amount_eligible": sale.eligible}
        if terms.consent:
            # https://docs.stripe.com/terminal/features/saving-cards/save-after-payment (documented)
            config["allow_redisplay"] = terms.consent
        name, send = "process", readers.process_payment_intent_async
        if terms.look_first:
            name, send = "collect", cast(Any, readers.collect_payment_method_async)
        params = {"payment_intent": intent, f"{name}_config": config}
        operation = "reader.collect_payment_method" if terms.look_first else "reader.process_payment_intent"
        await self._call(operation, lambda: send(sale.reader, cast(Any, params), {"idempotency_key": key}), sale.sale)

    async def confirm_at_reader(self, reader: str, intent: str, key: str) -> None:
        """Charge the card that was read for this payment."""
        readers = self._v1.terminal.readers
        await self._call("reader.confirm_payment_intent", lambda: readers.confirm_payment_intent_async(
            reader, {"payment_intent": intent}, {"idempotency_key": key}))

    async def collect_inputs(
        self, reader: str, inputs: list[dict[str, Any]], metadata: dict[str, str], key: str,
    ) -> None:
        readers = self._v1.terminal.readers
        await self._call("reader.collect_inputs", lambda: readers.collect_inputs_async(
            reader, cast(Any, {"inputs": inputs, "metadata": metadata}), {"idempotency_key": key}))

    # Cards that are kept

    async def create_customer(self, name: str, key: str) -> str:
        return (await self._call("customer.create", lambda: self._v1.customers.create_async(
            {"metadata": {"customer": name}}, {"idempotency_key": key}))).id

    async def create_setup(self, customer: str, key: str) -> Setup:
        params = {"customer": customer, "payment_method_types": ["card_present"]}
        return _setup(await self._call("setup_intent.create", lambda: self._v1.setup_intents.create_async(
            cast(Any, params), {"idempotency_key": key})))

    async def process_setup(self, reader: str, setup: str, consent: str, key: str) -> None:
        params = {"setup_intent": setup, "allow_redisplay": consent,
                  "process_config": {"enable_customer_cancellation": True}}
        readers = self._v1.terminal.readers
        await self._call("reader.process_setup_intent", lambda: readers.process_setup_intent_async(
            reader, cast(Any, params), {"idempotency_key": key}))

    async def read_setup(self, setup: str) -> Setup:
        return _setup(await self._call("setup_intent.retrieve", lambda: self._v1.setup_intents.retrieve_async(
            setup, {"expand": ["latest_attempt"]})))

    async def cancel_setup(self, setup: str, key: str) -> None:
        await self._call("setup_intent.cancel", lambda: self._v1.setup_intents.cancel_async(
            setup, {}, {"idempotency_key": key}))

    async def charge_saved(self, intent: str, card: str, key: str) -> Intent:
        """Charge a generated card while its owner is not there."""
        return _intent(await self._call("payment_intent.confirm", lambda: self._v1.payment_intents.confirm_async(
            intent, {"payment_method": card, "off_session": True}, {"idempotency_key": key})))

    async def show_cart(self, reader: str, cart: dict[str, Any], key: str) -> None:
        await self._call("reader.set_reader_display", lambda: self._v1.terminal.readers.set_reader_display_async(
            reader, cast(Any, {"type": "cart", "cart": cart}), {"idempotency_key": key}))

    async def cancel_action(self, reader: str, key: str) -> Reader:
        return _reader(await self._call("reader.cancel_action", lambda: self._v1.terminal.readers.cancel_action_async(
            reader, {}, {"idempotency_key": key})))

    async def read_reader(self, reader: str) -> Reader:
        return _reader(cast(stripe.terminal.Reader, await self._call(
            "reader.retrieve", lambda: self._v1.terminal.readers.retrieve_async(reader))))

    async def place_reader(self, reader: str) -> Reader:
        """The reader with the country it is registered in."""
        return _reader(cast(stripe.terminal.Reader, await self._call(
            "reader.retrieve", lambda: self._v1.terminal.readers.retrieve_async(reader, {"expand": ["location"]}))))

    async def account_country(self) -> str | None:
        """The country of the account that the money goes to."""
        answer = await self._call("account.retrieve_current", self._v1.accounts.retrieve_current_async)
        return answer.country

    async def list_readers(self) -> list[Reader]:
        """Every reader of the account, all pages."""
        page = await self._call("reader.list", lambda: self._v1.terminal.readers.list_async({"limit": 100}))
        return [_reader(answer) for answer in await _all_pages(page)]

    async def register_reader(self, code: str, label: str, location: str, key: str) -> Reader:
        params: Any = {"registration_code": code, "label": label, "location": location}
        return _reader(await self._call("reader.create", lambda: self._v1.terminal.readers.create_async(
            params, {"idempotency_key": key})))

    async def refund_on_reader(
        self, reader: str, intent: str, amount: int, metadata: dict[str, str], key: str,
    ) -> Reader:
        readers = self._v1.terminal.readers
        params: Any = {"payment_intent": intent, "amount": amount, "metadata": metadata,
                       "refund_payment_config": {"enable_customer_cancellation": True}}
        params |= platform.returned(self._settings)
        return _reader(await self._call("reader.refund_payment", lambda: readers.refund_payment_async(
            reader, params, {"idempotency_key": key})))

    async def connection_token(self, location: str | None, key: str) -> str:
        params: dict[str, Any] = {"location": location} if location else {}
        answer = await self._call("connection_token.create", lambda: self._v1.terminal.connection_tokens.create_async(
            cast(Any, params), {"idempotency_key": key}))
        return answer.secret

    # Refunds

    async def create_refund(self, intent: str, amount: int, metadata: dict[str, str], key: str) -> StripeRefund:
        params: Any = {"payment_intent": intent, "amount": amount, "metadata": metadata}
        params |= platform.returned(self._settings)
        return _refund(await self._call("refund.create", lambda: self._v1.refunds.create_async(
            params, {"idempotency_key": key}), metadata["sale"]))

    async def read_refund(self, refund: str) -> StripeRefund:
        return _refund(await self._call("refund.retrieve", lambda: self._v1.refunds.retrieve_async(refund)))

    async def refunds_of(self, intent: str) -> list[StripeRefund]:
        """Every refund of one payment, all pages."""
        page = await self._call("refund.list", lambda: self._v1.refunds.list_async(
            {"limit": 100, "payment_intent": intent}))
        return [_refund(answer) for answer in await _all_pages(page)]

    async def list_refunds(self, since: float) -> list[StripeRefund]:
        """Every refund created since, all pages."""
        page = await self._call("refund.list", lambda: self._v1.refunds.list_async(
            {"limit": 100, "created": {"gte": int(since)}}))
        return [_refund(answer) for answer in await _all_pages(page)]


async def _all_pages(page: stripe.ListObject[S]) -> list[S]:
    try:
        return [answer async for answer in page.auto_paging_iter()]
    except stripe.StripeError as error:
        raise _trouble(error) from error


def _trouble(error: stripe.StripeError) -> Trouble:
    status = error.http_status or 0
    request = error.request_id
    replayed = (error.headers or {}).get("idempotent-replayed") == "true"
    if status == 429:
        return Throttled(error.code or "rate_limit", request)
    if status == 409 or status >= 500 or not 400 <= status < 500:
        return Lost(error.code or (f"http_{status}" if status else "no_answer"), request, replayed)
    return Refused(error.code or f"http_{status}", request, param=getattr(error, "param", None))


def _intent(answer: stripe.PaymentIntent) -> Intent:
    tip = getattr(answer.amount_details, "tip", None)
    error = answer.last_payment_error
    method = getattr(getattr(error, "payment_method", None), "card_present", None)
    return Intent(
        id=answer.id, status=answer.status, amount=answer.amount, capturable=answer.amount_capturable,
        received=answer.amount_received, currency=answer.currency, tip=getattr(tip, "amount", None) or 0,
        sale=getattr(answer.metadata, "sale", None), declined=error is not None,
        card=getattr(method, "last4", None) or "", created=float(answer.created),
    )


def _reader(answer: stripe.terminal.Reader) -> Reader:
    action = answer.action
    about = getattr(action, action.type, None) if action else None
    location = answer.location
    return Reader(
        id=answer.id, label=answer.label, status=answer.status or "", action=action.type if action else None,
        location=location if isinstance(location, str) or location is None else location.id,
        country=getattr(getattr(location, "address", None), "country", None),
        action_status=action.status if action else None, intent=_id(getattr(about, "payment_intent", None)),
        failure=action.failure_code if action else None, refund=_id(getattr(about, "refund", None)),
        setup=_id(getattr(about, "setup_intent", None)), form=getattr(getattr(about, "metadata", None), "form", None),
        inputs=tuple(one.to_dict() for one in getattr(about, "inputs", None) or ()),
    )


def _setup(answer: stripe.SetupIntent) -> Setup:
    attempt = answer.latest_attempt
    details = attempt.payment_method_details if isinstance(attempt, stripe.SetupAttempt) else None
    card = getattr(details, str(getattr(details, "type", "")), None)
    return Setup(id=answer.id, status=answer.status, generated=_id(getattr(card, "generated_card", None)), last4="")


def _refund(answer: stripe.Refund) -> StripeRefund:
    return StripeRefund(
        id=answer.id, status=answer.status or "pending", amount=answer.amount, intent=_id(answer.payment_intent),
        operation=getattr(answer.metadata, "operation", None),
    )


def _id(value: Any) -> str | None:
    """An id whether Stripe sent it bare or expanded."""
    return value if isinstance(value, str) or value is None else str(value.id)
