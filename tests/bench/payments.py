"""What a PaymentIntent costs: the emulator against the yardstick, the gateway on top, 50,000 objects against 100.

CPU seconds of the server process are compared, taken in turns within one run: a busy machine disturbs both alike.
"""

import itertools
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import stripe

from tests.bench.line import Line
from tests.bench.servers import BenchError, Client, Server

ROUND = 800
ROUNDS = 7
FEW, MANY = 100, 50_000
KEY = "sk_test_bench"
SALES = itertools.count(1)


def create(host: str) -> bytes:
    """A create as a real till's SDK sends it, each with its own idempotency key and sale."""
    sale = next(SALES)
    form = (
        "amount=2000&currency=usd&payment_method_types[0]=card_present&capture_method=manual"
        f"&description=Counter+sale&metadata[sale_id]=sale_{sale}&metadata[register]=front"
    ).encode()
    return head("POST", "/v1/payment_intents", host, f"Idempotency-Key: sale-{sale}-create\r\n", len(form)) + form


def get(path: str, host: str) -> bytes:
    return head("GET", path, host, "", 0)


def head(method: str, path: str, host: str, more: str, length: int) -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\n"
        f"Stripe-Version: {stripe.api_version}\r\nUser-Agent: Stripe/v1 PythonBindings/16.1.0\r\n{more}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def cpu_us(server: Server, client: Client, requests: Sequence[bytes]) -> float:
    """CPU microseconds of the server for each of these requests."""
    before = server.cpu_s()
    client.ask_all(requests)
    return (server.cpu_s() - before) / len(requests) * 1e6


def in_turns(sides: Sequence[Callable[[], float]]) -> list[list[float]]:
    """Each side's readings, taken turn by turn; the first round only warms up."""
    readings: list[list[float]] = [[] for _ in sides]
    for number in range(ROUNDS + 1):
        for side, taken in zip(sides, readings, strict=True):
            reading = side()
            if number:
                taken.append(reading)
    return readings


def ratio(readings: Sequence[float], against: Sequence[float]) -> float:
    """Round by round, then the median: a disturbance of one round moves nothing."""
    return statistics.median(one / other for one, other in zip(readings, against, strict=True))


def emulator() -> Server:
    return Server("-m", "cardpresent.emulator", "--port", "0")


def first_intent(client: Client) -> bytes:
    status, body = client.ask(create(client.host))
    if status != 200:
        raise BenchError(f"the emulator refused a create: {body[:300].decode(errors='replace')}")
    return body


def creating(server: Server, client: Client) -> Callable[[], float]:
    return lambda: cpu_us(server, client, [create(client.host) for _ in range(ROUND)])


def cost_of_a_create() -> Iterator[Line]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        emulated = stack.enter_context(emulator())
        client = Client(emulated.said["url"])
        body = folder / "payment_intent.json"
        body.write_bytes(first_intent(client))
        bare = stack.enter_context(Server("-m", "tests.bench.bare", str(body)))
        journal = str(folder / "journal.jsonl")
        gateway = stack.enter_context(
            Server("-m", "cardpresent.gateway", "--journal", journal, "--secret", KEY, "--seed", "1")
        )
        sides = [
            creating(bare, Client(bare.said["url"])),
            creating(emulated, client),
            creating(gateway, Client(gateway.said["till"])),
        ]
        yardstick, alone, through_gateway = in_turns(sides)
    yield Line("emulator_create_cpu", ratio(alone, yardstick), "× bare responder", 2.0, gating=True)
    gateway_us = statistics.median(both - one for both, one in zip(through_gateway, alone, strict=True))
    yield Line("gateway_create_cpu", gateway_us / statistics.median(yardstick), "× bare responder")
    yield Line("bare_create_cpu", statistics.median(yardstick), "µs CPU")


@contextmanager
def holding(count: int) -> Iterator[tuple[Server, Client, str]]:
    """An emulator that holds `count` PaymentIntents, and the id of the first of them."""
    with emulator() as server:
        client = Client(server.said["url"])
        oldest = json.loads(first_intent(client))["id"]
        client.ask_all([create(client.host) for _ in range(count - 1)])
        yield server, client, oldest


Held = tuple[Server, Client, str]

# Reads and lists first: creates bring the two emulators closer to one another, so they are few.
OPERATIONS: tuple[tuple[str, int, Callable[[Held], bytes]], ...] = (
    ("read", ROUND, lambda held: get(f"/v1/payment_intents/{held[2]}", held[1].host)),
    ("list", ROUND, lambda held: get("/v1/payment_intents?limit=10", held[1].host)),
    ("create", FEW, lambda held: create(held[1].host)),
)


def cost_of_many_objects() -> Iterator[Line]:
    with holding(FEW) as few, holding(MANY) as many:
        for name, count, request in OPERATIONS:
            small, large = in_turns([_asking(few, count, request), _asking(many, count, request)])
            yield Line(f"emulator_{name}_cpu_at_50000", ratio(large, small), "× at 100 objects", 1.15)


def _asking(held: Held, count: int, request: Callable[[Held], bytes]) -> Callable[[], float]:
    return lambda: cpu_us(held[0], held[1], [request(held) for _ in range(count)])
