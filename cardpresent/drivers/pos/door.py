"""The till as seen from the shop's network: what it answers to nonsense, and what its pages hold."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

from cardpresent.drivers.pos.nonsense import Knock, nonsense
from cardpresent.drivers.pos.transport import TillAnswer
from cardpresent.profile.integration import Integration

# A page with more parts than this has been looked at long enough.
PARTS: Final = 40
_LINKS: Final = re.compile(r"""(?:src|href)\s*=\s*["']?([^"'\s>]+)|import\s*\(?["']([^"']+)["']|url\(["']?([^"')]+)""")


class Knocking(Protocol):
    """Sends a request as it is; None when nobody answered."""

    def knock(self, knock: Knock) -> TillAnswer | None: ...


class Door:
    """Somebody at the till's door, who may be staff or not."""

    def __init__(self, integration: Integration, pos: Knocking, seed: int) -> None:
        self._integration = integration
        self._pos = pos
        self._seed = seed

    def answers_to_nonsense(self, known: Mapping[str, str]) -> Iterator[tuple[Knock, TillAnswer | None]]:
        """Every nonsense request, and what the till made of it. `known`: what it said of a paid sale."""
        for knock in nonsense(self._integration, known, self._seed):
            yield knock, self._pos.knock(knock)

    def pages(self) -> Iterator[tuple[str, TillAnswer]]:
        """The pages a stranger and a cashier get, with every script, style and page of the till's own they lead to."""
        start = self._integration.page.url if self._integration.page else "/"
        waiting, seen = [start, "/"], set[str]()
        while waiting and len(seen) < PARTS:
            path = waiting.pop(0)
            if path in seen:
                continue
            seen.add(path)
            for role in ("none", "cashier"):
                answer = self._pos.knock(Knock("a page", "GET", path, role=role))
                if answer is not None:
                    yield path, answer
                    waiting += [link for link in _own_links(path, answer) if link not in seen]


def _own_links(path: str, answer: TillAnswer) -> list[str]:
    """Paths of the till itself that a page or script names."""
    if not re.search(r"html|javascript|css|json", answer.header("content-type") or ""):
        return []
    found = (next(filter(None, match.groups())) for match in _LINKS.finditer(answer.text))
    absolute = (urlsplit(urljoin(f"http://till{path}", link)) for link in found if not link.startswith(("data:", "#")))
    return [f"{url.path}?{url.query}" if url.query else url.path for url in absolute if url.netloc == "till"]
