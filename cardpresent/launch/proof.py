"""The proof, before the first sale, that a till's Stripe traffic comes to us; and what stood in its way."""

import hashlib
import time
from collections.abc import Collection
from dataclasses import dataclass

from cardpresent.drivers.pos.port import PosDriver, PosReply
from cardpresent.drivers.wire import Wire
from cardpresent.launch.redirecting import Redirecting
from cardpresent.profile import Integration

STOPPED = "so it was stopped before its first sale"


class NotRedirected(Exception):
    """The till's Stripe traffic does not come to us; nothing was sold."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What it rests on: the calls that the gateway saw with `key`, minted by this run, so that no other till has it.

    `groups` are the process groups of the till, for saying which of its programs no shim is in.
    """

    integration: Integration
    wire: Wire
    key: str
    redirecting: Redirecting
    groups: Collection[int]

    @property
    def seen(self) -> bool:
        digest = hashlib.sha256(self.key.encode()).hexdigest()[:12]
        return bool(self.wire.redirection()["requests_by_key"].get(digest))


def prove_redirection(proof: Proof, pos: PosDriver) -> str:
    """How it is known that this till's Stripe calls reach the gateway. Raises NotRedirected before any sale."""
    integration = proof.integration
    probe, reply = integration.stripe.probe, None
    if probe == "startup":
        _await_call(proof, integration.process.ready_within_s)
    elif not proof.seen:
        reply = pos.perform(probe, {"register": integration.reader.register})
    if proof.seen:
        how = f"probe: {probe.replace('_', ' ')}{proof.redirecting.how()}"
        return f"the till's own calls arrived with a key minted for this run ({how})"
    raise NotRedirected(f"{integration.path}: {_why_not(proof, reply)}")


def _why_not(proof: Proof, reply: PosReply | None) -> str:
    """What kept the till's calls to Stripe from arriving with the run's key, and how to mend it. `reply`: what it
    answered to the probe, None where it was to call Stripe by itself."""
    probe = proof.integration.stripe.probe
    told = "".join(f" ({part})" for part in proof.redirecting.told(proof.groups))
    if proof.wire.redirection()["till_requests"]:
        if proof.integration.process.base_url:
            return (
                f"process.base_url: the till's calls to Stripe arrive under another key than this run's, {STOPPED}"
                f"{told}; {_to_whoever_runs_it(proof.integration)}"
            )
        return (
            "process.env: the till's calls to Stripe arrive here under another key than the one made for this run, "
            f"{STOPPED}{told}; pass {{stripe_key}} to it, and see that it uses no key of its own"
        )
    # A way that was closed to it says more than what the till makes of that.
    if reply is not None and not proof.redirecting.stopped:
        if reply.status is None:
            return (
                f"operations.{probe}: the till gave no answer to the probe of stripe.probe, and called no Stripe, "
                f"{STOPPED}{told}; see why it hangs: it may be waiting for a Stripe it cannot reach, and wants "
                "{stripe_base}"
            )
        if reply.status >= 400 and not _says_stripe(reply):
            return (
                f"operations.{probe}: the till answers {reply.status} to the probe of stripe.probe, and called no "
                f"Stripe, {STOPPED}{told}; correct the request's method, path and log-in"
            )
    asked = "when it was started" if reply is None else f"when asked to {probe.replace('_', ' ')}"
    seen = f"stripe.probe: the till made no call to this run's Stripe {asked}, {STOPPED}{told}"
    return f"{seen}; {_way_on(proof)}"


def _way_on(proof: Proof) -> str:
    probe = "let the probe be something that calls Stripe"
    if proof.integration.process.base_url:
        return f"{_to_whoever_runs_it(proof.integration)}, and {probe}"
    own = "pass {stripe_base} and {stripe_key} to it in process.env, see that it uses both instead of its own address"
    # Where a shim is in some program of the till, the one that calls Stripe may still be another.
    greeted = proof.redirecting.with_shims and bool(proof.redirecting.hellos())
    return f"where a shim said hello, {probe}; else {own}" if greeted else f"{own}, and {probe}"


def _to_whoever_runs_it(integration: Integration) -> str:
    """A till that runs already is not told anything by this run: its Stripe is set where it was started."""
    if integration.stripe.gateway:
        return f"start the till with the base URL and the key that the gateway at {integration.stripe.gateway} printed"
    return (
        "nothing of this run is told to a till that runs already: start `cardpresent gateway`, start the till with the "
        "base URL and the key that it prints, name it as stripe.gateway (docs/integrations.md, Staging)"
    )


def _says_stripe(reply: PosReply) -> bool:
    """Whether an error is about Stripe itself: the till did try to call it, somewhere else."""
    return "stripe" in reply.body.lower()


def _await_call(proof: Proof, within_s: float) -> None:
    """A till that calls Stripe when it starts may do so a moment after it answers."""
    deadline = time.monotonic() + within_s
    while not proof.seen and (left_s := deadline - time.monotonic()) > 0:
        proof.wire.follow(wait_ms=int(min(left_s, 0.5) * 1000) + 1)
