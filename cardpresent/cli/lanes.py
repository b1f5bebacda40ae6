"""The lanes of a certification, from their parent's side: started, dealt to, listened to, and ended."""

import json
import os
import queue
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from cardpresent.certificate.report import Fault
from cardpresent.cli.faults import PARTIES
from cardpresent.cli.order import Order
from cardpresent.cli.person import put_to_person
from cardpresent.cli.progress import Live
from cardpresent.cli.selection import Listed
from cardpresent.cli.share import Share
from cardpresent.cli.stop import Stop
from cardpresent.launch.asking import GUIDED
from cardpresent.launch.guard import Guard
from cardpresent.launch.interruption import UNKNOWN_CALL, Interruption
from cardpresent.launch.keys import Secrets
from cardpresent.launch.process import SPOKEN, Child
from cardpresent.model.outcome import Exit, ScenarioOutcome
from cardpresent.model.record import Record

# How long a lane that was told to stop may take to end its till and to say what it knows.
ENDING_S: Final = 30.0
LOOK_S: Final = 0.5


@dataclass(slots=True)
class Gathered:
    """What the lanes told: every record, and what is said of the run as a whole. `up`: some till stood."""

    records: list[Record] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    redirection: str | None = None
    fidelity: Mapping[str, Any] = field(default_factory=dict)
    first_stop: Stop | None = None
    lanes: int = 1
    left: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def up(self) -> bool:
        return self.redirection is not None


@dataclass(slots=True)
class _Lane:
    """One child, and what it has told so far."""

    number: int
    child: Child | None = None
    told: list[Record] = field(default_factory=list)
    over: bool = False
    last_words: str = ""


