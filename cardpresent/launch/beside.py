"""The further processes of a till: a web server beside its API, a worker, a database of its own."""

from collections.abc import Mapping
from dataclasses import replace

from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.guard import Guard
from cardpresent.launch.ports import free_port
from cardpresent.launch.redirecting import Redirecting
from cardpresent.launch.till import LaunchedTill
from cardpresent.profile import Integration


def addresses_of(integration: Integration) -> dict[str, object]:
    """A free port for each, and what others may name it by: {processes.web.url}, {processes.web.port}."""
    named: dict[str, object] = {}
    for name in integration.processes:
        port = free_port(None)
        named |= {f"processes.{name}.port": port, f"processes.{name}.url": f"http://127.0.0.1:{port}"}
    return named


def beside(
    integration: Integration, values: Mapping[str, object], guard: Guard, redactor: Redactor, redirecting: Redirecting
) -> list[LaunchedTill]:
    """Each ready to be started, in the order of the file. `values` holds the addresses of all of them."""
    made = []
    for name, described in integration.processes.items():
        port = values[f"processes.{name}.port"]
        assert isinstance(port, int)
        alone = replace(integration, process=described.process)
        made.append(LaunchedTill(alone, values, port, guard, redactor, redirecting, key=f"processes.{name}"))
    return made
