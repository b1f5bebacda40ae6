"""Reader actions that print: an image on the paper of a reader that has a printer."""

from typing import Final

from cardpresent.emulator.errors import JsonObject, invalid
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.operations import BY_ITSELF, Call, Operation
from cardpresent.emulator.paying.card_session import Outcome
from cardpresent.emulator.resources import readers
from cardpresent.emulator.resources.readers import ONE, Command
from cardpresent.emulator.wire.multipart import Upload
from cardpresent.emulator.wire.params import absent

_GUIDE = "https://docs.stripe.com/terminal/features/print-content"

declare(
    "print.image", "documented", _GUIDE,
    "A Verifone V660p prints a PNG or JPEG of at most 100 KB, sent as multipart/form-data.",
)
declare("print.refusals", "assumed", _GUIDE, "Other readers answer 400, other files 400 naming image.")
declare(
    "print.takes_time", "assumed", _GUIDE,
    "A printing action succeeds 2 seconds of account time after it began, with terminal.reader.action_succeeded.",
)

PRINTERS: Final = frozenset({"simulated_verifone_v660p", "verifone_v660p"})
SIZE_MAX: Final = 100 * 1024
PRINTS_S: Final = 2
_FORMATS: Final = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


# ---------------------------------------------------------------------------------------------------------- operations


def print_content(call: Call) -> JsonObject:
    account, params = call.account, call.params
    command = Command(call, "print_content")
    for name in ("type", "image"):
        if name not in params:
            raise absent(name)
    reader, image = command.reader, params["image"]
    if reader["device_type"] not in PRINTERS:
        raise invalid(f"A {reader['device_type']} has no printer.", kept=True)
    file: JsonObject = {
        "created_at": account.clock.now(), "filename": image.filename, "size": len(image.content),
        "type": _format(image),
    }
    action = command.start({"image": file, "type": params["type"]})

    def finish() -> None:
        if reader["action"] is action:
            readers.finish(account, reader, Outcome(), BY_ITSELF)

    account.clock.at(account.clock.now() + PRINTS_S, finish)
    return command.acknowledged()


def _format(image: Upload) -> str:
    if len(image.content) > SIZE_MAX:
        raise invalid(f"An image to print has at most {SIZE_MAX // 1024} KB.", param="image")
    for head, name in _FORMATS.items():
        if image.content.startswith(head):
            return name
    raise invalid("An image to print is a PNG or a JPEG.", param="image")


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [Operation("reader.print_content", "POST", f"{ONE}/print_content", print_content)]
