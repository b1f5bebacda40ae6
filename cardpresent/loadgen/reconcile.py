"""When the last customer has gone: every sale at the till against every charge at Stripe, to the cent."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cardpresent.actors.screen_entry import screen_entry
from cardpresent.actors.surroundings import Surroundings
from cardpresent.checks.invariants import judged
from cardpresent.drivers.pos.port import PosReply, TillRecord, Verb
from cardpresent.drivers.stripe.books import Cursor, Snapshot, asks_for
from cardpresent.evidence.journal import Journal, as_data, money_of
from cardpresent.evidence.trim import ledger_data
from cardpresent.loadgen import books_closed
from cardpresent.loadgen.brief import Lane
from cardpresent.loadgen.day_book import DayBook
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing
from cardpresent.profile.vocabulary import STARTS

QUIET_MS: Final = 60
LOOK_MS: Final = 1_000
NOTED_AT_ONCE: Final = 200
# A till's own sweep is waited for where it comes this soon.
SWEEP_WAITED_S: Final = 900.0
ASK_AGAIN_S: Final = 0.1

Tell = Callable[[str, int, int], None]
Objects = Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class Book:
    """One sale: what was asked, what the till last said of it, whose payments are its own.

    `told`: what the till said when it was asked to take the sale; None where whoever asked was gone before it answered.
    `deeds`: what was done about it when nobody was left.
    """

    id: str
    amount: Money
    lane: str
    reader: str
    label: str = ""
    told: PosReply | None = None
    deeds: set[Verb] = field(default_factory=set)
    saved: dict[str, str] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    word: PosReply | None = None

    @property
    def final(self) -> bool:
        word = self.word
        return word is not None and word.standing is Standing.SETTLED and word.outcome is not Outcome.UNKNOWN

    @property
    def never_rung_up(self) -> bool:
        """A worker was gone before the till answered, and the till says that it knows of no such sale."""
        word = self.word
        strange = word is not None and word.status is not None and 400 <= word.status < 500 and not self.final
        return self.told is None and strange


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What came of it. `unsettled`: sales without a last word. Sums are by currency, in minor units."""

    sales: int
    charges: int
    captured: Mapping[str, int]
    refunded: Mapping[str, int]
    till_paid: Mapping[str, int] | None
    unclaimed: Objects
    unsettled: int
    accepted: int
    refused: int
    calls: int
    findings: tuple[Finding, ...]


def reconcile(around: Surroundings, lanes: Sequence[Lane], since: Cursor, after: int, tell: Tell) -> Reconciled:
    """Wait until all is quiet, ask the till about each sale, read the books at Stripe, and judge one by the other.

    `after`: the journal's last entry before the first customer came; `tell(what, done, of)` hears how far it is.
    """
    _come_to_rest(around, tell)
    day = DayBook()
    day.take(around.wire.lines(after))
    calls = day.calls
    books = _books_of(day, {lane.reader: lane.label for lane in lanes})
    _ask_till(around, books, tell)
    tell("reading the books at Stripe", 0, 0)
    snapshot = around.books.read(since, None, sorted({lane.reader for lane in lanes}))
    owners = _owners(snapshot.payment_intents, books, around.metadata_key)
    unclaimed = [p for p in snapshot.payment_intents if owners[p["id"]][0] is None]
    _close_books(around, books, snapshot, owners, unclaimed)
    day.take(around.wire.lines(day.last_n))
    gone = around.till.ended()
    findings = _judged(day, books, owners, tell, cut_off=gone is not None and not gone.by_itself)
    # What the till asks because it is asked about its sales is no part of a payment.
    return _told(books, snapshot, unclaimed, calls, findings)


