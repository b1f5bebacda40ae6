"""Sample merchants: what a shop of each country sells in, where it stands, and which cards are met there.

One file a country, `fixtures/merchants/xx.toml`. A run takes the Location of its readers from the till's country, and
scenarios about "the usual sale of the shop" take their amounts and cards from it, so that one run can go from shop to
shop. A country without a file has what can be said of every country: a Location, and amounts in its till's currency.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from cardpresent.model.money import Money, MoneyError, exponent
from cardpresent.profile.prices import ENDINGS

# Every country's rules are met by these lines, Japan's apart, which has an address of its own kind.
# Documented: https://docs.stripe.com/terminal/fleet/locations-and-zones ("Location address requirements").
ANYWHERE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "display_name": "cardpresent",
        "address": {"line1": "14 Harbour Street", "city": "Portland", "state": "ME", "postal_code": "04101"},
    }
)
# Main units: above every smallest charge and below every largest one, clear of the endings a simulated bank declines.
# Documented: https://docs.stripe.com/currencies ("Minimum and maximum charge amounts").
USUAL_SALE: Final = 480
USUAL_REFUND: Final = 180
# Prices with two decimals whose float, times 100, is a hair below the right number.
MISROUNDED: Final = (51_230, 51_280)
# Where a bank may want the PIN after the tap, so that one payment carries two charges: Great Britain and the EEA.
# Documented: https://docs.stripe.com/terminal/payments/regional ("Strong Customer Authentication").
PIN_AFTER_TAP_IN: Final = frozenset(
    ("AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR", "HR", "HU", "IE", "IT",
     "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK")
)  # fmt: skip


class MerchantError(ValueError):
    """A merchant's file is wrong; the text names file, key and fix."""


class Fact(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that holds for shops of this country, and where it is written."""

    says: Annotated[str, Meta(min_length=1)]
    source: Annotated[str, Meta(pattern="^https://")]
    known: Annotated[str, Meta(pattern="^(documented|observed|field)$")]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    currency: Annotated[str, Meta(pattern="^[a-z]{3}$")]
    decimals: int
    location: dict[str, Any]
    networks: tuple[str, ...]
    cards: dict[str, Annotated[str, Meta(pattern=r"^\d{12,19}$")]]
    sale: str
    refund: str
    sweep: tuple[str, ...]
    refused: tuple[str, ...]
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class SampleMerchant:
    """A shop as it is usual in one country.

    `location`: what Stripe is given to create the Location of its readers, `abroad`: of a reader in another country.
    `cards`: a card's name in the features → the number of Stripe's simulated card. `sale`, `refund`: a usual one.
    `sweep`: amounts known to come out wrong where money is a float. `refused`: amounts in currencies that no reader of
    this country takes.
    """

    country: str
    currency: str
    location: Mapping[str, Any]
    networks: tuple[str, ...]
    cards: Mapping[str, str]
    sale: Money
    refund: Money
    sweep: tuple[Money, ...]
    refused: tuple[Money, ...]
    facts: tuple[Fact, ...] = ()
    abroad: Mapping[str, Any] = field(default_factory=dict, hash=False)


def load_merchants(folder: Path) -> dict[str, SampleMerchant]:
    """Every sample merchant in `folder`, by country. Raises MerchantError for the first that is wrong."""
    found: dict[str, SampleMerchant] = {}
    for path in sorted(folder.glob("*.toml")):
        merchant = _load(path)
        if merchant.country in found:
            raise MerchantError(f"{path}: country: {merchant.country} has a file already; keep one")
        found[merchant.country] = merchant
    return found


def merchant_of(merchants: Mapping[str, SampleMerchant], country: str, currency: str) -> SampleMerchant:
    """The sample merchant of a till: its country's where it sells in that currency, else one made for both."""
    known = merchants.get(country)
    made = known if known is not None and known.currency == currency else _anywhere(country, currency)
    abroad = next((merchant.location for name, merchant in merchants.items() if name != country), {})
    return replace(made, location=known.location if known else made.location, abroad=abroad)


def part_of(sale: Money) -> Money:
    """About half of a sale, for a usual refund of it; of a sale too small to be parted, all."""
    half = sale.minor_units // 20 * 10
    return Money(half or sale.minor_units, sale.currency)


def _anywhere(country: str, currency: str) -> SampleMerchant:
    whole = 10 ** exponent(currency)
    address = {**ANYWHERE["address"], "country": country}
    foreign = "20.00 USD" if currency != "usd" else "20.00 EUR"
    return SampleMerchant(
        country=country, currency=currency, location={**ANYWHERE, "address": address}, networks=(), cards={},
        sale=Money(USUAL_SALE * whole, currency), refund=Money(USUAL_REFUND * whole, currency),
        sweep=tuple(Money(m, currency) for m in MISROUNDED if whole == 100),
        refused=(Money.parse(foreign), Money.parse("12.500 KWD")),
    )  # fmt: skip


def _load(path: Path) -> SampleMerchant:
    try:
        file = msgspec.toml.decode(path.read_bytes(), type=_File)
        merchant = SampleMerchant(
            country=file.country, currency=file.currency, location=file.location, networks=file.networks,
            cards=MappingProxyType(file.cards), sale=Money.parse(file.sale), refund=Money.parse(file.refund),
            sweep=tuple(map(Money.parse, file.sweep)), refused=tuple(map(Money.parse, file.refused)), facts=file.facts,
        )  # fmt: skip
    except (msgspec.MsgspecError, MoneyError) as error:
        raise MerchantError(f"{path}: {error}; compare it with the other merchants") from None
    _check(path, file, merchant)
    return merchant


def _check(path: Path, file: _File, merchant: SampleMerchant) -> None:
    if file.decimals != exponent(file.currency):
        right = exponent(file.currency)
        raise MerchantError(f"{path}: decimals: {file.currency.upper()} has {right}; write that")
    for amount in (merchant.sale, merchant.refund, *merchant.sweep):
        if amount.currency != file.currency:
            raise MerchantError(f"{path}: {amount} is not in {file.currency.upper()}; sell in the shop's own currency")
        if amount.minor_units % 100 in ENDINGS:
            raise MerchantError(f"{path}: a simulated bank declines {amount} by its ending; take another amount")
    for amount in merchant.refused:
        if amount.currency == file.currency:
            raise MerchantError(f"{path}: refused: {amount} is in the shop's own currency; name a foreign one")
