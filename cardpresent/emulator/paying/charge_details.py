"""What a charge tells of its card and of the bank's answer: payment_method_details and outcome."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.paying.amounts import incremental_eligible, overcapture_eligible
from cardpresent.emulator.paying.cards import APPLICATIONS, Card
from cardpresent.emulator.paying.issuer import DAY_S, Attempt, window_s
from cardpresent.emulator.paying.online_issuer import Answer, effect_of
from cardpresent.emulator.resources import payment_methods

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_M2 = "https://github.com/woocommerce/woocommerce-ios"
_HOLD = "https://docs.stripe.com/payments/place-a-hold-on-a-payment-method"

declare(
    "charge.card_present", "observed", _M2,
    "A card_present charge carries brand, network, read method, limits and the EMV receipt fields.",
)
declare(
    "charge.interac_present", "observed", _M2,
    "An Interac charge has network interac, account type checking, and neither limits nor amount_authorized.",
)
declare(
    "charge.card", "documented", f"{API}/charges/object",
    "An online charge carries checks, authorization code, capture_before and whether more may be done with its hold.",
)
declare(
    "charge.online_window", "documented", _HOLD,
    "An online authorization holds 7 days, up to 30 where an extended authorization was asked for.",
)
declare(
    "charge.online_features", "assumed", "https://docs.stripe.com/payments/flexible-payments",
    "Visa, Mastercard, Amex and Discover support extended and incremental authorizations online where asked for; "
    "overcapture online is never available.",
)
declare(
    "charge.multicapture_brands", "documented", "https://docs.stripe.com/payments/multicapture",
    "Multicapture is available online with Visa, Mastercard, Amex, Discover, Cartes Bancaires, Diners, JCB, UnionPay.",
)

ONLINE_WINDOW_S: Final = 7 * DAY_S
ONLINE_EXTENDED_S: Final = 30 * DAY_S
_FEATURED_BRANDS: Final = frozenset({"visa", "mastercard", "amex", "discover"})
_MULTICAPTURE_BRANDS: Final = _FEATURED_BRANDS | {"cartes_bancaires", "diners", "jcb", "unionpay"}


# ----------------------------------------------------------------------------------------------------------- in person


def presented(
    account: "Account", pi: JsonObject, card: Card, attempt: Attempt, amount: int, reader: JsonObject
) -> JsonObject:
    """payment_method_details of a card held to a reader."""
    kind = "interac_present" if card.is_interac else "card_present"
    approved = attempt.decline is None
    details: JsonObject = {
        "brand": card.brand, "cardholder_name": "CARDHOLDER/TEST", "country": card.country,
        "description": None, "emv_auth_data": "8A023030" if approved else "8A023035",
        "exp_month": payment_methods.EXPIRY[0], "exp_year": payment_methods.EXPIRY[1],
        "fingerprint": payment_methods.fingerprint(card), "funding": card.funding, "generated_card": None,
        "issuer": None, "last4": card.last4, "network": attempt.network,
        "network_transaction_id": account.ids.letters(15).upper() if approved else None, "preferred_locales": ["en"],
        "read_method": attempt.read_method, "reader": reader["id"], "receipt": _receipt(account, card, attempt),
    }
    if reader["location"] is not None:
        details["location"] = reader["location"]
    if kind == "card_present":
        details.update(_limits(account, pi, card, attempt, amount))
    return {kind: dict(sorted(details.items())), "type": kind}


def _limits(account: "Account", pi: JsonObject, card: Card, attempt: Attempt, amount: int) -> JsonObject:
    held = attempt.decline is None and not attempt.capture
    settings = account.settings
    options = (pi["payment_method_options"] or {}).get("card_present", {})
    incremental = bool(options.get("request_incremental_authorization_support"))
    limits: JsonObject = {
        "amount_authorized": amount, "brand_product": None,
        "incremental_authorization_supported": held and incremental
        and incremental_eligible(settings.merchant_category, card.brand),
        "offline": None,
        "overcapture_supported": held
        and overcapture_eligible(settings.country, settings.merchant_category, card.brand, pi["currency"]),
    }
    if held:
        limits["capture_before"] = account.clock.now() + window_s(card.brand, pi, account)
    return limits


def _receipt(account: "Account", card: Card, attempt: Attempt) -> JsonObject:
    """What a custom receipt must print, as the chip gave it."""
    aid, name = APPLICATIONS.get(attempt.network) or APPLICATIONS[card.brand]
    chip = attempt.read_method == "contact_emv"
    account_type = "checking" if card.is_interac else {"credit": "credit", "prepaid": "prepaid"}.get(card.funding)
    return {
        "account_type": account_type or "checking",
        "application_cryptogram": account.ids.hex(16).upper(),
        "application_preferred_name": name,
        "authorization_code": None,
        "authorization_response_code": "3030" if attempt.decline is None else "3035",
        "cardholder_verification_method": attempt.cvm,
        "dedicated_file_name": aid,
        "terminal_verification_results": "0000008000" if chip else "0000000000",
        "transaction_status_information": "E800" if chip else "0000",
    }


def outcome(attempt: Attempt) -> JsonObject:
    """The outcome of an attempt in person, which Radar does not look at."""
    if attempt.decline is None:
        return _approved("not_assessed")
    decline = attempt.decline
    return {
        "advice_code": decline.advice, "network_advice_code": None, "network_decline_code": None,
        "network_status": "declined_by_network", "reason": decline.decline_code or decline.code,
        "risk_level": "not_assessed", "seller_message": "The bank did not approve the payment.",
        "type": "issuer_declined",
    }


def _approved(risk_level: str) -> JsonObject:
    return {
        "advice_code": None, "network_advice_code": None, "network_decline_code": None,
        "network_status": "approved_by_network", "reason": None, "risk_level": risk_level,
        "seller_message": "Payment complete.", "type": "authorized",
    }


# -------------------------------------------------------------------------------------------------------------- online


def online(
    account: "Account", options: JsonObject, card: Card, method_card: JsonObject, answer: Answer, amount: int, *,
    held: bool,
) -> JsonObject:
    """payment_method_details of a card charged without a reader. `options` are the PaymentIntent's for `card`."""
    approved = answer.decline is None
    details: JsonObject = {
        "amount_authorized": amount if approved else None,
        "authorization_code": account.ids.letters(6).upper() if approved else None, "brand": card.brand,
        "checks": _checks(card, method_card), "country": card.country, "exp_month": method_card["exp_month"],
        "exp_year": method_card["exp_year"], "fingerprint": method_card["fingerprint"], "funding": card.funding,
        "installments": None, "last4": card.last4, "mandate": None, "network": card.brand,
        "network_token": {"used": False},
        "network_transaction_id": account.ids.letters(15).upper() if approved else None,
        "regulated_status": "unregulated", "three_d_secure": _three_d_secure(account, answer), "wallet": None,
    }
    asked = {name for name, value in options.items() if value == "if_available"}
    extended = held and card.brand in _FEATURED_BRANDS and "request_extended_authorization" in asked
    if held:
        window = ONLINE_EXTENDED_S if extended else ONLINE_WINDOW_S
        details["capture_before"] = account.clock.now() + window
    details["extended_authorization"] = {"status": "enabled" if extended else "disabled"}
    for name, wish, brands in (
        ("incremental_authorization", "request_incremental_authorization", _FEATURED_BRANDS),
        ("multicapture", "request_multicapture", _MULTICAPTURE_BRANDS),
    ):
        available = held and wish in asked and card.brand in brands
        details[name] = {"status": "available" if available else "unavailable"}
    details["overcapture"] = {"maximum_amount_capturable": amount, "status": "unavailable"}
    return {"card": dict(sorted(details.items())), "type": "card"}


