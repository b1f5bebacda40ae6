"""One sale's payment: put it on the reader, learn from Stripe how it ended, and write that down.

The till never believes an answer it did not get, a reader's word about money, or an event's content. It reads the
PaymentIntent, and `settle` turns its state into what the cashier is told. Whoever wants to know more (the poll, a
webhook, the cashier's button, the sweep, a start after a crash) calls `look`.
"""

import asyncio
import random
from contextlib import suppress
from typing import Final

from . import capture, holds, saved_cards, tips
from .at_reader import clear_display, reader_has, taken
from .cancel import cancel_payment, clear_reader, drop_intent
from .pauses import pause
from .sale import ON_FILE, Attempt, Sale
from .stripe_calls import Intent, Lost, Reader, Refused, Throttled, Trouble
from .terms import terms_of
from .till import Till

READER_REASONS: Final = {
    "terminal_reader_busy": "reader_busy",
    "terminal_reader_timeout": "reader_timeout",
    "terminal_reader_offline": "reader_offline",
}
# Stripe keeps a card that was read for 30 seconds; letting it go takes a moment, too.
# https://docs.stripe.com/terminal/payments/collect-card-payment?terminal-sdk-platform=server-driven (documented)
CONFIRM_WITHIN_S: Final = 20.0
FAILURE_REASONS: Final = {"customer_canceled": "customer_canceled", "connection_error": "reader_failed"}


# Putting the sale on its reader


def begin(till: Till, sale_id: str) -> bool:
    """Claim the sale and its reader for one attempt. False when one is under way: whoever asks gets that one."""
    sale = till.store.sale(sale_id)
    now = till.clock.now()
    if not till.store.claim_attempt(sale.sale, sale.reader, now, now + till.settings.deadline_s):
        holder = till.store.attempt_on(sale.reader)
        if till.store.attempt(sale.sale) is None and holder is not None:
            till.show(sale, "not_paid", "reader_in_use", detail=holder.sale)
        return False
    till.show(sale, "waiting", "starting", detail="", card="")
    return True


async def put_on_reader(till: Till, sale_id: str) -> None:
    """Make or reuse the PaymentIntent and hand it to the reader; `begin` has claimed both."""
    follow(till, sale_id)
    try:
        await _put_on_reader(till, sale_id)
    except BaseException:
        till.store.doubt_attempts(sale_id)
        raise


async def _put_on_reader(till: Till, sale_id: str) -> None:
    async with till.lock(sale_id):
        sale = till.store.sale(sale_id)
        try:
            intent = await _payable_intent(till, sale)
        except Trouble as trouble:
            _not_started(till, till.store.sale(sale_id), trouble)
            return
        sale = till.store.sale(sale_id)
        if await settle(till, sale, intent):
            return
        if terms_of(till.store, sale_id).card:
            await _charge_on_file(till, sale, intent)
            return
    await _command_reader(till, sale, intent)


async def _charge_on_file(till: Till, sale: Sale, intent: Intent) -> None:
    """A kept card is charged, with nobody at a reader. What is not known is asked again, under the same key."""
    try:
        after = await saved_cards.charge(till, sale, intent)
    except Trouble:
        till.store.doubt_attempts(sale.sale)
        _doubt(till, till.store.sale(sale.sale))
        return
    if not await settle(till, till.store.sale(sale.sale), after):
        till.show(sale, "not_paid", "declined", release=True, card=after.card)


def _not_started(till: Till, sale: Sale, trouble: Trouble) -> None:
    """A PaymentIntent that no reader ever got cannot be paid, so an unanswered create is no doubt about money."""
    if sale.intent is not None and not isinstance(trouble, Refused):
        till.store.doubt_attempts(sale.sale)
        till.show(sale, "not_known", "asking")
    elif isinstance(trouble, Throttled):
        till.show(sale, "not_paid", "stripe_busy", release=True)
    elif isinstance(trouble, Lost):
        till.show(sale, "not_paid", "stripe_unreachable", release=True)
    elif trouble.param == "currency":
        till.show(sale, "not_paid", "currency_refused", release=True)
    else:
        till.show(sale, "not_paid", "stripe_refused", release=True)


