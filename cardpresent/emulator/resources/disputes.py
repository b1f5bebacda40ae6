"""Disputes: a cardholder's bank takes a payment back, and the merchant answers with evidence."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, invalid, missing, not_emulated
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.machine import Machine
from cardpresent.emulator.operations import BY_ITSELF, Call, Cause, Operation
from cardpresent.emulator.paying.issuer import DAY_S
from cardpresent.emulator.paying.online_issuer import effect_of
from cardpresent.emulator.resources import balance_transactions, charges, files
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import UNSET

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_TESTING: Final = "https://docs.stripe.com/testing"
_HOW: Final = "https://docs.stripe.com/disputes/how-disputes-work"

declare(
    "dispute.cards", "documented", _TESTING,
    "Three online test cards are charged and then disputed: as fraudulent, as not received, or as an inquiry.",
)
declare(
    "dispute.in_person", "assumed", "",
    "No simulated card in person is disputed: Stripe's disputed test cards are cards for online payments.",
)
declare("dispute.arrives", "assumed", "", "The dispute arrives 5 seconds of account time after the capture.")
declare(
    "dispute.money", "documented", _HOW,
    "A dispute withdraws the amount and a fee of 15.00 at once; winning gives the amount back. An inquiry moves none.",
)
declare(
    "dispute.evidence", "documented", _TESTING,
    "uncategorized_text winning_evidence wins, losing_evidence loses, escalate_inquiry_evidence makes an inquiry "
    "a dispute.",
)
declare("dispute.deadline", "assumed", _HOW, "Evidence is due after 9 days; without any the dispute is lost.")
declare(
    "dispute.close", "documented", f"{API}/disputes/close",
    "Closing accepts the dispute: it is lost, for good. An inquiry that is closed reads warning_closed.",
)
declare(
    "dispute.closed", "assumed", f"{API}/disputes/update", "Evidence for a decided dispute is refused with 400.",
)
declare(
    "dispute.inquiry_refunded", "documented", _HOW, "Refunding a charge under inquiry in full closes the inquiry.",
)
declare(
    "dispute.refund", "documented", "https://docs.stripe.com/error-codes",
    "A disputed charge cannot be refunded: charge_disputed. During an inquiry it can.",
)

ARRIVES_AFTER_S: Final = 5
DUE_AFTER_S: Final = 9 * DAY_S
FEE: Final = 1500
_REASONS: Final = {
    "dispute_fraudulent": "fraudulent", "dispute_not_received": "product_not_received",
    "dispute_inquiry": "fraudulent",
}
_NETWORK_REASONS: Final = {"fraudulent": "10.4", "product_not_received": "13.1"}


# -------------------------------------------------------------------------------------------------------------- fields

_EVIDENCE: Final = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation",
    "duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier",
    "shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file", "uncategorized_text",
)
_FILES: Final = frozenset({
    "cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation", "receipt",
    "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file",
})


def _new(account: "Account", charge: JsonObject, effect: str) -> JsonObject:
    now, reason, card = account.clock.now(), _REASONS[effect], charges.details_of(charge)
    return {
        "id": account.ids.new("dp"), "object": "dispute", "amount": charge["amount_captured"],
        "balance_transactions": [], "charge": charge["id"], "created": now,
        "currency": charge["currency"], "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + DUE_AFTER_S, "enhanced_eligibility": {}, "has_evidence": False, "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": effect == "dispute_inquiry", "livemode": False, "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": card["brand"], "case_type": "inquiry" if effect == "dispute_inquiry" else "chargeback",
                "network_reason_code": _NETWORK_REASONS[reason],
            },
            "type": "card",
        },
        "reason": reason, "status": "new",
    }


# --------------------------------------------------------------------------------------------------------- transitions

MACHINE: Final = Machine("dispute", {
    ("new",                    "open"):     "needs_response",
    ("new",                    "inquire"):  "warning_needs_response",
    ("needs_response",         "respond"):  "under_review",
    ("needs_response",         "close"):    "lost",
    ("needs_response",         "expire"):   "lost",
    ("under_review",           "respond"):  "under_review",
    ("under_review",           "win"):      "won",
    ("under_review",           "lose"):     "lost",
    ("under_review",           "close"):    "lost",
    ("warning_needs_response", "respond"):  "warning_under_review",
    ("warning_needs_response", "close"):    "warning_closed",
    ("warning_needs_response", "expire"):   "warning_closed",
    ("warning_under_review",   "respond"):  "warning_under_review",
    ("warning_under_review",   "win"):      "warning_closed",
    ("warning_under_review",   "lose"):     "warning_closed",
    ("warning_under_review",   "escalate"): "needs_response",
    ("warning_under_review",   "close"):    "warning_closed",
})
_OUTCOMES: Final = {
    "winning_evidence": "win", "losing_evidence": "lose", "escalate_inquiry_evidence": "escalate",
}


def arrive_later(account: "Account", charge: JsonObject) -> None:
    """Where the card is one of those that are disputed, that happens a little after the capture."""
    effect = effect_of(account.cards[charge["id"]].card)
    if effect in _REASONS:
        account.clock.at(account.clock.now() + ARRIVES_AFTER_S, lambda: _arrive(account, charge, effect))


def _arrive(account: "Account", charge: JsonObject, effect: str) -> None:
    dispute = _new(account, charge, effect)
    inquiry = effect == "dispute_inquiry"
    dispute["status"] = MACHINE.next(dispute["id"], "new", "inquire" if inquiry else "open")
    account.disputes.add(dispute["id"], dispute, dispute["created"], charge=charge["id"])
    charge["dispute"], charge["disputed"] = dispute["id"], not inquiry
    if not inquiry:
        _book(account, dispute, -dispute["amount"], FEE)
    account.emit("charge.dispute.created", dispute, BY_ITSELF)
    if not inquiry:
        account.emit("charge.dispute.funds_withdrawn", dispute, BY_ITSELF)
    account.clock.at(dispute["evidence_details"]["due_by"], lambda: _expire(account, dispute))


def _book(account: "Account", dispute: JsonObject, amount: int, fee: int) -> None:
    """The dispute's money moves; shown in the dispute itself."""
    details: list[JsonObject] = [{
        "amount": fee, "application": None, "currency": dispute["currency"], "description": "Dispute fee",
        "type": "stripe_fee",
    }]
    what = "Chargeback withdrawal" if amount < 0 else "Chargeback reversal"
    id = balance_transactions.record(
        account, "adjustment", amount, dispute["currency"], dispute["id"],
        description=f"{what} for {dispute['charge']}", fee_details=details if fee else None,
    )
    booked = account.balance_transactions.get(id)
    assert booked is not None
    booked["reporting_category"] = "dispute" if amount < 0 else "dispute_reversal"
    dispute["balance_transactions"] = [*dispute["balance_transactions"], booked]


