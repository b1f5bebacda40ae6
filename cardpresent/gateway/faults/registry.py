"""Every fault there is, by name, and making one from what an actor asked for."""

from typing import Any, Final

import msgspec

from cardpresent.gateway.faults.answer_delayed import AnswerDelayed
from cardpresent.gateway.faults.answer_lost import AnswerLost
from cardpresent.gateway.faults.answer_overtaken import AnswerOvertaken
from cardpresent.gateway.faults.conflict import Conflict
from cardpresent.gateway.faults.connection_refused import ConnectionRefused
from cardpresent.gateway.faults.rate_limited import RateLimited
from cardpresent.gateway.faults.reader_busy import ReaderBusy
from cardpresent.gateway.faults.reader_offline import ReaderOffline
from cardpresent.gateway.faults.server_error import ServerError
from cardpresent.gateway.faults.till_cut_off import TillCutOff
from cardpresent.gateway.faults.timeout_not_sent import TimeoutNotSent
from cardpresent.gateway.faults.transport import Parameters
from cardpresent.gateway.faults.webhook import WebhookParameters
from cardpresent.gateway.faults.webhook_duplicated import WebhookDuplicated
from cardpresent.gateway.faults.webhook_late import WebhookLate
from cardpresent.gateway.faults.webhook_lost import WebhookLost
from cardpresent.gateway.faults.webhook_reordered import WebhookReordered
from cardpresent.gateway.faults.webhook_withheld import WebhookWithheld

AnyTransport = (
    AnswerLost | AnswerDelayed | AnswerOvertaken | ConnectionRefused | TillCutOff | RateLimited | ServerError | Conflict
    | ReaderBusy | ReaderOffline | TimeoutNotSent
)
AnyWebhook = WebhookWithheld | WebhookLost | WebhookDuplicated | WebhookReordered | WebhookLate

TRANSPORT: Final[dict[str, type[Parameters]]] = {
    kind.name: kind
    for kind in (
        AnswerLost, AnswerDelayed, AnswerOvertaken, ConnectionRefused, TillCutOff, RateLimited, ServerError, Conflict,
        ReaderBusy, ReaderOffline, TimeoutNotSent,
    )
}
WEBHOOK: Final[dict[str, type[WebhookParameters]]] = {
    kind.name: kind for kind in (WebhookWithheld, WebhookLost, WebhookDuplicated, WebhookReordered, WebhookLate)
}


class UnknownFault(ValueError):
    """Raised with one sentence for the actor: no such fault, or no such parameter."""


def make_fault(name: str, parameters: dict[str, Any]) -> AnyTransport | AnyWebhook:
    """The fault `name` with its parameters; UnknownFault when either does not fit."""
    kind: Any = TRANSPORT.get(name) or WEBHOOK.get(name)
    if kind is None:
        raise UnknownFault(f'no fault is called "{name}"; there are: {", ".join([*TRANSPORT, *WEBHOOK])}')
    try:
        made: AnyTransport | AnyWebhook = msgspec.convert(parameters, kind)
    except msgspec.ValidationError as problem:
        raise UnknownFault(f"{name}: {problem}") from None
    return made
