"""Whoever of the shop is asked for what no wire shows: does it, looks, and answers for it by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol

from cardpresent.actors.errors import Refuted, Undecided, Untold
from cardpresent.actors.stage import Stage
from cardpresent.evidence.attestations import Attestations, Attested
from cardpresent.model.finding import Finding


class People(Protocol):
    """Where answers are kept, and how somebody is asked."""

    kept: Attestations
    today: date
    ask: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None


@dataclass(slots=True)
class Person:
    """One question and its answer."""

    stage: Stage
    people: People
    title: str
    requirements: tuple[str, ...]
    till: str
    build: str
    address: str
    task: str = ""
    whoever: str = ""
    attested: Attested | None = None
    _readers: set[str] = field(default_factory=set)
    _seen: str | None = None

    def is_asked_to(self, task: str, *, whoever: str) -> None:
        """What has to be done or looked at, and by whom; what Stripe knows before is remembered."""
        self.task, self.whoever = task, whoever
        self._readers = self._known_readers()

    def answers(self, days: int, evidence: str | None = None) -> None:
        """Prompt, wait, and keep the answer, good for so many days."""
        said = self.asks(task=self.task, whoever=self.whoever, evidence=evidence)
        if said["answer"] == "later":
            raise Untold("put off by whoever was asked")
        self.attests(said, days, holds=said["answer"] == "yes")

    def asks(self, *, task: str, whoever: str, **more: Any) -> Mapping[str, Any]:
        """Put a question to whoever sits at the terminal, and wait for what they say."""
        assert self.people.ask is not None
        about = {"title": self.title, "address": self.address, "requirements": self.requirements}
        return self.people.ask({**about, "task": task, "whoever": whoever, **more})

    def attests(self, said: Mapping[str, Any], days: int, *, holds: bool = True, seen: str | None = None) -> None:
        """Keep in mind who answers for what was asked, good for so many days; `seen`: what Stripe showed of it."""
        self._seen = seen or self._seen
        self.attested = Attested(
            scenario=self.stage.scenario, requirements=self.requirements, statement=self.title, holds=holds,
            by=said["by"], on=self.people.today, until=self.people.today + timedelta(days=days), till=self.till,
            build=self.build, evidence=said.get("evidence"), sha256=said.get("sha256"), note=said.get("note"),
        )  # fmt: skip

    def registered_a_reader(self) -> None:
        """Whoever was asked has brought a new reader to this Stripe account, at a Location."""
        new = sorted(self._known_readers() - self._readers)
        if not new:
            raise Undecided("no new reader came to this run's Stripe account: register one at the till, then answer",
                            "environment")  # fmt: skip
        reader = self.stage.around.stripe.v1.terminal.readers.retrieve(new[0])
        self._seen = f"reader {new[0]} at Location {reader.location}"

    def is_recorded(self) -> None:
        """The answer stands in the file and in the journal; a no is a breach that a person has seen."""
        assert self.attested is not None
        one = Attested(**{**_fields(self.attested), "seen_at_stripe": self._seen})
        self.people.kept.keep(one)
        self.attested = one
        self.stage.control("attested", by=one.by, until=one.until.isoformat(), holds=one.holds, sha256=one.sha256)
        self.stage.followed()
        evidence = tuple(e.n for e in self.stage.journal.controls("attested"))
        finding = Finding(
            self.requirements[0], "people.word", one.holds, self.title,
            f"{one.by} says that it {'is' if one.holds else 'is not'} so" + (f": {one.note}" if one.note else ""),
            evidence,
        )  # fmt: skip
        if not one.holds:
            raise Refuted(finding)
        self.stage.findings.append(finding)

    def _known_readers(self) -> set[str]:
        return {str(r.id) for r in self.stage.around.stripe.v1.terminal.readers.list().auto_paging_iter()}


def _fields(one: Attested) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}
