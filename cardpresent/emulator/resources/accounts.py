"""Accounts: what a merchant is to Stripe, and which accounts a platform has connected."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.account import finds
from cardpresent.emulator.errors import JsonObject, StripeError
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.paying import amounts, connect
from cardpresent.emulator.store import Row, Table
from cardpresent.emulator.wire.answers import page_of

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "account.object", "documented", f"{API}/accounts/object",
    "An account shows its country, currency and trade, may take cards and transfers, and has nothing left to provide.",
)
declare(
    "account.standard", "assumed", f"{API}/accounts/object",
    "Every account is of type standard, with the full Dashboard, daily payouts and no bank account shown.",
)
declare(
    "account.no_access", "assumed", "https://docs.stripe.com/error-codes#account-invalid",
    "An account that is neither one's own nor connected answers 403 account_invalid.",
)

# https://docs.stripe.com/connect/setting-mcc
_MCC: Final = {
    "aircraft_rental": "7999", "airlines": "4511", "amusement_parks": "7996", "bars": "5813", "beauty_shops": "7230",
    "bicycle_rental": "7999", "boat_rental": "4457", "bus_lines": "4131", "campgrounds": "7033",
    "clothing_rental": "7296", "cruise_lines": "4411", "equipment_rental": "7394", "ev_charging": "5552",
    "fast_food": "5814", "furniture_rental": "7394", "grocery": "5411", "health_spas": "7298", "hotels": "7011",
    "motor_home_rental": "7519", "motorcycle_rental": "7519", "parking": "7523", "passenger_transport": "4111",
    "restaurants": "5812", "retail": "5999", "taxis": "4121", "vehicle_rental": "7512", "video_rental": "7841",
}
_OTHER_MCC: Final = "5999"
_OPENED: Final = 1_577_836_800  # accounts are older than anything in them, and as old after every start
_NOTHING_DUE: Final[JsonObject] = {
    "alternatives": [], "current_deadline": None, "currently_due": [], "disabled_reason": None, "errors": [],
    "eventually_due": [], "past_due": [], "pending_verification": [],
}


# -------------------------------------------------------------------------------------------------------------- fields


def shown(account: "Account") -> JsonObject:
    """The account as it is set up now."""
    settings, name = account.settings, f"Shop {account.id[-6:]}"
    return {
        "id": account.id, "object": "account",
        "business_profile": {
            "annual_revenue": None, "estimated_worker_count": None,
            "mcc": _MCC.get(settings.merchant_category, _OTHER_MCC), "minority_owned_business_designation": None,
            "name": name, "product_description": None, "support_address": None, "support_email": None,
            "support_phone": None, "support_url": None, "url": None,
        },
        "business_type": "company", "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True, "controller": _controller(account), "country": settings.country,
        "created": _created(account), "default_currency": amounts.currency_of(settings.country),
        "details_submitted": True, "email": f"{account.id.lower()}@example.com",
        "external_accounts": {
            "object": "list", "data": [], "has_more": False, "url": f"/v1/accounts/{account.id}/external_accounts",
        },
        "future_requirements": _NOTHING_DUE, "groups": {"payments_pricing": None}, "metadata": {},
        "payouts_enabled": True, "requirements": _NOTHING_DUE, "settings": _settings(name),
        "tos_acceptance": {"date": None, "ip": None, "user_agent": None}, "type": "standard",
    }


def _created(account: "Account") -> int:
    return _OPENED + int(account.id.encode().hex(), 16) % 86_400


def _controller(account: "Account") -> JsonObject:
    if not account.is_connected:
        return {"type": "account"}
    return {
        "fees": {"payer": "account"}, "is_controller": True, "losses": {"payments": "stripe"},
        "requirement_collection": "stripe", "stripe_dashboard": {"type": "full"}, "type": "application",
    }


def _settings(name: str) -> JsonObject:
    return {
        "bacs_debit_payments": {"display_name": None, "service_user_number": None},
        "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
        "card_issuing": {"tos_acceptance": {"date": None, "ip": None}},
        "card_payments": {
            "decline_on": {"avs_failure": False, "cvc_failure": False}, "statement_descriptor_prefix": None,
            "statement_descriptor_prefix_kana": None, "statement_descriptor_prefix_kanji": None,
        },
        "dashboard": {"display_name": name, "timezone": "Etc/UTC"},
        "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": None},
        "payments": {
            "statement_descriptor": name.upper(), "statement_descriptor_kana": None,
            "statement_descriptor_kanji": None,
        },
        "payouts": {
            "debit_negative_balances": True, "schedule": {"delay_days": 2, "interval": "daily"},
            "statement_descriptor": None,
        },
        "sepa_debit_payments": {},
    }


# ------------------------------------------------------------------------------------------------------ for other files


@finds("accounts")
def _account(account: "Account", id: str) -> Row | None:
    """The account itself or one connected to it, as objects name them."""
    found = account if id == account.id else account.connected.get(id)
    return None if found is None else shown(found)


@finds("applications")
def _application(account: "Account", id: str) -> Row | None:
    platform = account.platform or account
    name = f"Platform {platform.id[-6:]}"
    return {"id": id, "object": "application", "name": name} if id == connect.application_of(platform) else None


# ---------------------------------------------------------------------------------------------------------- operations


def retrieve_current(call: Call) -> JsonObject:
    return shown(call.account)


def retrieve(call: Call) -> JsonObject:
    found = _account(call.account, call.id)
    if found is None:
        message = f"The provided key does not have access to account '{call.id}' (or that account does not exist)."
        raise StripeError(403, {"code": "account_invalid", "message": message, "type": "invalid_request_error"})
    return found


def list_all(call: Call) -> JsonObject:
    """The connected accounts: few enough to be put in order for each list."""
    table: Table[Row] = Table()
    for row in sorted((shown(one) for one in call.account.connected.values()), key=lambda row: row["created"]):
        table.add(row["id"], row, row["created"])
    return page_of(call, table, "/v1/accounts", noun="account")


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("account.retrieve_current", "GET", "/v1/account", retrieve_current, "account_retrieve_current"),
    Operation("account.list", "GET", "/v1/accounts", list_all, "account_list"),
    Operation("account.retrieve", "GET", "/v1/accounts/{account}", retrieve, "account_retrieve"),
]
