"""A till, a reader and a journal that say yes to everything at once: whoever drives them is what is measured."""

import json
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import uvicorn
import uvloop

Message = MutableMapping[str, Any]
WAITING: Final = b'{"outcome":"waiting","payment_intent":"pi_3SvX1bF0kZ8m2Q7Lr4tYw9Ab","words":"Waiting for the card"}'
PAID: Final = b'{"outcome":"paid","payment_intent":"pi_3SvX1bF0kZ8m2Q7Lr4tYw9Ab","words":"Paid","captured":2500}'


async def answer(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    while (await receive()).get("more_body"):
        pass
    is_start = scope["method"] == "POST" and scope["path"] == "/sales"
    content = WAITING if is_start else PAID if scope["path"].startswith("/sales") else b"{}"
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def serve() -> None:
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(answer, loop="uvloop", http="httptools", lifespan="off", log_level="error")
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}) + "\n")
    sys.stdout.flush()
    await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    uvloop.run(serve())
