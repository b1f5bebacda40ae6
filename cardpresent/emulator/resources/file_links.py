"""File links: addresses at which a file can be had without a key, until they expire."""

from typing import TYPE_CHECKING, Any, Final

from cardpresent.emulator.errors import JsonObject, invalid, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.wire.answers import page_of
from cardpresent.emulator.wire.metadata import merged
from cardpresent.emulator.wire.params import UNSET

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

declare(
    "file_link.purposes", "documented", f"{API}/file_links/create",
    "Only files of some purposes can be linked to; a link may expire at a future time, or now.",
)
declare(
    "file_link.expiry", "documented", f"{API}/file_links/object",
    "A link reads expired from its expires_at on; without one it never expires.",
)
declare(
    "file_link.refusals", "assumed", f"{API}/file_links/create",
    "Another purpose answers 400 with param file, a time that is past 400 with param expires_at.",
)
declare(
    "file_link.revived", "assumed", f"{API}/file_links/update",
    "An expired link whose expires_at is moved into the future or removed can be used again.",
)

PURPOSES: Final = frozenset(
    {"business_icon", "business_logo", "customer_signature", "dispute_evidence", "issuing_regulatory_reporting",
     "pci_document", "tax_document_user_upload", "terminal_android_apk", "terminal_reader_splashscreen"}
)
_PAGE: Final = 10


# -------------------------------------------------------------------------------------------------------------- fields


def check(account: "Account", purpose: str, expires_at: int | None, param: str = "expires_at") -> None:
    """Raises unless a file of this purpose can be linked to until then."""
    if purpose not in PURPOSES:
        raise invalid(f"Files with the purpose {purpose} cannot be linked to.", param="file")
    _check_future(account, expires_at, param)


def _check_future(account: "Account", expires_at: int | None, param: str) -> None:
    if expires_at is not None and expires_at <= account.clock.now():
        raise invalid("A link can only expire in the future.", param=param)


def make(account: "Account", file: JsonObject, expires_at: int | None, metadata: dict[str, str]) -> JsonObject:
    """The link, which its file lists. Check with `check` before."""
    made: JsonObject = {
        "id": account.ids.new("link"), "object": "file_link", "created": account.clock.now(), "expired": False,
        "expires_at": None, "file": file["id"], "livemode": False, "metadata": metadata,
        "url": f"https://files.stripe.com/links/{account.ids.letters(62)}",
    }
    account.file_links.add(made["id"], made, made["created"], file=file["id"])
    _set_expiry(account, made, expires_at)
    file["links"] = listed(account, file["id"])
    return made


def listed(account: "Account", file: str) -> JsonObject:
    """The newest links of a file, as the file shows them."""
    rows = account.file_links.by(file=file)[::-1]
    url = f"/v1/file_links?file={file}"
    return {"object": "list", "data": rows[:_PAGE], "has_more": len(rows) > _PAGE, "url": url}


# --------------------------------------------------------------------------------------------------------- transitions


def _set_expiry(account: "Account", link: JsonObject, expires_at: int | None) -> None:
    link["expires_at"] = expires_at
    link["expired"] = expires_at is not None and expires_at <= account.clock.now()
    if expires_at is not None and not link["expired"]:
        account.clock.at(expires_at, lambda: _expire(link, expires_at))


def _expire(link: JsonObject, due: int) -> None:
    if link["expires_at"] == due:
        link["expired"] = True


def expire_all(account: "Account", file: str) -> None:
    """The file is gone, and with it what its links led to."""
    for link in account.file_links.by(file=file):
        if not link["expired"]:
            _set_expiry(account, link, account.clock.now())


# ---------------------------------------------------------------------------------------------------------- operations


def _find(call: Call) -> JsonObject:
    found = call.account.file_links.get(call.id)
    if found is None:
        raise missing("file link", call.id, "link")
    return found


def create(call: Call) -> JsonObject:
    account, params = call.account, call.params
    file = account.files.get(params["file"])
    if file is None:
        raise missing("file", params["file"], "file", in_url=False)
    check(account, file["purpose"], params.get("expires_at"))
    return make(account, file, params.get("expires_at"), merged({}, params.get("metadata")))


def retrieve(call: Call) -> JsonObject:
    return _find(call)


def update(call: Call) -> JsonObject:
    link, account, params = _find(call), call.account, call.params
    metadata = merged(link["metadata"], params.get("metadata"))
    given: Any = params.get("expires_at", link["expires_at"])
    expires_at = None if given is UNSET else account.clock.now() if given == "now" else given
    if "expires_at" in params:
        if given != "now":
            _check_future(account, expires_at, "expires_at")
        if link["file"] not in account.files:
            raise invalid("The file behind this link has expired.", param="expires_at")
        _set_expiry(account, link, expires_at)
    link["metadata"] = metadata
    return link


def list_all(call: Call) -> JsonObject:
    file, expired = call.params.get("file"), call.params.get("expired")
    key = None if file is None else ("file", file)
    keep = None if expired is None else (lambda link: link["expired"] is expired)
    return page_of(call, call.account.file_links, "/v1/file_links", key, keep, "file link")


# -------------------------------------------------------------------------------------------------------------- routes

_ONE: Final = "/v1/file_links/{link}"
OPERATIONS: Final = [
    Operation("file_link.create", "POST", "/v1/file_links", create, "file_link_create"),
    Operation("file_link.list", "GET", "/v1/file_links", list_all, "file_link_list"),
    Operation("file_link.retrieve", "GET", _ONE, retrieve, "file_link_retrieve"),
    Operation("file_link.update", "POST", _ONE, update, "file_link_update"),
]
