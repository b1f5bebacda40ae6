"""The app's HTTP side, in the shapes of the server-driven till where the verbs are the same. Amounts in minor units."""

import functools
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cardpresent.reference_pos.bodies import BadRequest, json_object, money, text

from .backend import Trouble
from .handheld import Handheld
from .records import Sale
from .words import of_update, refusal, words

MANAGER: Final = ("manager",)
ANYBODY: Final = ("cashier", "manager")
Json = dict[str, Any]
Handler = Callable[[Handheld, Request, Json], Response]


# What an answer says


def told(handheld: Handheld, sale: Sale) -> Json:
    """The sale as the cashier sees it."""
    row = handheld.device.records.stored(sale.sale)
    return {
        "sale": sale.sale, "outcome": sale.outcome, "words": words(sale, handheld.link.why_not), "amount": sale.amount,
        "currency": sale.currency, "captured": sale.captured, "payment_intent": sale.intent, "register": sale.register,
        "stored_at": row.since if row else None, "owner": row.owner if row else None,
    }


def answer(handheld: Handheld, sale: str) -> Response:
    return JSONResponse(told(handheld, handheld.device.records.sale(sale)))


def refuse(handheld: Handheld, why: str, sale: Sale | None = None, status: int = 409) -> Response:
    waiting = handheld.waiting()
    said = refusal(why, waiting.count, waiting.amount, handheld.device.settings.currency)
    return JSONResponse({**(told(handheld, sale) if sale else {}), "error": why, "words": said}, status)


def silent() -> Response:
    return JSONResponse({"error": "stripe_silent", "words": "The payment service does not answer. Nothing was changed; "
                                                            "try again when the network is back."}, 503)


def sale_of(handheld: Handheld, request: Request) -> Sale:
    sale = handheld.device.records.find_sale(request.path_params["sale"])
    if sale is None:
        raise LookupError
    return sale


# Sales


def start_sale(handheld: Handheld, request: Request, body: Json) -> Response:
    device = handheld.device
    currency = text(body, "currency", device.settings.currency).lower()
    name, amount = text(body, "sale"), money(body, "amount", currency)
    sale = Sale(name, amount, currency, text(body, "register", "front"), "waiting", "starting", None, 0,
                device.clock.now())
    if device.records.add_sale(sale):
        return take(handheld, sale)
    known = device.records.sale(name)
    if (known.amount, known.currency) != (amount, currency):
        return refuse(handheld, "sale_changed", known)
    return answer(handheld, name)


def pay(handheld: Handheld, request: Request, body: Json) -> Response:
    sale = sale_of(handheld, request)
    # Only what is certainly not paid may be paid again: a stored payment is on its way already.
    return take(handheld, sale) if sale.outcome == "not_paid" else answer(handheld, sale.sale)


def take(handheld: Handheld, sale: Sale) -> Response:
    """Begin, and answer once the reader asks for the card or something came of it, at most after `answer_s`."""
    device = handheld.device
    if not handheld.counter.begin(sale):
        device.show(sale.sale, "not_paid", "busy")
        return answer(handheld, sale.sale)
    with device.changed:
        device.changed.wait_for(lambda: device.records.sale(sale.sale).reason != "starting", device.settings.answer_s)
    return answer(handheld, sale.sale)


def read_sale(handheld: Handheld, request: Request, body: Json) -> Response:
    return answer(handheld, sale_of(handheld, request).sale)


def check(handheld: Handheld, request: Request, body: Json) -> Response:
    sale = sale_of(handheld, request)
    handheld.follower.look(sale.sale)
    return answer(handheld, sale.sale)


def cancel(handheld: Handheld, request: Request, body: Json) -> Response:
    sale = sale_of(handheld, request)
    if sale.outcome == "stored":
        return refuse(handheld, "stored_final", sale)
    if sale.outcome in ("paid", "held"):
        return refuse(handheld, "already_paid", sale)
    handheld.counter.cancel(sale.sale)
    return answer(handheld, sale.sale)


# Payments that wait


def stored(handheld: Handheld, request: Request, body: Json) -> Response:
    """The worklist: what waits and what was lost, never in one sum."""
    rows, currency = handheld.worklist(), handheld.device.settings.currency
    lost = [row for row in rows if row.state == "lost"]
    waiting = [row for row in rows if row.state != "lost"]
    return JSONResponse({
        "count": len(waiting), "lost": len(lost),
        "sums": {"currency": currency, "stored": sum(row.amount for row in waiting if row.currency == currency),
                 "lost": sum(row.amount for row in lost if row.currency == currency)},
        "payments": [{"sale": row.sale, "amount": row.amount, "currency": row.currency, "since": row.since,
                      "state": "payment_lost" if row.state == "lost" else "stored", "owner": row.owner,
                      "overdue": handheld.overdue(row)} for row in rows],
    })


def leave(handheld: Handheld, request: Request, body: Json) -> Response:
    """Logging out, clearing the app, another account: each of them empties the SDK's store."""
    if handheld.mobile.installing:
        return refuse(handheld, "reader_updating")
    if not handheld.forget_device():
        return refuse(handheld, "payments_stored")
    return JSONResponse({"done": True, "words": "Done. Nothing was waiting to be sent."})


