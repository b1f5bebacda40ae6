"""What the three ways in which a reader refuses a command have in common: Stripe answers, and nothing has happened.

They stand in for the emulator's faults of the same names where a real Stripe cannot be told to make its simulated
readers misbehave. Only a refusal without an effect can be staged so: whatever the till looks at afterwards agrees.
"""

from typing import ClassVar, Final

from cardpresent.gateway.exchange import Exchange
from cardpresent.gateway.faults.transport import Parameters
from cardpresent.gateway.venue import Answer

# Those that start taking a card.
CARD_COMMANDS: Final = frozenset(
    {"reader.process_payment_intent", "reader.process_setup_intent", "reader.collect_payment_method",
     "reader.confirm_payment_intent", "reader.refund_payment"}
)  # fmt: skip
COMMANDS: Final = CARD_COMMANDS | {"reader.cancel_action", "reader.set_reader_display", "reader.collect_inputs"}


class ReaderRefusal(Parameters, frozen=True):
    """Base of a refusal: 400 before Stripe sees the command. Documented: the codes (https://docs.stripe.com/error-codes)."""

    operations: ClassVar[frozenset[str] | None] = COMMANDS
    every_operation: ClassVar[bool] = True

    def refused(self, exchange: Exchange, code: str, message: str) -> Answer:
        return exchange.refusals.error(400, message, type="invalid_request_error", code=code)
