"""What a file says of the world around the till, held to what that world takes: addresses, ports, variables."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from cardpresent.profile.schema import Beside, File, Process
from cardpresent.profile.shape import ShapeError

PORT_MAX: Final = 65535
_PORT: Final = re.compile(r"[0-9]{1,5}")


def check_outside(file: File) -> None:
    """Raise ShapeError for the first address, port or variable that nobody could use."""
    for key, url in _addresses(file):
        _address(key, url)
    started: dict[str, Process | Beside] = {"process": file.process}
    started |= {f"processes.{name}": beside for name, beside in file.processes.items()}
    for key, process in started.items():
        _variables(key, process.env, process.port_env)
        _ports(f"{key}.ports", process.ports)


def _addresses(file: File) -> Iterator[tuple[str, str]]:
    """Every whole address of the file, with its key; those with a placeholder in them are known only in a run."""
    named = [("process.base_url", file.process.base_url), ("stripe.gateway", file.stripe.gateway)]
    if file.webhooks:
        named.append(("webhooks.path", file.webhooks.path))
    for verb, operation in file.operations.items():
        named.append((f"operations.{verb}.path", operation.path))
        named += [(f"operations.{verb}.steps[{at}].path", step.path) for at, step in enumerate(operation.steps)]
    for role, identity in file.auth.roles.items():
        if identity.login:
            named.append((f"auth.{role}.login.path", identity.login.path))
    yield from ((key, url) for key, url in named if url and url.startswith("http") and "{" not in url)


def _address(key: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        fits = bool(parts.hostname) and parts.port != 0 and not re.search(r"[\s\x00-\x1f]", url)
    except ValueError:
        fits = False
    if not fits:
        raise ShapeError(key, f'"{url[:60]}" is no address', "write it like https://pos.example or http://127.0.0.1:3000")
    if key == "stripe.gateway" and parts.path not in ("", "/"):
        raise ShapeError(key, f"has a path, {parts.path[:60]}", "end it after the port: a gateway answers at its root")


def _variables(key: str, env: Mapping[str, Any], port_env: str | None) -> None:
    for name in (*env, *([port_env] if port_env else [])):
        if not name or "=" in name:
            place = f"{key}.port_env" if name == port_env else f"{key}.env.{name}"
            raise ShapeError(place, f'"{name}" is no name for a variable', "leave out =, and give it a name")


def _ports(key: str, ports: Mapping[str, str]) -> None:
    for old, new in ports.items():
        for port in (old, new):
            if "{" not in port and not (_PORT.fullmatch(port) and 0 < int(port) <= PORT_MAX):
                fix = f"write a number up to {PORT_MAX}, or {{port}}"
                raise ShapeError(f"{key}.{old}", f'"{port[:60]}" is no port', fix)
