"""webhook_lost: the till never hears of the event."""

from typing import ClassVar

import msgspec

from cardpresent.gateway.delivery import Delivery
from cardpresent.gateway.faults.webhook import Held, Later, Send, WebhookParameters


class WebhookLost(WebhookParameters, frozen=True):
    """`types`. Fires when a delivery is due: it is dropped, and no attempt follows, whatever the clock says. Somebody
    on the way took it in the till's name, and Stripe believes that it has arrived."""

    name: ClassVar[str] = "webhook_lost"

    def take(self, delivery: Delivery, held: Held, send: Send, later: Later) -> None:
        send(msgspec.structs.replace(delivery, copies=0))

    def release(self, held: Held, send: Send) -> None:
        return
