"""What only people can see: their earlier answers, and the way to ask them anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cardpresent.evidence.attestations import AttestationError, Attestations, Attested
from cardpresent.launch.asking import Unasked
from cardpresent.model.outcome import ScenarioOutcome

Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def nobody(question: Mapping[str, Any]) -> Mapping[str, Any]:
    """Nobody is there to answer."""
    return {"answer": "later"}


@dataclass(slots=True)
class People:
    """`ask` puts a question to whoever sits at the terminal; None where nobody does."""

    kept: Attestations
    today: date
    ask: Ask | None = None

    @classmethod
    def absent(cls, today: date) -> "People":
        """Nobody to ask, and no earlier answers."""
        return cls(Attestations(Path("nowhere") / "attestations.json"), today)

    def standing(self, scenario: str) -> Attested | None:
        """An answer that still counts. Raises AttestationError when its evidence is not what was shown."""
        last = self.kept.latest(scenario)
        if last is None or last.until < self.today:
            return None
        self.kept.check_evidence(last)
        return last

    def why_unasked(self, scenario: str) -> Unasked | None:
        """Why a person is not asked: an answer stands, or nobody is there; None where somebody will be."""
        try:
            standing = self.standing(scenario)
        except AttestationError as error:
            return ScenarioOutcome.CONFIG_ERROR, str(error)
        if standing is not None and standing.holds:
            return ScenarioOutcome.ATTESTED, as_sentence(standing)
        if self.ask is not None:
            return None
        last = self.kept.latest(scenario)
        if last is not None and not last.holds:
            return ScenarioOutcome.UNTESTED, f"{last.by} said on {last.on} that it is not so; ask again with --guided"
        if last is not None:
            return ScenarioOutcome.UNTESTED, f"what {last.by} attested ran out on {last.until}; run with --guided"
        return ScenarioOutcome.UNTESTED, "only a person can see it: run with --guided at a terminal"


def as_sentence(one: Attested) -> str:
    """Who says what, until when."""
    shown = f", shown by {one.evidence} (SHA-256 {one.sha256})" if one.evidence else ""
    seen = f"; at Stripe: {one.seen_at_stripe}" if one.seen_at_stripe else ""
    return f"{one.statement}: attested by {one.by} on {one.on} until {one.until}{shown}{seen}"
