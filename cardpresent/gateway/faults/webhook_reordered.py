"""webhook_reordered: later events overtake earlier ones."""

from typing import Annotated, ClassVar

import msgspec

from cardpresent.gateway.delivery import Delivery
from cardpresent.gateway.faults.webhook import Held, Later, Send, WebhookParameters


class WebhookReordered(WebhookParameters, frozen=True):
    """`collect`: how many deliveries are gathered before they go out, the newest first; fewer go out so on release.
    Fires when a delivery is due. Documented: https://docs.stripe.com/webhooks (order is not guaranteed)."""

    name: ClassVar[str] = "webhook_reordered"
    collect: Annotated[int, msgspec.Meta(ge=2, le=100)] = 2

    def take(self, delivery: Delivery, held: Held, send: Send, later: Later) -> None:
        held.append(msgspec.structs.replace(delivery, staging="reordered"))
        if len(held) >= self.collect:
            self.release(held, send)

    def release(self, held: Held, send: Send) -> None:
        for delivery in reversed(held):
            send(delivery)
        held.clear()
