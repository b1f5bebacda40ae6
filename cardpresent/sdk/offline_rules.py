"""What may be taken offline: where, with which reader, how much, and which cards."""

import calendar
from collections.abc import Iterable
from typing import Any, Final

from cardpresent.sdk.errors import ErrorCode, TerminalError
from cardpresent.sdk.objects import Reader
from cardpresent.sdk.store import UsedOnline

WINDOW_S: Final = 30 * 24 * 3600
# 10,000 USD or about as much, in the smallest unit
AMOUNT_MAX: Final = {
    "usd": 1_000_000, "aud": 1_500_000, "cad": 1_350_000, "chf": 800_000, "czk": 21_000_000, "dkk": 6_400_000,
    "eur": 860_000, "gbp": 750_000, "hkd": 7_800_000, "huf": 340_000_000, "jpy": 1_500_000, "mxn": 18_500_000,
    "myr": 4_200_000, "nok": 10_000_000, "nzd": 1_700_000, "pln": 3_650_000, "ron": 4_350_000, "sek": 9_400_000,
    "sgd": 1_300_000,
}


def use_in_window(uses: Iterable[UsedOnline], reader: Reader, location: str, now: float) -> UsedOnline:
    """The online use that lets this reader be used offline here and now. Raises the SDK's refusals."""
    seen = list(uses)
    if not seen:
        raise TerminalError(ErrorCode.NO_LAST_SEEN_ACCOUNT, "no reader was ever connected online on this device")
    account = seen[0].account
    recent = [
        use for use in seen
        if use.account == account and use.device_type == reader.device_type and now - use.at <= WINDOW_S
    ]
    if not recent:
        raise TerminalError(
            ErrorCode.READER_CONNECTION_NOT_AVAILABLE_OFFLINE,
            f"no {reader.device_type} was connected online within the last 30 days",
        )
    here = next((use for use in recent if use.location == location), None)
    if here is None:
        raise TerminalError(
            ErrorCode.LOCATION_CONNECTION_NOT_AVAILABLE_OFFLINE,
            f"no reader was connected online at {location} within the last 30 days",
        )
    if reader.update_required or now - here.updated_at > WINDOW_S:
        raise TerminalError(ErrorCode.READER_CONNECTION_OFFLINE_NEEDS_UPDATE, "the reader's software is overdue")
    if not here.offline_enabled:
        raise TerminalError(
            ErrorCode.READER_CONNECTION_NOT_AVAILABLE_OFFLINE, f"offline payments are not enabled at {location}"
        )
    return here


def check_amount(amount: int, currency: str) -> None:
    most = AMOUNT_MAX.get(currency)
    if most is None:
        raise TerminalError(ErrorCode.INVALID_OFFLINE_CURRENCY, f"{currency} is not taken offline")
    if amount > most:
        raise TerminalError(
            ErrorCode.AMOUNT_EXCEEDS_MAX_OFFLINE_AMOUNT, f"{amount} is more than the {most} {currency} taken offline"
        )


def check_card(card: dict[str, Any], now: float) -> None:
    """`card` as the reader told of it."""
    if card["interac"]:
        raise TerminalError(ErrorCode.INTERAC_NOT_SUPPORTED_OFFLINE, "Interac cards need a line to the bank")
    if card["online_pin"]:
        raise TerminalError(ErrorCode.ONLINE_PIN_NOT_SUPPORTED_OFFLINE, "this card's PIN is checked by the bank alone")
    if now >= _first_second_after(card["exp_month"], card["exp_year"]):
        raise TerminalError(ErrorCode.OFFLINE_AND_CARD_EXPIRED, "the card has expired")


def _first_second_after(month: int, year: int) -> int:
    year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return calendar.timegm((year, month, 1, 0, 0, 0))
