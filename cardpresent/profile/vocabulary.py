"""The words an integration file may use: what a till is asked to do, and what it may be able to do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

Verb = Literal[
    "start_sale",
    "sale_state",
    "retry_sale",
    "edit_sale",
    "cancel_sale",
    "capture_sale",
    "tip_on_receipt",
    "refund_sale",
    "refund_state",
    "check_status",
    "end_of_day",
    "receipt",
    "connection_token",
    "list_readers",
    "bind_reader",
    "register_reader",
    "stored_payments",
    "log_out",
    "clear_device",
    "switch_account",
    "show_cart",
    "clear_cart",
    "take_cash",
    "finish_sale",
    "raise_hold",
    "save_card",
    "saved_card",
    "charge_saved_card",
    "collect_inputs",
    "input_answers",
    "reader_status",
    "find_readers",
    "stop_finding",
]
VERBS: Final[tuple[Verb, ...]] = get_args(Verb)

# The answer to one of these says where the sale stands; the answer to any other verb, whether the thing was done.
TELLS_THE_SALE: Final[frozenset[Verb]] = frozenset(
    ["start_sale", "sale_state", "retry_sale", "check_status", "charge_saved_card"]
)

# What makes a till try to have a sale paid; where it answers only when that is over, its file says so (`blocks`).
STARTS: Final[frozenset[Verb]] = frozenset(["start_sale", "retry_sale", "charge_saved_card"])

# For these an HTTP status is verdict enough when the file gives no outcome table: no money hangs on them.
STATUS_IS_ENOUGH: Final[frozenset[Verb]] = frozenset(
    [
        "receipt", "end_of_day", "connection_token", "list_readers", "bind_reader", "register_reader",
        "stored_payments", "reader_status", "find_readers", "stop_finding",
    ],
)

CAPABILITIES: Final = MappingProxyType(
    {
        "books": "the till's own record of a sale can be read: what was paid, tipped, refunded",
        "cancel": "the cashier can stop a sale while the reader waits for a card",
        "cancel_on_reader": "the customer can cancel on the reader (process_config[enable_customer_cancellation])",
        "check_status": "the cashier can ask for the outcome again by hand",
        "clock": "the till's own clock can be moved on, for scenarios about days that pass",
        "collect_first": "the reader reads the card first, and the till confirms or lets it go afterwards",
        "collect_inputs": "the reader asks the customer for a signature, a number, a choice",
        "connect": "payments are made for connected accounts",
        "connection_token": "the till hands out connection tokens to an SDK",
        "differences": "the end of the day names each sale that differs from Stripe",
        "edit_sale": "the amount of a sale can change after it was started",
        "end_of_day": "the day is closed with a sweep that reconciles with Stripe",
        "finish_by_hand": "a sale that is stuck can be finished by hand, by whoever may",
        "guidance": "every word on a sale comes with a reference and a next step",
        "interac": "Interac cards are taken in Canada",
        "logs": "what the till logs can be read",
        "manager_refunds": "giving money back takes the manager's log-in",
        "mobile_reader": "the app works with mobile readers, which have it show, update and place them",
        "moto": "a card number told by telephone or mail is typed in at the reader",
        "offline": "payments are taken without a network and forwarded later",
        "other_shop": "staff of another shop can log in at the same server",
        "page": "a cashier works the till at a page in a browser",
        "partial_authorization": "an issuer may approve less than was asked",
        "raise_hold": "what is held on a card can be raised before it is collected",
        "receipt": "a receipt of a paid sale can be had",
        "refund": "a paid sale can be refunded, whole or in part",
        "refund_offer": "the till shows how much of a sale can still be refunded",
        "register_reader": "a new reader can be registered from the till",
        "restart": "the till can be killed and started again",
        "retry": "a sale that was not paid can be tried again with another card",
        "save_card": "a card presented in person is saved for later charges",
        "save_card_alone": "a card is saved without a sale (process_setup_intent)",
        "several_readers": "more than one reader works at the same till",
        "several_registers": "a sale can be rung up and paid at more than one register",
        "show_cart": "the reader shows the line items of the sale",
        "skip_tip": "a sale can be rung up for which the reader asks no tip",
        "split_tender": "a part of a sale can be paid in cash and the rest by card",
        "sweep": "it looks at its open sales by itself every now and then",
        "tip_refunds": "the till's books say what part of a refund was tip, by the shop's own rule",
        "tip_on_reader": "the customer tips on the reader before the card is authorized",
        "tip_on_receipt": "the cashier adds a tip after the card was authorized",
        "webhooks": "the till listens to Stripe's events",
    },
)

# What may be asked of a till before it is known that its Stripe traffic comes to us.
HARMLESS_PROBES: Final = frozenset({"startup", "list_readers", "connection_token"})

# What the suite's app does by itself at a till that is its backend.
BY_APP: Final = frozenset({"cancel", "retry"})

# What an app does on its device, where somebody is asked to do it: its backend needs no operation for that.
BY_HAND: Final = frozenset(
    {
        "cancel", "cancel_on_reader", "check_status", "edit_sale", "offline", "receipt", "refund", "retry",
        "tip_on_reader",
    }
)

# What an app has its reader, its screen or a second device do. The suite's app does none of it, so that no machine can
# say how a native app does it, whatever its backend offers.
AT_DEVICE: Final = frozenset(
    {
        "cancel_on_reader", "collect_first", "collect_inputs", "edit_sale", "interac", "mobile_reader", "moto",
        "offline", "page", "save_card_alone", "several_readers", "several_registers", "show_cart", "skip_tip",
        "tip_on_reader",
    }
)

# A capability declared as present must be reachable: by any of these verbs.
CAPABILITY_VERBS: Final[Mapping[str, tuple[Verb, ...]]] = MappingProxyType(
    {
        "cancel": ("cancel_sale",),
        "check_status": ("check_status",),
        "collect_inputs": ("input_answers",),
        "connection_token": ("connection_token",),
        "edit_sale": ("edit_sale",),
        "end_of_day": ("end_of_day",),
        "finish_by_hand": ("finish_sale",),
        "manager_refunds": ("refund_sale",),
        "raise_hold": ("raise_hold",),
        "mobile_reader": ("reader_status",),
        "offline": ("stored_payments",),
        "receipt": ("receipt",),
        "refund": ("refund_sale",),
        "register_reader": ("register_reader",),
        "retry": ("retry_sale",),
        "save_card": ("saved_card",),
        "save_card_alone": ("save_card",),
        "split_tender": ("take_cash",),
        "show_cart": ("show_cart",),
        "tip_on_receipt": ("tip_on_receipt", "capture_sale"),
    },
)

# Where a capability is something that a sale is started with, the placeholder of start_sale that asks for it.
CAPABILITY_VALUES: Final[Mapping[str, str]] = MappingProxyType(
    {"moto": "moto", "save_card": "customer", "skip_tip": "skip_tipping"}
)
