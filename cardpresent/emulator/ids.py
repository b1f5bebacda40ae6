"""Object ids in Stripe's form, drawn from a seed so that a run can be repeated."""

from random import Random
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LETTER_OF_BYTE: Final = bytes(ord(_ALPHABET[byte % len(_ALPHABET)]) for byte in range(256))
_POOL: Final = 4096  # letters drawn at a time: drawing them one id at a time costs ten times as much
_SHORT: Final = frozenset({"tmr", "tml", "tmc", "req"})


class Ids:
    """The ids of one account; the same seed and order of calls give the same ids."""

    __slots__ = ("_pool", "_random", "_used")

    def __init__(self, seed: int, name: str) -> None:
        self._random = Random(f"{seed}:{name}")
        self._pool, self._used = "", 0

    def new(self, prefix: str) -> str:
        return f"{prefix}_{self.letters(14 if prefix in _SHORT else 24)}"

    def letters(self, n: int) -> str:
        end = self._used + n
        if end > len(self._pool):
            self._pool, self._used, end = self._random.randbytes(_POOL).translate(_LETTER_OF_BYTE).decode(), 0, n
        taken = self._pool[self._used : end]
        self._used = end
        return taken

    def hex(self, n: int) -> str:
        return f"{self._random.getrandbits(4 * n):0{n}x}"

    def uuid(self) -> str:
        h = self.hex(32)
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
