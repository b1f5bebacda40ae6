"""localstripe, the other stateful stand-in for Stripe that can be installed, as a process the benchmark can ask.

Run with the folder it is installed in. Served on the loopback interface alone, without its access log, and without
writing its whole store to the disk after each change, which would make 50,000 creates take quadratic time.
"""

import json
import socket
import sys


def main() -> None:
    sys.path.insert(0, sys.argv[1])
    from aiohttp import web
    from localstripe import resources, server

    resources.Store.dump_to_disk = lambda self: None
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}) + "\n")
    sys.stdout.flush()
    web.run_app(server.app, sock=listening, access_log=None, print=None)


if __name__ == "__main__":
    main()
