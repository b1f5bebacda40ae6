"""webhook_lost: the till never hears of the event."""

from typing import ClassVar

from cardpresent.gateway.delivery import Delivery
from cardpresent.gateway.faults.webhook import Held, Later, Send, WebhookParameters


class WebhookLost(WebhookParameters, frozen=True):
    """`types`. Fires when a delivery is due: it is dropped, and no attempt follows it, whatever the clock says."""

    name: ClassVar[str] = "webhook_lost"

    def take(self, delivery: Delivery, held: Held, send: Send, later: Later) -> None:
        return

    def release(self, held: Held, send: Send) -> None:
        return
