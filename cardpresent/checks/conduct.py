"""How the till behaved on the wire. Requests prove conduct, never amounts."""

from collections import defaultdict
from typing import Any

from cardpresent.checks.catalogue import check
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome, Standing

# What has a reader ask for a payment's card: in one step, or to be read first and confirmed afterwards.
# Documented: https://docs.stripe.com/terminal/payments/collect-card-payment?terminal-sdk-platform=server-driven
ASKING_FOR_CARD = ("reader.process_payment_intent", "reader.collect_payment_method")
# News that a bank approved. Documented: https://docs.stripe.com/api/events/types.
APPROVALS = frozenset({"payment_intent.succeeded", "payment_intent.amount_capturable_updated"})
# Asking a busy reader more often than this, on average, is a loop and not a wait.
BUSY_CALLS_PER_S_MAX = 5.0


@check
def repeated_under_one_key(journal: Journal, operation: str, requirement: str = "FD-11") -> Finding:
    """A call that Stripe carried out but never answered was repeated under its own key, or not at all.

    What counts as the same call: the same path and the same parameters. A till that reads instead is right, too, and so
    is one that finds the payment of the lost call, cancels it and makes another.
    """
    sent: dict[str, list[Entry]] = defaultdict(list)
    for request in journal.till_requests(operation):
        sent[_fingerprint(request)].append(request)
    lost = [r for r in journal.till_requests(operation) if _committed_unheard(journal, r)]
    if not lost:
        return _undecided(requirement, "conduct.repeated_under_one_key", "no answer of the kind was lost")
    broken = [
        later
        for first in lost
        for later in sent[_fingerprint(first)]
        if later.n > first.n and _key(later) != _key(first) and not _cancelled_between(journal, first, later)
    ]
    keyless = [r for r in lost if _repeated(sent, r) and not _key(r)]
    observed = "every repetition under one key" if not keyless else f"{len(keyless)} call(s) repeated without any key"
    return Finding(
        requirement=requirement,
        check="conduct.repeated_under_one_key",
        holds=not broken and not keyless,
        expected="a repeated call to carry the idempotency key of the first",
        observed=f"{len(broken)} repetition(s) under another key" if broken else observed,
        evidence=tuple(e.n for e in (*lost, *broken)[:6]),
        headline="A call whose answer was lost is sent again as a new one" if broken or keyless else None,
    )


def _repeated(sent: dict[str, list[Entry]], first: Entry) -> bool:
    return any(later.n > first.n for later in sent[_fingerprint(first)])


def _cancelled_between(journal: Journal, first: Entry, later: Entry) -> bool:
    """Whether the till cancelled the payment that the first call had made, before it made the later one."""
    reply = journal.reply_to(first)
    body = reply.data.get("body") if reply else None
    made = body.get("id") if isinstance(body, dict) else None
    cancels = (e for e in journal.till_requests("payment_intent.cancel") if first.n < e.n < later.n)
    return made is not None and any(e.data["object"] == made for e in cancels)


def _committed_unheard(journal: Journal, request: Entry) -> bool:
    reply = journal.reply_to(request)
    return bool(reply and reply.data["committed"] and not reply.data["delivered"])


# What makes two of these the same deed, whatever else a till writes beside it.
_DEED = {
    "payment_intent.create": ("amount", "currency"),
    "refund.create": ("amount", "payment_intent", "charge"),
}


def _fingerprint(request: Entry) -> str:
    params = request.data.get("params") or {}
    names = _DEED.get(str(request.data["operation"]))
    told = params if names is None else {name: params.get(name) for name in names}
    return f"{request.data['path']} {sorted(_flat(told))}"


def _flat(value: Any, prefix: str = "") -> list[str]:
    if isinstance(value, dict):
        return [line for key, inner in value.items() for line in _flat(inner, f"{prefix}.{key}")]
    if isinstance(value, list):
        return [line for index, inner in enumerate(value) for line in _flat(inner, f"{prefix}.{index}")]
    return [f"{prefix}={value}"]


def _key(request: Entry) -> str | None:
    key = request.data.get("idempotency_key")
    return str(key) if key else None