def _come_to_rest(around: Surroundings, tell: Tell) -> None:
    """Until the till asks nothing and nothing is on its way to it; as long as its own bounds and its news allow."""
    tell("waiting until the till is quiet", 0, 0)
    until = around.clock.now_s() + around.bounds.settle_s + around.bounds.unknown_within_s
    while not around.wire.quiet(QUIET_MS, LOOK_MS):
        # What is still on its way is Stripe's to deliver, however long the till takes for each.
        if around.clock.now_s() > until and not around.wire.deliveries_due():
            return


def _books_of(day: DayBook, labels: Mapping[str, str]) -> dict[str, Book]:
    books: dict[str, Book] = {}
    for sale, entries in day.sales.items():
        begun = next((e for e in entries if e.kind == "intent" and e.data["verb"] == "start_sale"), None)
        if begun is None:
            continue
        lane, reader = str(begun.data.get("lane")), str(begun.data.get("reader"))
        book = books[sale] = Book(sale, money_of(begun.data["amount"]), lane, reader, labels.get(reader, ""))
        for entry in entries:
            book.saved.update(entry.data.get("saved") or {})
            if named := (entry.data.get("saved") or {}).get("payment_intent"):
                book.named.add(named)
            if entry.kind == "screen" and entry.data["verb"] in STARTS:
                book.told = _as_told(entry, book.amount.currency)
            if entry.kind == "screen" and entry.data.get("of_sale"):
                book.word = _as_told(entry, book.amount.currency)
    return books


def _as_told(screen: Entry, currency: str) -> PosReply:
    """The till's answer as the journal has it."""
    data = screen.data
    paid = (data.get("record") or {}).get("paid")
    record = None if paid is None else TillRecord(paid=Money(int(paid), currency))
    said = Outcome(data["outcome"]), Standing(data["standing"]), str(data["words"])
    return PosReply(*said, {}, data["status"], record, "")


def _ask_till(around: Surroundings, books: Mapping[str, Book], tell: Tell) -> None:
    """What the till says of each sale now. Whoever has no last word is asked again, up to the till's own bounds; and
    the cashier's part is done: where a reader still asks for a card that nobody is left to present, the sale is
    cancelled; what is held, and the cashier's to take, is taken."""
    if not around.pos.offers("sale_state"):
        return
    noted: list[Mapping[str, Any]] = []
    bounds, clock = around.bounds, around.clock
    unheard_s = 0.0
    for number, book in enumerate(books.values(), start=1):
        asked_s = clock.now_s()
        _ask(around, book, noted)
        if book.word is None or book.word.status is None:
            unheard_s += clock.now_s() - asked_s
        if unheard_s > bounds.settle_s + bounds.unknown_within_s:
            # It answers nobody any more; to be let down once for every sale of a long day would take days.
            break
        if number % NOTED_AT_ONCE == 0:
            tell("asking the till about every sale", number, len(books))
    sweep = bounds.sweep_s if bounds.sweep_s is not None and bounds.sweep_s <= SWEEP_WAITED_S else 0.0
    until = clock.now_s() + max(bounds.unknown_within_s, bounds.deadline_s, sweep) + bounds.settle_s
    open_ones = _open_ones(books.values())
    while open_ones and clock.now_s() < until:
        tell("waiting for the till's last word", len(books) - len(open_ones), len(books))
        for book in open_ones:
            _do_cashiers_part(around, book, noted)
        around.wire.quiet(QUIET_MS, int(ASK_AGAIN_S * 1000))
        for book in open_ones:
            if clock.now_s() < until:
                _ask(around, book, noted)
        open_ones = _open_ones(open_ones)
    _note(around, noted)


def _open_ones(books: Iterable[Book]) -> list[Book]:
    return [book for book in books if not book.final and not book.never_rung_up]


def _do_cashiers_part(around: Surroundings, book: Book, noted: list[Mapping[str, Any]]) -> None:
    """Each thing once."""
    standing = book.word.standing if book.word else None
    verb: Verb | None = "cancel_sale" if standing is Standing.COLLECTING else None
    if standing is Standing.HELD and around.cashier_captures:
        verb = "capture_sale"
    if verb is None or verb in book.deeds or not around.pos.offers(verb):
        return
    book.deeds.add(verb)
    intent = {"verb": verb, "amount": as_data(book.amount)}
    _note(around, [*noted, {"kind": "intent", "sale": book.id, "data": intent}])
    noted.clear()
    _perform(around, book, verb, noted)


