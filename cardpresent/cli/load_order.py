"""What `cardpresent load` was asked for, and which tills can be asked for it."""

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
    if integration.stripe.gateway:
        _must_be_emulated(integration)
    elif order.awaited:
        raise Stop(
            "--expect-workers: other machines reach the readers through a gateway of yours: start one with "
            "`cardpresent gateway`, and name it as stripe.gateway (docs/load.md)",
            Exit.CONFIGURATION,
        )


def _must_be_emulated(integration: Integration) -> None:
    from cardpresent.launch.staging import GatewayUnusable, about_of

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
    mix = {kind: weight for kind, weight in profile.mix.items() if weight > 0 and kind not in left_out}
    return mix or {"sale": 1.0}, left_out
