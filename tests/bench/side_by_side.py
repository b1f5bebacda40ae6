"""The emulator beside a bare responder and beside localstripe, in one run: what one request costs, with few objects
and with many; the slowest percent; what an object weighs; the start.

CPU seconds of the server process, taken in turns, so that a busy machine disturbs all alike.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import payments
from tests.bench.line import Line
from tests.bench.payments import FEW, MANY, cpu_us, first_intent, get, head
from tests.bench.servers import ROOT, BenchError, Client, Server

LOCALSTRIPE = ROOT / ".venv" / "bench" / "localstripe"
TABLE = ROOT / "reports" / "out" / "side-by-side.md"
TURNS = 5
TIMED = 2_000
# A list of localstripe's walks through all there is: fewer will do.
COUNTS = {"create": 400, "read": 400, "list": 40}


@dataclass
class Side:
    """One server under comparison. `measured`: name of a reading -> its values, one for each turn."""

    name: str
    start: Callable[[], Server]
    create: Callable[[str], bytes]
    keeps: bool = True
    measured: dict[str, list[float]] = field(default_factory=dict)

    def take(self, reading: str, value: float) -> None:
        self.measured.setdefault(reading, []).append(value)

    def median(self, reading: str) -> float | None:
        values = self.measured.get(reading)
        return statistics.median(values) if values else None


def plain_create(host: str) -> bytes:
    """A create with what localstripe knows of one."""
    form = b"amount=2000&currency=usd&payment_method_types[0]=card&capture_method=manual&metadata[register]=front"
    return head("POST", "/v1/payment_intents", host, "", len(form)) + form


def beside_others() -> Iterator[Line]:
    """The lines for bench.json; the table goes into TABLE."""
    if not (LOCALSTRIPE / "localstripe").is_dir():
        raise BenchError(f"localstripe is not installed in {LOCALSTRIPE}; run it as `make bench`, which installs it")
    with tempfile.TemporaryDirectory() as folder:
        body = Path(folder) / "payment_intent.json"
        with payments.emulator() as server:
            body.write_bytes(first_intent(Client(server.said["url"])))
        sides = [
            Side("emulator", payments.emulator, payments.create),
            Side("localstripe", lambda: Server("-m", "tests.bench.localstripe_server", str(LOCALSTRIPE)), plain_create),
            Side("bare responder", lambda: Server("-m", "tests.bench.bare", str(body)), payments.create, keeps=False),
        ]
        for _ in range(TURNS):
            for side in sides:
                _cold_start(side)
        _costs(sides)
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(table(sides) + "\n", encoding="utf-8")
    yield from _lines(sides)


def _cold_start(side: Side) -> None:
    began = time.perf_counter()
    with side.start() as server:
        Client(server.said["url"]).ask(side.create(server.said["url"].removeprefix("http://")))
        side.take("start_s", time.perf_counter() - began)


def _costs(sides: list[Side]) -> None:
    """Few objects first, then many in the same processes: what lies between is the weight of an object."""
    with ExitStack() as stack:
        running = [(side, stack.enter_context(side.start())) for side in sides]
        clients = {side.name: Client(server.said["url"]) for side, server in running}
        for stored in (FEW, MANY):
            weighed = {}
            for side, server in running:
                client = clients[side.name]
                before = server.memory_bytes()
                client.ask_all([side.create(client.host) for _ in range(stored if side.keeps else 1)])
                weighed[side.name] = server.memory_bytes() - before
            for _ in range(TURNS):
                for side, server in running:
                    _turn(side, server, clients[side.name], stored)
            for side, _ in running:
                side.take(f"p99_ms_{stored}", _p99_ms(side, clients[side.name]))
                if side.keeps and stored == MANY:
                    side.take("object_bytes", weighed[side.name] / stored)


def _turn(side: Side, server: Server, client: Client, stored: int) -> None:
    intent = first_id(client, side)
    requests = {
        "create": lambda: side.create(client.host),
        "read": lambda: get(f"/v1/payment_intents/{intent}", client.host),
        "list": lambda: get("/v1/payment_intents?limit=10", client.host),
    }
    for name, make in requests.items():
        side.take(f"{name}_us_{stored}", cpu_us(server, client, [make() for _ in range(COUNTS[name])]))


def first_id(client: Client, side: Side) -> str:
    status, body = client.ask(side.create(client.host))
    if status != 200:
        raise BenchError(f"{side.name} refused a create: {body[:300].decode(errors='replace')}")
    return str(json.loads(body)["id"])


def _p99_ms(side: Side, client: Client) -> float:
    took = client.time_each([side.create(client.host) for _ in range(TIMED)])
    return statistics.quantiles(took, n=100)[-1] * 1000


def _lines(sides: list[Side]) -> list[Line]:
    ours, localstripe, bare = sides
    lines = []
    for name in COUNTS:
        for stored in (FEW, MANY):
            reading = f"{name}_us_{stored}"
            for other in (localstripe, bare):
                values = zip(ours.measured[reading], other.measured[reading], strict=True)
                ratio = statistics.median(one / another for one, another in values)
                lines.append(Line(f"{name}_at_{stored}_against_{other.name.replace(' ', '_')}", ratio, "×"))
    lines.append(Line("create_p99_at_50000", ours.median(f"p99_ms_{MANY}") or 0.0, "ms"))
    lines.append(Line("memory_per_payment_intent", ours.median("object_bytes") or 0.0, "bytes"))
    return lines


ROWS = (
    (f"create, CPU µs, {FEW} objects", f"create_us_{FEW}", "{:,.0f}"),
    (f"create, CPU µs, {MANY:,} objects", f"create_us_{MANY}", "{:,.0f}"),
    (f"read, CPU µs, {FEW} objects", f"read_us_{FEW}", "{:,.0f}"),
    (f"read, CPU µs, {MANY:,} objects", f"read_us_{MANY}", "{:,.0f}"),
    (f"list of 10, CPU µs, {FEW} objects", f"list_us_{FEW}", "{:,.0f}"),
    (f"list of 10, CPU µs, {MANY:,} objects", f"list_us_{MANY}", "{:,.0f}"),
    (f"create, p99 ms, {FEW} objects", f"p99_ms_{FEW}", "{:.2f}"),
    (f"create, p99 ms, {MANY:,} objects", f"p99_ms_{MANY}", "{:.2f}"),
    ("memory of a PaymentIntent with its event, bytes", "object_bytes", "{:,.0f}"),
    ("start to first answer, s", "start_s", "{:.2f}"),
)


def table(sides: list[Side]) -> str:
    """Markdown: one row a reading, one column a server."""
    lines = ["| | " + " | ".join(side.name for side in sides) + " |", "|---|" + "---:|" * len(sides)]
    for told, reading, form in ROWS:
        cells = [form.format(value) if (value := side.median(reading)) is not None else "–" for side in sides]
        lines.append(f"| {told} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
