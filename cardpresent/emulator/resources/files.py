"""Files: what was uploaded for a purpose, and what readers collect. Their contents cannot be downloaded here."""

from typing import TYPE_CHECKING, Final, NamedTuple

from cardpresent.emulator.errors import JsonObject, invalid, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Cause, Operation
from cardpresent.emulator.resources import file_links
from cardpresent.emulator.wire.answers import page_of
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.multipart import Upload

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

_UPLOADS: Final = "https://docs.stripe.com/file-upload"

declare(
    "file.purposes", "documented", _UPLOADS,
    "Each purpose takes its own formats and sizes, and decides whether a file lapses and whether links may lead to it.",
)
declare(
    "file.splashscreen", "documented", "https://docs.stripe.com/terminal/fleet/splash-screen",
    "A splash screen is a JPEG or PNG of less than 2 MB or a GIF of less than 4 MB.",
)
declare("file.refusals", "assumed", _UPLOADS, "A format or size the purpose does not take answers 400 with param file.")
declare(
    "file.other_limits", "assumed", "",
    "terminal_android_apk takes 200 MB, Wi-Fi certificates and keys take any format of up to 16 MB.",
)
declare(
    "file.type", "assumed", f"{API}/files/object",
    "A file's type is told by its first bytes, else by its name, whatever content type was sent.",
)
declare("file.expiry", "assumed", _UPLOADS, "At expires_at a file is gone, and its links are expired.")
declare(
    "file.contents", "assumed", _UPLOADS,
    "url names Stripe's files host; the contents are not kept and the call for them is refused as not emulated.",
)
declare(
    "file.signature", "documented", "https://docs.stripe.com/terminal/features/collect-inputs",
    "A signature collected on a reader is an SVG file with purpose customer_signature that is kept for 7 days.",
)

_DAY_S: Final = 24 * 3600
_KB, _MB = 1024, 1024 * 1024
_PICTURES: Final = ("jpg", "png")


class _Purpose(NamedTuple):
    """What is taken for a purpose. No `types`: any."""

    types: tuple[str, ...] = ()
    bytes_max: int = 16 * _MB
    kept_s: int | None = None


_PURPOSES: Final = {
    "account_requirement": _Purpose(("pdf", *_PICTURES), 64 * _MB),
    "additional_verification": _Purpose(("pdf", *_PICTURES)),
    "business_icon": _Purpose((*_PICTURES, "gif"), 512 * _KB),
    "business_logo": _Purpose((*_PICTURES, "gif"), 512 * _KB),
    "customer_signature": _Purpose((*_PICTURES, "svg"), 4 * _MB, 7 * _DAY_S),
    "dispute_evidence": _Purpose(("pdf", *_PICTURES), 5 * _MB, 270 * _DAY_S),
    "identity_document": _Purpose(("pdf", *_PICTURES), 32 * _MB),
    "issuing_regulatory_reporting": _Purpose(("json",), 256 * _KB, 730 * _DAY_S),
    "pci_document": _Purpose(("pdf",)),
    "platform_terms_of_service": _Purpose(("pdf", "txt", "md"), 64 * _MB),
    "tax_document_user_upload": _Purpose(("pdf", "csv", *_PICTURES, "xlsx", "docx")),
    "terminal_android_apk": _Purpose(("apk",), 200 * _MB),
    "terminal_reader_splashscreen": _Purpose((*_PICTURES, "gif"), 4 * _MB - 1),
    "terminal_wifi_certificate": _Purpose(),
    "terminal_wifi_private_key": _Purpose(),
}
_SPLASH_PICTURE_MAX: Final = 2 * _MB - 1
_BY_FIRST_BYTES: Final = {
    b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"%PDF-": "pdf", b"<svg": "svg",
}
_ALIASES: Final = {"jpeg": "jpg", "markdown": "md", "text": "txt"}
_SIGNATURE: Final = Upload(
    "signature.svg", "image/svg+xml",
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 60"><path d="M10 40 C40 5 60 75 90 30 S150 20 190 35" '
    b'fill="none" stroke="#000" stroke-width="2"/></svg>',
)


