"""What happens to a reader that no call of Stripe's API makes happen: control calls for one reader."""

from typing import TYPE_CHECKING

from cardpresent.emulator.errors import JsonObject, reader_busy
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.operations import BY_ITSELF, Call
from cardpresent.emulator.resources import readers
from cardpresent.emulator.wire.versions import NEWEST

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "reader.swap", "assumed", "https://docs.stripe.com/terminal/fleet/register-readers",
    "A device put in another's place is registered anew: same label and location, a new id and serial number.",
)

_CODE_OF = {device: code for code, device in readers.SIMULATED.items()}


def swap(account: "Account", reader: JsonObject) -> JsonObject:
    """Another device of the same kind stands on the counter; the old one is no longer registered.

    Raises Stripe's busy error while an issuer is being asked.
    """
    if readers.session(account, reader).state == "authorizing":
        raise reader_busy()
    asked: JsonObject = {"registration_code": _CODE_OF[reader["device_type"]], "label": reader["label"]}
    if reader["location"] is not None:
        asked["location"] = reader["location"]
    for fault in list(account.reader_faults(reader["id"])):
        fault.release()
    readers.delete(Call(account, {}, (reader["id"],), BY_ITSELF, NEWEST))
    return readers.create(Call(account, asked, (), BY_ITSELF, NEWEST))


def several(account: "Account", count: int, label: str, location: str | None) -> list[JsonObject]:
    """A whole fleet at once, registered one after the other as by as many calls. Labels end in 1, 2, 3…"""
    asked: JsonObject = {"registration_code": _CODE_OF["simulated_wisepos_e"]}
    if location is not None:
        asked["location"] = location
    return [
        readers.create(Call(account, {**asked, "label": f"{label} {number}"}, (), BY_ITSELF, NEWEST))
        for number in range(1, count + 1)
    ]
