"""Journal entries as lines a person can follow: who said what to whom, and when."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from cardpresent.evidence.journal import Journal, money_of
from cardpresent.model.entry import Entry
from cardpresent.model.money import MoneyError

JOURNAL: Final = "journal.jsonl"
LINES: Final = 28
LOG_LINES: Final = 40
CODE: Final = 420
WORDS: Final = 280
# What a reader of a card looks for in Stripe's answers; the rest stays in the journal.
TOLD: Final = ("id", "status", "amount", "amount_received", "amount_capturable", "failure_reason", "failure_code")
FIELDS: Final = ("status", "amount", "amount_received", "amount_capturable")
STANDINGS: Final = {
    "collecting": "waiting for the customer", "held": "held on the card", "stored": "stored, not approved",
}  # fmt: skip

Mark = Literal["", "expected", "observed"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an exchange. `machine` tells a machine's own words from ours; `at_s` counts from the sale's start."""

    at_s: float | None
    who: str
    text: str
    machine: bool
    mark: Mark = ""
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """How many lines were left out here."""

    count: int


def read_journal(path: Path) -> tuple[Journal, bool]:
    """A saved journal, and whether it is whole.

    A run that was killed may leave half a last line: what stands before it is still evidence. A missing file is an
    empty journal that is not whole.
    """
    decoder = msgspec.json.Decoder(Entry)
    entries: list[Entry] = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return Journal(), False
    for line in lines:
        if line.strip():
            try:
                entries.append(decoder.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError):
                return Journal(entries), False
    return Journal(entries), True


def of_sale(journal: Journal, scenario: str, span: Sequence[int] | None, sale: str | None) -> list[Entry]:
    """The entries of one sale inside its scenario: from its first intent to its last word, the wires in between.

    What crosses a wire seldom names the sale, so the sale's own entries only bound the time.
    """
    inside = [e for e in journal if (span[0] <= e.n <= span[1] if span else e.scenario == scenario)]
    if sale is None:
        return inside
    own = [e.n for e in inside if e.sale == sale]
    if not own:
        return inside
    return [e for e in inside if min(own) <= e.n <= max(own) and e.sale in (None, sale)]


def lines(
    entries: Sequence[Entry], evidence: Collection[int], expected: str, observed: str, limit: int = LINES
) -> list[Line | Gap]:
    """The exchange of one finding, at most `limit` lines of it, evidence marked in place.

    The expected line stands before the last piece of evidence; a finding without evidence ends in both.
    """
    start = next((e.begin_ms for e in entries if e.kind == "intent"), entries[0].begin_ms if entries else 0.0)
    shown = [e for e in entries if e.n in evidence or _worth_showing(e)]
    kept = _keep([e.n in evidence for e in shown], limit)
    told: list[Line | Gap] = []
    last = max((e.n for e in shown if e.n in evidence), default=None)
    skipped = 0
    for entry, keep in zip(shown, kept, strict=True):
        if not keep:
            skipped += 1
            continue
        if skipped:
            told.append(Gap(skipped))
            skipped = 0
        line = describe(entry, start)
        if entry.n == last:
            told.append(Line(None, "Expected", expected, False, "expected"))
        told.append(replace(line, mark="observed") if entry.n in evidence else line)
    if skipped:
        told.append(Gap(skipped))
    if last is None:
        told.append(Line(None, "Expected", expected, False, "expected"))
        told.append(Line(None, "Observed", observed, False, "observed"))
    return told


def own_log(lines_of: Sequence[str], limit: int = LOG_LINES) -> tuple[list[str], int]:
    """The last lines of the till's log, and how many earlier ones were left out."""
    kept = [_short(line.rstrip("\n"), CODE) for line in lines_of[-limit:]]
    return kept, len(lines_of) - len(kept)


def describe(entry: Entry, start_ms: float = 0.0) -> Line:
    """One entry as one line."""
    who, text, machine = _TELLERS.get(entry.kind, _other)(entry)
    at_ms = entry.begin_ms if entry.kind in ("intent", "request") else entry.end_ms
    return Line((at_ms - start_ms) / 1000, who, _short(text, CODE if machine else WORDS), machine, n=entry.n)


def _worth_showing(entry: Entry) -> bool:
    """The suite's own calls to Stripe and log lines stand elsewhere or nowhere."""
    if entry.kind == "control" and entry.data.get("what") in ("emulator", "epoch", "cleanup", "stimulus"):
        return False
    return entry.kind != "log" and not (entry.kind in ("request", "reply") and entry.actor in ("suite", "gateway"))


def _keep(evidence: Sequence[bool], limit: int) -> list[bool]:
    """Which lines stay: all evidence, then what stands nearest to it, then the beginning."""
    marked = [k for k, is_evidence in enumerate(evidence) if is_evidence]
    near = sorted(
        range(len(evidence)),
        key=lambda k: (min((abs(k - m) for m in marked), default=0), k),
    )
    beginning = list(range(min(5, len(evidence))))
    stay: set[int] = set(marked[-limit:])
    for k in (*beginning, *near):
        if len(stay) >= limit:
            break
        stay.add(k)
    return [k in stay for k in range(len(evidence))]


