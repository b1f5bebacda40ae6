"""A port is one run's until that run ends, although nobody may listen there yet."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from cardpresent.launch.ports import HIGHEST, LOWEST, PortTaken, free_port

TAKES = """
import sys
from cardpresent.launch import ports

ports.LOWEST, ports.HIGHEST = {lowest}, {lowest} + 11
try:
    print(*[ports.free_port() for _ in range({count})], flush=True)
except ports.PortTaken as taken:
    print(taken, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def run() -> Iterator[Callable[[int], str]]:
    """Starts another run, which asks for so many of twelve ports and keeps them; what it was given."""
    lowest = free_port()
    running: list[subprocess.Popen[str]] = []

    def start(count: int) -> str:
        words = [sys.executable, "-c", TAKES.format(lowest=lowest, count=count)]
        running.append(subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        assert running[-1].stdout
        return running[-1].stdout.readline().strip()

    yield start
    for one in running:
        one.communicate(timeout=10)


def test_two_runs_are_never_given_the_same_port(run: Callable[[int], str]) -> None:
    first, second = run(5).split(), run(5).split()

    assert len({*first, *second}) == 10


def test_when_all_are_given_away_that_is_said(run: Callable[[int], str]) -> None:
    run(8)

    assert "is free on this machine: end what listens there" in run(8)


def test_a_run_is_given_a_port_once_and_none_that_connections_take_by_themselves():
    ports = [free_port() for _ in range(20)]

    assert len(set(ports)) == 20
    assert all(LOWEST <= port <= HIGHEST for port in ports)


def test_a_port_that_is_asked_for_by_number_is_given_again_and_again():
    port = free_port()

    assert free_port(port) == free_port(port) == port


def test_a_port_where_somebody_listens_is_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortTaken, match="end what listens there, or choose another"):
            free_port(taken.getsockname()[1])
