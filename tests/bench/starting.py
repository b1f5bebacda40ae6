"""How long the things a person waits for take to start."""

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator

from tests.bench.certification import COMMAND
from tests.bench.line import Line
from tests.bench.payments import emulator, first_intent
from tests.bench.servers import ROOT, Client, without_colour

TIMES = 7


def cold_starts() -> Iterator[Line]:
    yield Line("emulator_cold_start", _median_s(emulator_answers), "s", 0.5)
    yield Line("cardpresent_help", _median_s(help_is_shown), "s", 0.3)


def emulator_answers() -> float:
    """Seconds from nothing to the first answered create."""
    began = time.perf_counter()
    with emulator() as server:
        first_intent(Client(server.said["url"]))
        return time.perf_counter() - began


def help_is_shown() -> float:
    began = time.perf_counter()
    subprocess.run([COMMAND, "--help"], cwd=ROOT, env=without_colour(), capture_output=True, check=True)
    return time.perf_counter() - began


def _median_s(measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(TIMES))
