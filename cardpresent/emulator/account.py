"""One Stripe account: its settings, its clock and everything it owns. Accounts share nothing but the seed."""

from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cardpresent.emulator import deliveries, events
from cardpresent.emulator.clock import AccountClock, Clock
from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.ids import Ids
from cardpresent.emulator.operations import Cause
from cardpresent.emulator.settings import Settings
from cardpresent.emulator.store import Row, Table
from cardpresent.emulator.wire.idempotency import IdempotencyKeys
from cardpresent.emulator.wire.rate_limits import RateLimits
from cardpresent.emulator.wire.traffic import Traffic

if TYPE_CHECKING:
    from cardpresent.emulator.faults.base import Fault
    from cardpresent.emulator.mobile.link import DeviceLink
    from cardpresent.emulator.mobile.reads import Read
    from cardpresent.emulator.paying.card_session import CardSession
    from cardpresent.emulator.paying.issuer import CardFacts, ScriptedAnswer

EventListener = Callable[["Account", events.StoredEvent], None]

_WITH_SCREEN: Final = (
    "bbpos_wisepad3 bbpos_wisepos_e stripe_s700 stripe_s710 stripe_t600 verifone_m425 verifone_p400 verifone_p630 "
    "verifone_ux700 verifone_v660p"
)
_EVIDENCE_FILES: Final = (
    "cancellation_policy customer_communication customer_signature duplicate_charge_documentation receipt "
    "refund_policy service_documentation shipping_documentation uncategorized_file"
)
# object field -> the table its id points into, or what `finds` knows by that name, where Stripe lets it be expanded
EXPANDABLE: Final[dict[str, dict[str, str]]] = {
    "payment_intent": {
        "latest_charge": "charges", "payment_method": "payment_methods", "customer": "customers",
        "application": "applications", "on_behalf_of": "accounts",
    },
    "charge": {
        "payment_intent": "payment_intents", "balance_transaction": "balance_transactions", "customer": "customers",
        "application": "applications", "application_fee": "application_fees", "on_behalf_of": "accounts",
        "source_transfer": "platforms_transfers", "transfer": "transfers",
    },
    "transfer_data": {"destination": "accounts"},
    "transfer": {
        "balance_transaction": "balance_transactions", "destination": "accounts",
        "destination_payment": "sellers_charges", "source_transaction": "charges",
    },
    "application_fee": {
        "account": "accounts", "application": "applications", "balance_transaction": "balance_transactions",
        "charge": "sellers_charges", "originating_transaction": "charges",
    },
    "file_link": {"file": "files"},
    **{device: {"splashscreen": "files"} for device in _WITH_SCREEN.split()},
    "fee_refund": {"balance_transaction": "balance_transactions", "fee": "application_fees"},
    "balance_transaction": {"source": "sources"},
    "payment_method": {"customer": "customers"},
    "dispute": {"charge": "charges", "payment_intent": "payment_intents"},
    "generated_from": {"setup_attempt": "setup_attempts"},
    "evidence": dict.fromkeys(_EVIDENCE_FILES.split(), "files"),
    "invoice_settings": {"default_payment_method": "payment_methods"},
    "refund": {
        "charge": "charges", "payment_intent": "payment_intents", "balance_transaction": "balance_transactions",
        "failure_balance_transaction": "balance_transactions", "transfer_reversal": "transfer_reversals",
        "customer": "customers", "payment_method": "payment_methods",
    },
    "terminal.reader": {"location": "locations"},
    "process_payment_intent": {"payment_intent": "payment_intents"},
    "collect_payment_method": {"payment_intent": "payment_intents"},
    "confirm_payment_intent": {"payment_intent": "payment_intents"},
    "process_setup_intent": {"setup_intent": "setup_intents"},
    "refund_payment": {"charge": "charges", "payment_intent": "payment_intents", "refund": "refunds"},
    "setup_intent": {
        "customer": "customers", "latest_attempt": "setup_attempts", "payment_method": "payment_methods",
    },
    "setup_attempt": {
        "customer": "customers", "payment_method": "payment_methods", "setup_intent": "setup_intents",
    },
    "card_present": {"generated_card": "payment_methods"},
}
# expandable too, but never filled here: always null, and null stays null
NEVER_SET: Final[dict[str, frozenset[str]]] = {
    "payment_intent": frozenset({"review"}),
    "customer": frozenset({"cash_balance", "default_source", "discount", "test_clock"}),
    "charge": frozenset({"failure_balance_transaction", "review"}),
    "outcome": frozenset({"rule"}),
    "refund": frozenset({"source_transfer_reversal"}),
    "setup_intent": frozenset({"application", "mandate", "on_behalf_of", "single_use_mandate"}),
    "setup_attempt": frozenset({"application", "on_behalf_of"}),
}

Finder = Callable[["Account", str], Row | None]
_finders: dict[str, Finder] = {}


def finds(name: str) -> Callable[[Finder], Finder]:
    """Registers how objects are found for expansion that are in no table of the account itself."""

    def register(finder: Finder) -> Finder:
        _finders[name] = finder
        return finder

    return register


def digest_of(key: str) -> str:
    """What an account is told by: its API key, which is not kept anywhere."""
    return sha256(key.encode()).hexdigest()


