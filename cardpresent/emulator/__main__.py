"""`python -m cardpresent.emulator --port N`: the emulator on its own, on the loopback interface.

With `--fidelity` it prints docs/emulator.md instead, with `--fidelity counts` one line of it, with `--fidelity all`
every behaviour with its source. It delivers no webhooks: `cardpresent emulate` does.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn

import uvicorn
import uvloop

from cardpresent.emulator.backend import Backend, open_backend
from cardpresent.emulator.collector import never_stall
from cardpresent.emulator.direct_http import speaking_to
from cardpresent.emulator.statelog import StateUnusable

_CANNOT_START: Final = 3  # exit code


async def _no_application(scope: object, receive: object, send: object) -> None:
    """What uvicorn asks for and never calls: `DirectHttp` answers by itself."""


class _Server(uvicorn.Server):
    """Says where it is once it listens. SIGINT and SIGTERM are an ordinary end; uvicorn would raise them again."""

    def __init__(self, config: uvicorn.Config, backend: Backend, told: dict[str, object]) -> None:
        super().__init__(config)
        self._backend, self._told = backend, told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._backend.wake()
        sys.stdout.write(json.dumps(self._told) + "\n")
        sys.stdout.flush()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for sig in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sig, self.handle_exit, sig, None)
        yield


def main() -> None:
    """Serves until interrupted. Prints one JSON line once it listens: {"url", "pid", "seed", "state"}."""
    parser = argparse.ArgumentParser(prog="python -m cardpresent.emulator", description=__doc__)
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="port on 127.0.0.1; 0: any free one")
    parser.add_argument("--seed", type=int, default=None, metavar="N", help="decides every id; fresh when left out")
    parser.add_argument(
        "--state", type=Path, default=None, metavar="FILE",
        help="keep everything in this file and begin with what is in it; without it, memory only",
    )
    parser.add_argument(
        "--fidelity", nargs="?", const="handbook", choices=("handbook", "counts", "all"),
        help="print how each behaviour is known, as docs/emulator.md, as one line or as a list, and serve nothing",
    )
    arguments = parser.parse_args()
    if arguments.fidelity:
        from cardpresent.emulator.handbook import counts, handbook, ledger

        said = {"counts": counts, "all": ledger}.get(arguments.fidelity)
        sys.stdout.write(handbook() if said is None else said() + "\n")
        return
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", arguments.port))
            backend = open_backend(arguments.seed, state=arguments.state)
        except OSError as problem:
            _refuse(f"--port {arguments.port} cannot be listened at ({problem.strerror}): choose another.")
        except StateUnusable as refused:
            _refuse(str(refused))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        state = "memory only" if arguments.state is None else str(arguments.state)
        told = {"url": url, "pid": os.getpid(), "seed": backend.seed, "state": state}
        never_stall()
        config = uvicorn.Config(
            _no_application, loop="uvloop", http=speaking_to(backend), lifespan="off", log_level="warning",
            access_log=False, backlog=1024,
        )
        uvloop.run(_Server(config, backend, told).serve(sockets=[listener]))
        backend.close()


def _port(text: str) -> int:
    if not text.isdecimal() or len(text) > 5 or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 0 to 65535")
    return int(text)


def _refuse(sentence: str) -> NoReturn:
    sys.stderr.write(f"cardpresent: {sentence}\n")
    raise SystemExit(_CANNOT_START)


if __name__ == "__main__":
    main()
