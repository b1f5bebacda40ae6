"""What the cashier reads: one sentence or two for each outcome, money first, software second."""

from typing import Final

from .money import spoken
from .sale import Sale

HEADLINE: Final = {
    "waiting": "Waiting.",
    "held": "Held on the card, not collected.",
    "paid": "Paid. The money is collected.",
    "not_paid": "Not paid. Nothing was charged.",
    "not_known": "Not known yet. Do not charge again.",
}

NEXT: Final = {
    "waiting": "wait", "held": "collect", "paid": "refund", "not_paid": "try_again", "not_known": "ask_again",
}

# A reason is the till's own word for why; it never carries the bank's.
BECAUSE: Final = {
    "starting": "The amount is on its way to the reader.",
    "collecting": "The reader is waiting for the customer's card.",
    "card_read": "The card was read and is being charged.",
    "answering": "The bank is answering.",
    "authorizing": "The bank is answering. The cancellation follows as soon as its answer is there.",
    "declined": "The bank declined the card{card}. Only the bank can tell the customer why. Another card can be tried.",
    "customer_canceled": "The customer stopped the payment on the reader. It can be tried again.",
    "no_card": "No card was presented in time and the reader is clear again. It can be tried again.",
    "reader_cleared": "The reader was cleared before a card was presented. It can be tried again.",
    "reader_failed": "The reader lost contact before the card was approved. It can be tried again.",
    "reader_busy": "The reader is busy with something else. Wait a moment and try again.",
    "reader_in_use": "The reader is collecting another payment{holder}. Finish or cancel that one first.",
    "reader_timeout": "The reader did not answer. Check that it is awake and try again.",
    "reader_offline": "The reader is offline. Check its power and network, or take another tender.",
    "reader_refused": "The reader cannot take this payment. Call the manager.",
    "stripe_busy": "The payment service is busy. Wait a moment and try again.",
    "stripe_unreachable": "The payment service cannot be reached. Check the network and try again.",
    "stripe_refused": "The payment service did not accept this payment. Call the manager.",
    "currency_refused": "The readers of this shop take no payment in {currency}. Sell in the shop's own currency.",
    "cancelled": "The sale was cancelled.",
    "hold_released": "The sale was cancelled. The card had been approved; the hold on it was released.",
    "paid_first": "The card was charged before the cancellation arrived. Refund it if it is not wanted.",
    "abandoned": "The sale was left open and is closed now.",
    "expired": "The hold on the card ended before the money was collected.",
    "cancelled_elsewhere": "The payment was cancelled outside this till.",
    "edited": "The amount was changed. Nothing is on the reader yet.",
    "cash_taken": "The rest is to be paid by card. Nothing is on the reader yet.",
    "collect_later": "Add a tip or collect it now.",
    "collecting_money": "The till is collecting it.",
    "capture_retry": "Collecting it did not work yet; the till keeps trying.",
    "capture_refused": "It could not be collected. Try again, or call the manager.",
    "capture_unknown": "The card was approved. The till is asking whether the money is collected.",
    "cancel_pending": "The hold could not be released yet; the till keeps trying.",
    "partial": "The bank approved only {approved}. {owed} is still to pay. Cancel to give the approved part back.",
    "mismatch": "The payment does not match this sale. Call the manager before handing anything over.",
    "process_unknown": "The reader may have the amount. The till is asking the payment service.",
    "reader_unreachable": "The reader cannot be reached and may still ask for a card. Cancelling makes it safe.",
    "asking": "The payment service does not answer. The till keeps asking.",
    "cancel_unknown": "The cancellation is not confirmed. The till keeps asking.",
}


def words(sale: Sale) -> str:
    """The screen's text for a sale as it stands."""
    because = BECAUSE.get(sale.reason, "")
    return (HEADLINE[sale.outcome] + " " + because.format(
        card=f" ending {sale.card}" if sale.card else "",
        holder=f" (sale {sale.detail})" if sale.detail else "",
        currency=sale.currency.upper(),
        approved=spoken(sale.approved, sale.currency),
        owed=spoken(max(0, sale.amount - sale.approved), sale.currency),
    )).strip()


