"""Ports on the loopback interface."""

import socket


class PortTaken(Exception):
    """Somebody listens there already."""


def free_port(wanted: int | None = None) -> int:
    """A port nobody listens at; `wanted` if it is free. Raises PortTaken when it is not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError as error:
            raise PortTaken(
                f"--port {wanted}: cannot be listened at ({(error.strerror or 'no reason given').lower()}): "
                "end what listens there, or choose another"
            ) from None
        return int(probe.getsockname()[1])
