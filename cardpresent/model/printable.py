"""Text that somebody else wrote, fit to be shown: on a page, and at a terminal, which obeys what it is sent."""

import re
from typing import Final

# Control characters, what turns the direction of writing, and halves of letters.
UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """`text` with a visible mark in the place of each character that would disturb whatever shows it."""
    return UNPRINTABLE.sub("\ufffd", text)
