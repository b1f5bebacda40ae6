"""webhook_duplicated: the same event arrives more than once, as it does at Stripe."""

from typing import Annotated, ClassVar

import msgspec

from cardpresent.gateway.delivery import Delivery
from cardpresent.gateway.faults.webhook import Held, Later, Send, WebhookParameters


class WebhookDuplicated(WebhookParameters, frozen=True):
    """`times`: how often the event is delivered in all. `concurrent`: all at once, not one after the other's answer.
    Fires when a delivery is due. Documented: https://docs.stripe.com/webhooks (duplicates occur)."""

    name: ClassVar[str] = "webhook_duplicated"
    times: Annotated[int, msgspec.Meta(ge=2, le=50)] = 2
    concurrent: bool = False

    def take(self, delivery: Delivery, held: Held, send: Send, later: Later) -> None:
        send(msgspec.structs.replace(delivery, copies=self.times, concurrent=self.concurrent))

    def release(self, held: Held, send: Send) -> None:
        return
