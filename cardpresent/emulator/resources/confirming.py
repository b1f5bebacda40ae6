"""Making and editing PaymentIntents, and confirming them with a card that no reader sees."""

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, StripeError, doc_url, invalid, not_emulated
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.machine import IllegalTransition
from cardpresent.emulator.operations import BY_ITSELF, Call, Cause, Operation
from cardpresent.emulator.paying import connect, online_cards, online_issuer
from cardpresent.emulator.paying.cards import Decline
from cardpresent.emulator.paying.online_issuer import Answer
from cardpresent.emulator.resources import charges, disputes, line_items, payment_intents, payment_methods
from cardpresent.emulator.resources.payment_intent_params import changes, name, new
from cardpresent.emulator.wire.params import UNSET

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_CONFIRM: Final = f"{API}/payment_intents/confirm"

declare(
    "confirm.online", "documented", _CONFIRM,
    "A card PaymentMethod is charged without a reader: Stripe's test cards by name, and cards saved before.",
)
declare(
    "confirm.declined", "documented", "https://docs.stripe.com/declines",
    "A declined confirmation answers 402 card_error with the whole PaymentIntent, which waits for another card.",
)
declare(
    "confirm.card_present", "assumed", "https://docs.stripe.com/terminal/payments/collect-card-payment",
    "A card_present PaymentMethod is confirmed through its reader alone; a confirm from the server answers 400.",
)
declare(
    "confirm.type", "documented", "https://docs.stripe.com/error-codes",
    "A PaymentMethod of a type the PaymentIntent does not take answers payment_intent_incompatible_payment_method.",
)
declare(
    "confirm.without_method", "assumed", _CONFIRM,
    "Confirming without a PaymentMethod, or in a wrong state, answers payment_intent_unexpected_state.",
)
declare(
    "confirm.return_url", "documented", f"{API}/payment_intents/create",
    "Automatic payment methods that may redirect need a return_url, unless off_session or allow_redirects never.",
)
declare(
    "confirm.only_then", "documented", f"{API}/payment_intents/create",
    "off_session, return_url and error_on_requires_action are for calls that confirm; create without confirm refuses.",
)
declare(
    "confirm.authentication", "documented", "https://docs.stripe.com/payments/3d-secure/authentication-flow",
    "requires_action names redirect_to_url where a return_url was given, else use_stripe_sdk.",
)
declare(
    "confirm.error_on_action", "documented", _CONFIRM,
    "With error_on_requires_action an attempt that would need authentication is declined: authentication_required.",
)
declare(
    "confirm.authentication_fails", "documented", "https://docs.stripe.com/error-codes",
    "A failed authentication leaves payment_intent_authentication_failure in last_payment_error, and no charge.",
)
declare(
    "confirm.saved", "documented", f"{API}/payment_intents/create",
    "With setup_future_usage and a customer the card is attached once paid; without, a new card is used up.",
)
declare(
    "payment_intent.edit_action", "documented", f"{API}/payment_intents/update",
    "A PaymentIntent edited while it requires_action must be confirmed again.",
)

_AUTHENTICATED_BY: Final = "https://hooks.stripe.com/3d_secure_2/authenticate"
_FAILED: Final = Decline(
    "payment_intent_authentication_failure", None,
    "The provided PaymentMethod has failed authentication. Another one may be given to try again.",
)


# --------------------------------------------------------------------------------------------------------- transitions


def _confirm(account: "Account", pi: JsonObject, method: JsonObject, params: JsonObject, cause: Cause) -> None:
    """One attempt with this card. Raises its decline, after everything is written down."""
    answer = _ask(account, pi, method, params)
    if answer.needs_action and params.get("error_on_requires_action"):
        code = "authentication_required"
        decline = Decline(code, code, "This transaction requires authentication, and the call forbids that.")
        answer = Answer(decline, risk_level=answer.risk_level, risk_score=answer.risk_score)
    if answer.needs_action:
        payment_intents.move(pi, "demand_action")
        pi["payment_method"] = method["id"]
        pi["next_action"] = _next_action(pi, params)
        account.emit("payment_intent.requires_action", pi, cause)
        return
    _settle(account, pi, method, answer, cause)


def _ask(account: "Account", pi: JsonObject, method: JsonObject, params: JsonObject) -> Answer:
    options = (pi["payment_method_options"] or {}).get("card", {})
    return online_issuer.ask(
        account, payment_methods.card_of(account, method), saved=method["customer"] is not None,
        off_session=params.get("off_session", False) is not False,
        wants_3ds=options.get("request_three_d_secure") in ("any", "challenge"),
    )


