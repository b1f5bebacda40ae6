"""What `cardpresent load` was asked for, and which tills can be asked for it."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cardpresent.cli.load_driving import Where
from cardpresent.cli.stop import Stop
from cardpresent.launch.suite import suite_root
from cardpresent.loadgen.goals import Goals, goals_of
from cardpresent.loadgen.profile import NEEDS, Profile
from cardpresent.model.outcome import Exit
from cardpresent.profile import Integration


@dataclass(frozen=True, slots=True)
class LoadOrder:
    """The command line, and the profile it names."""

    path: Path
    profile: Profile
    out: Path
    seed: int
    integration: Path | None
    duration_s: float | None
    per_s: float | None
    readers: int | None
    goals: Goals
    processes: int
    awaited: int
    listen: str
    port: int | None

    @property
    def file(self) -> Path:
        return self.integration or suite_root() / "fixtures" / "integrations" / "reference_pos.toml"

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def called(self) -> str:
        """What asks for the profile again: its name, or the path of one of the team's own."""
        return self.name if self.path.parent == suite_root() / "load" else str(self.path)

    @property
    def lasts_s(self) -> float:
        return self.duration_s or self.profile.duration_s

    @property
    def where(self) -> Where:
        """Who drives. Raises Stop for an address that is none."""
        if not self.awaited:
            return Where(self.processes)
        host, _, port = self.listen.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise Stop(f'--listen "{self.listen}" is no address with a port, as 0.0.0.0:5557 is', Exit.USAGE)
        return Where(awaited=self.awaited, listen=(host.strip("[]"), int(port)))

    def all_goals(self, integration: Integration) -> Goals:
        """The command line's above the file's above the profile's."""
        return goals_of(self.goals, integration.load, self.profile.goals)


def refuse_what_cannot_be_loaded(order: LoadOrder, integration: Integration) -> None:
    """Before anything is started. Raises Stop."""
    till = integration.till
    if integration.at_page or integration.plays_app or "start_sale" not in integration.operations:
        why = "load works a till by requests alone, without browsers and apps; describe how its server takes a sale"
        raise _refused(integration, f"till.kind = {till.kind}: {why} (docs/load.md)")
    if integration.adapter is not None:
        raise _refused(integration, "adapter.python: a class of your own is not run under load; describe the requests")
    if till.taps == "till":
        raise _refused(integration, "till.taps = till: a till that taps by itself leaves customers nothing to do")
    if not _tells_payments_apart(integration):
        raise _refused(
            integration,
            "under load nobody can tell whose payment is whose: save payment_intent from an answer of start_sale or "
            "sale_state, or name in identity.metadata_key what the till writes its sale into",
        )
    if integration.stripe.gateway:
        _must_be_emulated(integration)
    elif order.awaited:
        raise Stop(
            "--expect-workers: other machines reach the readers through a gateway of yours: start one with "
            "`cardpresent gateway`, and name it as stripe.gateway (docs/load.md)",
            Exit.CONFIGURATION,
        )
    if order.awaited:
        must_be_free(order)


def _tells_payments_apart(integration: Integration) -> bool:
    """Many sales are open at once: that a payment is the newest, or the only one, says nothing."""
    if integration.identity.metadata_key:
        return True
    asked = (integration.operations.get(verb) for verb in ("start_sale", "retry_sale", "sale_state"))
    saved = (
        request.save.get("payment_intent")
        for operation in asked if operation is not None for request in (operation, *operation.steps)
    )  # fmt: skip
    return any(place is not None and not getattr(place, "newest", None) for place in saved)


def must_be_free(order: LoadOrder) -> None:
    """Locust would find out only after the till was started, and in a traceback."""
    host, port = order.where.listen or ("", 0)
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Stop(
            f"--listen {order.listen}: cannot be listened at ({(error.strerror or 'no reason given').lower()}): end "
            "what listens there, or choose another",
            Exit.CONFIGURATION,
        ) from None


def _must_be_emulated(integration: Integration) -> None:
    from cardpresent.launch.gateway_token import GatewayUnusable
    from cardpresent.launch.staging import about_of

    try:
        venue = about_of(integration)["venue"]
    except GatewayUnusable as error:
        raise Stop(str(error), Exit.CONFIGURATION) from None
    if venue != "emulator":
        why = "behind it is Stripe's test mode, which must not be loaded (https://docs.stripe.com/rate-limits)"
        raise _refused(integration, f"stripe.gateway: {why}; start it with --stripe emulator")


def _refused(integration: Integration, why: str) -> Stop:
    return Stop(f"{integration.path}: {why}", Exit.CONFIGURATION)


def mix_for(profile: Profile, integration: Integration) -> tuple[dict[str, float], Mapping[str, str]]:
    """What customers come for at this till, and what they do not come for, with the reason."""
    left_out = {
        kind: f"the till's file does not offer {needed}"
        for kind, needed in NEEDS.items()
        if profile.mix.get(kind) and integration.capability(needed).state != "present"
    }
    if profile.mix.get("double_press") and integration.operations["start_sale"].blocks:
        left_out["double_press"] = "the till answers a press only when the sale is over"
    if profile.mix.get("part_refund") and not integration.names("refund_sale", "refund_amount"):
        left_out.setdefault("part_refund", "operations.refund_sale names no {refund_amount}, so it gives back all")
    mix = {kind: weight for kind, weight in profile.mix.items() if weight > 0 and kind not in left_out}
    return mix or {"sale": 1.0}, left_out
