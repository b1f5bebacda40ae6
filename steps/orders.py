"""Stories in any order put to the till: each on a stage of its own, ended like a scenario, and what went wrong kept.

A story that broke something is played again before it is held against the till: what shows only once may be the
machine's own doing, and is said to decide nothing.
"""

import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cardpresent import __version__
from cardpresent.actors.deeds import (
    OWN_CAPTURE,
    REPERTOIRES,
    SHORT_DEADLINE,
    People,
    beyond,
    end,
    play,
    unsound,
)
from cardpresent.actors.errors import NotDemonstrated, Refuted, TillGone, Undecided
from cardpresent.actors.stage import Stage
from cardpresent.actors.story import Signature, Stimuli
from cardpresent.certificate.report import write_whole
from cardpresent.checks import words
from cardpresent.checks.facts import NothingSeen
from cardpresent.drivers.pos.port import NotOffered
from cardpresent.evidence.redaction import Redactor
from cardpresent.evidence.replay import FORMAT, PREFIX, VERSION, Replay, Shown, written
from cardpresent.launch.plan import Plan
from cardpresent.launch.till import TillDidNotStart
from cardpresent.model.finding import Finding
from cardpresent.model.record import Record
from cardpresent.profile import CAPABILITIES, Integration
from steps.closing import clear, close

# One story takes half a second on a quick till. So many stimuli find what takes a fault, a deed and a card.
LENGTH: Final = 6
STORY_S: Final = 4.0
SHORTER: Final = 25
SHORTER_S: Final = 20.0
AGAIN: Final = 2
KEPT: Final = 10
# A till that waits longer than this for a card is never waited out.
DEADLINE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Played:
    """One story on one stage. `decided` is False where nothing can be said of it."""

    stimuli: Stimuli
    stage: Stage
    findings: tuple[Finding, ...]
    decided: bool

    @property
    def broken(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.holds is False)

    @property
    def signatures(self) -> frozenset[Signature]:
        return frozenset((f.requirement, f.check) for f in self.broken)


