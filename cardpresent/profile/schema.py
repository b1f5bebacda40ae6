"""The shape of `cardpresent.toml`: one struct a table, one field a key.

Every key is explained in docs/integrations.md, and a test keeps it so. What a struct cannot say (a verb that does
not exist, a placeholder nobody fills, a capability without its operation) is in rules.py.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from cardpresent.profile.vocabulary import Verb

Text = Annotated[str, Meta(min_length=1)]
# A day: whoever waits longer has mistaken the unit.
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
# A port in the till's source, and the one to listen at instead.
Ports = dict[Annotated[str, Meta(pattern="^[1-9][0-9]{0,4}$")], Text]
Role = Literal["cashier", "manager", "other_shop", "none"]
EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


class Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the file: nothing in it goes unread."""


class Connect(Table, frozen=True, kw_only=True):
    type: Literal["direct", "destination"]
    fee_percent: Annotated[float, Meta(ge=0, le=100)] = 0.0
    refunds_from: Literal["seller", "platform"] = "seller"


class Till(Table, frozen=True, kw_only=True):
    name: Text
    build: str = ""
    kind: Literal["server-driven", "sdk", "offline-sdk", "js-sdk", "native"]
    country: Annotated[str, Meta(pattern="^[A-Z]{2}$")]
    currencies: Annotated[tuple[Annotated[str, Meta(pattern="^[a-z]{3}$")], ...], Meta(min_length=1)]
    merchant_category: str | None = None
    capture: Literal["automatic", "manual", "manual_preferred"]
    captures: Literal["till", "cashier"]
    taps: Literal["suite", "till"] = "suite"
    fixed_amount: Annotated[int, Meta(gt=0)] | None = None
    behind: Text | None = None
    connect: Connect | None = None


class Process(Table, frozen=True, kw_only=True):
    command: tuple[Text, ...] = ()
    base_url: Annotated[str, Meta(pattern="^https?://")] | None = None
    cwd: Text = "."
    env: dict[str, str] = {}
    port_env: Text | None = None
    ports: Ports = {}
    shims: bool = True
    ready: Annotated[str, Meta(pattern="^/")] = "/"
    ready_within_s: Seconds = 20.0
    restart: bool = True
    parallel: bool = False
    setup: tuple[tuple[Text, ...], ...] = ()


class Beside(Table, frozen=True, kw_only=True):
    """A further process of the till, started before it, ended and started again with it."""

    command: Annotated[tuple[Text, ...], Meta(min_length=1)]
    cwd: Text = "."
    env: dict[str, str] = {}
    port_env: Text | None = None
    ports: Ports = {}
    ready: Annotated[str, Meta(pattern="^/")] = "/"
    ready_within_s: Seconds = 20.0
    setup: tuple[tuple[Text, ...], ...] = ()

    @property
    def process(self) -> Process:
        """The same as a process of its own."""
        return Process(
            command=self.command, cwd=self.cwd, env=self.env, port_env=self.port_env, ports=self.ports,
            ready=self.ready, ready_within_s=self.ready_within_s, setup=self.setup,
        )  # fmt: skip


class Stripe(Table, frozen=True, kw_only=True):
    probe: Verb | Literal["startup"]
    gateway: Annotated[str, Meta(pattern="^https?://")] | None = None
    gateway_ca: Text | None = None
    token_env: Text = "CARDPRESENT_GATEWAY_TOKEN"


class Extraction(Table, frozen=True, kw_only=True):
    """Where in an answer a value stands. Exactly one key is set, `attribute` apart; `"$.x"` alone is short for
    `{jsonpath = "$.x"}`."""

    jsonpath: Text | None = None
    regex: Text | None = None
    css: Text | None = None
    attribute: Text | None = None
    header: Text | None = None
    cookie: Text | None = None
    redirect: bool | Text | None = None
    newest: Literal["payment_intent"] | None = None
    constant: str | None = None


Extract = Text | Extraction


class OutcomeTable(Table, frozen=True, kw_only=True):
    """Which values of `by` mean what. Values are compared as text; "2xx" stands for a class of statuses."""

    by: Extract = "status"
    accepted: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    collecting: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    stored: tuple[str, ...] = ()
    otherwise: Literal["accepted", "refused", "unknown", "collecting", "held", "stored"] | None = None