def _checks(card: Card, method_card: JsonObject) -> JsonObject:
    checks = dict(method_card["checks"])
    effect = effect_of(card)
    if effect in ("address_checks_fail", "line1_check_fails"):
        checks["address_line1_check"] = "fail"
    if effect in ("address_checks_fail", "postal_code_check_fails"):
        checks["address_postal_code_check"] = "fail"
    if effect == "address_unavailable":
        checks.update(address_line1_check="unavailable", address_postal_code_check="unavailable")
    return checks


def _three_d_secure(account: "Account", answer: Answer) -> JsonObject | None:
    if not answer.authenticated:
        return None
    return {
        "authentication_flow": "challenge", "electronic_commerce_indicator": "05", "exemption_indicator": None,
        "exemption_indicator_applied": False, "result": "authenticated", "result_reason": None,
        "transaction_id": account.ids.uuid(), "version": "2.2.0",
    }


def online_outcome(answer: Answer) -> JsonObject:
    """The outcome of an attempt online, with Radar's risk."""
    if answer.decline is None:
        return {**_approved(answer.risk_level), "risk_score": answer.risk_score}
    decline = answer.decline
    told: JsonObject = {
        "advice_code": decline.advice, "network_advice_code": None, "network_decline_code": None,
        "network_status": "declined_by_network", "reason": decline.decline_code or decline.code,
        "risk_level": answer.risk_level, "risk_score": answer.risk_score,
        "seller_message": "The bank did not approve the payment.", "type": "issuer_declined",
    }
    if answer.blocked:
        told.update(
            advice_code=None, network_status="not_sent_to_network", reason="highest_risk_level", type="blocked",
            seller_message="Stripe blocked this payment as too risky.",
        )
    return told