async def _payable_intent(till: Till, sale: Sale) -> Intent:
    """The sale's one PaymentIntent: made under the key that was stored with the sale, reused ever after."""
    if sale.intent is None:
        intent = await till.stripe.create_intent(sale)
        sale = till.store.update(sale.sale, intent=intent.id)
    else:
        intent = await till.stripe.read_intent(sale.intent)
    if intent.status == "requires_payment_method" and not _reusable(intent, sale):
        intent = await till.stripe.change_amount(intent.id, sale.amount, f"amount:{sale.sale}:{sale.version}")
    return intent


def _reusable(intent: Intent, sale: Sale) -> bool:
    return intent.amount == sale.amount


async def _command_reader(till: Till, sale: Sale, intent: Intent) -> None:
    """Send the sale to its own reader, a bounded number of times while it is busy."""
    attempt = till.store.attempt(sale.sale)
    send = 0
    while attempt is not None and attempt.phase == "sending" and not till.store.sale(sale.sale).cancel_wanted:
        send += 1
        reason = await _send_once(till, sale, intent, attempt, send)
        if reason is None:
            return
        if reason not in ("reader_busy", "reader_timeout") or send >= till.settings.busy_tries:
            await _stop(till, sale.sale, attempt, reason)
            return
        await asyncio.sleep(till.settings.busy_backoff_s * 2 ** (send - 1) * random.uniform(0.5, 1.0))
        attempt = till.store.attempt(sale.sale)


async def _send_once(till: Till, sale: Sale, intent: Intent, attempt: Attempt, send: int) -> str | None:
    """None when the reader has the sale or nobody knows; else why it has not."""
    phase = "sent"
    try:
        reader = await till.stripe.read_reader(sale.reader)
        if taken(till, sale, reader):
            return "reader_busy"
        if terms_of(till.store, sale.sale).keyed:
            # https://docs.stripe.com/terminal/features/mail-telephone-orders/payments (documented)
            await clear_display(till, sale.reader)
        # A refusal is stored under its key, so each sending has its own; repetitions of one sending share it.
        await till.stripe.process(sale, intent.id, f"process:{sale.sale}:{attempt.number}:{send}")
    except Refused as no:
        if no.code == "intent_invalid_state":
            phase = "unsure"
        elif no.code != "terminal_reader_timeout" or not await reader_has(till, sale, intent):
            return READER_REASONS.get(no.code, "reader_refused")
    except Throttled:
        return "stripe_busy"
    except Lost:
        phase = "unsure"
    _arrived(till, sale.sale, attempt, phase, send)
    return None


def _arrived(till: Till, sale_id: str, attempt: Attempt, phase: str, send: int) -> None:
    """Record what became of the command, unless the sale was settled or cancelled while it was on its way."""
    now = till.store.attempt(sale_id)
    if now is None or now.number != attempt.number or now.phase != "sending":
        return
    sale = till.store.sale(sale_id)
    with till.store.transaction():
        till.store.update_attempt(sale_id, phase, send, till.clock.now())
        if phase == "sent":
            till.show(sale, "waiting", "collecting")
        else:
            till.show(sale, "not_known", "process_unknown")
    if phase == "unsure":
        follow(till, sale_id, at_once=True)


async def _stop(till: Till, sale_id: str, attempt: Attempt, reason: str) -> None:
    """Give the attempt up, once Stripe confirms that nothing was paid."""
    async with till.lock(sale_id):
        now = till.store.attempt(sale_id)
        if now is None or now.number != attempt.number:
            return
        sale = till.store.sale(sale_id)
        if reason == "reader_timeout":
            till.store.update_attempt(sale_id, "unsure", now.sends, till.clock.now())
            till.show(sale, "not_known", "process_unknown")
            return
        try:
            intent = await till.stripe.read_intent(str(sale.intent))
        except Trouble:
            till.store.update_attempt(sale_id, "unsure", now.sends, till.clock.now())
            till.show(sale, "not_known", "asking")
            return
        if not await settle(till, sale, intent):
            till.show(sale, "not_paid", reason, release=True)


# What the cashier asks for


