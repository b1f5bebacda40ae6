"""Start the till: `python -m cardpresent.reference_pos`, configured by the environment."""

import os
import socket
import sys

import uvicorn
import uvloop

from .app import create_app
from .environment import SettingsError
from .log import Log
from .settings import Settings
from .stopping import end_with_stdin
from .till import Till


class Server(uvicorn.Server):
    """Says where it listens, once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            sys.stdout.write(f"till ready on http://127.0.0.1:{sockets[0].getsockname()[1]}\n")
            sys.stdout.flush()


def main() -> int:
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    listener = socket.create_server(("127.0.0.1", settings.port), backlog=512)
    uvloop.run(_serve(settings, listener))
    return 0


async def _serve(settings: Settings, listener: socket.socket) -> None:
    till = Till(settings, Log())
    config = uvicorn.Config(
        create_app(till), http="httptools", ws="none", lifespan="on", log_level="warning", access_log=False,
        server_header=False, timeout_graceful_shutdown=1,
    )
    server = Server(config)
    if settings.exit_with_stdin:
        end_with_stdin(server)
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    sys.exit(main())
