"""Garbage collection for a process that keeps everything it makes.

Objects here live until a reset, so full collections find nothing and stall answers for longer the more there is.
Young garbage (exceptions, request cycles) is still collected.
"""

import gc
from typing import Final

_THRESHOLDS: Final = (1_000, 5, 1_000_000)


def never_stall() -> None:
    """Call once, after imports, in the process that serves."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
