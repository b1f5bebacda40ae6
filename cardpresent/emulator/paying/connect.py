"""Connect: a platform's share in payments, taken on a connected account or shared with one.

    direct charge       made on the connected account (Stripe-Account); the platform takes application_fee_amount
    destination charge  made on the platform with transfer_data[destination]; all of it, or transfer_data[amount], goes
                        to the connected account, and application_fee_amount comes back
"""

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, invalid, missing, not_emulated
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Cause
from cardpresent.emulator.resources import application_fees, transfers
from cardpresent.emulator.wire.params import UNSET, absent

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_TERMINAL: Final = "https://docs.stripe.com/terminal/features/connect"

declare(
    "connect.fee_needs_seller", "documented", f"{API}/payment_intents/create",
    "application_fee_amount is refused unless the charge is direct (Stripe-Account) or has transfer_data[destination].",
)
declare(
    "connect.fee_cap", "documented", f"{API}/payment_intents/capture",
    "The application fee is collected when the payment is captured, and is never more than what was captured.",
)
declare(
    "connect.fee_or_amount", "documented", "https://docs.stripe.com/connect/destination-charges",
    "application_fee_amount and transfer_data[amount] exclude each other.",
)
declare(
    "connect.on_behalf_of", "documented", _TERMINAL,
    "A destination charge for an account in another country needs on_behalf_of; it is then taken in that country.",
)
declare(
    "connect.same_currency", "assumed", "",
    "Nothing is converted: fees and transfers are in the currency of the charge, and reach their accounts at once.",
)
declare(
    "connect.any_destination", "assumed", "",
    "Any acct_… named as destination or on_behalf_of is a connected account; Stripe refuses those it does not know.",
)
declare(
    "connect.proportional_refund", "documented", f"{API}/refunds/create",
    "refund_application_fee and reverse_transfer give back the refunded part of the fee and of the transfer.",
)

UNNAMED_COUNTRY: Final = "US"  # of a connected account that nobody has set up


_TERMS: Final = frozenset({"application_fee_amount", "on_behalf_of", "transfer_data"})
_NO_TERMS: Final[JsonObject] = {
    "application": None, "application_fee_amount": None, "on_behalf_of": None, "transfer_data": None,
}


def application_of(platform: "Account") -> str:
    """The id of the platform's application: the same for every account connected to it."""
    return f"ca_{sha256(platform.id.encode()).hexdigest()[:24]}"


# ------------------------------------------------------------------------------------------------------ before payment


def terms(account: "Account", before: JsonObject, params: JsonObject) -> JsonObject:
    """The Connect fields of a PaymentIntent after `params`; `before` are those it has. Raises Stripe's error."""
    if not before and account.platform is None and _TERMS.isdisjoint(params):
        return _NO_TERMS
    fee = _fee(before.get("application_fee_amount"), params.get("application_fee_amount"))
    on_behalf_of = _on_behalf_of(account, before.get("on_behalf_of"), params.get("on_behalf_of"))
    transfer_data = _transfer_data(account, before.get("transfer_data"), params.get("transfer_data"))
    if fee is not None and not account.is_connected and transfer_data is None:
        message = (
            "An application_fee_amount is only taken from a direct charge (Stripe-Account header) or from a "
            "destination charge (transfer_data[destination])."
        )
        raise invalid(message, param="application_fee_amount")
    if fee is not None and transfer_data is not None and "amount" in transfer_data:
        message = "You may only specify one of these parameters: application_fee_amount, transfer_data[amount]."
        raise invalid(message, code="parameters_exclusive", param="transfer_data[amount]")
    abroad = transfer_data is not None and country_of(account, transfer_data["destination"]) != country_of(account)
    if abroad and on_behalf_of is None:
        message = "A destination charge for an account in another country needs on_behalf_of."
        raise invalid(message, code="parameter_missing", param="on_behalf_of")
    application = None if account.platform is None else application_of(account.platform)
    return {
        "application": application, "application_fee_amount": fee, "on_behalf_of": on_behalf_of,
        "transfer_data": transfer_data,
    }


def country_of(account: "Account", seller: str | None = None) -> str:
    """Where a payment is taken: the country of the account it is taken on behalf of, else its own."""
    if seller is None:
        return account.settings.country
    return account.connected[seller].settings.country if seller in account.connected else UNNAMED_COUNTRY


