"""webhook_withheld: Stripe has the event, the till does not hear of it until the actor says so."""

from typing import ClassVar

import msgspec

from cardpresent.gateway.delivery import Delivery
from cardpresent.gateway.faults.webhook import Held, Later, Send, WebhookParameters


class WebhookWithheld(WebhookParameters, frozen=True):
    """`types`. Fires when a delivery is due: it is kept, and made in the old order when the fault is released."""

    name: ClassVar[str] = "webhook_withheld"

    def take(self, delivery: Delivery, held: Held, send: Send, later: Later) -> None:
        held.append(msgspec.structs.replace(delivery, staging="withheld"))

    def release(self, held: Held, send: Send) -> None:
        for delivery in held:
            send(delivery)
        held.clear()
