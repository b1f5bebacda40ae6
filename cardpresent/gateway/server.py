"""One process, one event loop, its listening sockets, and an end when told so or when its parent goes away."""

import asyncio
import gc
import os
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, NoReturn

import uvicorn

from cardpresent.gateway.connection import CuttableHttp, HurriedHttp
from cardpresent.model.outcome import Exit

KEEP_ALIVE_S = 600  # tills keep connections between sales; closing one under a request would look like a fault


def listen(port: int, host: str = "127.0.0.1") -> socket.socket:
    """A socket bound to a port of this host; 0 takes a free one. OSError when it is taken, or the host not ours."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def _web_socket(**told: Any) -> asyncio.Protocol:
    # Loaded when the first socket is opened: a certification opens none.
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    return WebSocketsSansIOProtocol(**told)


class Certificate(NamedTuple):
    """What a server shows: its certificate with those that vouch for it, and its private key; PEM files."""

    chain: Path
    key: Path


class GatewayServer(uvicorn.Server):
    """uvicorn, calling `announce` once its sockets listen. Leaves when told so or, if `with_stdin`, when that ends.

    `open_to_others`: a caller that does not get on with its request is cut off, lest it take up the place of others.
    """

    def __init__(
        self,
        app: Callable[..., Awaitable[None]],
        on_stop: Callable[[], None],
        announce: Callable[[], None],
        *,
        with_stdin: bool,
        certificate: Certificate | None = None,
        open_to_others: bool = False,
    ) -> None:
        config = uvicorn.Config(
            app,
            loop="uvloop",
            http=HurriedHttp if open_to_others else CuttableHttp,
            ws=_web_socket,  # type: ignore[arg-type]
            ws_ping_interval=None,
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            backlog=1024,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=1,
            ssl_certfile=certificate.chain if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
        super().__init__(config)
        self._on_stop = on_stop
        self._announce = announce
        self._with_stdin = with_stdin

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._with_stdin:
            threading.Thread(target=self._watch_stdin, args=(asyncio.get_running_loop(),), daemon=True).start()
        self._announce()

    def leave(self) -> None:
        """End the server: what waits is ended first, so that nothing has to be waited for."""
        if not self.should_exit:
            self.should_exit = self.force_exit = True
            self._on_stop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM and SIGINT are an ordinary end; uvicorn would raise them again after its own."""
        if self.config.loaded:
            asyncio.get_event_loop().call_soon_threadsafe(self.leave)

    def _watch_stdin(self, loop: asyncio.AbstractEventLoop) -> None:
        # A thread, for stdin may be a pipe, a terminal or a file, and loops can watch only some of these.
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass
        try:
            loop.call_soon_threadsafe(self.leave)
        except RuntimeError:
            return  # the loop has ended before stdin did


def keep_the_collector_away() -> None:
    """What lives now lives to the end, and objects here hold no cycles: full collections would only stall answers."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 1_000)


def end_without(journal: Path) -> Callable[[OSError], None]:
    """What to do when `journal` can no longer be written: the process ends, for a run it does not record is worth
    nothing, and answering 500 to a till would look like a fault that somebody staged."""

    def end(problem: OSError) -> None:
        sys.stderr.write(f"cardpresent: --journal {journal} cannot be written ({problem.strerror}), so this ends\n")
        sys.stderr.flush()
        os._exit(int(Exit.CONFIGURATION))

    return end


def refuse(sentence: str) -> NoReturn:
    """The end of a process that cannot do what it was started for: why, and what to do, on standard error."""
    sys.stderr.write(f"cardpresent: {sentence}\n")
    raise SystemExit(int(Exit.CONFIGURATION))


def url_of(sock: socket.socket) -> str:
    return f"http://127.0.0.1:{sock.getsockname()[1]}"
