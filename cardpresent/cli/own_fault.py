"""A fault of the suite itself, in one sentence: what, where in the code, and whom to tell."""

import traceback
from pathlib import Path

from cardpresent.evidence.redaction import Redactor


def own_fault(error: Exception) -> str:
    """The sentence for `error`, with nothing secret in it."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    told = Redactor().clean_text(f"{type(error).__name__}: {error}")
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"the suite itself failed, {told} ({place}); report it with what you typed"
