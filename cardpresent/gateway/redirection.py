"""Proof that a till's Stripe traffic comes here: which keys were used, and how often."""

import hashlib
from collections import Counter
from typing import Any, Final

# A till has one or two; whoever shows thousands is trying them out.
KEYS_KNOWN: Final = 100


class Redirection:
    """Counts the till's requests by API key. Keys are known by the first 12 hex digits of their SHA-256."""

    def __init__(self) -> None:
        self._by_key: Counter[str] = Counter()
        self._till_requests = 0

    def request(self, key: str) -> None:
        self._till_requests += 1
        if key in self._by_key or len(self._by_key) < KEYS_KNOWN:
            self._by_key[key] += 1

    def begin_anew(self) -> None:
        """Another run begins: what came before proves nothing about its till."""
        self._by_key.clear()
        self._till_requests = 0

    def seen(self) -> dict[str, Any]:
        by_print = {hashlib.sha256(key.encode()).hexdigest()[:12]: count for key, count in self._by_key.items() if key}
        return {"requests_by_key": by_print, "till_requests": self._till_requests}
