"""Amounts, currencies and what an account's country and trade allow. All amounts are in the smallest unit."""

from typing import Final

from cardpresent.emulator.errors import JsonObject, StripeError, invalid
from cardpresent.emulator.fidelity import declare

declare(
    "amounts.limits", "documented", "https://docs.stripe.com/currencies",
    "Below a currency's minimum amount_too_small, above its maximum amount_too_large, both 400 with param amount.",
)
declare(
    "amounts.steps", "documented", "https://docs.stripe.com/currencies",
    "ISK and UGX amounts end in 00, amounts of three decimals in 0.",
)
declare("amounts.steps_code", "assumed", "", "An amount between those steps answers invalid_charge_amount.")
declare(
    "amounts.minimum_elsewhere", "assumed", "",
    "Where Stripe lists no minimum for a currency, it is 50 of the smallest unit.",
)
declare(
    "amounts.country_currency", "observed", "https://github.com/stripe/stripe-terminal-react-native/issues/638",
    "An in-person PaymentIntent in a currency that is not the account's own is refused when it is created.",
)
declare(
    "amounts.interac_country", "observed", "https://github.com/odoo/odoo/pull/128491",
    "interac_present outside Canada or CAD is refused when the PaymentIntent is created.",
)
declare(
    "amounts.overcapture", "documented", "https://docs.stripe.com/terminal/features/collecting-tips/on-receipt",
    "US restaurants, bars, taxis and beauty shops may capture half as much again or 50 USD more, whichever is greater.",
)

AMOUNT_MAX: Final = 99_999_999
# where more digits are allowed for cards: 10 of the main unit for JPY, HUF and COP, 11 for LBP; 9 and 12 in all
_MAXIMUM: Final = {
    "inr": 999_999_999, "idr": 999_999_999_999, "jpy": 9_999_999_999, "huf": 999_999_999_999, "cop": 999_999_999_999,
    "lbp": 9_999_999_999_999,
}
_MINIMUM: Final = {
    "usd": 50, "aed": 200, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30,
    "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "pln": 200,
    "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "bgn": 100,
}
_MINIMUM_ELSEWHERE: Final = 50
_WITHOUT_DECIMALS: Final = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
_WITHOUT_MINIMUM: Final = "ars cop egp idr ils kes lbp mad ngn pen php pkr qar sar try twd uah uyu zar"
ZERO_DECIMAL: Final = frozenset(_WITHOUT_DECIMALS.split())
THREE_DECIMAL: Final = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
WHOLE_UNITS: Final = frozenset({"isk", "ugx"})  # two decimals that must be 00
_OTHER_CURRENCIES: Final = frozenset(_WITHOUT_MINIMUM.split()) | THREE_DECIMAL | WHOLE_UNITS
_EURO: Final = "IE FR DE NL AT BE ES FI IT LU PT BG CY EE GR HR LT LV MT SI SK"
_CURRENCY_OF: Final = {
    "US": "usd", "CA": "cad", "GB": "gbp", "AU": "aud", "NZ": "nzd", "SG": "sgd", "CH": "chf", "CZ": "czk",
    "DK": "dkk", "NO": "nok", "PL": "pln", "SE": "sek", "MY": "myr", "JP": "jpy", "AE": "aed", "HK": "hkd",
    "MX": "mxn", "HU": "huf", "RO": "ron", "GI": "gbp", "LI": "chf",
    **dict.fromkeys(_EURO.split(), "eur"),
}
COUNTRIES: Final = frozenset(_CURRENCY_OF)
DOMESTIC_ROUTING: Final = frozenset({"AU", "FR", "DE"})

