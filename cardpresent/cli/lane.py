"""One lane of a certification, a process of its own: it asks for scenarios, puts them to a till, tells how they went.

`certify` starts it and speaks with it over its stdin and stdout, one JSON object a line. In: the order, then chunks of
scenarios, then an end, or at any moment a stop. Out: "want", "begins", "ends", "up", and last "over" with every record.
"""

import json
import os
import queue
import select
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cardpresent.cli.faults import as_sentences
from cardpresent.cli.scenarios import run_lane
from cardpresent.cli.share import Chunk
from cardpresent.cli.stop import Stop
from cardpresent.launch.interruption import Interruption
from cardpresent.launch.keys import Secrets
from cardpresent.launch.process import SPOKEN
from cardpresent.launch.suite import suite_root
from cardpresent.model.requirement import Register
from cardpresent.profile import Integration, load

GONE: Final = "ended because the run that started it is gone"


@dataclass(slots=True)
class Line:
    """The conversation with the parent."""

    interruption: Interruption
    chunks: "queue.Queue[Chunk | None]" = field(default_factory=queue.Queue)
    answers: "queue.Queue[Mapping[str, Any]]" = field(default_factory=queue.Queue)

    def listen(self) -> None:
        """Take what comes; a stop, or the parent's end, interrupts whatever goes on here."""
        for text in sys.stdin:
            said = json.loads(text)
            if "stop" in said:
                self._interrupt(str(said["stop"]))
            elif "answer" in said:
                self.answers.put(said["answer"])
            else:
                chunk = said["chunk"]
                self.chunks.put(Chunk(chunk["run"], chunk["shop"], tuple(chunk["ids"])) if chunk else None)
        self._interrupt(GONE)

    def _interrupt(self, why: str) -> None:
        self.interruption.called = why
        self.chunks.put(None)
        os.kill(os.getpid(), signal.SIGTERM)

    def want(self) -> Chunk | None:
        """Ask for more; None when there is no more."""
        self.say("want")
        return self.chunks.get()

    def ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Have the parent put a question to whoever sits at its terminal."""
        self.say("ask", question=dict(question))
        return self.answers.get()

    def say(self, what: str, **said: Any) -> None:
        write_whole(1, f"{SPOKEN}{json.dumps({'what': what, **said})}\n".encode())


def write_whole(to: int, line: bytes) -> None:
    """One write where that is possible, so that nothing printed elsewhere in this process can come between.

    A browser's driver may have told the pipe, which it shares with us, not to wait for whoever reads.
    """
    left = memoryview(line)
    while left:
        try:
            left = left[os.write(to, left) :]
        except BlockingIOError:
            select.select([], [to], [])


def main() -> None:
    """Serve one lane. The exit code says nothing: the last line does."""
    with Interruption() as interruption:
        order = json.loads(sys.stdin.readline() or "{}")
        if "out" not in order:
            # Stopped before there was anything to do.
            return
        line = Line(interruption)
        threading.Thread(target=line.listen, name="parent", daemon=True).start()
        try:
            serve(order, line)
        except KeyboardInterrupt:
            line.say("over", records=[], stopped=interruption.by, by="environment")
    # The listener may sit in a read for ever; there is nothing left to tidy up.
    sys.stdout.flush()
    os._exit(0)


def serve(order: Mapping[str, Any], line: Line) -> None:
    """Run what the parent deals."""
    suite, out = suite_root(), Path(order["out"])
    secrets = Secrets(**{**order["secrets"], "declared": tuple(order["secrets"]["declared"])})
    till: Integration = load(Path(order["integration"]), order["venue"])
    register = Register.load(suite / "features" / "requirements.toml")
    try:
        with as_sentences(out, secrets.all()):
            run_lane(order, till, secrets, suite, line, register)
    except Stop as stop:
        line.say("over", records=[], fault=stop.message, exit_code=stop.exit_code)


if __name__ == "__main__":
    main()