@check
def busy_reader_not_hammered(journal: Journal, requirement: str = "FD-20") -> Finding:
    """While a reader is busy the till asks now and then, and does not cancel what it did not start."""
    calls = journal.till_requests(*ASKING_FOR_CARD)
    busy = [c for c in calls if _answered_busy(journal, c)]
    if not busy:
        return _undecided(requirement, "conduct.busy_reader_not_hammered", "the reader was never found busy")
    span_s = max((busy[-1].begin_ms - busy[0].begin_ms) / 1000, 1.0)
    rate = len(busy) / span_s
    holds = rate <= BUSY_CALLS_PER_S_MAX
    return Finding(
        requirement=requirement,
        check="conduct.busy_reader_not_hammered",
        holds=holds,
        expected=f"at most {BUSY_CALLS_PER_S_MAX:g} calls a second to a busy reader",
        observed=f"{len(busy)} calls in {span_s:.1f} s",
        evidence=tuple(e.n for e in busy[:6]),
        headline=None if holds else f"A busy reader is asked {rate:.0f} times a second",
    )


def _answered_busy(journal: Journal, request: Entry) -> bool:
    reply = journal.reply_to(request)
    body = (reply.data.get("body") if reply else None) or {}
    error = body.get("error") if isinstance(body, dict) else None
    return bool(error and error.get("code") == "terminal_reader_busy")


@check
def payment_read_before_word(journal: Journal, sale: str, requirement: str = "EX-05") -> Finding:
    """After an outcome that hides the truth, the PaymentIntent was read at Stripe before the sale got a final word.

    Stripe's own news of the approval brings the PaymentIntent, too: a till that calls the sale paid after it took that
    in has looked. Documented: https://docs.stripe.com/api/events/types (payment_intent.succeeded holds it).
    """
    fired = [e for e in journal.controls("fault_fired") if e.data.get("fault") == "connection_error"]
    if not fired:
        return _undecided(requirement, "conduct.payment_read_before_word", "contact with the reader was never lost")
    # The reader loses contact when the card is presented; that it did is written down only a moment later.
    since = min([e.n for e in journal.controls("tap")] + [fired[0].n])
    replies = (e for e in journal.kind("reply") if e.actor == "till" and e.n > since)
    mine = _payments_of(journal, sale)
    brought = [e for e in replies if _brings_payment(e.data["body"], mine)]
    words = (e for e in journal.kind("screen", sale) if e.n > since and e.data.get("of_sale"))
    final = next((e for e in words if _decided(e)), None)
    read = bool(brought) and brought[0].n < (final.n if final else journal.last_n + 1)
    news = [e for e in journal.deliveries() if e.n > since and _brings_approval(e, mine)]
    told = not read and _paid_after(final, news)
    holds = read or told
    return Finding(
        requirement=requirement,
        check="conduct.payment_read_before_word",
        holds=holds,
        expected="the PaymentIntent read at Stripe before the cashier is told the outcome",
        observed="read" if read else "told by Stripe's news of it" if told else "never read after contact was lost",
        evidence=tuple(e.n for e in (*fired[:1], *(news if told else brought)[:1])),
        sale=sale,
        headline=None if holds else "The till decides on a lost connection without asking Stripe",
    )


@check
def waits_quietly(journal: Journal, calls_per_s: float, requirement: str = "FD-77") -> Finding:
    """While a sale waits for its card the till asks Stripe no more often than its owner declares.

    What is too often nobody publishes, but what an account may ask in all is documented: 25 calls a second in a
    sandbox, 100 in live mode (https://docs.stripe.com/rate-limits). At 2 a second, unless declared otherwise, a dozen
    waiting registers stay below it.
    """
    name, expected = "conduct.waits_quietly", f"at most {calls_per_s:g} calls to Stripe a second for a waiting sale"
    begun, ended = journal.controls("watch_begins"), journal.controls("watch_ends")
    if not begun or not ended:
        return _undecided(requirement, name, "no waiting sale was watched")
    span_s = (ended[-1].begin_ms - begun[-1].begin_ms) / 1000
    calls = [e for e in journal.till_requests() if begun[-1].n < e.n < ended[-1].n]
    # One question may fall on either edge of the time that was watched.
    holds = len(calls) <= calls_per_s * span_s + 1
    return Finding(
        requirement=requirement,
        check=name,
        holds=holds,
        expected=expected,
        observed=f"{len(calls)} calls in {span_s:.1f} s",
        evidence=(begun[-1].n, *(e.n for e in calls[:4]), ended[-1].n),
        headline=None if holds else f"A waiting sale costs {len(calls) / max(span_s, 0.1):.0f} calls a second",
    )