# -------------------------------------------------------------------------------------------------------------- fields


def make(account: "Account", upload: Upload, purpose: str, cause: Cause) -> JsonObject:
    """The file, kept until its purpose lets it lapse. Check with `check` before."""
    kept_s, now, id = _PURPOSES[purpose].kept_s, account.clock.now(), account.ids.new("file")
    linkable = purpose in file_links.PURPOSES
    made: JsonObject = {
        "id": id, "object": "file", "created": now, "expires_at": None if kept_s is None else now + kept_s,
        "filename": upload.filename or None, "links": file_links.listed(account, id) if linkable else None,
        "purpose": purpose, "size": len(upload.content), "title": None, "type": _type(upload),
        "url": f"https://files.stripe.com/v1/files/{id}/contents" if linkable else None,
    }
    account.files.add(id, made, now, purpose=purpose)
    account.emit("file.created", made, cause)
    if kept_s is not None:
        account.clock.at(now + kept_s, lambda: _lapse(account, id))
    return made


def make_signature(account: "Account", cause: Cause) -> str:
    """The id of a signature somebody drew on a reader."""
    id: str = make(account, _SIGNATURE, "customer_signature", cause)["id"]
    return id


def check(upload: Upload, purpose: str) -> None:
    """Raises unless the purpose takes this file."""
    wanted, type, size = _PURPOSES[purpose], _type(upload), len(upload.content)
    if wanted.types and type not in wanted.types:
        message = f"A file for {purpose} must be one of: {', '.join(wanted.types)}; this one is {type or 'unknown'}."
        raise invalid(message, param="file")
    is_picture = purpose == "terminal_reader_splashscreen" and type in _PICTURES
    most = _SPLASH_PICTURE_MAX if is_picture else wanted.bytes_max
    if size == 0 or size > most:
        raise invalid(f"A file for {purpose} has 1 to {most} bytes; this one has {size}.", param="file")


def _type(upload: Upload) -> str | None:
    start = upload.content[:256].lstrip()
    for first, type in _BY_FIRST_BYTES.items():
        if start.startswith(first) or (type == "svg" and first in start):
            return type
    extension = upload.filename.rpartition(".")[2].lower() if "." in upload.filename else ""
    named = _ALIASES.get(extension, extension)
    return named if named and named not in _BY_FIRST_BYTES.values() else None


# --------------------------------------------------------------------------------------------------------- transitions


def _lapse(account: "Account", id: str) -> None:
    account.files.remove(id)
    file_links.expire_all(account, id)


# ---------------------------------------------------------------------------------------------------------- operations


def find(account: "Account", id: str, param: str = "file", *, in_url: bool = True) -> JsonObject:
    found = account.files.get(id)
    if found is None:
        raise missing("file", id, param, in_url=in_url)
    return found


def create(call: Call) -> JsonObject:
    account, params = call.account, call.params
    upload, purpose, link = params["file"], params["purpose"], params.get("file_link_data", {"create": False})
    check(upload, purpose)
    if link["create"]:
        file_links.check(account, purpose, link.get("expires_at"), "file_link_data[expires_at]")
    metadata = merged({}, link.get("metadata"))
    made = make(account, upload, purpose, call.cause)
    if link["create"]:
        file_links.make(account, made, link.get("expires_at"), metadata)
    return made


def retrieve(call: Call) -> JsonObject:
    return find(call.account, call.id)


def list_all(call: Call) -> JsonObject:
    purpose = call.params.get("purpose")
    key = None if purpose is None else ("purpose", purpose)
    return page_of(call, call.account.files, "/v1/files", key, noun="file")


# -------------------------------------------------------------------------------------------------------------- routes

OPERATIONS: Final = [
    Operation("file.create", "POST", "/v1/files", create, "file_create"),
    Operation("file.list", "GET", "/v1/files", list_all, "file_list"),
    Operation("file.retrieve", "GET", "/v1/files/{file}", retrieve, "file_retrieve"),
]
