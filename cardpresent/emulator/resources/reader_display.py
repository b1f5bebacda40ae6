"""Reader actions that only show something: the cart."""

from typing import Final

from cardpresent.emulator.errors import JsonObject, invalid
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.resources.readers import ONE, Command

declare(
    "reader.display", "observed", "https://github.com/wcpos/stripe-terminal-for-woocommerce",
    "A display action stays in_progress until replaced or cancelled, and replaces a payment that waits for a card.",
)
declare(
    "reader.display_devices", "documented", "https://docs.stripe.com/terminal/features/display",
    "A cart is shown on readers with a customer screen; its amounts are displayed as they are given.",
)


# ---------------------------------------------------------------------------------------------------------- operations


def set_reader_display(call: Call) -> JsonObject:
    command = Command(call, "set_reader_display")
    content: JsonObject = {"cart": None, "type": call.params["type"]}
    if "cart" in call.params:
        cart = call.params["cart"]
        for index, line in enumerate(cart["line_items"]):
            if line["quantity"] < 1:
                raise invalid("Invalid positive integer", code="parameter_invalid_integer",
                              param=f"cart[line_items][{index}][quantity]")
        content["cart"] = {
            "currency": cart["currency"], "line_items": cart["line_items"], "tax": cart.get("tax"),
            "total": cart["total"],
        }
    command.start(content)
    return command.acknowledged()


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("reader.set_reader_display", "POST", f"{ONE}/set_reader_display", set_reader_display,
              "terminal.reader_set_reader_display"),
]
