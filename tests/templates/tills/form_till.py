"""Pages and forms: a hidden token that is checked against the cookie, redirects after each form, words in HTML."""

import secrets
from http.cookies import SimpleCookie

from shop import new_payment, open_shop, process, readers, state, stripe

SALES = []
SHOWN = {"paid": "Paid", "declined": "Not paid", "canceled": "Not paid"}


def page(till, body, *headers):
    till.send(f"<!doctype html><title>Till</title><body>{body}</body>".encode(), 200,
              ("Content-Type", "text/html; charset=utf-8"), *headers)


def token(till):
    known = SimpleCookie(till.headers.get("Cookie", "")).get("csrf")
    return known.value if known else None


def form(till, body):
    csrf = token(till) or secrets.token_hex(8)
    page(till, f'<form method="post" action="/sales"><input type="hidden" name="csrf" value="{csrf}">'
               '<input name="amount"><input name="reader"><button>Charge</button></form>',
         ("Set-Cookie", f"csrf={csrf}; HttpOnly"))


def sell(till, body):
    if body.get("csrf") != token(till):
        return till.send(b"<h1>Forbidden</h1>", 403)
    payment = new_payment(round(float(body["amount"]) * 100))["id"]
    told = process(payment, body["reader"])
    SALES.append((payment, body["reader"], (told.get("error") or {}).get("message")))
    return till.send(b"", 303, ("Location", f"/sales/{len(SALES)}"))


def look(till, body):
    payment, _, trouble = SALES[int(till.named) - 1]
    status, said = state(payment)
    shown = "Not paid" if trouble else SHOWN.get(status, "Waiting for the card")
    page(till, f'<p class="status">{shown}</p><p class="message">{trouble or said}</p>'
               f'<form class="cancel" method="post"><input type="hidden" name="csrf" value="{token(till)}"></form>')


def cancel(till, body):
    if body.get("csrf") != token(till):
        return till.send(b"<h1>Forbidden</h1>", 403)
    payment, reader, _ = SALES[int(till.named) - 1]
    stripe("POST", f"/v1/terminal/readers/{reader}/cancel_action")
    stripe("POST", f"/v1/payment_intents/{payment}/cancel")
    return till.send(b"", 303, ("Location", f"/sales/{till.named}"))


open_shop({
    "GET /readers": lambda till, body: till.json(readers()), "GET /sales/new": form, "POST /sales": sell,
    "GET /sales/*": look, "POST /sales/*/cancel": cancel,
})
