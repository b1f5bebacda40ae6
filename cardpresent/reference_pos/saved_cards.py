"""Cards that customers let the shop keep: as they allowed, and only where Stripe says they can be charged again.

What a card leaves behind is its *generated card*. The card that was presented can never be charged again, whatever its
id looks like, and some brands and phones leave none: then nothing is kept, and the till says so.
https://docs.stripe.com/terminal/features/saving-cards/save-after-payment (documented)
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .asking import body_of, refuse, till_of, within
from .bodies import BadRequest, text
from .sale import Sale
from .sessions import require_till_session
from .stripe_calls import Intent, Lost, Refused, Throttled, Trouble
from .terms import terms_of
from .till import Till

CONSENTS: Final = ("limited", "always")
WORDS: Final = {
    "none": "No card of this customer is kept.",
    "asking": "Waiting for the customer's card. Nothing is kept yet.",
    "kept": "The card ending {last4} is kept, as the customer allowed.",
    "not_kept": "No card is kept.",
    "not_known": "Not known yet. The till is asking whether the card is kept.",
}
SHOWN: Final = {"none": "none", "not_kept": "none", "asking": "waiting", "kept": "kept", "not_known": "not_known"}


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer. `card` is the generated card, "" while none is kept; one may come from `sale` or `setup`."""

    customer: str
    at_stripe: str
    state: str = "none"
    card: str = ""
    last4: str = ""
    consent: str = ""
    sale: str = ""
    setup: str = ""
    setup_n: int = 0
    reader: str = ""
    deadline: float = 0.0


def find(till: Till, name: str) -> Customer | None:
    rows = till.store.run(f"SELECT {', '.join(Customer.__slots__)} FROM customers WHERE customer = ?", name)
    return Customer(*rows[0]) if rows else None


def write(till: Till, name: str, **fields: str | int | float) -> Customer:
    sets = ", ".join(f"{field} = ?" for field in fields)
    till.store.run(f"UPDATE customers SET {sets} WHERE customer = ?", *fields.values(), name)
    found = find(till, name)
    assert found is not None
    till.log.line("card_on_file", customer=name, state=found.state)
    return found


async def at_stripe(till: Till, name: str) -> Customer:
    """The customer, made at Stripe when first heard of. Raises Trouble."""
    known = find(till, name)
    if known is None:
        made = await till.stripe.create_customer(name, f"customer:{name}")
        till.store.run("INSERT OR IGNORE INTO customers (customer, at_stripe) VALUES (?, ?)", name, made)
        known = find(till, name)
        assert known is not None
    return known


# With a sale


def expect_from_sale(till: Till, name: str, sale: str, consent: str) -> None:
    write(till, name, state="asking", sale=sale, consent=consent, setup="")


def after(till: Till, sale: Sale) -> None:
    """The sale's card was approved: what it left behind is looked up, for as long as that takes."""
    terms = terms_of(till.store, sale.sale)
    known = find(till, terms.customer) if terms.consent else None
    if known is not None and known.sale == sale.sale and known.state == "asking":
        till.spawn(_keep_from_sale(till, sale, terms.customer))


async def _keep_from_sale(till: Till, sale: Sale, name: str) -> None:
    pause_s = till.settings.backoff_s
    async with till.lock(f"card of {name}"):
        while (known := find(till, name)) and known.state == "asking" and known.sale == sale.sale:
            with suppress(Trouble):
                charge = await till.stripe.read_charge(str(sale.intent)) or {}
                details = charge.get("payment_method_details") or {}
                card = details.get(str(details.get("type"))) or {}
                _keep(till, name, card.get("generated_card"), str(card.get("last4") or ""))
                return
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, till.settings.retry_max_s)


def _keep(till: Till, name: str, generated: str | None, last4: str) -> None:
    """Kept is what Stripe generated, and nothing else."""
    if generated is None:
        write(till, name, state="not_kept")
    else:
        write(till, name, state="kept", card=generated, last4=last4)


def standing(till: Till, known: Customer) -> str:
    """What the cashier is told of the card: a sale that was not paid leaves nothing to keep."""
    sale = till.store.find_sale(known.sale) if known.sale and known.state == "asking" else None
    return "not_kept" if sale is not None and sale.outcome == "not_paid" else known.state


# Without a sale