def close_day(handheld: Handheld, request: Request, body: Json) -> Response:
    if handheld.waiting().count:
        return refuse(handheld, "payments_stored")
    return JSONResponse({"closed": True, "words": "The day is closed. This device may be switched off."})


# The reader, tokens, time


def readers(handheld: Handheld, request: Request, body: Json) -> Response:
    try:
        found = handheld.device.backend.readers()
    except Trouble:
        return silent()
    return JSONResponse({"readers": [{"id": one["id"], "label": one["label"]} for one in found]})


def find_readers(handheld: Handheld, request: Request, body: Json) -> Response:
    if not handheld.search.begin():
        return refuse(handheld, "searching")
    found = [{"id": one.id, "label": one.label} for one in handheld.search.found]
    return JSONResponse({"searching": handheld.search.running, "readers": found})


def stop_finding(handheld: Handheld, request: Request, body: Json) -> Response:
    handheld.search.stop()
    return JSONResponse({"searching": handheld.search.running})


def bind_register(handheld: Handheld, request: Request, body: Json) -> Response:
    reader = text(body, "reader")
    handheld.device.records.bind_register(request.path_params["register"], reader)
    connected = handheld.link.change_reader(reader)
    return JSONResponse({"register": request.path_params["register"], "reader": reader, "connected": connected,
                         "why_not": handheld.link.why_not if not connected else None})


def connection_token(handheld: Handheld, request: Request, body: Json) -> Response:
    try:
        secret = handheld.device.backend.connection_token()
    except Trouble:
        return silent()
    return JSONResponse({"secret": secret}, headers={"Cache-Control": "no-store"})


def about(handheld: Handheld, request: Request, body: Json) -> Response:
    """What the cashier sees beside the sales: the line, the reader, what waits, and what is missing for offline."""
    status, waiting, reader = handheld.terminal.offline_status, handheld.waiting(), handheld.terminal.connected_reader
    return JSONResponse({
        "network": str(status.network_status), "reader": reader.id if reader else None,
        "reader_status": str(handheld.terminal.connection_status), "why_not": handheld.link.why_not,
        "waiting": waiting.count, "waiting_sum": waiting.amount, **update_told(handheld),
    })


def update_told(handheld: Handheld) -> Json:
    """New software for the reader: empty texts where there is none to tell of."""
    mobile = handheld.mobile
    progress = "" if mobile.progress is None else f"{mobile.progress:.2f}"
    return {"words": of_update(mobile.minutes, mobile.progress),
            "update": {"minutes": str(mobile.minutes or ""), "progress": progress}}


def health(handheld: Handheld, request: Request, body: Json) -> Response:
    return JSONResponse({"ok": True})


def advance_time(handheld: Handheld, request: Request, body: Json) -> Response:
    seconds = body.get("advance_s")
    if not handheld.device.settings.time_hook:
        raise LookupError
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
        raise BadRequest("advance_s must be a number of seconds, not negative")
    return JSONResponse({"now": handheld.device.clock.advance(seconds)})


def _route(path: str, handler: Handler, method: str = "GET", *, roles: tuple[str, ...] = ANYBODY) -> Route:
    @functools.wraps(handler)
    async def guarded(request: Request) -> Response:
        handheld: Handheld = request.app.state.handheld
        who = _role(handheld, request)
        if roles and who not in roles:
            said = "Sign in first." if who is None else "This needs the manager."
            return JSONResponse({"error": "not_allowed", "words": said}, 401 if who is None else 403)
        try:
            return await run_in_threadpool(handler, handheld, request, json_object(await request.body()))
        except BadRequest as error:
            return JSONResponse({"error": "bad_request", "words": str(error)}, 400)
        except LookupError:
            return JSONResponse({"error": "not_found", "words": "There is no such thing at this till."}, 404)
        except Exception as error:
            handheld.device.log_error(error)
            said = "Something went wrong here. Check the sale before trying again."
            return JSONResponse({"error": "internal", "words": said}, 500)

    return Route(path, guarded, methods=[method])


def _role(handheld: Handheld, request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    settings = handheld.device.settings
    known = (("manager", settings.manager_token), ("cashier", settings.token))
    found = (role for role, own in known if hmac.compare_digest(token.encode(), own.encode()))
    return next(found, None) if scheme.lower() == "bearer" else None


ROUTES: Final = [
    _route("/health", health, roles=()),
    _route("/about", about),
    _route("/sales", start_sale, "POST"),
    _route("/sales/{sale}", read_sale),
    _route("/sales/{sale}/pay", pay, "POST"),
    _route("/sales/{sale}/check", check, "POST"),
    _route("/sales/{sale}/cancel", cancel, "POST"),
    _route("/stored", stored),
    _route("/logout", leave, "POST"),
    _route("/device/clear", leave, "POST"),
    _route("/account", leave, "POST"),
    _route("/day/close", close_day, "POST"),
    _route("/readers", readers),
    _route("/readers/search", find_readers, "POST", roles=MANAGER),
    _route("/readers/search", stop_finding, "DELETE", roles=MANAGER),
    _route("/registers/{register}", bind_register, "PUT", roles=MANAGER),
    _route("/connection_token", connection_token, "POST"),
    _route("/time", advance_time, "POST", roles=MANAGER),
]


def create_app(handheld: Handheld) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        handheld.close()

    app = Starlette(routes=ROUTES, lifespan=lifespan)
    app.state.handheld = handheld
    return app
