"""A till's data before a run: not touched where it is somebody's, emptied where the file says how."""

from cardpresent.drivers.pos.http import HttpPos
from cardpresent.drivers.wire import Wire
from cardpresent.model.outcome import Outcome
from cardpresent.profile import Integration
from cardpresent.profile.consent import why_not_driven


class NotConsented(Exception):
    """The till holds rows, and its file consents to nothing: one sentence."""


class NotEmptied(Exception):
    """The till's own reset did not work: one sentence."""


def must_consent(till: Integration) -> None:
    """Raises NotConsented before anything is started."""
    if why := why_not_driven(till):
        raise NotConsented(why)


def empty(till: Integration, wire: Wire, pos: HttpPos) -> None:
    """Make the request of `[data] reset`, where there is one, before the first sale. Raises NotEmptied."""
    reply = pos.reset()
    if reply is None:
        return
    request = till.data.reset
    status = reply.status or 0
    done = reply.outcome is Outcome.ACCEPTED or (request is not None and not request.outcome and 200 <= status < 300)
    wire.note("control", {"what": "reset", "done": done, "status": reply.status})
    if not done:
        said = f"answered {reply.status}" if reply.status else "gave no answer"
        raise NotEmptied(f"{till.path}: data.reset: the till {said}; correct the request, or who may make it")
