"""The reference POS with a mishap at the first sale it is asked to start.

MISHAP: `held` says its pid into the named pipe ANNOUNCE_AT and never answers; `exits` ends the program.
ONCE names a file that is made with the mishap; while it exists there is no other.
"""

import asyncio
import os
import sys
from pathlib import Path

from cardpresent.reference_pos import __main__ as pos

create_app = pos.create_app


async def mishap() -> None:
    once = os.environ.get("ONCE")
    if once:
        if Path(once).exists():
            return
        Path(once).touch()
    if os.environ["MISHAP"] == "exits":
        sys.stdout.write(f"cannot go on with {os.environ['STRIPE_SECRET_KEY']}\n")
        sys.stdout.flush()
        os._exit(7)
    Path(os.environ["ANNOUNCE_AT"]).write_text(f"{os.getpid()}\n")
    await asyncio.Event().wait()


def troubled(till):
    app = create_app(till)

    async def answer(scope, receive, send):
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == "/sales":
            await mishap()
        await app(scope, receive, send)

    return answer


pos.create_app = troubled
sys.exit(pos.main())