async def cancel_sale(till: Till, sale_id: str) -> None:
    """Take the payment back. The wish is written down first, so that it survives a crash and an unanswered call."""
    sale = till.store.update(sale_id, cancel_wanted=1)
    async with till.lock(sale_id):
        sale = till.store.sale(sale_id)
        if sale.closed or sale.outcome == "paid":
            return
        try:
            if sale.intent is None and sale.attempt > 0:
                # Its create was not answered. The same key brings the PaymentIntent to light; none is left over.
                sale = till.store.update(sale_id, intent=(await till.stripe.create_intent(sale)).id)
            if sale.intent is not None:
                await _settle_cancelled(till, sale)
        except Trouble:
            _doubt(till, till.store.sale(sale_id))
        if sale.intent is None:
            till.show(sale, "not_paid", "cancelled", release=True, closed=1)
    follow(till, sale_id)


async def order_capture(till: Till, sale_id: str, tip: int) -> str | None:
    """Collect a held sale with the tip from the receipt. Returns why not, in the till's word, None when it is ordered.

    Raises Trouble when Stripe cannot be asked what this card allows.
    """
    async with till.lock(sale_id):
        sale = till.store.sale(sale_id)
        if sale.outcome != "held" or sale.reason in ("partial", "mismatch", "cancel_pending"):
            return None if sale.outcome == "paid" and sale.captured == sale.approved + tip else "nothing_held"
        if sale.order_amount is not None and sale.order_amount != sale.approved + tip:
            return "capture_under_way"
        intent = await till.stripe.read_intent(str(sale.intent))
        if intent.status == "requires_capture" and sale.order_amount is None:
            why_not = await _tip_refusal(till, sale, intent, tip)
            if why_not is not None:
                return why_not
            sale = till.store.update(sale_id, order_amount=intent.capturable + tip)
        await settle(till, sale, intent)
    return None


async def _tip_refusal(till: Till, sale: Sale, intent: Intent, tip: int) -> str | None:
    if tip and intent.tip:
        return "tip_twice"
    charge = await till.stripe.read_charge(intent.id) if tip else None
    return tips.refusal(charge, tip, sale.currency)


# Learning how it ended


async def look(till: Till, sale_id: str) -> None:
    """Ask Stripe how the sale stands now and write it down."""
    async with till.lock(sale_id):
        sale = till.store.sale(sale_id)
        if sale.intent is None:
            if sale.outcome in ("waiting", "not_known") and till.store.attempt(sale_id) is None:
                till.show(sale, "not_paid", "reader_cleared")
            return
        try:
            attempt = till.store.attempt(sale_id)
            intent = await till.stripe.read_intent(sale.intent)
            if await settle(till, sale, intent):
                if attempt is not None:
                    # A reader that died after the approval goes on saying it is at work until somebody clears it.
                    await clear_reader(till, sale, attempt)
                return
            sale = till.store.sale(sale_id)
            if sale.cancel_wanted and not sale.closed:
                await _settle_cancelled(till, sale)
            else:
                await _watch_reader(till, sale, intent)
        except Trouble:
            _doubt(till, till.store.sale(sale_id))


async def settle(till: Till, sale: Sale, intent: Intent) -> bool:
    """Turn what Stripe says of the PaymentIntent into the sale's outcome. False while no card has paid it.

    The only place where a sale becomes paid: captured at Stripe, for this sale, in this amount and currency.
    """
    if intent.status == "succeeded":
        if agrees(intent, sale, intent.received):
            _paid(till, sale, intent)
        else:
            till.show(sale, "not_known", "mismatch", release=True, captured=intent.received)
    elif intent.status == "requires_capture":
        await _approved(till, sale, intent)
    elif intent.status == "canceled":
        till.show(sale, "not_paid", _why_cancelled(sale), release=True, closed=1, approved=0)
    else:
        return False
    saved_cards.after(till, sale)
    return True


def _why_cancelled(sale: Sale) -> str:
    if sale.cancel_wanted:
        return "hold_released" if sale.approved else "cancelled"
    return "expired" if sale.approved else "cancelled_elsewhere"