class Record(Table, frozen=True, kw_only=True):
    """Where the till's own books for the sale stand in the answer."""

    unit: Literal["minor", "main"] = "minor"
    currency: Extract | None = None
    paid: Extract | None = None
    tip: Extract | None = None
    refunded: Extract | None = None
    refundable: Extract | None = None
    tip_refunded: Extract | None = None
    tip_rule: Literal["first", "last", "in_proportion", "kept"] | None = None
    effects: Extract | None = None


class Worklist(Table, frozen=True, kw_only=True):
    """Where the till's list of payments taken offline stands in the answer: `{sale}`'s own line, and the sums.

    `listed` finds what the list says of the sale; the values of it that mean one thing or the other stand beside it.
    """

    listed: Extract
    stored: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    paid: tuple[str, ...] = ()
    owner: Extract | None = None
    overdue: Extract | None = None
    count: Extract | None = None
    sum_stored: Extract | None = None
    sum_lost: Extract | None = None
    unit: Literal["minor", "main"] = "minor"


class Poll(Table, frozen=True, kw_only=True):
    """How the suite learns how it ended: ask `verb` again every `every_ms`, for at most `within_s`.

    `captures`: looking is what has the till collect the money, so the suite looks exactly as its page does.
    """

    verb: Verb
    every_ms: Annotated[int, Meta(gt=0, le=600_000)] = 250
    within_s: Seconds | None = None
    captures: bool = False


class Request(Table, frozen=True, kw_only=True):
    """One HTTP request and what is read from its answer."""

    method: Method | None = None
    path: Annotated[str, Meta(pattern=r"^(/|https?://|\{)")] | None = None
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    json: Any = None
    form: dict[str, str] | None = None
    body: str | None = None
    role: Role | None = None
    expect: tuple[Annotated[int, Meta(ge=100, le=599)], ...] = ()
    save: dict[str, Extract] = {}
    outcome: OutcomeTable | tuple[OutcomeTable, ...] | None = None
    words: Extract | None = None

    @property
    def outcomes(self) -> tuple[OutcomeTable, ...]:
        """The outcome tables in the order they are tried; empty where the file gives none."""
        if self.outcome is None:
            return ()
        return (self.outcome,) if isinstance(self.outcome, OutcomeTable) else self.outcome


class Operation(Request, frozen=True, kw_only=True):
    """What one verb means at this till: one request, or `steps` that run in order until one is refused."""

    steps: tuple[Request, ...] = ()
    record: Record | None = None
    worklist: Worklist | None = None
    poll: Poll | None = None
    blocks: bool = False

    @property
    def requests(self) -> tuple[Request, ...]:
        """All requests of the verb, in order."""
        return self.steps or (self,)


class Login(Request, frozen=True, kw_only=True):
    """How a role logs in: one request, or `steps` in order, as where a form has to be fetched before it is sent."""

    steps: tuple[Request, ...] = ()

    @property
    def requests(self) -> tuple[Request, ...]:
        """All requests of the log-in, in order."""
        return self.steps or (self,)


class Identity(Table, frozen=True, kw_only=True):
    """`headers` go with every request of the role; `login` runs once before its first."""

    headers: dict[str, str] = {}
    login: Login | None = None


class Auth(Table, frozen=True, kw_only=True):
    cashier: Identity = Identity()
    manager: Identity = Identity()
    other_shop: Identity | None = None

    @property
    def roles(self) -> dict[str, Identity]:
        """Whoever can log in, by role."""
        other = {"other_shop": self.other_shop} if self.other_shop else {}
        return {"cashier": self.cashier, "manager": self.manager, **other}


class Reader(Table, frozen=True, kw_only=True):
    chosen: Literal["per_sale", "bound", "fixed"]
    register: Text = "front"


class SaleIdentity(Table, frozen=True, kw_only=True):
    metadata_key: Text | None = None


class Timing(Table, frozen=True, kw_only=True):
    settle_s: Seconds
    late_s: Annotated[float, Meta(ge=0, le=86_400)] = 0.0
    unknown_within_s: Seconds
    deadline_s: Seconds
    answer_within_s: Seconds = 30.0
    sweep_s: Seconds | None = None
    waiting_calls_per_s: Annotated[float, Meta(gt=0)] = 2.0


