"""Looks whether what a run wrote holds any secret that the run planted: proof, where redaction is only a promise."""

import base64
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

# What the emulator hands out has no list; it is known by its spelling. Each is what is left once nothing was removed.
_HANDED_OUT: Final = re.compile(
    rb"(?<![A-Za-z0-9])(?:[sr]k_(?:test|live)_[A-Za-z0-9]{16,}|pst_(?:test|live)_[A-Za-z0-9]{16,}"
    rb"|whsec_[A-Za-z0-9+/]{16,}|(?:pi|seti)_[A-Za-z0-9]+_secret_[A-Za-z0-9]{8,})"
)


def planted_in(folder: Path, secrets: Iterable[str], leave_out: Iterable[str] = ()) -> list[Path]:
    """The files below `folder` that hold one of `secrets`, plain or as HTTP's Basic credentials, or one the emulator
    handed out. `leave_out` names parts of the folder that are not evidence."""
    wanted = [form for secret in secrets if secret for form in _forms(secret)]
    skipped = set(leave_out)
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in skipped and _holds(path.read_bytes(), wanted)
    ]


def _forms(secret: str) -> tuple[bytes, bytes]:
    """As it is, and in base64 with a colon after it, without the last group, which what follows would change."""
    plain = secret.encode()
    return plain, base64.b64encode(plain + b":")[:-4]


def _holds(content: bytes, wanted: Iterable[bytes]) -> bool:
    return any(form in content for form in wanted) or _HANDED_OUT.search(content) is not None