def name_sellers(account: "Account", pi: JsonObject) -> None:
    """The accounts a new PaymentIntent names are connected from now on, if they were not before."""
    destination = None if pi["transfer_data"] is None else pi["transfer_data"]["destination"]
    for id in (pi["on_behalf_of"], destination):
        if id is not None:
            account.open_connected(id)


def on_charge(pi: JsonObject) -> JsonObject:
    """The Connect fields of a charge, from those of its PaymentIntent."""
    shared = pi["transfer_data"]
    return {
        "application": pi["application"], "application_fee_amount": pi["application_fee_amount"],
        "destination": None if shared is None else shared["destination"], "on_behalf_of": pi["on_behalf_of"],
        "transfer_data": shared and {"amount": shared.get("amount"), "destination": shared["destination"]},
    }


def _fee(before: int | None, given: Any) -> int | None:
    if given is None or given is UNSET:
        return None if given is UNSET else before
    if given < 0:
        message = "This value must be greater than or equal to 0."
        raise invalid(message, code="parameter_invalid_integer", param="application_fee_amount")
    fee: int = given
    return fee


def _on_behalf_of(account: "Account", before: str | None, given: Any) -> str | None:
    if given is None or given is UNSET:
        return None if given is UNSET else before
    return _seller(account, given, "on_behalf_of")


def _transfer_data(account: "Account", before: JsonObject | None, given: Any) -> JsonObject | None:
    if given is None or given is UNSET:
        return None if given is UNSET else before
    for name in set(given) - {"amount", "destination"}:
        raise not_emulated(f'parameter "transfer_data[{name}]" is not emulated', param=f"transfer_data[{name}]")
    merged = {**(before or {}), **given}
    if "destination" not in merged:
        raise absent("transfer_data[destination]")
    if merged.get("amount", 0) < 0:
        message = "This value must be greater than or equal to 0."
        raise invalid(message, code="parameter_invalid_integer", param="transfer_data[amount]")
    _seller(account, merged["destination"], "transfer_data[destination]")
    return merged


def _seller(account: "Account", id: str, param: str) -> str:
    if not id.startswith("acct_") or account.is_connected or id == account.id:
        raise missing("destination" if param != "on_behalf_of" else "account", id, param, in_url=False)
    return id


# ------------------------------------------------------------------------------------------------ at capture and after


def settled(account: "Account", pi: JsonObject, charge: JsonObject, cause: Cause) -> None:
    """The charge was captured: its transfer goes out and its application fee comes in. Before its events."""
    fee = charge["application_fee_amount"]
    if fee is not None:
        fee = charge["application_fee_amount"] = min(fee, charge["amount_captured"])
    if charge["transfer_data"] is not None:
        seller = account.connected[charge["transfer_data"]["destination"]]
        payment = transfers.of_charge(account, seller, charge, application_of(account), cause)
        pi["transfer_group"] = charge["transfer_group"]
        if fee:
            application_fees.take(account, seller, payment, charge["id"], cause)
            charge["application_fee"] = payment["application_fee"]
    elif fee and account.platform is not None:
        application_fees.take(account.platform, account, charge, None, cause)


def check_refund(account: "Account", charge: JsonObject, params: JsonObject) -> None:
    """Raises unless the refund can give back what it is to give back."""
    if charge["source_transfer"] is not None:
        message = "refunds of a destination charge's payment on the connected account are not emulated"
        raise not_emulated(message, param="charge")
    for param, field in (("refund_application_fee", "application_fee"), ("reverse_transfer", "transfer")):
        if params.get(param) and _behind(account, charge, field) is None:
            raise invalid(f"Charge {charge['id']} has no {field.replace('_', ' ')} to give back.", param=param)


def _behind(account: "Account", charge: JsonObject, field: str) -> JsonObject | None:
    return account.expanded(f"{field}s", charge.get(field) or "")


def refunded(account: "Account", charge: JsonObject, refund: JsonObject, params: JsonObject, cause: Cause) -> None:
    """The charge was refunded, wholly or in part: fee and transfer follow where the refund says so."""
    transfer, fee = _behind(account, charge, "transfer"), _behind(account, charge, "application_fee")
    if params.get("reverse_transfer") and transfer is not None:
        refund["transfer_reversal"] = transfers.reverse(account, transfer, charge, refund, cause)
    if params.get("refund_application_fee") and fee is not None:
        amount = transfers.share(fee["amount"], fee["amount_refunded"], charge, refund)
        if amount:
            application_fees.give_back(account.platform or account, fee, amount, {}, cause)