def _expire(account: "Account", dispute: JsonObject) -> None:
    if MACHINE.allows(dispute["status"], "expire"):
        dispute["evidence_details"] = {**dispute["evidence_details"], "past_due": True}
        _decide(account, dispute, "expire", BY_ITSELF)


def _decide(account: "Account", dispute: JsonObject, event: str, cause: Cause) -> None:
    """The dispute ends: won, lost, or closed as the inquiry it was."""
    before = dispute["status"]
    dispute["status"] = MACHINE.next(dispute["id"], before, event)
    if dispute["status"] == "won":
        _book(account, dispute, dispute["amount"], 0)
    account.emit("charge.dispute.closed", dispute, cause, {"status": before})
    if dispute["status"] == "won":
        account.emit("charge.dispute.funds_reinstated", dispute, cause)


def _escalate(account: "Account", dispute: JsonObject, cause: Cause) -> None:
    """The inquiry becomes a dispute, and takes the money."""
    before = dispute["status"]
    dispute["status"] = MACHINE.next(dispute["id"], before, "escalate")
    dispute["is_charge_refundable"] = False
    card = {**dispute["payment_method_details"]["card"], "case_type": "chargeback"}
    dispute["payment_method_details"] = {"card": card, "type": "card"}
    charges.find(account, dispute["charge"])["disputed"] = True
    _book(account, dispute, -dispute["amount"], FEE)
    account.emit("charge.dispute.updated", dispute, cause, {"status": before})
    account.emit("charge.dispute.funds_withdrawn", dispute, cause)


