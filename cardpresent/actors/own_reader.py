"""The one reader that a till is started with: every scenario finds it as if it were new."""

from typing import Any, Final

import stripe

from cardpresent.actors.errors import Undecided
from cardpresent.actors.surroundings import OwnReader, Surroundings

LETS_GO_MS: Final = 1_000


def clear(around: Surroundings, own: OwnReader, quiet_ms: int) -> None:
    """Take off its screen whatever was left there, and away from it what other readers there were. Raises Undecided.

    Documented: https://docs.stripe.com/api/terminal/readers/cancel_action (it ends an action, and clears a cart).
    """
    readers = around.stripe.v1.terminal.readers
    # An emulated account is the run's alone; in another one, what stands at the run's own Location is.
    all_of_it: Any = {"limit": 100} if around.emulator else {"limit": 100, "location": around.location}
    for other in list(readers.list(all_of_it).auto_paging_iter()):
        if other.id != own.id:
            readers.delete(other.id)
    if _action(around, own) is None:
        return
    try:
        readers.cancel_action(own.id)
    except stripe.StripeError as error:
        # One that was through with it has nothing to let go of.
        if (_action(around, own) or {}).get("status") == "in_progress":
            raise Undecided(f"the till's one reader does not let go of what it did before: {error}") from None
        return
    around.wire.quiet(quiet_ms, LETS_GO_MS)


def _action(around: Surroundings, own: OwnReader) -> Any:
    return around.books.reader(own.id).get("action")
