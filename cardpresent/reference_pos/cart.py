"""What the reader shows before a card is asked for: the goods, the tax, and the total that will be charged."""

from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .asking import body_of, refuse, till_of
from .at_reader import clear_display
from .bodies import BadRequest, money, text
from .money import spoken
from .sessions import require_till_session
from .stripe_calls import Trouble
from .till import Till

LINES_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the cart: `amount` in minor units is what the whole line costs, without tax."""

    description: str
    quantity: int
    amount: int


def total_of(lines: list[Line], tax: int) -> int:
    """What the customer will be charged: the one sum that the reader shows and the sale is rung up with."""
    return sum(line.amount for line in lines) + tax


def total_shown(till: Till, sale: str) -> int | None:
    """The total the customer was last shown for a sale that is not rung up yet, None where none was."""
    rows = till.store.run("SELECT total FROM carts WHERE sale = ?", sale)
    return int(rows[0][0]) if rows else None


async def show(till: Till, sale: str, reader: str, currency: str, lines: list[Line], tax: int) -> None:
    """Put the cart on the reader, in place of the one it shows. Raises Trouble."""
    total = total_of(lines, tax)
    till.store.run(
        "INSERT INTO carts (sale, reader, total, currency, n) VALUES (?, ?, ?, ?, 1) ON CONFLICT (sale) DO UPDATE SET "
        "reader = excluded.reader, total = excluded.total, currency = excluded.currency, n = n + 1",
        sale, reader, total, currency)
    number = till.store.run("SELECT n FROM carts WHERE sale = ?", sale)[0][0]
    shown = {
        "currency": currency, "tax": tax, "total": total,
        "line_items": [
            {"description": line.description, "quantity": line.quantity, "amount": line.amount} for line in lines],
    }
    await till.stripe.show_cart(reader, shown, f"cart:{sale}:{number}")


async def put_away(till: Till, sale: str) -> None:
    """Take the cart off the reader, unless the reader has gone on to something else. Raises Trouble."""
    rows = till.store.run("SELECT reader FROM carts WHERE sale = ?", sale)
    till.store.run("DELETE FROM carts WHERE sale = ?", sale)
    if rows:
        await clear_display(till, str(rows[0][0]))


# What may be asked


async def show_cart(request: Request) -> Response:
    till, body, sale = till_of(request), await body_of(request), str(request.path_params["sale"])
    currency = text(body, "currency", till.settings.currency).lower()
    lines, tax = _lines(body, currency), money(body, "tax", currency, least=0) if body.get("tax") else 0
    reader = till.store.bound_reader(text(body, "register", "front"))
    if reader is None:
        return refuse(till, "no_reader")
    known = till.store.find_sale(sale)
    if known is not None and (known.closed or known.outcome in ("paid", "held")):
        return refuse(till, "closed", known)
    # A cart would push the payment off the reader: Stripe lets it, and nobody would be told.
    if till.store.attempt_on(reader) is not None:
        return refuse(till, "in_payment")
    try:
        await show(till, sale, reader, currency, lines, tax)
    except Trouble:
        return refuse(till, "not_shown", status=503)
    total = total_of(lines, tax)
    return JSONResponse({"sale": sale, "total": total, "words": f"The reader shows {spoken(total, currency)}."})


async def clear_cart(request: Request) -> Response:
    till, sale = till_of(request), str(request.path_params["sale"])
    try:
        await put_away(till, sale)
    except Trouble:
        return refuse(till, "not_shown", status=503)
    return JSONResponse({"sale": sale, "words": "The reader is clear."})


def _lines(body: dict[str, Any], currency: str) -> list[Line]:
    given = body.get("lines")
    if not isinstance(given, list) or not 0 < len(given) <= LINES_MAX:
        raise BadRequest(f"lines must be a list of 1 to {LINES_MAX} lines")
    return [_line(each, currency) for each in given]


def _line(given: Any, currency: str) -> Line:
    if not isinstance(given, dict):
        raise BadRequest("a line is an object with description, quantity and amount")
    quantity = given.get("quantity", 1)
    if not isinstance(quantity, int) or isinstance(quantity, bool) or quantity < 1:
        raise BadRequest("quantity must be a whole number from 1")
    return Line(text(given, "description"), quantity, money(given, "amount", currency, least=0))


ROUTES = [
    Route("/sales/{sale}/cart", require_till_session(show_cart), methods=["PUT"]),
    Route("/sales/{sale}/cart", require_till_session(clear_cart), methods=["DELETE"]),
]