def _ask(around: Surroundings, book: Book, noted: list[Mapping[str, Any]]) -> None:
    reply = _perform(around, book, "sale_state", noted)
    if not reply.asked and book.told is not None:
        # A till that gave nothing to ask by said its word when it was asked to take the sale.
        noted.pop()
        reply = book.told
        data = screen_entry("sale_state", reply, {}, around.secrets, role="cashier", of_sale=True)
        noted.append({"kind": "screen", "wire": "till", "sale": book.id, "data": data})
    book.word = reply
    if named := reply.saved.get("payment_intent"):
        book.named.add(named)
    if len(noted) >= NOTED_AT_ONCE:
        _note(around, noted)


def _perform(around: Surroundings, book: Book, verb: Verb, noted: list[Mapping[str, Any]]) -> PosReply:
    given: dict[str, object] = {
        "register": book.lane, "reader": book.reader, "reader_label": book.label, "sale": book.id,
        "amount": book.amount, "tip": Money.zero(book.amount.currency), **book.saved,
    }  # fmt: skip
    reply = around.pos.perform(verb, given)
    data = screen_entry(verb, reply, given, around.secrets, role="cashier", of_sale=verb == "sale_state")
    noted.append({"kind": "screen", "wire": "till", "sale": book.id, "data": data})
    return reply


def _note(around: Surroundings, noted: list[Mapping[str, Any]]) -> None:
    around.wire.note_all(noted)
    noted.clear()


def _owners(intents: Objects, books: Mapping[str, Book], metadata_key: str | None) -> dict[str, tuple[str | None, str]]:
    """PaymentIntent → (sale, how that is known): as the till named it, else by the metadata it declares."""
    naming: dict[str, set[str]] = defaultdict(set)
    for book in books.values():
        for pi in book.named:
            naming[pi].add(book.id)
    owners: dict[str, tuple[str | None, str]] = {}
    for intent in intents:
        said = naming.get(str(intent["id"]), set())
        tagged = (intent.get("metadata") or {}).get(metadata_key) if metadata_key else None
        if len(said) == 1:
            owners[intent["id"]] = next(iter(said)), "returned"
        elif tagged in books:
            owners[intent["id"]] = str(tagged), "metadata"
        else:
            owners[intent["id"]] = None, "ambiguous" if said else "none"
    return owners


def _close_books(
    around: Surroundings, books: Mapping[str, Book], snapshot: Snapshot,
    owners: Mapping[str, tuple[str | None, str]], unclaimed: Objects,
) -> None:  # fmt: skip
    """What Stripe holds of each sale, and what of nobody's, into the journal."""
    mine, charges, refunds = _by_sale(snapshot, owners)
    entries: list[Mapping[str, Any]] = []
    for book in books.values():
        own = mine.get(book.id, [])
        ids = {str(p["id"]) for p in own}
        method = owners[str(own[0]["id"])][1] if own else "none"
        reader = next((seen for seen in snapshot.others if asks_for(seen) in ids), None)
        data = ledger_data(own, charges.get(book.id, []), refunds.get(book.id, []), reader, ids, method, book.named)
        entries.append({"kind": "ledger", "wire": "stripe", "sale": book.id, "data": data})
    asking = [{"reader": seen["id"], "payment_intent": asks_for(seen)} for seen in snapshot.others if asks_for(seen)]
    stray = [{name: p[name] for name in ("id", "status", "amount", "amount_received", "currency")} for p in unclaimed]
    held = [
        {"payment_intent": p["id"], "amount": p["amount_capturable"], "currency": p["currency"]}
        for p in snapshot.payment_intents if p["amount_capturable"]
    ]  # fmt: skip
    closing = {"unclaimed": stray, "asking": asking, "held": held}
    entries.append({"kind": "ledger", "wire": "stripe", "data": closing})
    for first in range(0, len(entries), NOTED_AT_ONCE):
        around.wire.note_all(entries[first : first + NOTED_AT_ONCE])


