"""What the cashier reads: money first, and a stored payment never called approved."""

from typing import Final

from cardpresent.reference_pos.money import spoken

from .records import Sale

HEADLINE: Final = {
    "waiting": "Waiting.",
    "stored": "Stored, not approved.",
    "held": "Held on the card, not collected.",
    "paid": "Paid. The money is collected.",
    "not_paid": "Not paid. Nothing was charged.",
    "not_known": "Not known yet. Do not charge again.",
    "payment_lost": "Not paid: the payment is lost.",
}
BECAUSE: Final = {
    "starting": "The amount is on its way to the reader.",
    "collecting": "The reader is waiting for the customer's card.",
    "retry_card": "The reader could not read the card. Ask the customer to present it once more.",
    "remove_card": "The card was read and may be taken out of the reader.",
    "updating": "The reader gets new software first. The sale can be tried again when it is through.",
    "reader_lost": "The reader is not connected. The till is getting it back and asks for the card then; "
                   "cancel to stop.",
    "no_line": "There is no network. No bank has seen this card; {amount} is sent as soon as the network is back. "
               "Hand goods over only as the shop's rules for offline sales allow.",
    "forwarded": "The stored payment reached the bank; the till is collecting it.",
    "collecting_money": "The till is collecting it.",
    "confirming": "The till is asking the payment service about this same payment.",
    "declined": "The bank declined the card. Another card can be tried.",
    "declined_when_sent": "The bank declined {amount} when the stored payment was sent. The goods may be gone: "
                          "the manager has it on the list of lost payments.",
    "missing": "A stored payment of {amount} is no longer on this device and never reached the bank. "
               "The manager has it on the list of lost payments.",
    "cancelled": "The sale was cancelled.",
    "no_card": "No card was presented in time. It can be tried again.",
    "reader_gone": "The reader did not come back. Check its power and Bluetooth; the sale can be tried again.",
    "no_reader": "No reader is connected. {why}",
    "too_much_offline": "There is no network, and {amount} is more than is taken without one. Take another tender.",
    "too_much_stored": "There is no network, and too much waits to be sent already. Take another tender.",
    "card_not_offline": "There is no network, and this card cannot be taken without one. Try another card.",
    "busy": "Another sale is on the reader. Finish or cancel that one first.",
    "no_service": "The payment service did not take this payment. Call the manager.",
    "never_sent": "The payment service has never heard of it. It can be tried again.",
}
# Why a reader could not be connected without a network, by the SDK's own word.
NOT_CONNECTED: Final = {
    "NO_LAST_SEEN_ACCOUNT": "This device was never used online. Connect it to a network once.",
    "READER_CONNECTION_NOT_AVAILABLE_OFFLINE":
        "Without a network only a reader can be used that was used online here within the last 30 days.",
    "LOCATION_CONNECTION_NOT_AVAILABLE_OFFLINE":
        "Without a network the reader can be used only where it was last used online.",
    "READER_CONNECTION_OFFLINE_NEEDS_UPDATE": "The reader needs an update first. Connect it to a network once.",
    "CONNECTION_TOKEN_PROVIDER_ERROR": "The shop's server gave no connection token. Check the network.",
    "CONNECTION_TOKEN_PROVIDER_TIMED_OUT": "The shop's server gave no connection token in time. Check the network.",
    "STRIPE_API_CONNECTION_ERROR": "The payment service cannot be reached. Check the network.",
    "not_found": "The shop's reader is not in range. Check that it is on.",
    "none": "The manager has to choose one.",
}
REFUSAL: Final = {
    "payments_stored": "Not done: {count} stored payment(s), {amount}, would be lost. Connect to a network first.",
    "stored_final": "This payment is stored and cannot be cancelled here. It is sent when the network is back.",
    "already_paid": "Paid already.",
    "searching": "Readers are being looked for already. Break that search off first.",
    "reader_updating": "Not done: the reader gets new software, which must not be broken off.",
    "sale_changed": "This sale was already started with another amount. Start another sale.",
    "no_account": "The other account's key is not on this device. Ask the shop's owner.",
}


def words(sale: Sale, why: str = "") -> str:
    """What stands on the screen of a sale. `why`: the reason no reader is connected, in the SDK's word or ours."""
    reason = BECAUSE.get(sale.reason, "")
    said = reason.format(amount=spoken(sale.amount, sale.currency), why=NOT_CONNECTED.get(why, NOT_CONNECTED["none"]))
    return f"{HEADLINE[sale.outcome]} {said}".strip()


def of_update(minutes: int, progress: float | None) -> str:
    """What stands on the screen about new software for the reader; minutes 0: there is none."""
    if not minutes:
        return ""
    if progress is None:
        return f"New software waits for the reader. It takes about {minutes} minute(s), and can wait."
    return (f"The reader gets new software before it can be used: {progress:.0%} of about {minutes} minute(s). "
            "Keep the reader switched on and close by, and stay in the app.")


def refusal(why: str, count: int = 0, amount: int = 0, currency: str = "usd") -> str:
    return REFUSAL[why].format(count=count, amount=spoken(amount, currency))
