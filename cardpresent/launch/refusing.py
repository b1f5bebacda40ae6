"""A proxy that refuses: where a program without a shim is sent on its way to Stripe, if it honours proxies at all."""

import socket
import threading
from typing import Final

HEAD_BYTES_MAX: Final = 8192
PATIENCE_S: Final = 2.0
_REFUSAL: Final = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
    b"cardpresent: nothing leaves this machine while a till is tried; its calls to Stripe have to come to this run's "
    b"Stripe\n"
)


class RefusingProxy:
    """Listens on the loopback, lets nobody through, and remembers which hosts were asked for."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._asked: dict[str, None] = {}
        self._thread = threading.Thread(target=self._serve, name="refusing proxy", daemon=True)
        self._thread.start()

    @property
    def stripe_hosts(self) -> list[str]:
        """Which hosts of Stripe's were asked for, in order."""
        return [host for host in self._asked if host == "stripe.com" or host.endswith(".stripe.com")]

    def end(self) -> None:
        # A thread that waits in accept() is woken by the end of the socket's reading side, not by closing it.
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            # Not every system lets a listening socket be shut down; there, closing it is enough.
            self._socket.close()
        self._thread.join(PATIENCE_S)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            with caller:
                caller.settimeout(PATIENCE_S)
                try:
                    self._refuse(caller)
                except OSError:
                    # It went away before it heard; it is refused all the same.
                    continue

    def _refuse(self, caller: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head and len(head) < HEAD_BYTES_MAX and (more := caller.recv(4096)):
            head += more
        if host := _host(head):
            self._asked[host] = None
        caller.sendall(_REFUSAL)


def _host(head: bytes) -> str:
    """`CONNECT api.stripe.com:443` and `GET http://api.stripe.com/…` both name a host."""
    words = head.split(b"\r\n", 1)[0].split(b" ")
    if len(words) < 2:
        return ""
    place = words[1].partition(b"://")[2] or words[1]
    return place.split(b"/", 1)[0].rsplit(b"@", 1)[-1].rsplit(b":", 1)[0].decode("latin-1").lower()
