"""`python -m cardpresent.emulator --port N`: the emulator on its own, on the loopback interface.

With `--fidelity` it prints docs/emulator.md instead, with `--fidelity counts` one line of it.
"""

import argparse
import json
import os
import secrets
import socket
import sys

import uvicorn

from cardpresent.emulator.app import create_app
from cardpresent.emulator.collector import never_stall


def main() -> None:
    """Serves until interrupted. Prints one JSON line once it listens: {"url", "pid", "seed"}."""
    parser = argparse.ArgumentParser(prog="python -m cardpresent.emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=None, help="decides every id; drawn fresh when not given")
    parser.add_argument(
        "--fidelity", nargs="?", const="handbook", choices=("handbook", "counts"),
        help="print how each behaviour is known, as docs/emulator.md or as one line, and serve nothing",
    )
    arguments = parser.parse_args()
    if arguments.fidelity:
        from cardpresent.emulator.handbook import counts, handbook

        sys.stdout.write(handbook() if arguments.fidelity == "handbook" else counts() + "\n")
        return
    seed = secrets.randbits(32) if arguments.seed is None else arguments.seed
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", arguments.port))
        listener.listen(1024)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        sys.stdout.write(json.dumps({"url": url, "pid": os.getpid(), "seed": seed}) + "\n")
        sys.stdout.flush()
        never_stall()
        config = uvicorn.Config(
            create_app(seed), loop="uvloop", http="httptools", lifespan="off", log_level="warning", access_log=False,
            server_header=False,
        )
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
