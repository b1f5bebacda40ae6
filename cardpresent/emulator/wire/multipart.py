"""Uploads: multipart/form-data bodies as Stripe's file calls take them, in ordinary form text and files beside it."""

from hashlib import sha256
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_options_header

from cardpresent.emulator.errors import invalid
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.wire.form import parse_form
from cardpresent.emulator.wire.request import Request

MULTIPART: Final = "multipart/form-data"
_UNNAMED: Final = "application/octet-stream"

declare(
    "wire.multipart", "documented", f"{API}/files/create",
    "Files are sent as multipart/form-data; their other parameters are ordinary fields of the same body.",
)


class Upload(NamedTuple):
    """One file as it was sent."""

    filename: str
    type: str
    content: bytes

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


def parse_multipart(content_type: str, body: bytes) -> tuple[str, dict[str, Upload]]:
    """The fields as form text, and the files by name. Raises Stripe's 400 for a body that is not what it says."""
    fields: list[tuple[str, str]] = []
    uploads: dict[str, Upload] = {}

    def on_field(field: Field) -> None:
        fields.append((_text(field.field_name), _text(field.value)))

    def on_file(file: File) -> None:
        file.file_object.seek(0)
        content = file.file_object.read()
        uploads[_text(file.field_name)] = Upload(_text(file.file_name), file.content_type or _UNNAMED, content)
        file.close()

    _, options = parse_options_header(content_type)
    try:
        parser = FormParser(MULTIPART, on_field, on_file, boundary=options.get(b"boundary", b""))
        parser.write(body)
        parser.finalize()
    except FormParserError as broken:
        raise invalid(f"Invalid multipart body: {broken}") from None
    return urlencode(fields), uploads


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")


_NO_FILES: Final[dict[str, Any]] = {}


def read_parameters(request: Request) -> tuple[str, dict[str, Any]]:
    """A request's parameters, as text to compare and as a form."""
    text, uploads = request.query, _NO_FILES
    if request.method == "POST":
        if request.content_type.startswith(MULTIPART):
            body, uploads = parse_multipart(request.content_type, request.body)
        else:
            body = request.body.decode("utf-8", "replace")
        text = f"{text}&{body}" if text else body
    form = parse_form(text)
    if uploads:
        form.update(uploads)
        text += "".join(f"&{name}={upload.digest}" for name, upload in uploads.items())
    return text, form
