"""Every operation the emulator answers, resource by resource, in the order of Stripe's API reference."""

from typing import Final

from cardpresent.emulator.operations import Operation
from cardpresent.emulator.resources import (
    balance,
    balance_transactions,
    charges,
    configurations,
    connection_tokens,
    customers,
    events,
    locations,
    payment_intents,
    payment_methods,
    reader_display,
    reader_inputs,
    reader_payments,
    reader_refunds,
    reader_setups,
    reader_test_helpers,
    readers,
    refunds,
    setup_attempts,
    setup_intents,
    webhook_endpoints,
)

OPERATIONS: Final[list[Operation]] = [
    *balance.OPERATIONS,
    *balance_transactions.OPERATIONS,
    *charges.OPERATIONS,
    *customers.OPERATIONS,
    *events.OPERATIONS,
    *payment_intents.OPERATIONS,
    *payment_methods.OPERATIONS,
    *refunds.OPERATIONS,
    *setup_intents.OPERATIONS,
    *setup_attempts.OPERATIONS,
    *configurations.OPERATIONS,
    *connection_tokens.OPERATIONS,
    *locations.OPERATIONS,
    *readers.OPERATIONS,
    *reader_payments.OPERATIONS,
    *reader_setups.OPERATIONS,
    *reader_refunds.OPERATIONS,
    *reader_inputs.OPERATIONS,
    *reader_display.OPERATIONS,
    *reader_test_helpers.OPERATIONS,
    *webhook_endpoints.OPERATIONS,
]
