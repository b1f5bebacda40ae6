"""A port that anybody can reach waits for nobody without end."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from cardpresent.gateway import connection
from cardpresent.gateway.server import GatewayServer, listen


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """A server that is open to others and gives a request half a second; it answers whatever is asked."""
    monkeypatch.setattr(connection, "REQUEST_S", 0.5)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    up = threading.Event()
    server = GatewayServer(app, lambda: None, up.set, with_stdin=False, open_to_others=True)
    sock = listen(0)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[sock])))
    thread.start()
    assert up.wait(10)
    yield sock.getsockname()
    server.should_exit = server.force_exit = True
    thread.join(10)


HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n"


@pytest.mark.parametrize("said", [b"", b"GET / HT", HEAD, HEAD + b"\r\nabc"], ids=["nothing", "half a line", "no end",
                                                                               "half a body"])  # fmt: skip
def test_who_does_not_get_on_with_a_request_is_cut_off(address: tuple[str, int], said: bytes) -> None:
    with socket.create_connection(address, timeout=10) as line:
        line.sendall(said)
        try:
            assert line.recv(100) == b""
        except ConnectionResetError:
            return


def test_who_asks_whole_questions_keeps_the_line(address: tuple[str, int]) -> None:
    pause = threading.Event()
    line = HTTPConnection(*address, timeout=10)
    for _ in range(3):
        line.request("POST", "/", b"0123456789")
        assert line.getresponse().read() == b"ok"
        kept = line.sock
        pause.wait(0.7)
    assert line.sock is kept
    line.close()
