"""Charges: one for each attempt to authorize. They are made by readers, never by a call."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator import connect
from cardpresent.emulator.amounts import overcapture_eligible
from cardpresent.emulator.cards import APPLICATIONS, Card
from cardpresent.emulator.errors import JsonObject, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.issuer import Attempt, CardFacts, window_s
from cardpresent.emulator.operations import Call, Cause, Operation
from cardpresent.emulator.resources import balance_transactions, payment_methods
from cardpresent.emulator.versions import before
from cardpresent.emulator.wire import page_of

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_M2 = "https://github.com/woocommerce/woocommerce-ios"

declare(
    "charge.card_present", "observed", _M2,
    "A card_present charge carries brand, network, read method, limits and the EMV receipt fields.",
)
declare(
    "charge.interac_present", "observed", _M2,
    "An Interac charge has network interac, account type checking, and neither limits nor amount_authorized.",
)
declare(
    "charge.release", "documented", f"{API}/payment_intents/cancel",
    "Cancelling an authorization refunds what was capturable: the charge reads refunded, charge.refunded fires.",
)
declare(
    "charge.partial_capture", "assumed", f"{API}/payment_intents/capture",
    "What a partial capture leaves behind is counted in the charge's amount_refunded; no Refund object is made.",
)

_NO_BILLING: Final = {
    "address": {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None},
    "email": None, "name": None, "phone": None, "tax_id": None,
}
_INCREMENTAL_BRANDS: Final = frozenset({"visa", "mastercard", "amex"})


# -------------------------------------------------------------------------------------------------------------- fields


def make(
    account: "Account", pi: JsonObject, card: Card, attempt: Attempt, amount: int, reader: JsonObject,
    payment_method: str,
) -> JsonObject:
    """The charge of one attempt, approved or not, kept and returned. `amount` includes a tip from the reader."""
    approved = attempt.decline is None
    charge: JsonObject = {
        "id": account.ids.new("ch"), "object": "charge", "amount": amount, "amount_captured": 0, "amount_refunded": 0,
        **connect.on_charge(pi), "application_fee": None, "balance_transaction": None,
        "billing_details": _NO_BILLING, "calculated_statement_descriptor": "CARDPRESENT EMULATOR", "captured": False,
        "created": account.clock.now(), "currency": pi["currency"], "customer": None,
        "description": pi["description"], "dispute": None, "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": attempt.decline.code if attempt.decline else None,
        "failure_message": attempt.decline.message if attempt.decline else None,
        "fraud_details": {}, "livemode": False, "metadata": pi["metadata"], "order": None,
        "outcome": _outcome(attempt), "paid": approved, "payment_intent": pi["id"], "payment_method": payment_method,
        "payment_method_details": _details(account, pi, card, attempt, amount, reader), "radar_options": {},
        "receipt_email": pi["receipt_email"], "receipt_number": None,
        "receipt_url": f"https://pay.stripe.com/receipts/payment/{account.ids.letters(40)}" if approved else None,
        "refunded": False, "review": None, "shipping": pi["shipping"], "source": None, "source_transfer": None,
        "statement_descriptor": pi["statement_descriptor"],
        "statement_descriptor_suffix": pi["statement_descriptor_suffix"],
        "status": "succeeded" if approved else "failed", "transfer_group": pi["transfer_group"],
    }
    account.cards[charge["id"]] = CardFacts(card)
    return account.charges.add(charge["id"], charge, charge["created"], payment_intent=pi["id"])


def _outcome(attempt: Attempt) -> JsonObject:
    if attempt.decline is None:
        return {
            "advice_code": None, "network_advice_code": None, "network_decline_code": None,
            "network_status": "approved_by_network", "reason": None, "risk_level": "not_assessed",
            "seller_message": "Payment complete.", "type": "authorized",
        }
    decline = attempt.decline
    return {
        "advice_code": "try_again_later", "network_advice_code": None, "network_decline_code": None,
        "network_status": "declined_by_network", "reason": decline.decline_code or decline.code,
        "risk_level": "not_assessed", "seller_message": "The bank did not approve the payment.",
        "type": "issuer_declined",
    }


def _details(
    account: "Account", pi: JsonObject, card: Card, attempt: Attempt, amount: int, reader: JsonObject
) -> JsonObject:
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
        "incremental_authorization_supported": held and incremental and card.brand in _INCREMENTAL_BRANDS,
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


# --------------------------------------------------------------------------------------------------------- transitions


def capture(account: "Account", charge: JsonObject, amount: int) -> None:
    """The held funds are taken; less than held releases the rest, more (a tip) raises the charge to it."""
    charge["amount"] = max(charge["amount"], amount)
    charge["captured"] = True
    charge["amount_captured"] = amount
    charge["amount_refunded"] = charge["amount"] - amount
    charge["balance_transaction"] = balance_transactions.of_charge(account, charge, amount)


def release(account: "Account", charge: JsonObject, event: str, cause: Cause) -> None:
    """The hold is let go (`charge.refunded` when cancelled, `charge.expired` when it lapsed)."""
    charge["amount_refunded"] = charge["amount"]
    charge["refunded"] = True
    previous = {"amount_refunded": 0, "refunded": False} if event == "charge.refunded" else None
    account.emit(event, charge, cause, previous)


def refunded(account: "Account", charge: JsonObject, amount: int, cause: Cause) -> None:
    """`amount` went back to the customer (negative: a refund failed and its money came back)."""
    previous = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount"]
    if amount > 0:
        account.emit("charge.refunded", charge, cause, previous)


def refundable(charge: JsonObject) -> int:
    left: int = charge["amount"] - charge["amount_refunded"]
    return left


@before("2022-11-15", "charge")
def _with_refunds(charge: JsonObject, account: "Account") -> JsonObject:
    return {**charge, "refunds": refunds_of(charge, account)}


def refunds_of(charge: JsonObject, account: "Account") -> JsonObject:
    """The list of this charge's refunds, newest first, as older versions embed it."""
    rows = account.refunds.by(charge=charge["id"])[::-1]
    url = f"/v1/charges/{charge['id']}/refunds"
    return {"object": "list", "data": rows[:10], "has_more": len(rows) > 10, "url": url}


# ---------------------------------------------------------------------------------------------------------- operations


def retrieve(call: Call) -> JsonObject:
    found = call.account.charges.get(call.id)
    if found is None:
        raise missing("charge", call.id, "id")
    return found


def list_all(call: Call) -> JsonObject:
    wanted = call.params.get("payment_intent")
    key = ("payment_intent", wanted) if wanted else None
    return page_of(call, call.account.charges, "/v1/charges", key, noun="charge")


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("charge.retrieve", "GET", "/v1/charges/{charge}", retrieve, "charge_retrieve"),
    Operation("charge.list", "GET", "/v1/charges", list_all, "charge_list",
              "created ending_before limit payment_intent starting_after"),
]