def _by_sale(
    snapshot: Snapshot, owners: Mapping[str, tuple[str | None, str]]
) -> tuple[dict[str, list[Any]], dict[str, list[Any]], dict[str, list[Any]]]:
    """PaymentIntents, charges and refunds, each under the sale it belongs to."""
    sorted_out: tuple[dict[str, list[Any]], ...] = (defaultdict(list), defaultdict(list), defaultdict(list))
    kinds = (snapshot.payment_intents, "id"), (snapshot.charges, "payment_intent"), (snapshot.refunds, "payment_intent")
    for found, (objects, key) in zip(sorted_out, kinds, strict=True):
        for one in objects:
            owner = owners.get(str(one[key]), (None, ""))[0]
            if owner is not None:
                found[owner].append(one)
    return sorted_out[0], sorted_out[1], sorted_out[2]


def _judged(
    day: DayBook, books: Mapping[str, Book], owners: Mapping[str, tuple[str | None, str]], tell: Tell, *, cut_off: bool
) -> tuple[Finding, ...]:
    """`cut_off`: the till was ended from outside."""
    met = day.met()
    payments: dict[str, list[str]] = defaultdict(list)
    for pi, (sale, _) in owners.items():
        if sale is not None:
            payments[sale].append(pi)
    findings: list[Finding] = []
    for number, (sale, book) in enumerate(books.items(), start=1):
        if book.never_rung_up and not payments[sale]:
            findings.append(books_closed.never_rung_up(sale))
            continue
        journal = day.of_sale(sale, payments[sale], met)
        found = judged(journal, sale)
        unheard = book.word is None or book.word.status is None
        findings += books_closed.without_its_word(journal, sale, found) if cut_off and unheard else found
        if number % NOTED_AT_ONCE == 0:
            tell("judging every sale", number, len(books))
    whole = Journal(day.closing)
    left = [books_closed.readers_at_rest(whole), books_closed.no_hold_left(whole)]
    if cut_off:
        # Nobody was left to put that in order.
        left = [replace(one, holds=None) if one is not None and not one.holds else one for one in left]
    of_run = (books_closed.every_charge_has_a_sale(whole), *left)
    return (*findings, *(finding for finding in of_run if finding is not None))


def _told(
    books: Mapping[str, Book], snapshot: Snapshot, unclaimed: Objects, calls: int, findings: tuple[Finding, ...]
) -> Reconciled:
    taken = [c for c in snapshot.charges if c["status"] == "succeeded" and c["captured"]]
    words = [book.word for book in books.values() if book.word is not None]
    records = [word.record.paid for word in words if word.record is not None and word.record.paid is not None]
    return Reconciled(
        sales=len(books), charges=len(taken), captured=_sums((c["currency"], c["amount_captured"]) for c in taken),
        refunded=_sums((r["currency"], r["amount"]) for r in snapshot.refunds if r["status"] != "failed"),
        till_paid=_sums((paid.currency, paid.minor_units) for paid in records) if records else None,
        unclaimed=[p for p in unclaimed if p["amount_received"]],
        unsettled=sum(not book.final for book in books.values()),
        accepted=_how_many(books, Outcome.ACCEPTED), refused=_how_many(books, Outcome.REFUSED), calls=calls,
        findings=findings,
    )  # fmt: skip


def _how_many(books: Mapping[str, Book], outcome: Outcome) -> int:
    return sum(book.final and book.word is not None and book.word.outcome is outcome for book in books.values())


def _sums(amounts: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for currency, minor_units in amounts:
        sums[currency] += int(minor_units)
    return dict(sums)
