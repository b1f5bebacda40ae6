"""webhook_late: the event arrives, but not soon."""

from typing import Annotated, ClassVar

import msgspec

from cardpresent.gateway.delivery import Delivery
from cardpresent.gateway.faults.webhook import Held, Later, Send, WebhookParameters


class WebhookLate(WebhookParameters, frozen=True):
    """`delay_ms`: real milliseconds between the moment a delivery is due, when this fires, and the moment it is made.
    Other deliveries overtake it. Released earlier, it is made at once."""

    name: ClassVar[str] = "webhook_late"
    comes_by_itself: ClassVar[bool] = True
    delay_ms: Annotated[int, msgspec.Meta(ge=0)]

    def take(self, delivery: Delivery, held: Held, send: Send, later: Later) -> None:
        late = msgspec.structs.replace(delivery, staging="late")
        held.append(late)

        def arrive() -> None:
            for index, kept in enumerate(held):
                if kept is late:
                    del held[index]
                    send(late)
                    return

        later(self.delay_ms / 1000, arrive)

    def release(self, held: Held, send: Send) -> None:
        for delivery in held:
            send(delivery)
        held.clear()