async def save(till: Till, name: str, reader: str, consent: str) -> str | None:
    """Have the reader ask for a card to keep. Returns why not, in the till's word. Raises Trouble."""
    async with till.lock(f"card of {name}"):
        known = await at_stripe(till, name)
        if known.state == "asking" and not known.sale:
            return None
        known = write(till, name, state="asking", sale="", setup="", consent=consent, reader=reader,
                      setup_n=known.setup_n + 1, deadline=till.clock.now() + till.settings.deadline_s)
        try:
            setup = await till.stripe.create_setup(known.at_stripe, f"setup:{name}:{known.setup_n}")
        except Trouble:
            write(till, name, state="not_kept")
            raise
        write(till, name, setup=setup.id)
        try:
            await till.stripe.process_setup(reader, setup.id, consent, f"save:{name}:{known.setup_n}")
        except (Refused, Throttled):
            write(till, name, state="not_kept")
            return "reader_not_free"
        except Lost:
            write(till, name, state="not_known")
    till.spawn(_follow(till, name))
    return None


async def _follow(till: Till, name: str) -> None:
    news = till.news.setdefault(f"card of {name}", asyncio.Event())
    try:
        while (known := find(till, name)) and known.setup and known.state in ("asking", "not_known"):
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), timeout=till.settings.poll_s)
            news.clear()
            with suppress(Trouble):
                async with till.lock(f"card of {name}"):
                    await _look(till, name)
    finally:
        till.news.pop(f"card of {name}", None)


async def _look(till: Till, name: str) -> None:
    """Ask Stripe how the saving stands; the reader first, for what it is done with is final. Raises Trouble."""
    known = find(till, name)
    assert known is not None
    reader = await till.stripe.read_reader(known.reader)
    waiting = reader.setup == known.setup and reader.action_status == "in_progress"
    if waiting and till.clock.now() < known.deadline:
        write(till, name, state="asking")
        return
    if waiting:
        with suppress(Refused):
            await till.stripe.cancel_action(known.reader, f"unsave:{name}:{known.setup_n}")
    setup = await till.stripe.read_setup(known.setup)
    if setup.status == "succeeded":
        _keep(till, name, setup.generated, setup.last4)
        return
    with suppress(Refused):
        await till.stripe.cancel_setup(known.setup, f"drop:{name}:{known.setup_n}")
    write(till, name, state="not_kept")


def resume(till: Till) -> None:
    """After a start: take up what was being kept."""
    for (name,) in till.store.run("SELECT customer FROM customers WHERE state IN ('asking', 'not_known')"):
        known = find(till, name)
        sale = till.store.find_sale(known.sale) if known and known.sale else None
        if sale is not None and sale.outcome in ("paid", "held"):
            after(till, sale)
        elif known is not None and known.setup:
            till.spawn(_follow(till, name))


def hear(till: Till, reader: dict[str, Any]) -> bool:
    """A reader's event: is it about a card that is being kept? Then whoever waits for it looks."""
    about = ((reader.get("action") or {}).get("process_setup_intent") or {}).get("setup_intent")
    rows = till.store.run("SELECT customer FROM customers WHERE setup = ?", about) if about else []
    for (name,) in rows:
        if f"card of {name}" in till.news:
            till.news[f"card of {name}"].set()
    return bool(rows)


# Charging what is kept


async def charge(till: Till, sale: Sale, intent: Intent) -> Intent:
    """Charge the kept card; one key for each try, so that a lost answer is heard again. Raises Trouble."""
    card = terms_of(till.store, sale.sale).card
    try:
        return await till.stripe.charge_saved(intent.id, card, f"charge:{sale.sale}:{sale.attempt}")
    except Refused:
        return await till.stripe.read_intent(intent.id)


# What may be asked


def told(till: Till, known: Customer) -> dict[str, Any]:
    state = standing(till, known)
    return {"customer": known.customer, "card": SHOWN[state], "last4": known.last4,
            "words": WORDS[state].format(last4=known.last4)}


def consent_in(body: dict[str, Any]) -> str:
    """What the customer allowed. Raises BadRequest: nothing is kept that nobody allowed."""
    consent = text(body, "consent")
    if consent not in CONSENTS:
        raise BadRequest(f"consent must be one of {', '.join(CONSENTS)}: ask the customer first")
    return consent


async def save_card(request: Request) -> Response:
    till, body, name = till_of(request), await body_of(request), str(request.path_params["customer"])
    consent, reader = consent_in(body), till.store.bound_reader(text(body, "register", "front"))
    if reader is None:
        return refuse(till, "no_reader")
    if till.store.attempt_on(reader) is not None:
        return refuse(till, "in_payment")
    try:
        why_not = await within(till, save(till, name, reader, consent))
    except Trouble:
        return refuse(till, "stripe_silent", status=503)
    known = find(till, name)
    return refuse(till, why_not) if why_not else JSONResponse(told(till, known or Customer(name, "")))


async def read_customer(request: Request) -> Response:
    till, name = till_of(request), str(request.path_params["customer"])
    return JSONResponse(told(till, find(till, name) or Customer(name, "")))


ROUTES = [
    Route("/customers/{customer}/card", require_till_session(save_card), methods=["POST"]),
    Route("/customers/{customer}", require_till_session(read_customer)),
]
