"""The random part of ids and secrets, from the run's seed."""

import random
from typing import Final

_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


def token(rng: random.Random, length: int) -> str:
    return "".join(rng.choices(_LETTERS, k=length))
