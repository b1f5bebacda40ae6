"""What a reader's screen shows right now, and what stands behind the glass: all that a page of the reader needs.

Read through the control API. Amounts are in the smallest unit of `currency`.
"""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.faults.flat_battery import FlatBattery
from cardpresent.emulator.faults.reader_updating import ReaderUpdating
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.mobile.link import DeviceLink
from cardpresent.emulator.mobile.reads import DeviceRead
from cardpresent.emulator.paying.card_session import CardSession, Prompt
from cardpresent.emulator.resources import configurations, readers

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "reader.tip_choices", "documented", "https://docs.stripe.com/terminal/features/collecting-tips/on-reader",
    "The tip screen offers three choices: percentages of the tip-eligible amount, fixed amounts, or with a threshold "
    "fixed amounts below it and percentages from it on.",
)
declare("reader.tip_rounding", "assumed", "", "A percentage of an amount is rounded half up to the smallest unit.")

_CONFIGS: Final = ("process_config", "collect_config")
_ENDED: Final = {"succeeded": "approved", "failed": "declined"}


def shown(account: "Account", reader: JsonObject) -> JsonObject:
    """The state of one reader.

    {"screen": idle | cart | tip | card | processing | lost | input | approved | declined | canceled | updating |
    offline | elsewhere, "shop": str | null, "payment": {...} | null, "cart": what a device shows | null,
    "tips": [{...}], "may_cancel": bool,
    "battery_percent": int | null, "faults": [{...}], "reader": the reader as Stripe shows it}
    """
    session = readers.session(account, reader)
    faults = list(account.reader_faults(reader["id"]))
    location = account.locations.get(reader["location"] or "")
    payment = _payment_of(account, reader, session)
    link = account.links.get(reader["id"])
    screen = _screen(session, reader, faults, link)
    return {
        "screen": screen,
        "shop": location["display_name"] if location else None,
        "payment": payment,
        "cart": link.cart if link is not None else None,
        "tips": _tips(account, reader, payment) if screen == "tip" and payment else [],
        "may_cancel": session.prompt is not None and session.state == "waiting" and session.prompt.customer_may_cancel,
        "battery_percent": next((fault.percent for fault in faults if isinstance(fault, FlatBattery)), None),
        "faults": [fault.record() for fault in faults],
        "reader": reader,
    }


def _screen(session: CardSession, reader: JsonObject, faults: list[Any], link: DeviceLink | None) -> str:
    if any(isinstance(fault, ReaderUpdating) for fault in faults):
        return "updating"
    if reader["status"] == "offline" or any(isinstance(fault, FlatBattery) and fault.is_off for fault in faults):
        return "offline"
    if session.state == "waiting" and session.prompt is not None:
        return _of_prompt(session.prompt)
    if session.state == "idle" and link is not None and link.cart is not None:
        return "cart"
    if session.state == "idle":
        return _of_action(reader["action"]) if reader["action"] else "idle"
    return "lost" if session.state == "lost" else "processing"


def _of_prompt(prompt: Prompt) -> str:
    if not isinstance(prompt.client, (readers.CardAction, DeviceLink)):
        return "elsewhere"
    tipping = getattr(prompt.purpose, "tipping", None)
    return "tip" if tipping is not None and tipping.asked else "card"


def _of_action(action: JsonObject) -> str:
    if action["status"] == "in_progress":
        return {"set_reader_display": "cart", "collect_inputs": "input"}.get(action["type"], "idle")
    if action["type"] in ("collect_inputs", "print_content"):
        return "idle"
    return "canceled" if action["failure_code"] == "customer_canceled" else _ENDED[action["status"]]


def _payment_of(account: "Account", reader: JsonObject, session: CardSession) -> JsonObject | None:
    """What a device asks for, or the reader's action is about."""
    if session.prompt is not None and isinstance(session.prompt.purpose, DeviceRead):
        return {"payment_intent": None, **session.prompt.purpose.payment, "tip": None, "status": None}
    return _payment(account, reader)


def _payment(account: "Account", reader: JsonObject) -> JsonObject | None:
    """The PaymentIntent that the reader's action is about, as the customer sees it."""
    action = reader["action"] or {}
    content = action.get(action.get("type", ""), {})
    pi = account.payment_intents.get(content.get("payment_intent") or "")
    if pi is None:
        return None
    tip = pi["amount_details"]["tip"].get("amount")
    return {
        "payment_intent": pi["id"], "amount": pi["amount"], "currency": pi["currency"], "tip": tip,
        "status": pi["status"],
    }


def _tips(account: "Account", reader: JsonObject, payment: JsonObject) -> list[JsonObject]:
    """The choices of the tip screen: {"percentage" | null, "tip", "total"} each."""
    tipping = configurations.in_force(account, reader, "tipping") or {}
    choice = tipping.get(payment["currency"]) or {}
    action = reader["action"] or {"type": "", "": {}}
    content = action[action["type"]]
    config: JsonObject = next((content[name] for name in _CONFIGS if name in content), {})
    eligible = config.get("tipping", {}).get("amount_eligible") or payment["amount"]
    percentages, fixed = choice.get("percentages") or [], choice.get("fixed_amounts") or []
    threshold = choice.get("smart_tip_threshold")
    if fixed and (not percentages or (threshold is not None and eligible < threshold)):
        return [{"percentage": None, "tip": tip, "total": payment["amount"] + tip} for tip in fixed]
    tips = [(percent, (eligible * percent + 50) // 100) for percent in percentages]
    return [{"percentage": percent, "tip": tip, "total": payment["amount"] + tip} for percent, tip in tips]
