"""What a live key of Stripe's looks like, however it is written down.

As it is; in a URL or a form, with %5F for its underscores; and in base64, as HTTP's Basic credentials carry it.
"""

import re
from typing import Final

LIVE_KEY: Final = re.compile(
    r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}))[sr]k(?:_|%5[Ff])live(?:_|%5[Ff])"
    r"|c[2m]tfbGl2ZV[89+/]"
)


def holds_live_key(text: str) -> bool:
    """Whether a live key stands anywhere in `text`."""
    return LIVE_KEY.search(text) is not None
