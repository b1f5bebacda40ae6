"""When a breach proves nothing about the till: the emulator does not cover it, or the file does not describe it."""

from collections.abc import Mapping
from typing import Any

from cardpresent.actors.own_taps import tapped_in
from cardpresent.evidence.journal import Journal
from cardpresent.model.outcome import Outcome, Party, ScenarioOutcome

Blame = tuple[ScenarioOutcome, Party, str]


def not_the_tills(scenario: Journal, run: Journal, *, till_taps: bool = False) -> Blame | None:
    """Why a breach that was seen in a scenario is not held against the till; None where it is. `run` is all of it.

    `till_taps`: the till's file says that it presents cards by itself.
    """
    if uncovered := _not_covered(scenario):
        why = f"the emulator does not cover what the till asked of it: {uncovered}"
        return ScenarioOutcome.INCONCLUSIVE, "harness", why
    if misread := _misread(scenario, run) or (None if till_taps else _tapped(scenario)):
        return ScenarioOutcome.CONFIG_ERROR, "configuration", f"{misread}; `cardpresent doctor` says more"
    return None


def _not_covered(scenario: Journal) -> str | None:
    """What the emulator said to a request of the till that it does not cover.

    After such an answer the till cannot go on as it would at Stripe: what it did then is no evidence against it.
    """
    for reply in scenario.kind("reply"):
        if reply.actor == "till" and reply.data.get("not_emulated"):
            error = (reply.data.get("body") or {}).get("error") or {}
            return str(error.get("message") or f"status {reply.data.get('status')}")
    return None


def _misread(scenario: Journal, run: Journal) -> str | None:
    """What the file looks for in the answer to a sale's start and has never found in any answer of the run.

    A till that leaves it out now and then is another matter: its file has been right before. So is one that made no
    payment at Stripe before it answered, as without a network: it had nothing to tell.
    """
    if not any(e.data.get("missing") for e in scenario.kind("screen")):
        return None
    made = [reply.n for reply in run.kind("reply") if reply.actor == "till" and _makes_payment(reply.data)]
    begun = {e.sale: e.n for e in run.kind("intent") if e.data["verb"] == "start_sale"}
    starts = [
        e for e in run.kind("screen")
        if e.data["verb"] == "start_sale" and _answered(e.data) and any(begun.get(e.sale, 0) < n < e.n for n in made)
    ]  # fmt: skip
    lost = {name for e in scenario.kind("screen") if e in starts for name in e.data.get("missing") or ()}
    never = sorted(name for name in lost if all(name in (e.data.get("missing") or ()) for e in starts))
    if not never:
        return None
    return f"operations.start_sale: no answer of the till has ever held what the file reads as {', '.join(never)}"


def _makes_payment(reply: Mapping[str, Any]) -> bool:
    """Whether Stripe answered with a PaymentIntent: one that was made, or one that was asked for."""
    body = reply.get("body")
    return isinstance(body, dict) and body.get("object") == "payment_intent"


def _answered(said: Mapping[str, Any]) -> bool:
    """Whether the till took the sale up: a refusal, or a failure, may well leave out the rest."""
    return said["status"] is not None and said["status"] < 400 and said["outcome"] != Outcome.REFUSED.value


def _tapped(scenario: Journal) -> str | None:
    """A till that presents test cards itself leaves the customer none to present."""
    if tapped_in(scenario):
        return 'the till presents cards by itself, and its file does not say so; write till.taps = "till"'
    return None
