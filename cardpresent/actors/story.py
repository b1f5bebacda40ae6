"""How a story of stimuli stands, as far as it follows from the stimuli alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from cardpresent.evidence.replay import Stimulus

# A line of the register, and the check that found it broken.
Signature = tuple[str, str]
Stimuli = tuple[Stimulus, ...]

# A till that is cut off asks ever more seldom; longer than this, and its own bound no longer fits what happened to it.
CUT_FOR: Final = 2
PREPARED: Final = 2


@dataclass(slots=True)
class Story:
    """Counts and states after the stimuli so far. `cut_off`: how many stimuli ago the wire was cut, 0 if it is not."""

    told: int = 0
    sales: int = 0
    later: bool = False
    up: bool = True
    cuts_of_power: int = 0
    cut_off: int = 0
    cuts: int = 0
    wire_faults: int = 0
    reader_faults: int = 0
    reader_down: bool = False
    news: str = ""
    waits: int = 0
    deadlines: int = 0
    weeks: int = 0
    refunds: int = 0

    @classmethod
    def of(cls, stimuli: Iterable[Stimulus]) -> Self:
        story = cls()
        for stimulus in stimuli:
            story.goes_on(stimulus)
        return story

    @property
    def must_recover(self) -> bool:
        return self.cut_off > CUT_FOR

    @property
    def must_begin(self) -> bool:
        """Enough has been prepared: somebody buys something now."""
        return not self.sales and self.told >= PREPARED

    def goes_on(self, stimulus: Stimulus) -> None:
        """Take one more stimulus in."""
        self.told += 1
        self.cut_off += 1 if self.cut_off else 0
        match stimulus.who, stimulus.does:
            case "cashier", does:
                self._cashier(does)
            case "network", "cuts the till off":
                self.cut_off, self.cuts = 1, self.cuts + 1
            case "network", "recovers":
                self.cut_off, self.wire_faults, self.news = 0, 0, ""
            case "network", _:
                self.wire_faults += 1
            case "webhooks", does if does != "are all delivered again":
                self.news = does
            case "reader", "recovers":
                self.reader_down = False
            case "reader", does:
                self.reader_faults += 1
                self.reader_down = does in {"is offline", "is busy with an update", "waits for a slow bank"}
            case "clock", does:
                self.waits += 1
                self.deadlines += does == "passes the till's deadline"
                self.weeks += does == "moves on by a week"
            case "power", does:
                self.up = does == "is back"
                self.cuts_of_power += not self.up

    def _cashier(self, does: str) -> None:
        if does.startswith(("starts a sale", "presses Pay", "turns to the next")):
            self.sales += 1
        if does == "starts a sale to be collected later":
            self.later = True
        elif does == "collects the money":
            self.later = False
        elif does == "refunds":
            self.refunds += 1
