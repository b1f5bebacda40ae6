"""Start the app: `python -m cardpresent.reference_pos.handheld`, configured by the environment."""

import os
import socket
import sys

import uvicorn

from cardpresent.reference_pos.environment import SettingsError
from cardpresent.reference_pos.log import Log
from cardpresent.reference_pos.stopping import end_with_stdin

from .app import create_app
from .handheld import Handheld
from .settings import Settings


def main() -> int:
    try:
        settings = Settings.from_env(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    listener = socket.create_server(("127.0.0.1", settings.port), backlog=128)
    config = uvicorn.Config(
        create_app(Handheld(settings, Log())), http="httptools", ws="none", lifespan="on", log_level="warning",
        access_log=False, server_header=False, timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    if settings.exit_with_stdin:
        end_with_stdin(server)
    server.run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