@check
def others_served_meanwhile(journal: Journal, requirement: str = "FD-79") -> Finding:
    """While one call to Stripe was kept waiting, the till sent another sale to its reader."""
    name, expected = "conduct.others_served_meanwhile", "the other register's reader asked for its sale meanwhile"
    fired = [e for e in journal.controls("fault_fired") if e.data.get("fault") == "answer_delayed"]
    held = next((r for r in journal.till_requests() if fired and r.n == fired[0].data["request"]), None)
    if held is None:
        return _undecided(requirement, name, "no call was kept waiting")
    reply = journal.reply_to(held)
    ended = reply.n if reply else journal.last_n + 1
    sent = [e for e in journal.till_requests(*ASKING_FOR_CARD) if held.n < e.n < ended]
    return Finding(
        requirement=requirement,
        check=name,
        holds=bool(sent),
        expected=expected,
        observed="it was" if sent else "nothing was sent to any reader until the waiting call had ended",
        evidence=(held.n, *(e.n for e in sent[:2])),
        headline=None if sent else "One register that waits for Stripe stops every other one",
    )


@check
def own_reader_only(journal: Journal, reader: str, requirement: str = "FD-71") -> Finding:
    """Every command of the till went to the reader that stands at its register."""
    sent = journal.till_requests(*ASKING_FOR_CARD)
    astray = [e for e in sent if e.data["object"] != reader]
    if not sent:
        return _undecided(requirement, "conduct.own_reader_only", "the till sent no reader a sale")
    return Finding(
        requirement=requirement,
        check="conduct.own_reader_only",
        holds=not astray,
        expected=f"every sale sent to {reader}",
        observed=f"sent to {astray[0].data['object']}" if astray else "every sale sent there",
        evidence=tuple(e.n for e in (astray or sent)[:3]),
        headline="The sale appears on the reader of another till" if astray else None,
    )


def _payments_of(journal: Journal, sale: str) -> frozenset[str]:
    """The sale's PaymentIntents at Stripe. A till may well be looking after an earlier sale at the same time."""
    ledger = journal.last_ledger(sale)
    return frozenset(str(p["id"]) for p in ledger.data["payment_intents"]) if ledger else frozenset()


def _brings_payment(body: Any, mine: frozenset[str]) -> bool:
    """Does an answer of Stripe hold one of these PaymentIntents with its status, alone or inside something else?"""
    if isinstance(body, dict):
        whole = body.get("object") == "payment_intent" and "status" in body and body.get("id") in mine
        return whole or any(_brings_payment(inner, mine) for inner in body.values())
    return isinstance(body, list) and any(_brings_payment(inner, mine) for inner in body)


def _brings_approval(delivery: Entry, mine: frozenset[str]) -> bool:
    """Whether the till took in a genuine event that says that one of these PaymentIntents was approved."""
    data = delivery.data
    taken = data["genuine"] and data["status"] is not None and 200 <= int(data["status"]) < 300
    return bool(taken and data.get("type") in APPROVALS and data.get("object") in mine)


def _paid_after(word: Entry | None, news: list[Entry]) -> bool:
    """Whether a sale was called paid after news of it began to arrive; news is noted once it was answered."""
    paid = word is not None and word.data["outcome"] == Outcome.ACCEPTED.value
    return bool(paid and word and any(each.begin_ms <= word.begin_ms for each in news))


def _decided(word: Entry) -> bool:
    return bool(word.data["standing"] == Standing.SETTLED.value and word.data["outcome"] != Outcome.UNKNOWN.value)


@check
def no_refund_before_capture(journal: Journal, requirement: str = "FD-53") -> Finding:
    """An authorization was let go by cancelling it, never by a refund of money that was not taken."""
    refunds = journal.till_requests("refund.create")
    return Finding(
        requirement, "conduct.no_refund_before_capture", not refunds, "a hold released by cancelling it",
        f"{len(refunds)} refund call(s)" if refunds else "no refund call", tuple(e.n for e in refunds[:3]),
    )  # fmt: skip


def _undecided(requirement: str, check: str, why: str) -> Finding:
    return Finding(requirement, check, None, "a stimulus that reached the till", why)
