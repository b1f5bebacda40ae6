"""Amounts: exact decimals at the edges, integers in the currency's smallest unit everywhere else."""

from decimal import Decimal, InvalidOperation
from typing import Final

# https://docs.stripe.com/currencies (documented); ISK and UGX are sent to Stripe with two decimals.
ZERO_DECIMAL: Final = frozenset((
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf",
))
THREE_DECIMAL: Final = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))


class MoneyError(ValueError):
    """The text is no amount of this currency."""


def exponent(currency: str) -> int:
    """How many decimals an amount of this currency has: usd -> 2, jpy -> 0."""
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def minor(text: str, currency: str) -> int:
    """A price as typed, in minor units: ("19.99", "usd") -> 1999, ("1000", "jpy") -> 1000. Raises MoneyError."""
    try:
        price = Decimal(text.strip())
    except InvalidOperation:
        raise MoneyError(f"{text!r} is not an amount, such as 4.25") from None
    if not price.is_finite():
        raise MoneyError(f"{text!r} is not an amount, such as 4.25")
    scaled = price.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise MoneyError(f"{text!r} has more decimals than {currency.upper()} has")
    return int(scaled)


def major(amount: int, currency: str) -> str:
    """Minor units as people write them, without the currency: (1999, "usd") -> "19.99"."""
    places = exponent(currency)
    return f"{Decimal(amount).scaleb(-places):,.{places}f}"


def spoken(amount: int, currency: str) -> str:
    """Minor units with their currency: (1999, "usd") -> "19.99 USD"."""
    return f"{major(amount, currency)} {currency.upper()}"
