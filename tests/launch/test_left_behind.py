"""Nothing outlives a run: no daemon that left its group, nothing that hears no word."""

import os
import queue
import select
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from subprocess import TimeoutExpired

import pytest

from cardpresent.launch.foreground import Foreground
from cardpresent.launch.guard import Guard, end_marked
from cardpresent.launch.interruption import Interruption
from cardpresent.launch.process import Child

Lines = queue.Queue[str]

# A child that hears no SIGTERM and keeps the pipe it was given; its parent goes on once the child has told who it is.
STUBBORN = """
import os, signal
ready, told = os.pipe()
if os.fork() == 0:
    {leaves}
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(1, f"{{os.getpid()}}\\n".encode())
    os.write(told, b"!")
    while True:
        signal.pause()
os.read(ready, 1)
"""
# The same, out of the group of whoever started it.
DAEMON = STUBBORN.format(leaves="os.setsid()")
STUBBORN = STUBBORN.format(leaves="pass")
TOLD_WITHIN_S = 20.0


@pytest.fixture
def guard() -> Iterator[Guard]:
    made = Guard()
    yield made
    made.end()


def _ended(pid: int, within_s: float = 10.0) -> bool:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    gone, _, _ = select.select([handle], [], [], within_s)
    os.close(handle)
    return bool(gone)


def _child(guard: Guard, folder: Path, program: str, mark: Mapping[str, str]) -> tuple[Child, Lines]:
    said: Lines = queue.Queue()
    command = [sys.executable, "-c", program]
    return Child(command, env={**os.environ, **mark}, cwd=folder, on_line=said.put, guard=guard), said


def _pid(said: Lines) -> int:
    return int(said.get(timeout=TOLD_WITHIN_S))


@pytest.mark.parametrize("ended", [Child.end, Child.kill], ids=["ended", "killed"])
def test_a_daemon_that_keeps_the_pipe_keeps_nobody_waiting_and_ends_with_the_run(
    tmp_path: Path, ended: Callable[[Child], None]
) -> None:
    guard = Guard()
    child, said = _child(guard, tmp_path, DAEMON, guard.marked("process"))
    daemon = _pid(said)

    ended(child)
    guard.end()

    assert _ended(daemon)


def test_a_daemon_goes_down_in_a_power_cut_with_what_started_it_and_others_stay(tmp_path: Path, guard: Guard) -> None:
    started = [_child(guard, tmp_path, DAEMON, guard.marked(name)) for name in ("a", "b")]
    for child, _ in started:
        child.finish(20)
    gone, stays = (_pid(said) for _, said in started)

    end_marked(f"{guard.mark}.a", at_once=True)

    assert _ended(gone)
    os.kill(stays, 0)
    guard.end()
    assert _ended(stays)


def test_a_command_that_does_not_end_is_ended_with_all_it_started(tmp_path: Path, guard: Guard) -> None:
    child, said = _child(guard, tmp_path, STUBBORN + "signal.pause()\n", {})
    inner = _pid(said)

    with pytest.raises(TimeoutExpired):
        child.finish(0.2)

    assert _ended(inner)
    assert child.returncode() is not None


class Hurried(Guard):
    """A guard whose run is interrupted when a child is up and not yet told of."""

    def watch(self, group: int) -> None:
        signal.raise_signal(signal.SIGINT)
        self.watched = group
        super().watch(group)


def test_a_child_that_has_just_been_started_when_the_run_is_interrupted_ends_with_it(tmp_path: Path) -> None:
    guard = Hurried()
    with Interruption() as interruption, pytest.raises(KeyboardInterrupt):
        _child(guard, tmp_path, "import signal; signal.pause()", {})

    assert interruption.by == "interrupted from the keyboard"
    assert _ended(guard.watched)
    guard.end()


def test_a_line_that_never_ends_is_cut(tmp_path: Path, guard: Guard) -> None:
    said: list[str] = []
    talks = [sys.executable, "-c", "import sys; sys.stdout.write('x' * 10_000)"]
    child = Child(talks, env=os.environ, cwd=tmp_path, on_line=said.append, guard=guard, line_chars=4096)

    assert child.finish(20) == 0
    assert [len(line) for line in said] == [4096, 4096, 1808]


def test_what_a_till_at_the_desk_leaves_behind_is_ended_even_if_it_hears_no_word(
    guard: Guard, capfd: pytest.CaptureFixture[str]
) -> None:
    with Interruption() as interruption:
        assert Foreground([sys.executable, "-c", STUBBORN], os.environ, guard).wait(interruption) == 0

    assert _ended(int(capfd.readouterr().out))
