"""In which money a till is asked for the amounts of a scenario.

Scenarios are written in US dollars. A shop that sells in euros must not be asked for dollars, and one whose smallest
charge is 15.00 CZK not for 1.15 of them. So each currency has one factor, and every amount of a scenario, asked or
expected, is taken times it: sums stay sums, and what is clear of the endings that a simulated bank declines stays so.

>>> in_money_of(Money.parse("20.00 USD"), "eur"), in_money_of(Money.parse("20.00 USD"), "jpy")
(Money(minor_units=2000, currency='eur'), Money(minor_units=2000, currency='jpy'))
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cardpresent.model.money import Money, exponent

WRITTEN_IN: Final = "usd"
# Endings of an amount, in the smallest unit, that a simulated bank declines or has a PIN asked for.
# Documented: https://docs.stripe.com/terminal/references/testing ("Physical test cards", amounts).
ENDINGS: Final = frozenset({1, 2, 3, 5, 55, 65, 75})
# The smallest charge of each currency whose smallest is above the dollar that the cheapest sale of a scenario costs.
# Documented: https://docs.stripe.com/currencies ("Minimum and maximum charge amounts").
SMALLEST: Final[Mapping[str, int]] = MappingProxyType(
    {
        "aed": 200, "czk": 1500, "dkk": 250, "hkd": 400, "huf": 17500, "mxn": 1000, "myr": 200, "nok": 300, "pln": 200,
        "ron": 200, "sek": 300, "thb": 1000,
    }
)  # fmt: skip
CHEAPEST_CENTS: Final = 100
EVERYDAY_CENTS: Final = 50_000
# Two decimals on paper, and always 00 in them.
# Documented: https://docs.stripe.com/currencies ("Special cases").
WHOLE_UNITS: Final = frozenset({"isk", "ugx"})


class NoSuchPrice(ValueError):
    """The till cannot be asked for an amount; the text says why."""


def factor(currency: str) -> int:
    """How many of the currency's smallest units one cent of a scenario becomes: eur 1, jpy 1, kwd 10, dkk 10."""
    if currency in WHOLE_UNITS:
        return 100
    times = 10 if exponent(currency) == 3 else 1
    while times * CHEAPEST_CENTS < SMALLEST.get(currency, 0):
        times *= 10
    return times


def in_money_of(amount: Money, currency: str) -> Money:
    """An amount of a scenario in the money of a shop; one that is not written in dollars stays as it is.

    An ending that the scenario is about is kept. Raises NoSuchPrice where the currency has no amount that ends so.
    """
    if amount.currency != WRITTEN_IN or currency == WRITTEN_IN:
        return amount
    times, ending = factor(currency), amount.minor_units % 100
    if times == 1 or ending not in ENDINGS:
        return Money(amount.minor_units * times, currency)
    if currency in WHOLE_UNITS or exponent(currency) == 3:
        raise NoSuchPrice(f"no amount in {currency.upper()} ends in {ending:02d}, as that of the scenario does")
    return Money((amount.minor_units - ending) * times + ending, currency)


def _everyday(amount: Money) -> bool:
    """No cents that careless arithmetic or a simulated bank would stumble over, and nothing out of the ordinary."""
    return amount.minor_units % 10 == 0 and amount.minor_units <= EVERYDAY_CENTS


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices a till can be asked for: in its own first currency, or the one that cannot be chosen (`fixed`)."""

    currency: str
    fixed: Money | None = None

    def of(self, amount: Money) -> Money:
        """What is asked where a scenario needs a sale of `amount`. Raises NoSuchPrice."""
        return in_money_of(amount, self.currency)

    def usual(self, cents: int) -> Money:
        """What is asked where any amount would do: `cents` of a dollar in the shop's money, or the fixed price."""
        return self.fixed or self.of(Money(cents, WRITTEN_IN))

    def of_scenario(self, amounts: Iterable[Money]) -> Mapping[Money, Money]:
        """Each amount of a scenario, and what stands for it here. Raises NoSuchPrice.

        Where it names one amount only, and an everyday one, any would do, and a fixed price stands for it. Several hang
        together, and an odd one is there for a reason: a till whose price cannot be chosen cannot be asked for those,
        unless it is that price by chance.
        """
        own = {amount: self.of(amount) for amount in amounts}
        real = [amount for amount in own if amount]
        if self.fixed is not None and len(real) == 1 and _everyday(real[0]):
            return {amount: self.fixed if amount else asked for amount, asked in own.items()}
        return own

    def why_not(self, amount: Money) -> str | None:
        """Why a sale of `amount` cannot be rung up; None where it can."""
        if self.fixed is None or amount == self.fixed:
            return None
        return (
            f"till.fixed_amount: every sale of this till costs {self.fixed}, and the scenario needs one of {amount} "
            "or amounts that hang together with it"
        )
