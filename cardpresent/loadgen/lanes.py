"""The lanes customers come to: readers made at Stripe, and registers of the till that use them."""

from dataclasses import dataclass
from typing import Any, Final

from cardpresent.actors.surroundings import Surroundings
from cardpresent.loadgen.brief import Lane
from cardpresent.loadgen.profile import Profile
from cardpresent.model.outcome import Outcome
from cardpresent.profile import Integration

LABEL: Final = "cardpresent lane"


class NoLanes(RuntimeError):
    """The till would not take a reader; the message says which file, and what to do."""


@dataclass(frozen=True, slots=True)
class Readers:
    """`per_s`: how many customers a second the profile means for so many readers. `said`: what differs from it."""

    lanes: tuple[Lane, ...]
    readers: tuple[str, ...]
    per_s: float
    said: tuple[str, ...] = ()


def open_lanes(
    around: Surroundings, integration: Integration, profile: Profile, readers: int | None, shares: int
) -> Readers:
    """Make the readers, and have the till use them as its file says: chosen for each sale, bound to a register, or one
    that is fixed. Raises NoLanes."""
    wanted, said = readers or profile.readers, []
    possible = wanted
    if integration.reader.chosen == "fixed" or (
        integration.reader.chosen == "bound" and not around.pos.offers("bind_reader")
    ):
        possible = 1
        said.append(f"reader.chosen = {integration.reader.chosen}: one reader in the place of {wanted}")
    if possible < shares:
        raise NoLanes(f"{shares} processes need a reader each, and there would be {possible}; take fewer, or --readers")
    own = around.own_reader
    made = [(own.id, own.label)] if own else [_register(around, number) for number in range(1, possible + 1)]
    lanes = [
        Lane(_name(integration, number, place, profile), reader, label, shared=profile.lanes_per_reader > 1)
        for number, (reader, label) in enumerate(made, start=1)
        for place in range(profile.lanes_per_reader)
    ]
    if around.pos.offers("bind_reader"):
        for lane in lanes:
            _bind(around, integration, lane)
    per_s = profile.per_s * possible / profile.readers
    if per_s != profile.per_s:
        said.append(
            f"{per_s:g} customers a second for {possible} reader(s), as {profile.per_s:g} for {profile.readers}"
        )
    return Readers(tuple(lanes), tuple(reader for reader, _ in made), per_s, tuple(said))


def _name(integration: Integration, number: int, place: int, profile: Profile) -> str:
    """A register of its own for each lane, where the till binds readers to registers."""
    if integration.reader.chosen != "bound":
        return integration.reader.register
    return f"lane-{number}" if profile.lanes_per_reader == 1 else f"lane-{number}-{place + 1}"


def _register(around: Surroundings, number: int) -> tuple[str, str]:
    label = f"{LABEL} {number}"
    order: Any = {"registration_code": "simulated-wpe", "location": around.location, "label": label}
    return str(around.stripe.v1.terminal.readers.create(order).id), label


def _bind(around: Surroundings, integration: Integration, lane: Lane) -> None:
    given: dict[str, object] = {"register": lane.register, "reader": lane.reader, "reader_label": lane.label}
    reply = around.pos.perform("bind_reader", given, as_role="manager")
    if reply.outcome is not Outcome.ACCEPTED:
        raise NoLanes(
            f"{integration.path}: operations.bind_reader: the till would not take a reader for register "
            f"{lane.register}: {reply.words or reply.status}; see that it takes new registers"
        )
