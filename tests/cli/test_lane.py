"""What a lane tells its parent arrives whole, also where a browser's driver has told their pipe not to wait."""

import os
import threading

from cardpresent.cli.lane import write_whole


def test_a_long_line_arrives_whole_through_a_pipe_that_does_not_wait() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    line = b"x" * 1_000_000 + b"\n"
    writing = threading.Thread(target=lambda: (write_whole(write, line), os.close(write)))

    writing.start()
    with os.fdopen(read, "rb") as pipe:
        arrived = pipe.read()
    writing.join(timeout=10)

    assert arrived == line
