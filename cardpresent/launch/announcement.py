"""What a server of ours says first: one line of JSON with its addresses, once it listens."""

import json
import queue
import time
from typing import Any, Final

from cardpresent.launch.process import Child

START_S: Final = 20.0
LOOK_S: Final = 0.2


def announced(child: Child, lines: "queue.Queue[str]") -> tuple[dict[str, Any] | None, list[str]]:
    """(what it said, the lines before that); None in place of the first where it ended, or kept silent for too long."""
    seen: list[str] = []
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            line = lines.get(timeout=LOOK_S)
        except queue.Empty:
            if child.returncode() is not None:
                break
            continue
        if line.startswith("{"):
            return dict(json.loads(line)), seen
        seen.append(line)
    return None, seen
