"""The till's HTTP side: reads requests, calls the part that knows, and says in words what came of it."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import cart, fleet, forms, holds, on_file, payment, receipts, refunds, saved_cards, sweep, tenders, webhooks
from .asking import answer, body_of, in_shop, refuse, sale_of, till_of, told, within
from .bodies import BadRequest, money, text
from .sale import ON_FILE, Sale, new_sale
from .sessions import COOKIE, PinDoor, require_manager, require_refunder, require_till_session, shop_of
from .stripe_calls import Trouble
from .terms import Terms, agree
from .till import Till
from .words import refund_words

PAGE = Path(__file__).with_name("page.html")
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"


# Sales


async def start_sale(request: Request) -> Response:
    till, body = till_of(request), await body_of(request)
    currency = text(body, "currency", till.settings.currency).lower()
    amount = money(body, "amount", currency)
    name, register = text(body, "sale"), text(body, "register", "front")
    if body.get("capture", "now") not in ("now", "later"):
        raise BadRequest('capture must be "now" or "later"')
    reader = till.store.bound_reader(register)
    known = till.store.find_sale(name)
    if known is not None and not in_shop(till, name, shop_of(request)):
        return refuse(till, "not_yours")
    why_not = _unstartable(till, name, amount, reader) if known is None else None
    if why_not is not None:
        return refuse(till, why_not)
    eligible = money(body, "eligible_for_tip", currency, least=0) if body.get("eligible_for_tip") is not None else None
    new = new_sale(name, amount, currency, register, reader or "", till.clock.now(), till.store.day()[0])
    sale = replace(
        new, capture=body.get("capture", "now"), eligible=eligible, skip_tipping=bool(body.get("skip_tipping")))
    waits = known is not None and tenders.waits_for_card(till, known) and _total(till, known) == amount
    try:
        terms = await _terms(till, body)
    except Trouble:
        return refuse(till, "stripe_silent", status=503)
    agree(till.store, name, terms)
    if known is None and terms.consent:
        saved_cards.expect_from_sale(till, terms.customer, name, terms.consent)
    with till.store.transaction():
        if waits and reader is not None:
            till.store.update(name, register=register, reader=reader, capture=sale.capture)
        begun = (till.store.add_sale(sale) or waits) and payment.begin(till, name)
        tenders.note_shop(till, name, shop_of(request))
    if begun:
        await within(till, payment.put_on_reader(till, name))
    elif known is not None and _paid_elsewhere(till, known, register):
        return refuse(till, "at_other_register", known)
    elif known is not None and (_total(till, known), known.currency) != (amount, currency):
        return refuse(till, "sale_changed", known)
    return answer(till, sale)


def _unstartable(till: Till, sale: str, amount: int, reader: str | None) -> str | None:
    """Why a new sale cannot be started here, in the till's word."""
    if reader is None:
        return "no_reader"
    return "cart_differs" if cart.total_shown(till, sale) not in (None, amount) else None


def _total(till: Till, sale: Sale) -> int:
    return sale.amount + tenders.cash_taken(till, sale.sale)


def _paid_elsewhere(till: Till, sale: Sale, register: str) -> bool:
    """Another register is collecting this sale: whoever asks here is told so, and gets no second prompt."""
    return sale.register != register and till.store.attempt(sale.sale) is not None


async def _terms(till: Till, body: dict[str, Any]) -> Terms:
    """What is agreed beside the amount; a customer of whose card something may be kept is made at Stripe first."""
    if body.get("order", "counter") not in ("counter", "telephone"):
        raise BadRequest('order must be "counter" or "telephone"')
    terms = Terms(keyed=body.get("order") == "telephone", look_first=bool(body.get("look_first")))
    if body.get("consent") is None:
        return terms
    customer, consent = text(body, "customer"), saved_cards.consent_in(body)
    person = await saved_cards.at_stripe(till, customer)
    return replace(terms, customer=customer, at_stripe=person.at_stripe, consent=consent)


async def sales(request: Request) -> Response:
    till = till_of(request)
    mine = [sale for sale in till.store.sales_of_day(till.store.day()[0]) if in_shop(till, sale.sale, shop_of(request))]
    return JSONResponse({"sales": [told(till, sale) for sale in mine]})


async def read_sale(request: Request) -> Response:
    return answer(till_of(request), sale_of(request))