OVERCAPTURE_CATEGORIES: Final = frozenset(
    {"taxis", "restaurants", "bars", "fast_food", "beauty_shops", "health_spas"}
)
# merchant categories with extended authorization windows, by brand
LODGING: Final = frozenset({"hotels"})
VISA_30_DAYS: Final = LODGING | {"vehicle_rental", "cruise_lines"}
VISA_10_DAYS: Final = frozenset({
    "aircraft_rental", "bicycle_rental", "boat_rental", "campgrounds", "clothing_rental", "equipment_rental",
    "furniture_rental", "motor_home_rental", "motorcycle_rental", "video_rental",
})
AMEX_30_DAYS: Final = LODGING | {"vehicle_rental"}
DISCOVER_30_DAYS: Final = LODGING | {"airlines", "bus_lines", "cruise_lines", "passenger_transport", "vehicle_rental"}
INCREMENTAL_DISCOVER: Final = DISCOVER_30_DAYS | VISA_10_DAYS | {
    "amusement_parks", "bars", "ev_charging", "fast_food", "grocery", "parking", "restaurants", "taxis",
}
MERCHANT_CATEGORIES: Final = OVERCAPTURE_CATEGORIES | VISA_30_DAYS | INCREMENTAL_DISCOVER | {"retail"}
OVERCAPTURE_BRANDS: Final = frozenset({"visa", "mastercard", "discover", "amex"})


def currency_of(country: str) -> str:
    """The currency an account of this country is paid in."""
    return _CURRENCY_OF[country]


def check_currency(currency: str) -> str:
    """The code in lower case. Raises for one Stripe does not know."""
    code = currency.lower()
    if code not in _MINIMUM and code not in ZERO_DECIMAL and code not in _OTHER_CURRENCIES:
        raise invalid(f"Invalid currency: {code}. Stripe does not support this currency.", param="currency")
    return code


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Raises amount_too_small, amount_too_large, invalid_charge_amount, or parameter_invalid_integer below one."""
    check_positive(amount, param)
    most = maximum(currency)
    if amount > most:
        raise too_large(f"Amount must be no more than {written(most, currency)}", param=param)
    least = _MINIMUM.get(currency, _MINIMUM_ELSEWHERE)
    if amount < least:
        raise invalid(f"Amount must be at least {written(least, currency)}", code="amount_too_small", param=param)
    step = 100 if currency in WHOLE_UNITS else 10 if currency in THREE_DECIMAL else 1
    if amount % step:
        message = f"Amounts in {currency} must be a multiple of {step}."
        raise invalid(message, code="invalid_charge_amount", param=param)


def check_positive(amount: int, param: str) -> None:
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, code="parameter_invalid_integer", param=param)


def maximum(currency: str) -> int:
    return _MAXIMUM.get(currency, AMOUNT_MAX)


def check_in_person(country: str, currency: str, types: list[str]) -> None:
    """Raises unless the account's country takes cards in person in this currency."""
    for kind in types:
        if kind not in ("card_present", "interac_present"):
            continue
        fits = _CURRENCY_OF.get(country) == currency and (kind == "card_present" or country == "CA")
        if not fits:
            message = f"The {kind} source type with currency `{currency}` is not supported in {country}."
            raise invalid(message, param="currency")


def too_large(message: str, param: str, objects: JsonObject | None = None) -> StripeError:
    return invalid(message, code="amount_too_large", param=param, kept=objects is not None, objects=objects)


def written(amount: int, currency: str) -> str:
    """12.34 usd, 1234 jpy."""
    if currency in ZERO_DECIMAL:
        return f"{amount} {currency}"
    if currency in THREE_DECIMAL:
        return f"{amount // 1000}.{amount % 1000:03d} {currency}"
    return f"{amount // 100}.{amount % 100:02d} {currency}"


def overcapture_limit(authorized: int) -> int:
    """The most that may be captured against an authorization, tip included: 4000 -> 9000, 12000 -> 18000."""
    return authorized + max(authorized // 2, 5000)


def overcapture_eligible(country: str, category: str, brand: str, currency: str) -> bool:
    return (
        country == "US" and currency == "usd" and category in OVERCAPTURE_CATEGORIES and brand in OVERCAPTURE_BRANDS
    )


def incremental_eligible(category: str, brand: str) -> bool:
    """Whether a hold of this brand may be raised for a merchant of this category."""
    return brand in ("visa", "mastercard", "amex") or (brand == "discover" and category in INCREMENTAL_DISCOVER)
