"""Charging a card that is on file: the customer is not there, and the sale goes its ordinary way from there on."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import payment, saved_cards
from .asking import answer, body_of, refuse, till_of, within
from .bodies import money, text
from .sale import ON_FILE, new_sale
from .sessions import require_till_session
from .terms import Terms, agree


async def charge_on_file(request: Request) -> Response:
    till, body, customer = till_of(request), await body_of(request), str(request.path_params["customer"])
    currency = text(body, "currency", till.settings.currency).lower()
    amount, name = money(body, "amount", currency), text(body, "sale")
    known, person = till.store.find_sale(name), saved_cards.find(till, customer)
    if known is not None and (known.amount, known.currency) != (amount, currency):
        return refuse(till, "sale_changed", known)
    if known is None and (person is None or not person.card):
        return refuse(till, "no_card_kept")
    if known is None and person is not None:
        agree(till.store, name, Terms(customer=customer, at_stripe=person.at_stripe, card=person.card))
    new = new_sale(name, amount, currency, text(body, "register", "front"), f"{ON_FILE}{name}",
                   till.clock.now(), till.store.day()[0])
    sale = known or replace(new, skip_tipping=True)
    with till.store.transaction():
        begun = till.store.add_sale(sale) and payment.begin(till, name)
    if begun:
        await within(till, payment.put_on_reader(till, name))
    return answer(till, sale)


ROUTES = [Route("/customers/{customer}/sales", require_till_session(charge_on_file), methods=["POST"])]