async def pay(request: Request) -> Response:
    till, sale, body = till_of(request), sale_of(request), await body_of(request)
    if sale.closed:
        return refuse(till, "closed", sale)
    if _paid_elsewhere(till, sale, text(body, "register", sale.register)):
        return refuse(till, "at_other_register", sale)
    if sale.outcome == "not_paid":
        reader = till.store.bound_reader(text(body, "register", sale.register))
        if sale.reader.startswith(ON_FILE):
            reader = sale.reader
        if reader is None:
            return refuse(till, "no_reader", sale)
        if till.store.attempt(sale.sale) is None:
            till.store.update(sale.sale, register=text(body, "register", sale.register), reader=reader)
        if payment.begin(till, sale.sale):
            await within(till, payment.put_on_reader(till, sale.sale))
    return answer(till, sale)


async def edit(request: Request) -> Response:
    till, sale, body = till_of(request), sale_of(request), await body_of(request)
    amount = money(body, "amount", sale.currency)
    async with till.lock(sale.sale):
        sale = till.store.sale(sale.sale)
        if sale.closed or sale.outcome == "paid":
            return refuse(till, "closed", sale)
        if sale.outcome != "not_paid" or till.store.attempt(sale.sale) is not None:
            return refuse(till, "in_payment", sale)
        if amount != sale.amount:
            till.show(sale, "not_paid", "edited", amount=amount, version=sale.version + 1, eligible=None)
    return answer(till, sale)


async def check(request: Request) -> Response:
    till, sale = till_of(request), sale_of(request)
    await within(till, payment.look(till, sale.sale))
    await within(till, refunds.resolve_refunds(till, sale.sale))
    return answer(till, sale)


async def cancel(request: Request) -> Response:
    till, sale = till_of(request), sale_of(request)
    if sale.outcome == "paid":
        return refuse(till, "already_paid", sale)
    await within(till, payment.cancel_sale(till, sale.sale))
    return answer(till, sale)


async def capture(request: Request) -> Response:
    till, sale, body = till_of(request), sale_of(request), await body_of(request)
    tip = money(body, "tip", sale.currency, least=0) if "tip" in body else 0
    try:
        why_not = await within(till, payment.order_capture(till, sale.sale, tip))
    except Trouble:
        return refuse(till, "stripe_silent", sale, 503)
    return refuse(till, why_not, sale) if why_not else answer(till, sale)


async def refund(request: Request) -> Response:
    till, sale, body = till_of(request), sale_of(request), await body_of(request)
    amount, operation = money(body, "amount", sale.currency), text(body, "refund")
    why_not = await within(till, refunds.refund(till, sale.sale, amount, operation))
    if why_not is not None:
        return refuse(till, why_not, sale)
    row = till.store.refund_by_operation(sale.sale, operation)
    said = refund_words(refunds.status_of(row) if row else "unknown", amount, sale.currency)
    return JSONResponse({**told(till, till.store.sale(sale.sale)), "words": said})


async def receipt(request: Request) -> Response:
    till, sale = till_of(request), sale_of(request)
    if sale.outcome != "paid":
        return refuse(till, "not_paid_yet", sale)
    try:
        return JSONResponse(await receipts.receipt(till, sale))
    except Trouble:
        return refuse(till, "receipt_later", sale, 503)


async def close_day(request: Request) -> Response:
    till = till_of(request)
    try:
        return JSONResponse(await till.spawn(sweep.close_day(till)))
    except Trouble:
        return refuse(till, "stripe_silent", status=503)


# Tokens, events


async def connection_token(request: Request) -> Response:
    """A new token for every call, good for this shop's Location only, and never kept anywhere."""
    till = till_of(request)
    try:
        secret = await till.stripe.connection_token(till.settings.location, f"token:{uuid.uuid4()}")
    except Trouble:
        return refuse(till, "stripe_silent", status=503)
    return JSONResponse({"secret": secret}, headers={"Cache-Control": "no-store"})


async def stripe_events(request: Request) -> Response:
    status = await webhooks.receive(till_of(request), await request.body(), request.headers.get("stripe-signature"))
    return JSONResponse({"received": status == 200}, status)


# The page, signing in, time


async def page(request: Request) -> Response:
    return FileResponse(PAGE, headers={"Cache-Control": "no-store", "Content-Security-Policy": PAGE_POLICY})