@dataclass(slots=True)
class Orders:
    """The stories of one scenario. `whole` is the scenario's own stage, `fresh` makes one for a story."""

    plan: Plan
    record: Record
    whole: Stage
    fresh: Callable[[], Stage]
    deeds: str = ""
    stories: list[Played] = field(default_factory=list)
    found: tuple[Finding, ...] = ()

    def of(self, deeds: str) -> None:
        """What may happen in the stories to come."""
        if deeds not in REPERTOIRES:
            raise KeyError(f"no repertoire {deeds!r}; there are {', '.join(REPERTOIRES)}")
        self.deeds = deeds

    def befall(self) -> None:
        """Play the replay that was asked for; else look for a story that goes wrong, and the shortest like it."""
        replay = self.plan.replay
        if replay is None:
            self._keep(self._search())
            return
        self._must_be_in_reach(replay.stimuli)
        for _ in range(self.plan.tries):
            self._play(replay.stimuli)
        self._keep(replay.stimuli)

    def judged(self) -> None:
        """Stop the scenario at what was found; or say that nothing could be."""
        if self.found:
            raise Refuted(self.found[0])
        if not any(story.decided for story in self.stories):
            raise Undecided("no order of things led to an end that could be judged")

    # Looking

    def _search(self) -> Stimuli | None:
        # Hypothesis takes half a second to import, and only these scenarios need it.
        from cardpresent.actors.any_order import Search

        orders, reach = self._orders(), reach_of(self.plan.run.integration)
        search = Search(
            deeds=[d for d in REPERTOIRES[self.deeds] if reach.issuperset(d.needs)],
            prices=self.whole.around.prices, seed=_seed(self.plan.run.seed, self.deeds), play=self._told,
            orders=orders, length=LENGTH, within_s=orders * STORY_S, shorter=SHORTER, shorter_within_s=SHORTER_S,
        )  # fmt: skip
        shortest = search.run()
        self.whole.staged.append(f"in any order: {self._count()}")
        for _ in range(AGAIN if shortest else 0):
            self._play(shortest or ())
        return shortest

    def _orders(self) -> int:
        """What is rarer than a sale, and less can befall it, gets half as many."""
        return self.plan.interleavings if self.deeds == "a sale" else max(1, self.plan.interleavings // 2)

    def _count(self) -> str:
        stimuli = sum(len(story.stimuli) for story in self.stories)
        idle = sum(not story.decided for story in self.stories)
        return f"{len(self.stories)} stories of {stimuli} stimuli" + (f", {idle} of them undecided" if idle else "")

    def _told(self, stimuli: Stimuli) -> frozenset[Signature] | None:
        story = self._play(stimuli)
        return story.signatures if story.decided else None

    def _must_be_in_reach(self, stimuli: Stimuli) -> None:
        integration = self.plan.run.integration
        problems = list(beyond(stimuli, reach_of(integration)))
        problems += [why for s in stimuli if not problems and (why := unsound(s, integration.till.currencies))]
        if problems:
            raise NotDemonstrated(f"this till cannot be put to the replay: {problems[0]}")

    # Playing

    def _play(self, stimuli: Stimuli) -> Played:
        stage = self.fresh()
        people = People.of(stage)
        troubles: list[BaseException] = []
        for act in (lambda: play(people, stimuli), lambda: end(people, stimuli), lambda: _judge_words(stage)):
            troubles += [] if _gone(troubles) else _troubles(act)
        troubles += [] if _gone(troubles) else close(stage, people.network, stage.first_n)
        gone = _gone(troubles) or self.plan.run.till.ended()
        if gone:
            self._bring_back(stage, people, gone)
        # What the books say at the end weighs more than what was said on the way there.
        findings = sorted((*_of_death(gone), *stage.findings), key=lambda f: f.check.startswith("words."))
        story = Played(stimuli, stage, tuple(findings), decided=not troubles or bool(gone))
        self.stories.append(story)
        self.whole.staged += [s for s in stage.staged if s not in self.whole.staged]
        return story

    def _bring_back(self, stage: Stage, people: People, gone: TillGone) -> None:
        """A till that went down by itself is started again for the next story; any other ends the scenario."""
        till = self.plan.run.till
        if not gone.by_itself or not till.may_restart:
            raise gone
        stage.control("till_gone", by_itself=True, reason=gone.reason)
        clear(stage, people.network)
        till.restart()

    # Keeping

    def _keep(self, told: Stimuli | None) -> None:
        """What the whole scenario rests on: each check once where all held, else the breach as it showed last."""
        tries = [s for s in self.stories if s.stimuli == told]
        wrong = [s for s in tries if s.broken]
        if not wrong or told is None:
            self.whole.findings += _once_each(self.stories)
            # What was right at the end of a story must still be right at the end of the run.
            self.plan.stages += [(s.stage, self.record) for s in self.stories[-KEPT:] if s.decided and not s.broken]
            return
        shown = wrong[-1]
        main = shown.broken[0]
        self.record["replay"] = self._write(told, main)
        then = next((k for k, step in enumerate(self.record["steps"]) if step["keyword"] == "Then"), None)
        self.record["steps"][then:then] = [{"keyword": "And", "text": str(s), "status": "passed"} for s in told]
        if len(wrong) == 1 and len(tries) > 1:
            raise Undecided(f"{main.requirement}: {main.observed}: seen once and not again in {len(tries) - 1} tries")
        self.whole.staged.append(f"the same stimuli went wrong in {len(wrong)} of {len(tries)} tries")
        self.found = shown.broken
        self.whole.findings += shown.findings

    def _write(self, told: Stimuli, main: Finding) -> str:
        plan, run = self.plan, self.plan.run
        clean = Redactor(run.secrets.all()).clean_text
        shows = Shown(main.requirement, main.check, clean(main.headline or main.observed))
        seed = plan.replay.seed if plan.replay else run.seed
        replay = Replay(
            FORMAT, VERSION, __version__, self.record["id"], seed, clean(run.integration.till.name), shows, told
        )
        name = f"{PREFIX}{main.requirement}-{main.check.rpartition('.')[2]}-{self.deeds.split()[-1]}.json"
        write_whole(run.out / name, written(replay))
        return name


def reach_of(integration: Integration) -> frozenset[str]:
    """What this till can be put to, by the names deeds use."""
    names = {name for name in CAPABILITIES if integration.capability(name).state == "present"}
    if integration.till.capture != "automatic" and integration.till.captures == "till":
        names.add(OWN_CAPTURE)
    if integration.timing.deadline_s <= DEADLINE_S:
        names.add(SHORT_DEADLINE)
    return frozenset(names)


def _judge_words(stage: Stage) -> None:
    """What the cashier was told along the way, before anything is swept up and every word changes."""
    for sale in stage.sales:
        stage.await_final(sale)
    journal = stage.followed()
    stage.findings.extend(words.never_told_refused_while_charged(journal, sale.id) for sale in stage.sales)


def _troubles(act: Callable[[], Any]) -> list[BaseException]:
    try:
        act()
    except (Undecided, NotDemonstrated, NotOffered, NothingSeen, Refuted, TillGone, TillDidNotStart) as trouble:
        return [trouble]
    return []


def _gone(troubles: Sequence[BaseException]) -> TillGone | None:
    for trouble in troubles:
        if isinstance(trouble, TillDidNotStart):
            return TillGone(f"the till did not come back: {trouble}", by_itself=trouble.by_itself)
        if isinstance(trouble, TillGone):
            return trouble
    return None


def _of_death(gone: TillGone | None) -> Iterable[Finding]:
    if gone:
        yield Finding(
            "FD-80", "till.stays_up", False, "a till that keeps running", gone.reason,
            headline="The till's program ends in the middle of a sale",
        )  # fmt: skip


def _once_each(stories: Sequence[Played]) -> list[Finding]:
    """Of every check the finding it made last; the stories before it found the same."""
    last = {(f.requirement, f.check): f for s in stories if s.decided for f in s.findings if f.holds}
    return list(last.values())


def _seed(seed: int, deeds: str) -> int:
    """Two repertoires of one run are not told the same stories."""
    return zlib.crc32(f"{seed} {deeds}".encode())
