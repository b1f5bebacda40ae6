"""The yardstick: uvicorn and msgspec answering every request with one PaymentIntent, and nothing else."""

import json
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

Message = MutableMapping[str, Any]


def responder(body: dict[str, Any]) -> Callable[..., Awaitable[None]]:
    encode = msgspec.json.Encoder().encode

    async def answer(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        while (await receive()).get("more_body"):
            pass
        content = encode(body)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    return answer


async def serve(body: dict[str, Any]) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(responder(body), loop="uvloop", http="httptools", lifespan="off", log_level="error")
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}) + "\n")
    sys.stdout.flush()
    await uvicorn.Server(config).serve(sockets=[listening])


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