def refunded(account: "Account", charge: JsonObject, cause: Cause) -> None:
    """A charge under inquiry that is wholly refunded leaves nothing to inquire about."""
    dispute = of_charge(account, charge)
    if dispute is not None and charge["refunded"] and MACHINE.allows(dispute["status"], "close"):
        _decide(account, dispute, "close", cause)


# ---------------------------------------------------------------------------------------------------------- operations


def of_charge(account: "Account", charge: JsonObject) -> JsonObject | None:
    """The charge's dispute, if there is one."""
    return account.disputes.get(charge["dispute"] or "")


def _find(call: Call) -> JsonObject:
    charge = charges.find(call.account, call.id, "charge")
    dispute = of_charge(call.account, charge)
    if dispute is None:
        raise missing("dispute for charge", charge["id"], "charge")
    return dispute


def retrieve(call: Call) -> JsonObject:
    return _find(call)


def update(call: Call) -> JsonObject:
    account, params, dispute = call.account, call.params, _find(call)
    metadata = merged(dispute["metadata"], params.get("metadata"))
    given = params.get("evidence", {})
    _check_evidence(account, dispute, given)
    submits = params.get("submit", True) and bool(given)
    outcome = _OUTCOMES.get(given.get("uncategorized_text") if isinstance(given.get("uncategorized_text"), str) else "")
    after = {**dispute["evidence"], **{name: None if v is UNSET else v for name, v in given.items()}}
    old_status, old_evidence = dispute["status"], dispute["evidence"]
    details = dispute["evidence_details"]
    dispute.update(metadata=metadata, evidence=after, evidence_details={
        **details, "has_evidence": any(after[name] for name in _EVIDENCE),
        "submission_count": details["submission_count"] + submits,
    })
    if submits:
        dispute["status"] = MACHINE.next(dispute["id"], old_status, "respond")
    previous = {"evidence": {name: old_evidence[name] for name in given}} if given else {}
    if dispute["status"] != old_status:
        previous["status"] = old_status
    account.emit("charge.dispute.updated", dispute, call.cause, previous or None)
    if submits and outcome == "escalate" and MACHINE.allows(dispute["status"], "escalate"):
        _escalate(account, dispute, call.cause)
    elif submits and outcome in ("win", "lose"):
        _decide(account, dispute, outcome, call.cause)
    return dispute


def _check_evidence(account: "Account", dispute: JsonObject, given: JsonObject) -> None:
    for name in given:
        if name not in _EVIDENCE:
            raise not_emulated(f'parameter "evidence[{name}]" is not emulated', param=f"evidence[{name}]")
        if name in _FILES and given[name] is not UNSET:
            files.find(account, given[name], f"evidence[{name}]", in_url=False)
    if given and not MACHINE.allows(dispute["status"], "respond"):
        raise invalid(f"This dispute takes no evidence: it has a status of {dispute['status']}.", kept=True)


def close(call: Call) -> JsonObject:
    dispute = _find(call)
    if not MACHINE.allows(dispute["status"], "close"):
        raise invalid(f"This dispute is closed: it has a status of {dispute['status']}.", kept=True)
    _decide(call.account, dispute, "close", call.cause)
    return dispute


# -------------------------------------------------------------------------------------------------------------- routes

_ONE: Final = "/v1/charges/{charge}/dispute"
OPERATIONS: Final = [
    Operation("charge.dispute.retrieve", "GET", _ONE, retrieve, "dispute_retrieve"),
    Operation("charge.dispute.update", "POST", _ONE, update, "dispute_update", "evidence metadata submit"),
    Operation("charge.dispute.close", "POST", f"{_ONE}/close", close, "dispute_close"),
]