async def _approved(till: Till, sale: Sale, intent: Intent) -> None:
    """The bank holds the money: collect it, wait for the tip, or give it back. A part of it is never collected."""
    sale = holds.taken_over(till, sale, intent)
    if sale.cancel_wanted:
        await _release_hold(till, sale)
    elif not agrees(intent, sale, intent.capturable):
        reason = "partial" if intent.capturable < sale.amount else "mismatch"
        till.show(sale, "held", reason, release=True, approved=intent.capturable)
    elif sale.capture == "later" and sale.order_amount is None:
        till.show(sale, "held", "collect_later", release=True, approved=intent.capturable, failures=0)
    else:
        left = await capture.collect(till, sale, intent)
        if left is None:
            follow(till, sale.sale)
        else:
            await settle(till, till.store.sale(sale.sale), left)


def agrees(intent: Intent, sale: Sale, money: int) -> bool:
    """The money at Stripe is this sale's: its id, its amount with the tip given on the reader, its currency."""
    due = sale.amount + intent.tip
    if intent.status == "succeeded" and sale.order_amount is not None:
        due = sale.order_amount
    return intent.sale == sale.sale and intent.currency == sale.currency and money == due


def _paid(till: Till, sale: Sale, intent: Intent) -> None:
    """Captured, confirmed by Stripe. The tip is part of the amount, whichever way it was given."""
    tip = intent.received - sale.amount
    reason = "paid_first" if sale.cancel_wanted else "collected"
    fact = f"payment_intent.succeeded:{intent.id}"
    with till.store.transaction():
        till.show(sale, "paid", reason, release=True, captured=intent.received, tip=tip, failures=0, cancel_wanted=0,
                  order_amount=intent.received, approved=sale.approved or intent.received)
        if till.store.first_time(fact, till.clock.now()):
            till.store.queue(sale.sale, "receipt", till.clock.now())


async def _release_hold(till: Till, sale: Sale) -> None:
    """The cashier cancelled and the bank approved: give the hold back and say so."""
    sale = till.show(sale, "held", "cancel_pending", approved=sale.approved or sale.amount)
    try:
        intent = await drop_intent(till, sale)
    except Trouble:
        till.show(sale, "not_known", "cancel_unknown", failures=sale.failures + 1)
        return
    if intent.status in ("canceled", "succeeded"):
        await settle(till, till.store.sale(sale.sale), intent)
    else:
        till.store.update(sale.sale, failures=sale.failures + 1)


async def _settle_cancelled(till: Till, sale: Sale) -> None:
    """Carry a wanted cancellation on, and settle on what Stripe says came of it. Raises Trouble."""
    intent = await cancel_payment(till, sale)
    if intent is None or await settle(till, till.store.sale(sale.sale), intent):
        return
    till.show(till.store.sale(sale.sale), "not_known", "cancel_unknown")


async def _watch_reader(till: Till, sale: Sale, intent: Intent) -> None:
    """No card has paid yet. Is the reader still asking for one? Raises Trouble."""
    attempt = till.store.attempt(sale.sale)
    if attempt is not None and attempt.reader.startswith(ON_FILE):
        await _charge_on_file(till, sale, intent)
    elif attempt is None:
        if sale.outcome in ("waiting", "not_known"):
            till.show(sale, "not_paid", "reader_cleared")
    elif attempt.phase != "sending":
        reader = await till.stripe.read_reader(attempt.reader)
        if reader.holds_card_for(intent.id) and intent.status == "requires_confirmation":
            await _confirm_or_let_go(till, sale, attempt)
        elif reader.collecting(intent.id) or (reader.intent == intent.id and reader.action_status == "succeeded"):
            await _still_asking(till, sale, attempt)
        elif attempt.phase == "unsure":
            await _resolve_unsure(till, sale, attempt)
        else:
            await _let_go(till, sale, reader)


async def _confirm_or_let_go(till: Till, sale: Sale, attempt: Attempt) -> None:
    """The card was read: charge it through the reader, or let it go, within the half minute that it is kept for."""
    now = till.clock.now()
    if till.store.first_time(f"card read:{sale.sale}:{attempt.number}", now):
        till.store.update_attempt(sale.sale, "sent", attempt.sends, now)
    elif now >= attempt.since + CONFIRM_WITHIN_S:
        await _give_up(till, sale, attempt, "reader_failed")
        return
    till.show(sale, "waiting", "card_read")
    await till.stripe.confirm_at_reader(attempt.reader, str(sale.intent), f"confirm:{sale.sale}:{attempt.number}")
    till.show(sale, "waiting", "answering", failures=0)


