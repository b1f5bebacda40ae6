"""The shop's readers: registered, listed, given to a register, and taken back from one that is stuck."""

import uuid

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .asking import body_of, refuse, till_of
from .bodies import BadRequest, text
from .sessions import require_manager, require_till_session
from .stripe_calls import Reader, Refused, Trouble
from .till import Till


async def readers(request: Request) -> Response:
    till = till_of(request)
    try:
        found = await till.stripe.list_readers()
    except Trouble:
        return refuse(till, "stripe_silent", status=503)
    return JSONResponse({"readers": [_told(one) for one in found], "registers": till.store.registers()})


def _told(reader: Reader) -> dict[str, str | None]:
    return {"id": reader.id, "label": reader.label, "status": reader.status, "location": reader.location}


async def register_reader(request: Request) -> Response:
    """A new device, by the code on its screen: the manager chooses where it will stand."""
    till, body = till_of(request), await body_of(request)
    code, label = text(body, "code"), text(body, "label")
    location = text(body, "location", till.settings.location)
    try:
        reader = await till.stripe.register_reader(code, label, location, f"register:{uuid.uuid4()}")
    except Refused as no:
        till.log.line("reader_refused", code=no.code, request=no.request)
        return refuse(till, "not_registered")
    except Trouble:
        return refuse(till, "stripe_silent", status=503)
    till.log.line("reader_registered", reader=reader.id)
    return JSONResponse(_told(reader))


async def bind_register(request: Request) -> Response:
    """Give a register its reader. One that stands elsewhere is refused now, and not when a customer is waiting."""
    till, register = till_of(request), request.path_params["register"]
    reader_id = text(await body_of(request), "reader")
    try:
        reader = await till.stripe.place_reader(reader_id)
        home = await till.stripe.account_country()
    except Refused:
        raise BadRequest(f"{reader_id} is no reader of this account") from None
    except Trouble:
        return refuse(till, "stripe_silent", status=503)
    if reader.country not in (None, home):
        return refuse(till, "reader_abroad")
    if not _in_place(till, reader):
        where = f"at {reader.location}" if reader.location else "at no Location"
        words = f"{reader.label} is {where}; this till stands at {till.settings.location}. Register it again there."
        return JSONResponse({"error": "wrong_location", "words": words}, 409)
    till.store.bind_register(register, reader.id)
    return JSONResponse({"register": register, "reader": reader.id})


def _in_place(till: Till, reader: Reader) -> bool:
    return till.settings.location is None or reader.location == till.settings.location


async def clear_register(request: Request) -> Response:
    """The manager's way out of a reader that is stuck on a payment nobody at this till knows."""
    till = till_of(request)
    reader = till.store.bound_reader(request.path_params["register"])
    if reader is None:
        return refuse(till, "no_reader")
    if till.store.attempt_on(reader) is not None:
        return refuse(till, "in_payment")
    try:
        await till.stripe.cancel_action(reader, f"reset:{reader}:{uuid.uuid4()}")
    except Refused as no:
        if no.code != "resource_missing":
            return refuse(till, "stripe_silent", status=503)
    except Trouble:
        return refuse(till, "stripe_silent", status=503)
    return JSONResponse({"register": request.path_params["register"], "reader": reader})


ROUTES = [
    Route("/readers", require_till_session(readers)),
    Route("/readers", require_manager(register_reader), methods=["POST"]),
    Route("/registers/{register}", require_manager(bind_register), methods=["PUT"]),
    Route("/registers/{register}/clear", require_manager(clear_register), methods=["POST"]),
]
