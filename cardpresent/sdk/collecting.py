"""Collecting a card: whether it is for now or for later, the wait at the reader, and which cards are taken offline."""

from collections.abc import Sequence
from typing import Any, Final

from cardpresent.sdk import intents, offline_rules
from cardpresent.sdk.cancelable import Cancelable
from cardpresent.sdk.connection import Connection
from cardpresent.sdk.errors import ErrorCode, TerminalError
from cardpresent.sdk.listeners import MobileReaderListener
from cardpresent.sdk.objects import OfflineBehavior, PaymentIntent
from cardpresent.sdk.reader_line import Link, LinkLost, ReaderRefused
from cardpresent.sdk.session import Session

LOOK_EVERY_S: Final = 0.025
_CARD_TYPES: Final = ("card_present", "interac_present")


def is_offline(intent: PaymentIntent, session: Session, connection: Connection) -> bool:
    """Whether the card is collected to be stored. Raises where it may be neither asked for now nor stored."""
    if intent.offline_details is not None and intent.offline_details.requires_upload:
        raise TerminalError(ErrorCode.CONFIRM_INVALID_PAYMENT_INTENT, "this payment is stored", payment_intent=intent)
    connection.link()
    forced = intent.offline_behavior is OfflineBehavior.FORCE_OFFLINE
    if intent.id is not None and not forced and session.reach():
        return False
    check_offline(connection, intent.amount, intent.currency, intent.offline_behavior)
    return True


def check_offline(connection: Connection, amount: int, currency: str, behavior: OfflineBehavior) -> None:
    """Raises unless a payment like this may be stored with the reader in use."""
    if behavior is OfflineBehavior.REQUIRE_ONLINE:
        raise TerminalError(
            ErrorCode.NOT_CONNECTED_TO_INTERNET_AND_REQUIRE_ONLINE_SET, "this payment has to be made online"
        )
    offline_rules.check_amount(amount, currency)
    try:
        connection.offline_use()
    except TerminalError as refused:
        forced = behavior is OfflineBehavior.FORCE_OFFLINE
        disabled = forced and refused.code is ErrorCode.READER_CONNECTION_NOT_AVAILABLE_OFFLINE
        if disabled:
            code = ErrorCode.FORCE_OFFLINE_WITH_FEATURE_DISABLED
            raise TerminalError(code, refused.message) from None
        raise


def read_card(
    link: Link, intent: PaymentIntent, handle: Cancelable, listener: MobileReaderListener | None, *, tipping: bool,
    customer_cancellation: bool,
) -> dict[str, Any]:
    """What the reader tells of the card. Raises CANCELED, READER_BUSY, CARD_READ_TIMED_OUT, and LinkLost."""
    try:
        link.collect(
            intent.amount, intent.currency, _CARD_TYPES, tipping=tipping, customer_cancellation=customer_cancellation
        )
    except ReaderRefused as refused:
        raise TerminalError(ErrorCode.READER_BUSY, str(refused), payment_intent=intent) from None
    told = 0
    shown = None if link.reader.has_screen else listener
    if shown is not None:
        shown.did_request_reader_input(("tap", "insert", "swipe"))
    while True:
        if handle.is_canceled:
            _give_up(link)
            raise TerminalError(ErrorCode.CANCELED, "collecting was cancelled", payment_intent=intent)
        prompt = link.state() or {"state": "gone"}
        if shown is not None:
            told = _tell(shown, prompt.get("messages", ()), told)
        if prompt["state"] == "read":
            card: dict[str, Any] = prompt["read"]
            return card
        if prompt["state"] != "waiting":
            raise _ended(prompt, intent)
        # A cancellation is heard at once; of the reader, which tells nothing by itself, the next look has to learn.
        handle.wait(LOOK_EVERY_S)


def _tell(listener: MobileReaderListener, messages: Sequence[str], told: int) -> int:
    """Passes on what the customer is to read and was not told yet; how much that makes in all."""
    for message in messages[told:]:
        listener.did_request_reader_display_message(message)
    return len(messages)


def check_card(link: Link, intent: PaymentIntent, card: dict[str, Any], now: float) -> None:
    """Lets a card go that is not taken offline, and raises why."""
    try:
        offline_rules.check_card(card, now)
    except TerminalError as refused:
        _give_up(link)
        raise TerminalError(refused.code, refused.message, payment_intent=intents.without_card(intent)) from None


def _ended(prompt: dict[str, Any], intent: PaymentIntent) -> TerminalError:
    if prompt["state"] == "canceled":
        return TerminalError(ErrorCode.CANCELED, "the customer cancelled on the reader", payment_intent=intent)
    code = ErrorCode.CARD_READ_TIMED_OUT if prompt["state"] == "gone" else ErrorCode.READER_COMMUNICATION_ERROR
    return TerminalError(code, f"no card was read: {prompt.get('failure') or prompt['state']}", payment_intent=intent)


def _give_up(link: Link) -> None:
    try:
        link.cancel()
    except (LinkLost, ReaderRefused):
        return
