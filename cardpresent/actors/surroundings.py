"""What lasts for a whole run: the till and its declared bounds, both wires, the books, the clock, the secrets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import stripe

from cardpresent.actors.errors import OutOfReach, TillGone
from cardpresent.actors.platform import Platform
from cardpresent.drivers.pos.door import Door
from cardpresent.drivers.pos.port import PosDriver, PosReply, Verb
from cardpresent.drivers.stripe.books import Books
from cardpresent.drivers.stripe.emulated import EmulatedStripe
from cardpresent.drivers.wire import Wire
from cardpresent.model.clock import Clock
from cardpresent.model.money import Money
from cardpresent.profile.merchants import SampleMerchant
from cardpresent.profile.prices import Prices


class Till(Protocol):
    """The till's process, or a till that somebody else runs."""

    @property
    def restartable(self) -> bool: ...
    def ended(self) -> TillGone | None: ...
    def kill(self) -> None: ...
    def restart(self) -> None: ...
    def log_lines(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """The till's own declared bounds, seconds."""

    settle_s: float
    late_s: float
    unknown_within_s: float
    deadline_s: float
    sweep_s: float | None = None
    waiting_calls_per_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Looks:
    """How a page looks whose looking has the till collect the money: how often, and for how long, seconds."""

    every_s: float
    within_s: float


@dataclass(frozen=True, slots=True)
class OwnReader:
    """The one reader of a till that is started with it: its id at Stripe, and its label."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class OfflineLimits:
    """What the till declares that it takes at most without a network: in one payment, and in all that wait."""

    each: Money | None = None
    total: Money | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lasts for the whole run. `emulator` is None where the Stripe behind the gateway is a real one."""

    wire: Wire
    stripe: stripe.StripeClient
    books: Books
    emulator: EmulatedStripe | None
    pos: PosDriver
    till: Till
    clock: Clock
    bounds: Bounds
    currency: str
    prices: Prices
    metadata_key: str | None
    salt: str
    secrets: tuple[str, ...]
    location: str
    own_reader: OwnReader | None
    register: str
    endpoint: str | None
    news_types: tuple[str, ...]
    webhook_secret: str
    foreign_key: str
    cashier_captures: bool
    tells_eligible: bool
    reads_words: Callable[[Verb], bool]
    merchant: SampleMerchant
    limits: OfflineLimits
    advance_till: Callable[[int], PosReply | None]
    door: Door
    platform: Platform | None
    by_sdk: bool
    at_page: bool = False
    till_taps: bool = False
    refunds_parts: bool = True
    blocks: frozenset[Verb] = frozenset()
    looks: Looks | None = None

    @property
    def emulated(self) -> EmulatedStripe:
        """What only an emulated Stripe can be made to do. Whoever reads this needs one: see cardpresent/cli/needs.py.

        Raises OutOfReach at a real one.
        """
        if self.emulator is None:
            raise OutOfReach("only an emulated Stripe can be made to do this")
        return self.emulator
