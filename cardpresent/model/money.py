"""Money: an integer in the currency's smallest unit, and nothing else."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering
from typing import Self

# Exponents that are not 2. Documented: https://docs.stripe.com/currencies ("Zero-decimal", "Three-decimal").
ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"],
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])

_WRITTEN = re.compile(r"^(?P<sign>-?)(?P<whole>\d+)(?:\.(?P<part>\d+))? (?P<currency>[A-Za-z]{3})$")


class MoneyError(ValueError):
    """Raised when a text is no amount of money, or two currencies meet."""


def exponent(currency: str) -> int:
    """How many decimals `currency` (ISO code, any case) has: usd 2, jpy 0, kwd 3."""
    code = currency.lower()
    if code in ZERO_DECIMAL:
        return 0
    return 3 if code in THREE_DECIMAL else 2


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency. `Money(2000, "usd")` is 20.00 USD, `Money(2000, "jpy")` is 2000 JPY."""

    minor_units: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor_units, bool) or not isinstance(self.minor_units, int):
            raise MoneyError(f"money counts whole minor units, got {self.minor_units!r}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """`20.00 USD` → Money(2000, "usd"); thousands may be parted by commas.

        Decimals must be exactly as many as the currency has; MoneyError otherwise.
        """
        match = _WRITTEN.match(text.strip().replace(",", ""))
        if not match:
            raise MoneyError(f'"{text}" is no amount; write it like 20.00 USD')
        currency = match["currency"].lower()
        decimals = match["part"] or ""
        if len(decimals) != exponent(currency):
            raise MoneyError(f'"{text}": {currency.upper()} has {exponent(currency)} decimals')
        return cls(int(match["sign"] + match["whole"] + decimals), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in main units, exact: 20.00 USD → Decimal("20.00")."""
        return Decimal(self.minor_units).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.decimal:,f} {self.currency.upper()}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor_units + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor_units - self._same(other), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor_units < self._same(other)

    def __bool__(self) -> bool:
        return self.minor_units != 0

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise MoneyError(f"cannot combine {self.currency.upper()} with {other.currency.upper()}")
        return other.minor_units