class Lanes:
    """Deals the scenarios of a certification to its lanes until all are over."""

    def __init__(
        self, order: Order, secrets: Secrets, share: Share, count: int, live: Live, interruption: Interruption
    ) -> None:
        self._order, self._secrets, self._share, self._live = order, secrets, share, live
        self._interruption = interruption
        self._heard: queue.Queue[tuple[_Lane, str]] = queue.Queue()
        self._lanes = [_Lane(number) for number in range(count)]
        self._stopping = self._interrupted = False
        self.gathered = Gathered(lanes=count)

    def run(self) -> None:
        """Returns when every lane is over; on Ctrl-C they are told to stop, and KeyboardInterrupt goes on."""
        with self._started():
            while any(not lane.over for lane in self._lanes):
                self._listen(LOOK_S)

    def stop(self, why: str) -> None:
        """Have every lane end what it is at and say what it knows; one that does not is given up."""
        self._stopping = self._interrupted = True
        for lane in self._lanes:
            if lane.child is None:
                # Interrupted in the middle of its start: whatever is up of it the guard ends.
                lane.over = True
            elif not lane.over:
                lane.child.say(json.dumps({"stop": why}))
        left = int(ENDING_S / LOOK_S)
        while any(not lane.over for lane in self._lanes) and left:
            left -= not self._listen(LOOK_S)

    @contextmanager
    def _started(self) -> Iterator[None]:
        guard = Guard()
        try:
            for lane in self._lanes:
                self._start(lane, guard)
            yield
        except KeyboardInterrupt:
            self.stop(self._interruption.by or UNKNOWN_CALL)
            raise
        finally:
            for lane in self._lanes:
                if lane.child:
                    lane.child.end()
            guard.end()

    def _start(self, lane: _Lane, guard: Guard) -> None:
        def hear(text: str) -> None:
            self._heard.put((lane, text))

        lane.child = Child(
            [sys.executable, "-m", "cardpresent.cli.lane"], env=dict(os.environ), cwd=Path.cwd(), on_line=hear,
            guard=guard,
        )  # fmt: skip
        order = self._order
        lane.child.say(json.dumps({
            "integration": str(order.file.absolute()), "out": str(order.out.resolve()), "seed": order.seed,
            "port": order.port, "secrets": asdict(self._secrets), "interleavings": order.interleavings,
            "replay": msgspec.to_builtins(order.replay), "tries": order.tries,
            "venue": order.venue, "guided": order.guided, "attestations": str(order.answers.absolute()),
            "today": order.today.isoformat(), "features": self._share.features,
        }))  # fmt: skip

    def _listen(self, wait_s: float) -> bool:
        """Take in one line, or look who has ended without a word; False when nothing was heard."""
        try:
            lane, text = self._heard.get(timeout=wait_s)
        except queue.Empty:
            self._look_for_the_dead()
            return False
        if not text.startswith(SPOKEN):
            lane.last_words = text
            return True
        said = json.loads(text[len(SPOKEN) :])
        getattr(self, f"_on_{said['what']}")(lane, said)
        return True

    def _look_for_the_dead(self) -> None:
        for lane in self._lanes:
            if lane.over or lane.child is None or lane.child.returncode() is None:
                continue
            lane.over = True
            self.gathered.records += lane.told
            if self._interrupted:
                continue
            words = f"; its last words: {lane.last_words}" if lane.last_words else ""
            self._note(Fault("harness", f"a process of the suite's own ended in the middle of the run{words}"))

    # What a lane may say

    def _on_want(self, lane: _Lane, said: Mapping[str, Any]) -> None:
        chunk = None if self._stopping else self._share.next_for(lane.number)
        assert lane.child is not None
        lane.child.say(json.dumps({"chunk": asdict(chunk) if chunk else None}))

    def _on_begins(self, lane: _Lane, said: Mapping[str, Any]) -> None:
        self._live.begins(said["title"])

    def _on_ends(self, lane: _Lane, said: Mapping[str, Any]) -> None:
        record = said["record"]
        lane.told.append(record)
        self._live.ends(record["title"], record["outcome"], said["why"])

    def _on_ask(self, lane: _Lane, said: Mapping[str, Any]) -> None:
        assert lane.child is not None
        try:
            with self._live.paused():
                answer = put_to_person(said["question"], self._order.answers)
        except click.Abort:
            if self._interruption.by:
                raise KeyboardInterrupt from None
            answer = {"answer": "later"}
        lane.child.say(json.dumps({"answer": answer}))

    def _on_up(self, lane: _Lane, said: Mapping[str, Any]) -> None:
        self.gathered.redirection = self.gathered.redirection or said["redirection"]

    def _on_served(self, lane: _Lane, said: Mapping[str, Any]) -> None:
        self.gathered.fidelity = said["fidelity"]

    def _on_left(self, lane: _Lane, said: Mapping[str, Any]) -> None:
        """What a till's run took back at Stripe, and what it had to leave."""
        self.gathered.left.append(said["left"])

    def _on_over(self, lane: _Lane, said: Mapping[str, Any]) -> None:
        lane.over = True
        # A lane that could tell no more than why it stopped has told its records one by one.
        self.gathered.records += said["records"] or lane.told
        if said.get("fault"):
            stop = Stop(said["fault"], Exit(said["exit_code"]))
            self.gathered.first_stop = self.gathered.first_stop or stop
            self._note(Fault(PARTIES[stop.exit_code], stop.message))
        if said.get("stopped"):
            self._note(Fault(said["by"], said["stopped"]))

    def _note(self, fault: Fault) -> None:
        """Something ends the run: what the other lanes are at is finished, and no more is dealt."""
        self._stopping = True
        if fault not in self.gathered.faults:
            self.gathered.faults.append(fault)


def unreached(share: Share, records: Sequence[Record], why: str) -> Iterator[Record]:
    """A record for each scenario that was planned for a till and has none: the report keeps silent about nothing."""
    known = {(record["shop"], record["id"]) for record in records}
    for shop, planned in share.planned.items():
        for scenario in planned:
            if (shop, scenario.id) not in known:
                yield from unreached_rows(scenario, shop, why)


def unreached_rows(scenario: Listed, shop: str, why: str) -> Iterator[Record]:
    """A record for each row of a scenario that no till was put to."""
    yield from (_unreached(scenario, shop, why) for _ in range(scenario.rows))


def _unreached(scenario: Listed, shop: str, why: str) -> Record:
    return {
        "id": scenario.id, "title": scenario.title, "feature": scenario.feature, "shop": shop,
        "chapter": scenario.path.split("/")[1], "outcome": ScenarioOutcome.NOT_RUN.value,
        "requirements": sorted(scenario.requirements), "attempts": 1, "duration_ms": 0.0, "findings": [],
        "reason": why, "party": None, "steps": [], "journal": [0, 0], "log": [],
        "supplementary": "supplementary" in scenario.tags, "staged": [], "replay": None,
        "by": "person" if GUIDED in scenario.tags else "machine",
    }  # fmt: skip