async def _still_asking(till: Till, sale: Sale, attempt: Attempt) -> None:
    if till.clock.now() >= attempt.deadline:
        await _give_up(till, sale, attempt)
        return
    if attempt.phase == "unsure":
        till.store.update_attempt(sale.sale, "sent", attempt.sends, attempt.since)
    till.show(sale, "waiting", "collecting", failures=0)


async def _let_go(till: Till, sale: Sale, reader: Reader) -> None:
    """The reader's action ended. Only now is the PaymentIntent's word final: an approval may hide behind a failure."""
    intent = await till.stripe.read_intent(str(sale.intent))
    if await settle(till, sale, intent):
        return
    reason = FAILURE_REASONS.get(reader.failure or "", "declined") if reader.intent == intent.id else "reader_cleared"
    till.show(sale, "not_paid", reason, release=True, card=intent.card, failures=0)


async def _resolve_unsure(till: Till, sale: Sale, attempt: Attempt) -> None:
    """The command may still arrive: leave it a moment, then clear the reader and let Stripe decide. Raises Trouble."""
    if till.clock.now() < attempt.since + till.settings.unsure_s:
        till.show(sale, "not_known", "process_unknown")
        return
    await _give_up(till, sale, attempt, "reader_timeout")


async def _give_up(till: Till, sale: Sale, attempt: Attempt, reason: str = "no_card") -> None:
    """Clear the reader, then ask Stripe whether a card was taken in the last moment. Raises Trouble."""
    cleared = await clear_reader(till, sale, attempt)
    if cleared == "busy":
        till.show(sale, "waiting", "answering")
        return
    if cleared == "unreachable":
        till.show(sale, "not_known", "reader_unreachable", failures=sale.failures + 1)
        return
    intent = await till.stripe.read_intent(str(sale.intent))
    if not await settle(till, sale, intent):
        till.show(sale, "not_paid", reason, release=True, card=intent.card)


def _doubt(till: Till, sale: Sale) -> None:
    """Stripe does not answer. What was certain stays; what was open becomes not known."""
    failures = sale.failures + 1
    if sale.cancel_wanted:
        till.show(sale, "not_known", "cancel_unknown", failures=failures)
    elif sale.outcome == "waiting":
        till.show(sale, "not_known", "asking", failures=failures)
    else:
        till.store.update(sale.sale, failures=failures)


# Waiting


def follow(till: Till, sale_id: str, *, at_once: bool = False) -> None:
    """Keep asking until the sale is settled; news of it makes the next question come at once."""
    news = till.news.get(sale_id)
    if news is None:
        news = till.news[sale_id] = asyncio.Event()
        till.spawn(_follow(till, sale_id, news))
    if at_once:
        news.set()


async def _follow(till: Till, sale_id: str, news: asyncio.Event) -> None:
    try:
        while True:
            sale = till.store.sale(sale_id)
            pause_s = pause(till, sale)
            if pause_s is None and (sale.outcome == "paid" or not news.is_set()):
                return
            with suppress(TimeoutError):  # no webhook in time: the poll asks instead
                await asyncio.wait_for(news.wait(), timeout=pause_s or 0)
            news.clear()
            await _look_or_log(till, sale_id)
    finally:
        till.news.pop(sale_id, None)


async def _look_or_log(till: Till, sale_id: str) -> None:
    """One question gone wrong must not end the asking."""
    try:
        await look(till, sale_id)
    except Exception as error:
        till.log_error(error)
        await asyncio.sleep(till.settings.retry_s)


def resume_pending(till: Till) -> None:
    """After a start: take every unfinished sale up where its records say it was."""
    till.store.doubt_attempts()
    for sale in till.store.unsettled():
        if pause(till, sale) is not None:
            follow(till, sale.sale, at_once=True)
