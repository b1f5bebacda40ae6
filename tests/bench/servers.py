"""Server processes under measurement: started, asked over kept-alive connections, their CPU time read, ended."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
CONNECTIONS = 16
START_S = 30.0


class BenchError(Exception):
    """A measurement could not be made. The message says which process did what."""


class Server:
    """One process of ours that prints a JSON line with its address when it listens."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.end()
            raise BenchError(f"{' '.join(command)} ended before it listened (exit code {self._process.returncode})")
        self.said: dict[str, Any] = json.loads(line)

    def cpu_s(self) -> float:
        """CPU seconds it has used so far, all threads, to the nanosecond where the kernel tells."""
        try:
            tasks = Path(f"/proc/{self._process.pid}/task").iterdir()
            return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
        except FileNotFoundError:
            return _cpu_by_ps(self._process.pid)

    def memory_bytes(self) -> int:
        """What it keeps in memory now."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def end(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.terminate()
        self._process.wait(START_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def _cpu_by_ps(pid: int) -> float:
    """For systems without /proc: hundredths of a second."""
    shown = subprocess.run(["ps", "-o", "time=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    seconds = 0.0
    for part in shown.strip().replace("-", ":").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


class Client:
    """Asks a server over a few connections, each with one request under way at a time; spends as little as it can."""

    def __init__(self, url: str) -> None:
        self.host = urlsplit(url).netloc

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """One request, one answer: status and body."""
        with self._connections(1) as (connection,):
            connection.sendall(request)
            return self._answer(connection)

    def ask_all(self, requests: Sequence[bytes]) -> None:
        """All of them, as many at a time as there are connections. Raises BenchError unless every answer is a 200."""
        with self._connections(CONNECTIONS) as connections:
            for start in range(0, len(requests), CONNECTIONS):
                batch = requests[start : start + CONNECTIONS]
                for connection, request in zip(connections, batch, strict=False):
                    connection.sendall(request)
                for connection in connections[: len(batch)]:
                    status, body = self._answer(connection)
                    if status != 200:
                        raise BenchError(f"{self.host} answered {status}: {body[:200].decode(errors='replace')}")

    def time_each(self, requests: Sequence[bytes]) -> list[float]:
        """One after the other on one connection: seconds from each request's last byte to its answer's last."""
        took = []
        with self._connections(1) as (connection,):
            for request in requests:
                began = time.perf_counter()
                connection.sendall(request)
                self._answer(connection)
                took.append(time.perf_counter() - began)
        return took

    @contextmanager
    def _connections(self, count: int) -> Iterator[list[socket.socket]]:
        """Opened anew each time: a server closes those that idle while another one is measured."""
        host, _, port = self.host.rpartition(":")
        with ExitStack() as stack:
            opened = [socket.create_connection((host, int(port)), timeout=START_S) for _ in range(count)]
            for connection in opened:
                stack.enter_context(connection)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield opened

    def _answer(self, connection: socket.socket) -> tuple[int, bytes]:
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more(connection)
        head = received[:end].lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(received) < end + 4 + length:
            received += self._more(connection)
        return int(head[9:12]), received[end + 4 :]

    def _more(self, connection: socket.socket) -> bytes:
        if not (chunk := connection.recv(65536)):
            raise BenchError(f"{self.host} closed a connection instead of answering")
        return chunk


def without_colour() -> dict[str, str]:
    return {**os.environ, "CI": "true", "NO_COLOR": "1"}
