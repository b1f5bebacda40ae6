"""Nothing outlives a run: no daemon that left its group, nothing that hears no word."""

import os
import select
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from subprocess import TimeoutExpired

import pytest

from cardpresent.launch.foreground import Foreground
from cardpresent.launch.guard import Guard, end_marked
from cardpresent.launch.interruption import Interruption
from cardpresent.launch.process import Child

# Leaves the group of whoever started it, keeps the pipe it was given, and hears no SIGTERM.
DAEMON = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open(sys.argv[1], "w") as told:
        told.write(str(os.getpid()))
    time.sleep(300)
while not os.path.exists(sys.argv[1]) or not open(sys.argv[1]).read():
    time.sleep(0.01)
"""
STUBBORN = """
import os, signal, sys, time
if os.fork() == 0:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open(sys.argv[1], "w") as told:
        told.write(str(os.getpid()))
    time.sleep(300)
while not os.path.exists(sys.argv[1]) or not open(sys.argv[1]).read():
    time.sleep(0.01)
"""


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


def _child(guard: Guard, folder: Path, program: str, mark: Mapping[str, str], said: list[str]) -> Child:
    command = [sys.executable, "-c", program, str(folder / "pid")]
    return Child(command, env={**os.environ, **mark}, cwd=folder, on_line=said.append, guard=guard)


def _pid(folder: Path) -> int:
    while not (folder / "pid").exists() or not (folder / "pid").read_text():
        time.sleep(0.01)
    return int((folder / "pid").read_text())


@pytest.mark.parametrize("ended", [Child.end, Child.kill], ids=["ended", "killed"])
def test_a_daemon_that_keeps_the_pipe_keeps_nobody_waiting_and_ends_with_the_run(
    tmp_path: Path, ended: Callable[[Child], None]
) -> None:
    guard = Guard()
    child = _child(guard, tmp_path, DAEMON, guard.marked("process"), [])
    daemon = _pid(tmp_path)

    ended(child)
    guard.end()

    assert _ended(daemon)


def test_a_daemon_goes_down_in_a_power_cut_with_what_started_it_and_others_stay(tmp_path: Path, guard: Guard) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name in ("a", "b"):
        _child(guard, tmp_path / name, DAEMON, guard.marked(name), []).finish(20)
    gone, stays = _pid(tmp_path / "a"), _pid(tmp_path / "b")

    end_marked(f"{guard.mark}.a", at_once=True)

    assert _ended(gone)
    os.kill(stays, 0)
    guard.end()
    assert _ended(stays)


def test_a_command_that_does_not_end_is_ended_with_all_it_started(tmp_path: Path, guard: Guard) -> None:
    waits = STUBBORN + "\ntime.sleep(300)\n"
    child = _child(guard, tmp_path, waits, {}, [])
    inner = _pid(tmp_path)

    with pytest.raises(TimeoutExpired):
        child.finish(0.2)

    assert _ended(inner)
    assert child.returncode() is not None


def test_a_line_that_never_ends_is_cut(tmp_path: Path, guard: Guard) -> None:
    said: list[str] = []
    talks = [sys.executable, "-c", "import sys; sys.stdout.write('x' * 10_000)"]
    child = Child(talks, env=os.environ, cwd=tmp_path, on_line=said.append, guard=guard, line_chars=4096)

    assert child.finish(20) == 0
    assert [len(line) for line in said] == [4096, 4096, 1808]


def test_what_a_till_at_the_desk_leaves_behind_is_ended_even_if_it_hears_no_word(tmp_path: Path, guard: Guard) -> None:
    command = [sys.executable, "-c", STUBBORN, str(tmp_path / "pid")]
    with Interruption() as interruption:
        assert Foreground(command, os.environ, guard).wait(interruption) == 0

    assert _ended(_pid(tmp_path))