async def sign_in(request: Request) -> Response:
    till = till_of(request)
    door: PinDoor = request.app.state.door
    token = door.enter(till, text(await body_of(request), "pin"))
    if token is None:
        return JSONResponse({"error": "wrong_pin", "words": "That PIN is not right."}, 401)
    response = JSONResponse({"role": "cashier"})
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict")
    return response


async def about(request: Request) -> Response:
    till = till_of(request)
    return JSONResponse({
        "shop": till.settings.shop, "currency": till.settings.currency, "registers": till.store.registers(),
        "deadline_s": till.settings.deadline_s, "mode": "test",
    })


async def health(request: Request) -> Response:
    return JSONResponse({"ok": True})


async def advance_time(request: Request) -> Response:
    """The time hook: moves this till's clock forward, so that its deadlines and sweeps can be tried without waiting."""
    till, body = till_of(request), await body_of(request)
    seconds = body.get("advance_s")
    if not till.settings.time_hook:
        raise HTTPException(404, "There is no such page.")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
        raise BadRequest("advance_s must be a number of seconds, not negative")
    now = till.clock.advance(seconds)
    for news in [*till.news.values(), till.sweep_news]:
        news.set()
    return JSONResponse({"now": now})


ROUTES = [
    Route("/", page), Route("/health", health), Route("/login", sign_in, methods=["POST"]),
    Route("/webhooks/stripe", stripe_events, methods=["POST"]),
    Route("/connection_token", require_till_session(connection_token), methods=["POST"]),
    Route("/about", require_till_session(about)),
    *fleet.ROUTES,
    Route("/sales", require_till_session(start_sale), methods=["POST"]),
    Route("/sales", require_till_session(sales)),
    Route("/sales/{sale}", require_till_session(read_sale)),
    Route("/sales/{sale}", require_till_session(edit), methods=["PATCH"]),
    Route("/sales/{sale}/pay", require_till_session(pay), methods=["POST"]),
    Route("/sales/{sale}/check", require_till_session(check), methods=["POST"]),
    Route("/sales/{sale}/cancel", require_till_session(cancel), methods=["POST"]),
    Route("/sales/{sale}/capture", require_till_session(capture), methods=["POST"]),
    Route("/sales/{sale}/refunds", require_refunder(refund), methods=["POST"]),
    Route("/sales/{sale}/receipt", require_till_session(receipt)),
    Route("/day/close", require_till_session(close_day), methods=["POST"]),
    Route("/time", require_manager(advance_time), methods=["POST"]),
    *cart.ROUTES,
    *tenders.ROUTES,
    *holds.ROUTES,
    *saved_cards.ROUTES,
    *on_file.ROUTES,
    *forms.ROUTES,
]


async def bad_request(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "bad_request", "words": str(error)}, 400)


async def http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": "not_found" if error.status_code == 404 else "refused", "words": error.detail},
                        error.status_code)


async def unexpected(request: Request, error: Exception) -> Response:
    """One sentence, whatever it was: no trace, no setting, no value."""
    words = "Something went wrong here. Check the sale before trying again."
    return JSONResponse({"error": "internal", "words": words}, 500)


def create_app(till: Till) -> ASGIApp:
    """The whole till as an ASGI application; it resumes its open sales when it starts."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        payment.resume_pending(till)
        till.spawn(_warm_up(till))
        till.spawn(sweep.sweep_forever(till))
        saved_cards.resume(till)
        forms.resume(till)
        yield
        till.store.close()

    handlers: dict[Any, Any] = {BadRequest: bad_request, HTTPException: http_error, Exception: unexpected}
    app = Starlette(routes=ROUTES, lifespan=lifespan, exception_handlers=handlers)
    app.state.till, app.state.door = till, PinDoor()
    return _NoTraces(app, till)


async def _warm_up(till: Till) -> None:
    """A harmless first call: the connection is made, the client loaded, and whoever redirects us sees where we call."""
    try:
        till.log.line("readers", count=len(await till.stripe.list_readers()))
    except Trouble as trouble:
        till.log.line("readers", error=trouble.code)


class _NoTraces:
    """Whatever goes wrong unexpectedly is written down as its kind and place, and nobody prints what it was about."""

    def __init__(self, app: Starlette, till: Till) -> None:
        self._app, self._till = app, till

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def watch(message: Message) -> None:
            nonlocal answered
            await send(message)
            answered = answered or (message["type"] == "http.response.body" and not message.get("more_body"))

        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            self._till.log_error(error)
            if not answered:
                raise
