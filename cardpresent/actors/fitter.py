"""Whoever puts mobile readers beside an app: they belong nowhere, have no screen, and are updated through the app."""

from typing import Any, Final

from cardpresent.actors.installer import SITE
from cardpresent.actors.network import Network
from cardpresent.actors.stage import Stage

# How long a reader's update takes here, in seconds of Stripe's clock.
UPDATE_S: Final = 240


class Fitter:
    """Works the till with the manager's rights; the reader in hand is the last one that was brought."""

    def __init__(self, stage: Stage, network: Network) -> None:
        self._stage, self._network = stage, network
        self.reader = ""

    def brings(self, location: str = "", **update: Any) -> None:
        """A mobile reader is put at the till's register; `update`: of new software that waits for it."""
        stage = self._stage
        self.reader = stage.around.emulated.places_mobile_reader(location or stage.around.location)
        if update:
            self._network.update_waits(self.reader, duration_s=UPDATE_S, **update)
        stage.control("mobile_reader", reader=self.reader, **update)
        stage.reader = self.reader
        stage.binds_reader(stage.register, self.reader)

    def brings_from_another_site(self) -> None:
        """It was last used at another site; where it is once the till has it, Stripe has been told."""
        stage = self._stage
        self.brings(str(stage.around.stripe.v1.terminal.locations.create(SITE).id))
        stage.settle()
        at_stripe: Any = stage.around.stripe.v1.terminal.readers.retrieve(self.reader)
        stage.control("reader_placed", reader=self.reader, location=at_stripe.location)

    def looks_at_app(self) -> dict[str, str]:
        """What the app shows about the reader and its software."""
        reply = self._stage.perform("reader_status", None)
        said = {name: reply.saved.get(name, "") for name in ("update_estimate", "update_progress")}
        self._stage.control("reader_shown", None, words=reply.words[:200], **said)
        return said

    def searches(self) -> None:
        """Look for readers where there are none: the search goes on for longer than anybody wants to wait."""
        stage = self._stage
        stage.around.emulated.hides_readers(True)
        stage.staged.append("emulated: no reader in range")
        stage.perform("find_readers", None, role="manager")

    def breaks_search_off(self) -> None:
        """Stop it, and begin another, which finds the readers that are there by then."""
        stage = self._stage
        try:
            stage.perform("stop_finding", None, role="manager")
            stage.perform("find_readers", None, role="manager")
        finally:
            stage.around.emulated.hides_readers(False)

    def sees_half_of_update(self) -> None:
        """Half of the time that the update takes passes; the app is looked at before it and after it."""
        stage = self._stage
        before = self.looks_at_app()
        stage.around.emulated.advance_s(UPDATE_S // 2)
        stage.until(lambda: self.looks_at_app() != before, stage.around.bounds.settle_s)

    def ends_update(self) -> None:
        """The rest of the time passes, and the reader is there. What the app shows then is not looked at."""
        stage = self._stage
        stage.around.emulated.advance_s(UPDATE_S)

        def over() -> bool:
            return not stage.perform("reader_status", None).saved.get("update_progress")

        stage.until(over, stage.around.bounds.settle_s)
