"""Connections to the run's Stripe that answer what clients ask of encrypted ones, and encrypt nothing."""

import ssl
from collections.abc import Callable
from typing import Any

Change = Callable[[Any], Any]
_KINDS: dict[type, Any] = {}


class Dressed:
    """What `ssl.SSLSocket` and `ssl.SSLObject` can be asked about the other side."""

    context: Any
    server_hostname: Any = None
    server_side = False
    session = None
    session_reused = False

    def getpeercert(self, binary_form: bool = False) -> Any:
        if binary_form:
            return b""
        name = self.server_hostname
        return {"subject": ((("commonName", name),),), "subjectAltName": (("DNS", name),)}

    def selected_alpn_protocol(self) -> None:
        return None

    def selected_npn_protocol(self) -> None:
        return None

    def cipher(self) -> tuple[str, str, int]:
        return "none", "none", 0

    def shared_ciphers(self) -> None:
        return None

    def compression(self) -> None:
        return None

    def version(self) -> str:
        return "none"

    def pending(self) -> int:
        return 0

    def get_channel_binding(self, cb_type: str = "tls-unique") -> None:
        return None

    def do_handshake(self, block: bool = False) -> None:
        """There is nobody to shake hands with."""


def plain_socket(sock: Any, context: Any, change: Change, name: str = "api.stripe.com") -> Any:
    """The same connection under a new object, as `SSLContext.wrap_socket` makes one."""
    timeout = sock.gettimeout()
    kind = _KINDS.get(type(sock)) or _KINDS.setdefault(type(sock), _kind(type(sock)))
    plain = kind(sock.family, sock.type, sock.proto, fileno=sock.detach())
    plain.settimeout(timeout)
    plain.context, plain.server_hostname, plain.change = context, name, change
    return plain


def _kind(base: Any) -> Any:
    # Of the kind that a library or an event loop made of it; each is made once.
    class PlainSocket(Dressed, base):  # type: ignore[misc]
        change: Change

        def send(self, data: Any, *flags: Any) -> int:
            changed = self.change(data)
            if changed is data:
                return int(super().send(data, *flags))
            # Whoever counts what was sent counts their own bytes.
            super().sendall(changed, *flags)
            return len(data)

        def sendall(self, data: Any, *flags: Any) -> None:
            super().sendall(self.change(data), *flags)

        def write(self, data: Any) -> int:
            return self.send(data)

        def read(self, length: int = 1024, buffer: Any = None) -> Any:
            return self.recv_into(buffer, length) if buffer is not None else self.recv(length)

        def unwrap(self) -> Any:
            return self

    return PlainSocket


class PlainObject(Dressed):
    """What `SSLContext.wrap_bio` makes: event loops feed it what came in, and send what it puts out."""

    def __init__(self, context: Any, incoming: Any, outgoing: Any, change: Change, name: Any) -> None:
        self.context, self.server_hostname = context, name
        self._incoming, self._outgoing, self._change = incoming, outgoing, change

    def read(self, length: int = 1024, buffer: Any = None) -> Any:
        if not self._incoming.pending and not self._incoming.eof:
            raise ssl.SSLWantReadError(ssl.SSL_ERROR_WANT_READ, "nothing has come in yet")
        data = self._incoming.read(length if buffer is None else min(length or len(buffer), len(buffer)))
        if buffer is None:
            return data
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: Any) -> int:
        self._outgoing.write(self._change(data))
        return len(data)

    def unwrap(self) -> None:
        return None
