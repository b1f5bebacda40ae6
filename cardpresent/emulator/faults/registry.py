"""All faults by name, and arming, listing and releasing them."""

from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.faults.approve_less import ApproveLess
from cardpresent.emulator.faults.base import Fault, FaultRefused
from cardpresent.emulator.faults.card_not_read import CardNotRead
from cardpresent.emulator.faults.connection_error import ConnectionError_
from cardpresent.emulator.faults.flat_battery import FlatBattery
from cardpresent.emulator.faults.forwarded_twice import ForwardedTwice
from cardpresent.emulator.faults.hardware_fault import HardwareFault
from cardpresent.emulator.faults.listed_offline import ListedOffline
from cardpresent.emulator.faults.reader_busy import ReaderBusy
from cardpresent.emulator.faults.reader_in_other_mode import ReaderInOtherMode
from cardpresent.emulator.faults.reader_link_lost import ReaderLinkLost
from cardpresent.emulator.faults.reader_offline import ReaderOffline
from cardpresent.emulator.faults.reader_outdated import ReaderOutdated
from cardpresent.emulator.faults.reader_updating import ReaderUpdating
from cardpresent.emulator.faults.slow_issuer import SlowIssuer
from cardpresent.emulator.faults.stuck_action import StuckAction
from cardpresent.emulator.faults.timeout_after_send import TimeoutAfterSend
from cardpresent.emulator.faults.timeout_not_sent import TimeoutNotSent

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_ALL: Final[tuple[type[Fault], ...]] = (
    ReaderOffline, ListedOffline, FlatBattery, HardwareFault, ReaderBusy, ReaderInOtherMode, ReaderUpdating,
    TimeoutNotSent, TimeoutAfterSend, StuckAction, ConnectionError_, SlowIssuer, ApproveLess, ReaderLinkLost,
    ReaderOutdated, CardNotRead, ForwardedTwice,
)
FAULTS: Final = {fault.name: fault for fault in _ALL}


def arm(account: "Account", reader: JsonObject, order: JsonObject) -> Fault:
    """Arms the fault an order describes: {"fault", "count"?, parameters}. Raises FaultRefused."""
    given = dict(order)
    name, count = given.pop("fault", None), given.pop("count", None)
    if not isinstance(name, str) or name not in FAULTS:
        raise FaultRefused(f'there is no fault "{name}"; there are: {", ".join(FAULTS)}')
    if count is not None and (type(count) is not int or count < 1):
        raise FaultRefused("count must be a whole number above 0, or null")
    account.faults_armed += 1
    fault = FAULTS[name](account, reader, f"rf{account.faults_armed}", count, given)
    account.add_fault(fault)
    fault.armed()
    return fault


def release_all(account: "Account") -> list[Fault]:
    """Releases every fault of the account and forgets them; returns what they were."""
    faults = list(account.faults.values())
    for fault in faults:
        fault.release()
        account.forget_fault(fault)
    return faults
