"""What the actors of one scenario share: the sale in hand, the reader, the wire, the books, and waiting.

Waiting is one thing here. Positive claims end as soon as the till has said its last word and all is quiet; nothing
sleeps: between two looks the journal is followed, and it answers the moment something crosses a wire.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from cardpresent.actors import open_line, own_reader, own_taps
from cardpresent.actors.attribution import Claim, attribute, claims_of, created_ms
from cardpresent.actors.cards import NUMBERS
from cardpresent.actors.errors import NotDemonstrated, Refuted, Undecided
from cardpresent.actors.open_line import WAITING
from cardpresent.actors.page_watch import its_turn
from cardpresent.actors.sale import Sale
from cardpresent.actors.screen_entry import screen_entry
from cardpresent.actors.surroundings import Surroundings
from cardpresent.drivers.pos.port import PosDriver, PosReply, Verb
from cardpresent.drivers.stripe.books import Cursor, Snapshot
from cardpresent.evidence.journal import Journal, as_data
from cardpresent.evidence.leaks import leaks_in
from cardpresent.evidence.trim import ledger_data
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing
from cardpresent.profile.vocabulary import STARTS

SaleCheck = Callable[..., Finding | None]

# How long nothing may cross a wire before the till counts as quiet; one turn of a local event loop is far below it.
QUIET_MS = 12
# A page's SDK looks at its reader between two moments of quiet, and nothing of that crosses the wire.
PAGE_QUIET_MS = 90
LOOK_MS = 60
# What a reader does while it wants a card for a payment. In two steps it is read first and then confirmed.
PAYING = frozenset({"process_payment_intent", "collect_payment_method", "confirm_payment_intent"})
# What a reader's screen shows while it waits for somebody with a card.
ASKING = frozenset({"card", "tip"})
# How often a cashier presses a button again that did nothing, before giving up for now.
PRESSES = 3
# Staff of another shop at the same server: what they are told is no word on the sale.
OTHER_SHOP = "other_shop"


@dataclass(slots=True)
class Stage:
    """One scenario: an epoch with a reader and sales of its own."""

    around: Surroundings
    scenario: str
    subject: str
    number: int
    reader: str = ""
    register: str = ""
    readers: list[str] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    sales: list[Sale] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    staged: list[str] = field(default_factory=list)
    offline: bool = False
    first_n: int = 0
    _cursor: Cursor | None = None
    _final: dict[str, int] = field(default_factory=dict)
    _looked_n: int = 0
    _settled: tuple[int, Snapshot] | None = None
    _before: dict[str, Any] = field(default_factory=dict)
    before_books: Callable[[], None] = lambda: None

    # Beginning

    def begin(self) -> None:
        """Open the epoch: fresh reader, and everything older than this moment out of the books.

        A till that was started with its one reader keeps it, and nothing stays on it of whatever was before.
        """
        if own := self.around.own_reader:
            own_reader.clear(self.around, own, self.quiet_ms)
        self.around.wire.epoch(self.scenario)
        self.register = self.around.register
        self.around.wire.follow()
        self.first_n = self.around.wire.journal.last_n
        self._cursor = self.around.books.cursor()
        if own:
            self.reader, self.labels[own.id] = own.id, own.label
        else:
            self.reader = self.makes_reader(f"cardpresent {self.number}")
            self.binds_reader(self.register, self.reader)
        self.readers = [self.reader]

    def binds_reader(self, register: str, reader: str) -> None:
        """Have a register use a reader, where the till keeps one for each."""
        if self.around.pos.offers("bind_reader"):
            given = {"reader": reader, "register": register}
            reply = self.perform("bind_reader", None, given, role="manager")
            if reply.outcome is not Outcome.ACCEPTED:
                raise Undecided(f"the till would not take the reader: {reply.words or reply.status}", "configuration")

    def registers_another_reader(self) -> None:
        """A second reader in the same shop, newer than the till's own."""
        self.control("reader_registered", reader=self.makes_reader(f"cardpresent {self.number} other"))

    def makes_reader(self, label: str, location: str | None = None) -> str:
        """A new reader, at the shop's own Location unless another is given."""
        readers, place = self.around.stripe.v1.terminal.readers, location or self.around.location
        made = readers.create({"registration_code": "simulated-wpe", "location": place, "label": label})
        self.labels[str(made.id)] = label
        return str(made.id)

    # Working the till

    def perform(
        self, verb: Verb, sale: Sale | None, values: Mapping[str, object] | None = None, role: str = "cashier",
        *, insist: bool = False,
    ) -> PosReply:  # fmt: skip
        """Have the till do one thing; what was asked and what it said both stand in the journal."""
        driver = self.driver_of(sale)
        if not driver.offers(verb):
            raise NotDemonstrated(f"the till offers no way to {verb.replace('_', ' ')}")
        given = self.values_for(sale, values)
        if sale and verb in STARTS:
            sale.begun_s = self.around.clock.now_s()
        # A caller with a patience of its own hangs up by itself.
        if sale and verb in self.around.blocks and driver is self.around.pos and "patience_s" not in given:
            return open_line.hold(self, sale, [open_line.request(self, verb, sale, given, role)])
        reply = driver.perform(verb, given, as_role=role, **({"insist": True} if insist else {}))
        return self.heard(verb, sale, given, role, reply)

    def values_for(self, sale: Sale | None, values: Mapping[str, object] | None) -> dict[str, object]:
        """What a request may name: where it is made, the sale, and what was saved of it."""
        given: dict[str, object] = {"register": self.register, "reader": self.reader}
        if sale:
            given |= {"sale": sale.id, "amount": sale.amount, "tip_on_receipt": sale.collected_later}
            given |= {**sale.wishes, **sale.saved}
        given |= dict(values or {})
        given.setdefault("reader_label", self.labels.get(str(given["reader"])))
        return given

    def heard(
        self, verb: Verb, sale: Sale | None, given: Mapping[str, object], role: str, reply: PosReply
    ) -> PosReply:
        """Remember what the till said, and write it down."""
        if sale and verb == "sale_state" and not reply.asked and sale.told:
            # A till that gave nothing to ask by has said its word: the answer to being asked to take a card.
            reply = sale.told
        heard = sale.word if sale else None
        if sale and verb != "sale_state":
            sale.stuck_on = None
        if sale:
            sale.keep(reply)
            if verb in STARTS and reply.asked:
                sale.told = reply
            if self._speaks_of_sale(verb, sale):
                sale.word = reply
        # A word heard before is no news: while the suite waits it would fill the journal, and wake the waiting itself.
        if verb != "sale_state" or heard is None or _said(heard) != _said(reply):
            self._note_reply(verb, sale, reply, given, role)
        if reply.status is None:
            self.check_till()
        return reply

    def driver_of(self, sale: Sale | None) -> PosDriver:
        """How a sale is worked: the way it was started."""
        return sale.driver if sale and sale.driver else self.around.pos

    def _speaks_of_sale(self, verb: Verb, sale: Sale) -> bool:
        if verb == "sale_state":
            return True
        return verb in STARTS and not self.driver_of(sale).offers("sale_state")

    def intend(self, verb: str, sale: Sale | None, **said: Any) -> None:
        """Note what is about to be asked, before anything crosses a wire."""
        data = {name: as_data(value) if isinstance(value, Money) else value for name, value in said.items()}
        if sale:
            data.setdefault("amount", as_data(sale.amount))
        self.around.wire.note("intent", {"verb": verb, **data}, sale=sale.id if sale else None)

    def control(self, what: str, sale: Sale | None = None, **said: Any) -> None:
        data = {name: as_data(value) if isinstance(value, Money) else value for name, value in said.items()}
        self.around.wire.note("control", {"what": what, **data}, sale=sale.id if sale else None)

    def _note_reply(
        self, verb: Verb, sale: Sale | None, reply: PosReply, given: Mapping[str, object], role: str
    ) -> None:
        of_sale = sale is not None and role != OTHER_SHOP and self._speaks_of_sale(verb, sale)
        data = screen_entry(verb, reply, given, self.around.secrets, role=role, of_sale=of_sale)
        self.around.wire.note("screen", data, sale=sale.id if sale else None, wire="till")

    def check_till(self) -> None:
        """Raise TillGone when the till's process is no more."""
        gone = self.around.till.ended()
        if gone:
            raise gone

    # Waiting

    @property
    def quiet_ms(self) -> int:
        """How long nothing may cross a wire before this till counts as quiet."""
        return PAGE_QUIET_MS if self.around.at_page else QUIET_MS

    def until(self, done: Callable[[], bool], within_s: float) -> bool:
        """Look again whenever something crosses a wire, and every moment besides; False when time is up."""
        clock = self.around.clock
        deadline = clock.now_s() + within_s
        while True:
            if done():
                return True
            self.check_till()
            left = deadline - clock.now_s()
            if left <= 0:
                return False
            self.around.wire.follow(wait_ms=int(min(LOOK_MS, left * 1000 + 1)))

    def settle(self) -> Snapshot:
        """Wait until the till is quiet and two reads of the books a moment apart agree; up to its own settle_s."""
        clock = self.around.clock
        deadline = clock.now_s() + self.around.bounds.settle_s
        before: Snapshot | None = None
        while True:
            left_ms = max(1, int((deadline - clock.now_s()) * 1000))
            quiet = self.around.wire.quiet(self.quiet_ms, min(left_ms, 1000))
            self.around.wire.follow()
            self._looked_n = self.around.wire.journal.last_n
            now = self.read_books()
            if (quiet and before is not None and before.signature == now.signature) or clock.now_s() >= deadline:
                return now
            before = now
            self.check_till()

    def books_now(self) -> Snapshot:
        """The books as they stand: those last settled on, unless something has happened since."""
        self.around.wire.follow()
        if self._settled is not None and self._settled[0] > self._last_deed_n():
            return self._settled[1]
        return self.read_books()

    def read_books(self) -> Snapshot:
        assert self._cursor is not None
        others = [r for r in self.readers if r != self.reader]
        books = self.around.books.read(self._cursor, self.reader or None, others)
        if self.around.by_sdk and books.reader is not None:
            return replace(books, reader={**books.reader, "asking": self.prompting()})
        return books

    def hear(self, sale: Sale) -> PosReply:
        """What the till says of the sale now."""
        if sale.line and not open_line.answered(self, sale):
            return WAITING
        if self.around.looks is not None and not its_turn(self, sale, self.around.looks):
            return sale.word or WAITING
        if self.driver_of(sale).offers("sale_state"):
            return self.perform("sale_state", sale)
        if sale.word is None:
            raise NotDemonstrated("the till never says how a sale stands")
        return sale.word

    def await_final(self, sale: Sale) -> None:
        """Wait for the till's last word on a sale, at most its declared bounds, with the books settled under it.

        Nothing is asked twice: when nothing has happened since the last time, the last time's answer stands.
        """
        self.around.wire.follow()
        if self._final.get(sale.id, 0) > self._last_deed_n():
            return
        snapshot, sale.presses = self.settle(), 0
        rests = self._at_rest(sale, snapshot)
        bounds = self.around.bounds
        within_s = max(bounds.settle_s, bounds.unknown_within_s) if sale.in_doubt else bounds.settle_s
        if not rests and not self.until(lambda: self._at_rest(sale, snapshot), within_s):
            sale.stuck_on = _said(self.hear(sale))
        if not rests or sale.presses or self._moved_since_looked():
            snapshot = self.settle()
        self.keep_books(snapshot)
        self._settled = (self.around.wire.journal.last_n, snapshot)
        self._final[sale.id] = self._settled[0]

    def _moved_since_looked(self) -> bool:
        """Has the till changed anything at Stripe since the books were read? Its word may be newer than they are."""
        self.around.wire.follow()
        moves = (r for r in reversed(self.journal.till_requests()) if r.data["method"] != "GET")
        replies = (self.journal.reply_to(move) for move in islice(moves, 3))
        return any(reply is None or reply.n > self._looked_n for reply in replies)

    def _at_rest(self, sale: Sale, books: Snapshot) -> bool:
        """No more is to come of the sale by itself: its last word is said, or somebody else has to act first."""
        word = self.hear(sale)
        if self.collects(sale):
            word = self.hear(sale)
        waits = (not sale.tapped or self.asked_again()) and self._waits_for_customer(sale)
        stored = self.offline and word.standing is Standing.STORED
        return sale.final or waits or stored or sale.stuck_on == _said(word) or self._holds_other_sum(sale, books)

    def collects(self, sale: Sale) -> bool:
        """Where the cashier collects what the card approved: press for it. False where that is no use (any more)."""
        due = self.around.cashier_captures and self._held(sale) and not sale.collected_later
        if not due or sale.presses >= PRESSES:
            return False
        sale.presses += 1
        self.intend("capture_sale", sale)
        self.perform("capture_sale", sale, {"tip": Money.zero(sale.amount.currency)})
        return True

    def _holds_other_sum(self, sale: Sale, books: Snapshot) -> bool:
        """Held, but not what was asked: no till can be expected to collect that without its cashier."""
        sums = [p["amount_capturable"] for p in books.payment_intents if p["id"] in sale.payment_intents]
        return self._held(sale) and any(0 < s < sale.card_owes for s in sums)

    @staticmethod
    def _held(sale: Sale) -> bool:
        return sale.word is not None and sale.word.standing is Standing.HELD

    def _waits_for_customer(self, sale: Sale) -> bool:
        return bool(sale.word and sale.word.standing is Standing.COLLECTING and self.prompting())

    def asked_again(self) -> bool:
        """Has the till sent a reader anything since somebody last stood there? Some do so by themselves."""
        if self.around.by_sdk:
            # What a reader of an app shows after a tap is a new question: the answer to the last one is off the screen.
            return self.prompting()
        journal = self.followed()
        last = max((e.n for e in journal.controls("tap", "customer_cancel")), default=0)
        asking = journal.till_requests("reader.process_payment_intent", "reader.collect_payment_method")
        return any(e.n > last for e in asking)

    def prompting(self) -> bool:
        """Does the reader ask somebody for a card right now? Where an app works it, Stripe's books do not know."""
        if self.around.by_sdk:
            # Apps are put to an emulated Stripe alone, which has screens to look at.
            assert self.around.emulator is not None
            return self.around.emulator.screen_of(self.reader) in ASKING
        return self.prompted() is not None

    def prompted(self) -> str | None:
        """The PaymentIntent that the reader in hand asks somebody to pay right now."""
        action = self._action()
        kind = str(action.get("type"))
        return (action.get(kind) or {}).get("payment_intent") if kind in PAYING and _under_way(action) else None

    def asked_for(self) -> str | None:
        """What the reader asks somebody for right now, in Stripe's word for the action; None while it rests."""
        action = self._action()
        return str(action["type"]) if _under_way(action) else None

    def _action(self) -> dict[str, Any]:
        return self.around.books.reader(self.reader).get("action") or {}

    # Books

    def keep_books(self, snapshot: Snapshot) -> None:
        """Write what the books hold, sale by sale, into the journal, and bring the local journal up to date."""
        self.before_books()
        self.around.wire.follow()
        created = created_ms(self.journal, snapshot.payment_intents)
        owners = attribute(snapshot.payment_intents, self.claims(), self.around.metadata_key, created)
        unclaimed = [pi for pi, (sale, method) in owners.items() if sale is None and method == "ambiguous"]
        entries = []
        for sale in self.sales:
            mine = {pi for pi, (owner, _) in owners.items() if owner == sale.id}
            methods = [method for owner, method in owners.values() if owner == sale.id]
            method = "ambiguous" if unclaimed else (methods[0] if methods else "none")
            entries.append(
                {"kind": "ledger", "wire": "stripe", "actor": "suite", "sale": sale.id,
                 "data": ledger_data(snapshot.payment_intents, snapshot.charges, snapshot.refunds,
                                     snapshot.reader_on(mine), mine, method, sale.payment_intents)}
            )  # fmt: skip
        self.around.wire.note_all(entries)
        self.flush_log()
        self.around.wire.follow()

    def claims(self) -> list[Claim]:
        """What each sale of the scenario may call its own: what was returned for it, and when it was open."""
        # A sale that was over before the next began must be known to be: its last word may not have been heard yet.
        for earlier in self.sales[:-1]:
            if not earlier.final:
                self.hear(earlier)
        return claims_of(self.sales, self.journal)

    @property
    def journal(self) -> Journal:
        """This scenario's part of the journal, as far as it was followed."""
        return self.around.wire.journal.since(self.first_n)

    def flush_log(self) -> None:
        """Write what the till logged since the last look."""
        self.around.wire.note_all(
            [
                {"kind": "log", "wire": "till", "actor": "till",
                 "data": {"line": line[:2000], "leaks": leaks_in(line, self.around.secrets, cards=NUMBERS)}}
                for line in self.around.till.log_lines()
            ]
        )  # fmt: skip

    # Judging

    def followed(self) -> Journal:
        """This scenario's journal, up to date."""
        self.around.wire.follow()
        return self.journal

    def judge(self, finding: Finding | None) -> None:
        """Keep the finding; stop the scenario when it does not hold or decides nothing."""
        if finding is None:
            raise NotDemonstrated("the till offers nothing this could be judged by")
        ledger = self.journal.last_ledger(finding.sale) if finding.sale else None
        if ledger is not None and ledger.data["method"] == "ambiguous":
            raise Undecided("which PaymentIntent belongs to the sale cannot be told", "configuration")
        self.findings.append(finding)
        if finding.holds is None:
            raise Undecided(f"{finding.requirement}: {finding.expected}: {finding.observed}")
        if not finding.holds:
            if why := own_taps.not_as_told(self, finding):
                raise NotDemonstrated(why)
            raise Refuted(finding)

    def judge_observed(self, finding: Finding | None, observable: str) -> None:
        """Like `judge`, where the till must offer something to look at for there to be a finding at all."""
        if finding is None:
            raise NotDemonstrated(f"{observable} cannot be read")
        self.judge(finding)

    def judge_final(self, check: SaleCheck, sale: Sale, *given: Any) -> None:
        """Judge once the till has said its last word on the sale and the books are settled."""
        self.await_final(sale)
        self.judge(check(self.journal, sale.id, *given))

    def judge_now(self, check: SaleCheck, sale: Sale) -> None:
        """Judge what the till says while it may still be waiting; whatever comes late has `late_s` to come.

        Where a reader asks for a card, that is cut short: the till may well give up when its own deadline is over.
        """
        self.settle()
        late_s = self.around.bounds.late_s
        if late_s and self.prompting():
            late_s = min(late_s, self.around.bounds.deadline_s / 2)
        if late_s:
            self.until(lambda: False, late_s)
        self.hear(sale)
        self.keep_books(self.read_books())
        self.judge(check(self.journal, sale.id))

    def judge_once(self, check: SaleCheck, sale: Sale) -> None:
        """Judge as soon as the check holds, or when the till's time to get there is up."""

        def holds() -> bool:
            self.hear(sale)
            self.keep_books(self.settle())
            finding = check(self.journal, sale.id)
            return finding is not None and finding.holds is True

        self.until(holds, self.around.bounds.settle_s)
        self.judge(check(self.journal, sale.id))

    def judge_every(self, check: SaleCheck) -> None:
        """Judge each sale of the scenario once all have come to their end."""
        for sale in self.sales:
            self.await_final(sale)
        for sale in self.sales:
            self.judge(check(self.journal, sale.id))

    def remember_word(self) -> None:
        """Keep what the till says now of the sale in hand, to be compared later."""
        if self.sales:
            self.hear(self.sales[-1])
            self.around.wire.follow()
            word = self.journal.last_word(self.sales[-1].id)
            self._before = dict(word.data) if word else {}

    def judge_unchanged(self, check: Callable[..., Finding], sale: Sale) -> None:
        """Judge that the sale stands as it did when `remember_word` was last called."""
        self.settle()
        if self.around.bounds.late_s:
            self.until(lambda: False, self.around.bounds.late_s)
        self.hear(sale)
        self.keep_books(self.settle())
        self.judge(check(self.journal, self._before, sale.id, self.subject))

    def _last_deed_n(self) -> int:
        """The last entry that is more than the suite's own looking."""
        deeds = (e.n for e in reversed(list(self.journal)) if not _is_looking(e))
        return next(deeds, self.first_n + 1)


def _is_looking(entry: Entry) -> bool:
    if entry.kind == "screen":
        return bool(entry.data.get("verb") == "sale_state")
    noted = entry.kind == "control" and entry.data.get("source") == "emulator"
    return entry.kind in {"ledger", "log"} or noted


def _under_way(action: Mapping[str, Any]) -> bool:
    return action.get("status") == "in_progress"


def _said(reply: PosReply) -> tuple[object, ...]:
    return (reply.outcome, reply.standing, reply.words, reply.record, reply.status)
