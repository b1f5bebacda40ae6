"""When a till ends: with whoever started it."""

import os
import threading

import uvicorn


def end_with_stdin(server: uvicorn.Server) -> None:
    """Whoever started the till holds its stdin; when they are gone, so is the till."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        server.should_exit = True

    threading.Thread(target=watch, name="stdin", daemon=True).start()