def _intent(entry: Entry) -> tuple[str, str, bool]:
    data = entry.data
    said = str(data.get("verb", "acts")).replace("_", " ")
    sums = [f"{name.replace('_', ' ')} {text}" for name in ("tip", "refund_amount") if (text := _sum(data.get(name)))]
    amount = _sum(data.get("amount"))
    return "cashier", ", ".join([said, *([amount] if amount else []), *sums]), False


def _request(entry: Entry) -> tuple[str, str, bool]:
    data = entry.data
    words = [str(data.get("method") or ""), str(data.get("path") or ""), *_flat(data.get("params"))]
    if data.get("idempotency_key"):
        words.append(f"key={data['idempotency_key']}")
    if data.get("account"):
        words.append(f"account={data['account']}")
    return f"{_ACTORS.get(entry.actor, entry.actor)} → Stripe", " ".join(word for word in words if word), True


def _reply(entry: Entry) -> tuple[str, str, bool]:
    data = entry.data
    body = data.get("body")
    words = ["no answer" if data.get("status") is None else str(data["status"])]
    if isinstance(body, Mapping):
        error = body.get("error")
        if isinstance(error, Mapping):
            words += [str(error[key]) for key in ("type", "code", "decline_code", "message") if error.get(key)]
        else:
            words += [f"{key}={body[key]}" for key in TOLD if _plain(body.get(key))]
    injected = [f"injected: {data['fault']}"] if data.get("fault") else []
    if not data.get("delivered", True):
        injected.append("the caller never got it")
    if injected and data.get("committed") and data.get("fault"):
        injected.append("Stripe had done it")
    if injected:
        words.append(f"({', '.join(injected)})")
    return f"Stripe → {_ACTORS.get(entry.actor, entry.actor)}", " ".join(words), True


def _webhook(entry: Entry) -> tuple[str, str, bool]:
    data = entry.data
    sender = "Stripe → till" if data.get("genuine", True) else "attacker → till"
    words = ["webhook", str(data.get("type") or ""), str(data.get("object") or "")]
    if data.get("staging"):
        words.append(f"(staged: {data['staging']})")
    if (data.get("attempt") or 1) != 1:
        words.append(f"attempt {data['attempt']}")
    answer = data.get("status") or data.get("error")
    words.append(f"→ {answer}" if answer else "→ no answer")
    return sender, " ".join(word for word in words if word), True


def _screen(entry: Entry) -> tuple[str, str, bool]:
    data = entry.data
    words = str(data.get("words") or "").strip()
    meaning = {"accepted": "done", "refused": "not done", "unknown": "not known yet"}.get(str(data.get("outcome")), "")
    standing = STANDINGS.get(str(data.get("standing")))
    return "till screen", f"“{words}” ({standing or meaning})" if words else f"({standing or meaning})", False


def _control(entry: Entry) -> tuple[str, str, bool]:
    data = entry.data
    what = str(data.get("what") or "")
    who = {"tap": "customer", "kill": "till", "restart": "till", "clock": "time"}.get(what, "suite")
    if what.startswith("fault"):
        who = "reader" if data.get("source") == "emulator" else "network"
    rest = " ".join(f"{key}={value}" for key, value in data.items() if key != "what" and _plain(value))
    return who, f"{what.replace('_', ' ')} {rest}".strip(), True


def _ledger(entry: Entry) -> tuple[str, str, bool]:
    data = entry.data
    told = [
        " ".join([str(each.get("id")), *(f"{key}={each[key]}" for key in FIELDS if _plain(each.get(key)))])
        for key in ("payment_intents", "refunds")
        for each in data.get(key) or ()
        if isinstance(each, Mapping)
    ]
    reader = data.get("reader")
    action = reader.get("action") if isinstance(reader, Mapping) else None
    if isinstance(action, Mapping):
        told.append(f"reader: {action.get('type')} {action.get('status')}")
    if isinstance(cards := data.get("cards"), list):
        kept = [f"{card.get('id')} allow_redisplay={card.get('allow_redisplay')}" for card in cards]
        told.append(f"cards kept: {', '.join(kept) or 'none'}")
    return "books at Stripe", "; ".join(told) or "nothing for this sale", True


def _log(entry: Entry) -> tuple[str, str, bool]:
    return "till’s log", str(entry.data.get("line") or ""), True


def _other(entry: Entry) -> tuple[str, str, bool]:
    return entry.actor, entry.kind, True


_ACTORS: Final = {"till": "till", "sdk": "SDK", "suite": "suite", "gateway": "suite"}
_TELLERS: Final[Mapping[str, Callable[[Entry], tuple[str, str, bool]]]] = {
    "intent": _intent,
    "request": _request,
    "reply": _reply,
    "webhook": _webhook,
    "screen": _screen,
    "control": _control,
    "ledger": _ledger,
    "log": _log,
}


def _sum(value: Any) -> str | None:
    try:
        return str(money_of(value))
    except (TypeError, KeyError, ValueError, MoneyError):
        return None


def _flat(params: Any, prefix: str = "") -> Iterable[str]:
    """Nested parameters in Stripe's bracket notation."""
    if isinstance(params, Mapping):
        for key, value in params.items():
            yield from _flat(value, f"{prefix}[{key}]" if prefix else str(key))
    elif isinstance(params, list | tuple):
        for value in params:
            yield from _flat(value, f"{prefix}[]")
    elif params is not None and prefix:
        yield f"{prefix}={params}"


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and value != ""


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit} more)"