def next_step(sale: Sale) -> str:
    """What the cashier can do now: wait, collect, try_again, ask_again, refund, or nothing (closed)."""
    if sale.closed:
        return "closed"
    if sale.outcome == "held" and sale.reason == "partial":
        return "cancel"
    return NEXT[sale.outcome]


# What the till will not do, and what to do instead.
REFUSAL: Final = {
    "sale_changed": "This sale was already started with another amount. Edit it, or start another sale.",
    "raise_not_higher": "Not raised. The new total must be more than what is held.",
    "raise_under_way": "Not raised. Another total is being asked of the bank already.",
    "raise_not_possible": "Not raised. This card's hold cannot be raised. Ask for a second card for the rest.",
    "raise_too_often": "Not raised. A hold can be raised ten times. Collect it, and start another sale.",
    "raise_declined": "Not raised. The bank declined the new total. What was held before is still held.",
    "raise_refused": "Not raised. The payment service did not accept it. What was held before is still held.",
    "raise_unknown": "Not known yet whether the hold was raised. Ask for the same total again in a moment.",
    "not_yours": "There is no such sale at this till.",
    "cash_in_payment": "Cash cannot be taken while a card payment is under way. Cancel the payment first.",
    "cash_is_all": "That is all that is owed. Cancel this card sale and ring it up as cash.",
    "reason_needed": "Not finished. Write down why it is finished by hand.",
    "finish_in_payment": "Not finished. The card payment is still under way; cancel it or wait for its end.",
    "other_payment": "Not finished. That payment belongs to another sale.",
    "nothing_at_stripe": "Not finished. The payment service has no money for this sale.",
    "at_other_register": "Another register is taking this payment. Nothing was sent to this one's reader.",
    "no_reader": "This register has no reader. The manager can bind one.",
    "not_registered": "Not registered. Read the code on the reader's screen again, and check the Location.",
    "reader_abroad": "Not bound. This reader is registered in another country than the shop's account and takes no "
                     "payment here. Register it to a Location in this country.",
    "in_payment": "The amount cannot change while a card payment is under way. Cancel the payment first.",
    "closed": "This sale is closed. Start another one.",
    "cart_differs": "The customer was shown another total. Show the cart again, then start the payment.",
    "no_card_kept": "Not charged. No card of this customer is kept.",
    "reader_not_free": "The reader is busy. No card is kept; wait a moment and try again.",
    "form_not_asked": "The reader is busy. The customer was not asked; wait a moment and try again.",
    "not_shown": "The reader could not be reached. What it shows may be out of date; try again in a moment.",
    "already_paid": "Paid already. Refund it instead of cancelling.",
    "nothing_held": "Nothing is held on a card for this sale that could be collected.",
    "capture_under_way": "Another amount is being collected already.",
    "tip_twice": "Not collected. A tip was given on the reader; it cannot be added to on the receipt.",
    "tip_not_possible": "Not collected. This card takes no tip on the receipt. Collect without one.",
    "tip_too_large": "Not collected. A tip on the receipt may be half the amount, or 50.00 USD if that is more.",
    "refund_not_paid": "Not refunded. Nothing is collected; cancel the sale instead.",
    "refund_too_large": "Not refunded. It is more than can still be refunded.",
    "refund_changed": "Not refunded. The same refund was asked for before with another amount.",
    "refund_refused": "Not refunded. The payment service did not accept it.",
    "not_paid_yet": "There is no receipt before the money is collected.",
    "stripe_silent": "The payment service does not answer. Nothing was changed; try again in a moment.",
    "receipt_later": "The receipt cannot be made right now and can follow later. The sale stays paid.",
}

REFUND: Final = {
    "succeeded": "Refunded {amount}.",
    "waiting": "The reader waits for the card that paid, to give {amount} back to it.",
    "pending": "The refund of {amount} is on its way and not finished. The till follows it.",
    "requires_action": "The refund of {amount} waits for the customer. The till follows it.",
    "unknown": "Not known yet: the refund of {amount} is not confirmed. Do not refund it again; the till keeps asking.",
    "failed": "The refund of {amount} did not go through. The customer has not got it back.",
    "canceled": "The refund of {amount} was taken back. The customer has not got it.",
}


def refund_words(status: str, amount: int, currency: str) -> str:
    """What the cashier reads about one refund."""
    return REFUND[status].format(amount=spoken(amount, currency))