def _settle(account: "Account", pi: JsonObject, method: JsonObject, answer: Answer, cause: Cause) -> None:
    """The bank's answer becomes a charge."""
    card = payment_methods.card_of(account, method)
    held = answer.decline is None and _captures_later(pi)
    charge = charges.make_online(account, pi, card, method, answer, held=held)
    if answer.decline is not None:
        error = payment_intents.card_error(pi, charge, answer.decline, method)
        payment_intents.decline(account, pi, charge, error, cause)
        raise StripeError(402, {**error, "payment_intent": pi})
    if pi["setup_future_usage"] is not None and pi["customer"] is not None and method["customer"] is None:
        payment_methods.attach(account, method, pi["customer"], cause)
    elif method["customer"] is None:
        payment_methods.spend(account, method)
    tip = pi["amount_details"]["tip"].get("amount")
    payment_intents.authorize(account, pi, charge, tip, not held, cause)
    if not held:
        disputes.arrive_later(account, charge)


def _captures_later(pi: JsonObject) -> bool:
    options = (pi["payment_method_options"] or {}).get("card", {})
    return "manual" in (pi["capture_method"], options.get("capture_method"))


def _next_action(pi: JsonObject, params: JsonObject) -> JsonObject:
    url = f"{_AUTHENTICATED_BY}/{pi['id']}"
    if "return_url" in params:
        return {"redirect_to_url": {"return_url": params["return_url"], "url": url}, "type": "redirect_to_url"}
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"stripe_js": url, "type": "three_d_secure_redirect"}}


def authenticate(account: "Account", pi: JsonObject, succeeds: bool) -> JsonObject:
    """The customer answers the bank's question. Raises IllegalTransition where nobody asked one."""
    if pi["status"] != "requires_action":
        allowed = payment_intents.MACHINE.allowed(pi["status"])
        raise IllegalTransition(pi["id"], pi["status"], "authenticate", allowed)
    method = account.payment_methods.get(pi["payment_method"])
    assert method is not None
    if succeeds:
        card = payment_methods.card_of(account, method)
        saved = method["customer"] is not None
        answer = online_issuer.ask(account, card, saved=saved, off_session=False, wants_3ds=False, authenticated=True)
        with suppress(StripeError):  # a decline stands in last_payment_error; nobody waits for it here
            _settle(account, pi, method, answer, BY_ITSELF)
        return pi
    payment_intents.move(pi, "decline")
    pi["payment_method"] = None
    pi["last_payment_error"] = {
        "code": _FAILED.code, "doc_url": doc_url(_FAILED.code), "message": _FAILED.message,
        "payment_method": method, "type": "invalid_request_error",
    }
    account.emit("payment_intent.payment_failed", pi, BY_ITSELF)
    return pi


# -------------------------------------------------------------------------------------------------------------- checks


def _check_method(account: "Account", id: str, types: list[str], customer: str | None, pi: JsonObject | None) -> None:
    """Raises unless this PaymentMethod may pay here. Nothing is made yet."""
    shown = None if pi is None else {"payment_intent": pi}
    kind, method = "card", None
    if online_cards.named(id, "pm_card_") is None:
        method = payment_methods.find(account, id, in_url=False)
        kind = method["type"]
    if kind not in types:
        message = (
            f"The PaymentMethod provided ({kind}) is not allowed for this PaymentIntent. Please use one of the "
            f"following types instead: {', '.join(types)}."
        )
        code = "payment_intent_incompatible_payment_method"
        raise invalid(message, code=code, param="payment_method", kept=pi is not None, objects=shown)
    if method is not None:
        payment_methods.check_usable(account, method, customer)
    card = online_cards.named(id, "pm_card_") if method is None else payment_methods.card_of(account, method)
    if card is not None and online_issuer.effect_of(card) == "early_fraud_warning":
        raise not_emulated("early fraud warnings are not emulated", param="payment_method")


def _check_redirects(pi: JsonObject, params: JsonObject) -> None:
    automatic = pi["automatic_payment_methods"] or {}
    off_session = params.get("off_session", False) is not False
    if automatic.get("allow_redirects") == "always" and "return_url" not in params and not off_session:
        message = (
            "This PaymentIntent accepts the payment methods enabled in your Dashboard, and some of them might redirect "
            "your customer off of your page: you must provide a `return_url`, or set "
            "`automatic_payment_methods[allow_redirects]` to `never`."
        )
        raise invalid(message)


_ONLY_CONFIRMING: Final = ("error_on_requires_action", "off_session", "return_url", "use_stripe_sdk")


