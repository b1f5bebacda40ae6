"""POST /v1/terminal/refunds: in Stripe's document without a parameter, and with an answer without a field.

It is what Terminal's SDKs send once they have read an Interac card. What they send is not published, so a call that
looked as if it had refunded something would be worse than none.
"""

from typing import Final

from cardpresent.emulator.errors import not_emulated
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.operations import Call, Operation

declare(
    "terminal_refund.unpublished", "assumed", "https://github.com/stripe/openapi",
    "The document knows neither parameters nor fields of terminal refunds: every call is refused as not emulated.",
)


def create(call: Call) -> None:
    raise not_emulated("what /v1/terminal/refunds takes is not published; refund_payment refunds at a reader")


OPERATIONS: Final = [Operation("terminal_refund.create", "POST", "/v1/terminal/refunds", create)]
