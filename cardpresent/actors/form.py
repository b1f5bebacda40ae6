"""Whoever is asked for something beside a card: answers, skips, or leaves."""

from cardpresent.actors.errors import Undecided
from cardpresent.actors.reader_books import note_reader
from cardpresent.actors.stage import Stage
from cardpresent.drivers.pos.port import PosReply
from cardpresent.model.outcome import Outcome, Standing


class FormOnReader:
    """One form a scenario, put to one customer."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._form = f"F{stage.around.salt}-{stage.number}"
        self._readers = stage.around.stripe.v1.test_helpers.terminal.readers

    def is_asked(self) -> None:
        """The cashier has the reader ask what the till's form asks."""
        stage = self._stage
        stage.intend("collect_inputs", None, form=self._form)
        stage.perform("collect_inputs", None, {"form": self._form})
        if not stage.until(lambda: stage.asked_for() == "collect_inputs", stage.around.bounds.settle_s):
            raise Undecided("the reader never asked the customer anything")
        note_reader(stage)

    def is_answered(self, *, skipping: bool = False) -> None:
        """The customer answers every question, or every one that cannot be skipped."""
        self._stage.control("form_answered", skipping=skipping)
        self._readers.succeed_input_collection(
            self._stage.reader, {"skip_non_required_inputs": "all" if skipping else "none"}
        )
        note_reader(self._stage)
        self.hears()

    def is_left(self) -> None:
        """The customer walks off, and two minutes later the reader gives up.

        Documented: https://docs.stripe.com/terminal/features/collect-inputs
        """
        self._stage.control("form_left")
        self._readers.timeout_input_collection(self._stage.reader)
        self.hears()

    def hears(self) -> PosReply:
        """What the till says came of the form, once it says something final."""
        stage = self._stage
        said = self._asks()

        def final() -> bool:
            nonlocal said
            said = self._asks()
            return said.standing is Standing.SETTLED and said.outcome is not Outcome.UNKNOWN

        stage.until(final, stage.around.bounds.settle_s)
        stage.around.wire.follow()
        return said

    def _asks(self) -> PosReply:
        return self._stage.perform("input_answers", None, {"form": self._form})