class Load(Table, frozen=True, kw_only=True):
    """What has to hold under load: latencies from the moment a customer comes, of all payments. `error_rate` is a
    share. `poll_ms`: how often a cashier's screen asks how a sale stands."""

    p95_ms: Annotated[float, Meta(gt=0)] | None = None
    p99_ms: Annotated[float, Meta(gt=0)] | None = None
    # What is above has a sentence of its own in load_rules.py, for it is meant in percent.
    error_rate: Annotated[float, Meta(ge=0, extra_json_schema={"exclusiveMaximum": 1})] | None = None
    payments_per_s: Annotated[float, Meta(gt=0)] | None = None
    stripe_calls_per_payment: Annotated[float, Meta(gt=0)] | None = None
    poll_ms: Annotated[int, Meta(gt=0)] | None = None


class Offline(Table, frozen=True, kw_only=True):
    """The till's own limits on payments no bank has seen: for each, and for all that wait. Minor units."""

    each_max: Annotated[int, Meta(gt=0)] | None = None
    total_max: Annotated[int, Meta(gt=0)] | None = None


class Webhooks(Table, frozen=True, kw_only=True):
    path: Annotated[str, Meta(pattern=r"^(/|https?://|\{)")]
    types: tuple[Text, ...] = ("*",)
    secret: Text | None = None
    secret_env: Text | None = None
    rolled_secret: bool = False


class Locator(Table, frozen=True, kw_only=True):
    """What a person would point at: a role with its name, a label, a text, or a test id."""

    role: Text | None = None
    name: Text | None = None
    label: Text | None = None
    text: Text | None = None
    test_id: Text | None = None


class PageStep(Table, frozen=True, kw_only=True):
    """One thing done at the page: exactly one of goto, fill, click, expect."""

    goto: str | None = None
    fill: Locator | None = None
    value: str | None = None
    click: Locator | None = None
    expect: Locator | None = None
    within_s: Seconds = 5.0


class PageOutcome(Table, frozen=True, kw_only=True):
    """Where the page tells the outcome, and which texts mean what; the longest text found decides."""

    at: Locator
    accepted: tuple[Text, ...] = ()
    refused: tuple[Text, ...] = ()
    unknown: tuple[Text, ...] = ()
    collecting: tuple[Text, ...] = ()
    held: tuple[Text, ...] = ()
    stored: tuple[Text, ...] = ()
    idle: tuple[Text, ...] = ()
    within_s: Seconds = 5.0


class Page(Table, frozen=True, kw_only=True):
    url: Text = "/"
    dialogs: Literal["accept", "dismiss"] = "accept"
    login: tuple[PageStep, ...] = ()
    connect: tuple[PageStep, ...] = ()
    start_sale: tuple[PageStep, ...] = ()
    sale_state: tuple[PageStep, ...] = ()
    cancel: tuple[PageStep, ...] = ()
    retry_sale: tuple[PageStep, ...] = ()
    check_status: tuple[PageStep, ...] = ()
    outcome: PageOutcome


class Data(Table, frozen=True, kw_only=True):
    """`holds_rows`: what lies in it is somebody's. `consent`: who lets a run add to that; else it is not driven."""

    holds_rows: bool = False
    consent: bool | Text = False
    reset: Request | None = None
    reset_command: tuple[Text, ...] = ()


class Clock(Table, frozen=True, kw_only=True):
    """How the till's own clock is moved on: a request that may name {advance_s}."""

    advance: Request


class Logs(Table, frozen=True, kw_only=True):
    source: Text = "stdout"


class Adapter(Table, frozen=True, kw_only=True):
    """The way out for a till that no file can describe: a class of the team's own, in a file beside this one."""

    python: Annotated[str, Meta(pattern=r"^[^:]+\.py:[A-Za-z_]\w*$")]


class File(Table, frozen=True, kw_only=True):
    """The whole file."""

    till: Till
    process: Process
    processes: dict[str, Beside] = {}
    stripe: Stripe
    reader: Reader
    timing: Timing
    operations: dict[str, Operation]
    auth: Auth = Auth()
    identity: SaleIdentity = SaleIdentity()
    webhooks: Webhooks | None = None
    capabilities: dict[str, bool | Text] = {}
    page: Page | None = None
    adapter: Adapter | None = None
    data: Data = Data()
    offline: Offline = Offline()
    load: Load = Load()
    clock: Clock | None = None
    logs: Logs = Logs()
    shops: dict[str, dict[str, Any]] = {}
    test_mode: dict[str, Any] = {}