# ---------------------------------------------------------------------------------------------------------- operations


def create(call: Call) -> JsonObject:
    account, params = call.account, call.params
    confirms = params.get("confirm", False)
    for only in () if confirms else _ONLY_CONFIRMING:
        if only in params:
            raise invalid(f"You may only use {only} together with confirm=true.", param=only)
    pi, items = new(call)
    method = params.get("payment_method")
    if method is not None:
        _check_method(account, method, pi["payment_method_types"], pi["customer"], None)
    if confirms:
        _check_redirects(pi, params)
    name(account, pi)
    account.payment_intents.add(pi["id"], pi, pi["created"], customer=pi["customer"])
    connect.name_sellers(account, pi)
    if "interac_present" in pi["payment_method_types"] and call.version[:10] < "2025-03-31":
        account.interac_before_basil.add(pi["id"])
    line_items.keep(account, pi["id"], items)
    if method is not None:
        payment_intents.collect(pi, payment_methods.resolve(account, method))
    account.emit("payment_intent.created", pi, call.cause)
    if confirms:
        chosen = account.payment_methods.get(pi["payment_method"] or "")
        if chosen is None:
            raise _without_method(pi)
        _confirm(account, pi, chosen, params, call.cause)
    return pi


def update(call: Call) -> JsonObject:
    account, params = call.account, call.params
    pi = payment_intents.to_change(call)
    payment_intents.check_editable(pi, params)
    after, items = changes(account, pi, params, call.version)
    wanted = params.get("payment_method")
    if isinstance(wanted, str):
        _check_method(account, wanted, after["payment_method_types"], after.get("customer", pi["customer"]), None)
    if pi["status"] == "requires_action" and set(params) - {"metadata", "expand"}:
        payment_intents.move(pi, "edit")
    payment_intents.edit(account, pi, after, items)
    connect.name_sellers(account, pi)
    if wanted is UNSET:
        payment_intents.uncollect(pi)
    elif wanted is not None:
        payment_intents.collect(pi, payment_methods.resolve(account, wanted))
    return pi


def confirm(call: Call) -> JsonObject:
    account, params = call.account, call.params
    pi = payment_intents.to_change(call)
    if not payment_intents.MACHINE.allows(pi["status"], "demand_action"):
        raise payment_intents.unexpected_state(pi, _cannot_confirm(pi))
    after, items = changes(account, pi, params, call.version)
    wanted = params.get("payment_method", pi["payment_method"])
    if wanted is None:
        raise _without_method(pi)
    _check_method(account, wanted, after["payment_method_types"], pi["customer"], pi)
    _check_redirects(pi, params)
    payment_intents.edit(account, pi, after, items)
    _confirm(account, pi, payment_methods.resolve(account, wanted), params, call.cause)
    return pi


def _without_method(pi: JsonObject) -> StripeError:
    message = (
        "You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with a "
        "payment method, or confirm it with one."
    )
    return payment_intents.unexpected_state(pi, message)


def _cannot_confirm(pi: JsonObject) -> str:
    if pi["status"] == "succeeded":
        return "You cannot confirm this PaymentIntent because it has already succeeded."
    return (
        f"This PaymentIntent could not be confirmed because it has a status of {pi['status']}. Only a PaymentIntent "
        "with one of the following statuses may be confirmed: requires_confirmation, requires_action, "
        "requires_payment_method."
    )


# -------------------------------------------------------------------------------------------------------------- routes

_ALL: Final = "/v1/payment_intents"
_SHARED: Final = (
    "allowed_payment_method_types amount_details capture_method excluded_payment_method_types payment_details "
    "payment_method payment_method_options receipt_email setup_future_usage shipping "
)
_EDITED: Final = (
    "amount application_fee_amount currency customer description metadata statement_descriptor "
    "statement_descriptor_suffix transfer_data transfer_group "
)
OPERATIONS: Final = [
    Operation("payment_intent.create", "POST", _ALL, create, "payment_intent_create",
              f"{_SHARED} {_EDITED} automatic_payment_methods confirm confirmation_method error_on_requires_action "
              "off_session on_behalf_of return_url use_stripe_sdk"),
    Operation("payment_intent.update", "POST", f"{_ALL}/{{intent}}", update, "payment_intent_update",
              f"{_SHARED} {_EDITED}"),
    Operation("payment_intent.confirm", "POST", f"{_ALL}/{{intent}}/confirm", confirm, "payment_intent_confirm",
              f"{_SHARED} error_on_requires_action off_session return_url use_stripe_sdk"),
]