class Account:
    """Everything behind one API key, or behind one connected account of it.

    `platform` is the account that connected this one, None for a platform itself; `connected` are a platform's own.
    """

    def __init__(
        self, digest: str, seed: int, clock: Clock, connected: str | None = None, platform: "Account | None" = None
    ) -> None:
        """`digest` is that of its API key. `key` itself is known once somebody has shown it."""
        self.digest = digest
        self.key = ""
        self.id = connected or f"acct_1{digest[:15]}"
        self.platform = platform
        self.connected: dict[str, Account] = {}
        self.open_connected: Callable[[str], Account] = self.connected.__getitem__  # makes what nobody has named yet
        self.ids = Ids(seed, self.id)
        self.clock = AccountClock(clock)
        self.settings = Settings()
        self.rate_limits = RateLimits()
        self.traffic = Traffic()
        self.listeners: list[EventListener] = []
        self.deliveries = deliveries.Deliveries()  # one for all accounts, once an application has opened this one
        self.endpoints: dict[str, deliveries.Endpoint] = {}
        self.generation = 0
        self._empty()

    def _empty(self) -> None:
        self.payment_intents: Table[Row] = Table()
        self.line_items: Table[Row] = Table()
        self.charges: Table[Row] = Table()
        self.refunds: Table[Row] = Table()
        self.customers: Table[Row] = Table()
        self.payment_methods: Table[Row] = Table()
        self.balance_transactions: Table[Row] = Table()
        self.setup_intents: Table[Row] = Table()
        self.setup_attempts: Table[Row] = Table()
        self.application_fees: Table[Row] = Table()
        self.fee_refunds: Table[Row] = Table()
        self.files: Table[Row] = Table()
        self.file_links: Table[Row] = Table()
        self.transfers: Table[Row] = Table()
        self.transfer_reversals: Table[Row] = Table()
        self.readers: Table[Row] = Table()
        self.locations: Table[Row] = Table()
        self.configurations: Table[Row] = Table()
        self.events: Table[events.StoredEvent] = Table()
        self.webhook_endpoints: Table[Row] = Table()
        self.keys = IdempotencyKeys()
        self.sessions: dict[str, CardSession] = {}
        self.asking_issuer: dict[str, CardSession] = {}  # of these, by reader, those a card was presented to
        self.connection_tokens: dict[str, int] = {}  # not redeemed yet, and since when
        self.token_locations: dict[str, str] = {}
        self.sdk_sessions: dict[str, int] = {}  # and until when
        self.links: dict[str, DeviceLink] = {}  # devices that hold a reader, by reader
        self.reads: dict[str, Read] = {}  # cards read for devices
        self.deleted: dict[str, JsonObject] = {}  # what a GET of a deleted object still answers
        self.cards: dict[str, CardFacts] = {}
        self.increments: dict[str, int] = {}  # attempts to raise a PaymentIntent's authorization
        self.disputes: Table[Row] = Table()
        self.unbooked: dict[str, JsonObject] = {}  # charges whose capture is booked later, with their PaymentIntents
        self.issuer_script: list[ScriptedAnswer] = []
        self.spent_methods: set[str] = set()
        self.interac_before_basil: set[str] = set()  # PaymentIntents of versions that took it under manual capture
        self.balance: dict[str, dict[str, int]] = {}  # by currency: available, pending
        self.maturing: dict[int, list[Row]] = {}  # transactions by the time they become available
        self.faults: dict[str, Fault] = {}
        self.faults_at: dict[str, dict[str, Fault]] = {}  # the same by reader: a fleet may have one at each
        self.faults_armed = 0

    def reset(self, seed: int | None = None) -> None:
        """Forgets every object, key, fault and plan; settings, clock and, without `seed`, the stream of ids stay."""
        if seed is not None:
            self.ids = Ids(seed, self.id)
        self.clock.close()
        self.deliveries.forget(self)
        self.generation += 1
        self._empty()

    @property
    def is_connected(self) -> bool:
        return self.platform is not None

    def emit(self, type: str, obj: JsonObject, cause: Cause, previous: JsonObject | None = None) -> None:
        """Records an event, has it delivered to the endpoints that want it, and tells whoever listens, at once."""
        endpoints = deliveries.wanting(self, type)
        event = events.describe(self, type, obj, cause, previous, len(endpoints))
        stored = events.keep(self, event)
        for endpoint in endpoints:
            version, own = endpoint.shown["api_version"] or event["api_version"], endpoint.account is self
            plain = version == event["api_version"] and not (own and self.is_connected)
            body = stored.body if plain else events.as_sent(event, self, version, own=own)
            self.deliveries.make(endpoint, stored.id, type, obj.get("id"), body, stored.created)
        for listener in self.listeners:
            listener(self, stored)

    def expanded(self, name: str, id: str) -> Row | None:
        """The object behind an id, in a table or by a finder of that name."""
        finder = _finders.get(name)
        if finder is not None:
            return finder(self, id)
        table: Table[Row] = getattr(self, name)
        return table.get(id)

    def reader_faults(self, reader: str) -> Iterable["Fault"]:
        """Faults still open on this reader, in the order they were armed."""
        here = self.faults_at.get(reader)
        return [fault for fault in here.values() if fault.open] if here else ()

    def add_fault(self, fault: "Fault") -> None:
        self.faults[fault.id] = self.faults_at.setdefault(fault.reader, {})[fault.id] = fault

    def forget_fault(self, fault: "Fault") -> None:
        del self.faults[fault.id], self.faults_at[fault.reader][fault.id]
