"""What a payment costs whoever drives it, beside a bare loop of the same requests; CPU time of the driving process."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from cardpresent.loadgen.brief import BRIEF, Brief, Lane, Patience, write_brief
from cardpresent.loadgen.profile import Phase
from tests.bench.line import Line
from tests.bench.servers import ROOT, BenchError, Server

# The difference of two runs leaves out what starting Python and Locust costs.
FEW, MANY = 400, 2_400
ROUNDS: Final = 3
USERS: Final = 20
# 60 % of the payments that a bare loop would drive with the same CPU time.
BUDGET: Final = 1 / 0.6
WORDS: Final = "Waiting for the card"
TILL: Final = """
[till]
name = "yes"
kind = "server-driven"
country = "US"
currencies = ["usd"]
capture = "automatic"
captures = "till"
[process]
base_url = "http://127.0.0.1:1"
[stripe]
probe = "list_readers"
[reader]
chosen = "per_sale"
[timing]
settle_s = 5
unknown_within_s = 5
deadline_s = 5
[operations.list_readers]
method = "GET"
path = "/readers"
[operations.start_sale]
method = "POST"
path = "/sales"
json = { sale = "{sale}", amount = "{amount.string}", reader = "{reader}", register = "{register}" }
words = "$.words"
save = { payment_intent = "$.payment_intent" }
outcome = { by = "$.outcome", accepted = ["paid"], collecting = ["waiting"] }
[operations.sale_state]
method = "GET"
path = "/sales/{sale}"
words = "$.words"
save = { payment_intent = "$.payment_intent" }
outcome = { by = "$.outcome", accepted = ["paid"], collecting = ["waiting"] }
record = { paid = "$.captured" }
"""


def cost_of_driving() -> Iterator[Line]:
    """CPU time of a driven payment against that of the same requests made in a bare loop."""
    with (
        tempfile.TemporaryDirectory(prefix="cardpresent-bench-") as folder,
        Server("-m", "tests.bench.answering") as yes,
    ):
        place, url = Path(folder), str(yes.said["url"])
        ratios, driven = [], []
        for _ in range(ROUNDS):
            ours = _per_payment(lambda count: _driven(place, url, count))
            bare = _per_payment(lambda count: _bare(place, url, count))
            ratios.append(ours / bare)
            driven.append(1 / ours)
    yield Line("load_cost_of_a_driven_payment_beside_a_bare_loop", _middle(ratios), "x", budget=BUDGET, gating=True)
    yield Line("load_payments_driven_per_core", _middle(driven), "1/s")


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _per_payment(run: Callable[[int], tuple[int, float]]) -> float:
    few, many = run(FEW), run(MANY)
    return (many[1] - few[1]) / (many[0] - few[0])


def _driven(folder: Path, url: str, count: int) -> tuple[int, float]:
    """How many payments were driven, and the CPU seconds that took."""
    (folder / "cardpresent.toml").write_text(TILL, encoding="utf-8")
    lanes = tuple(Lane("front", f"tmr_{number}", "bench") for number in range(USERS))
    per_s = 100_000.0
    write_brief(Brief(
        integration=str(folder / "cardpresent.toml"), venue="emulator", till=url, values={}, door=url, door_token="",
        key="sk_test_bench", account="", secrets=("sk_test_bench", "whsec_bench"), salt="bench", seed=count,
        scenario="load/bench", per_s=per_s, duration_s=count / per_s, mix={"sale": 1.0}, phases=(Phase(1.0, 1.0),),
        lanes=lanes, patience=Patience(0.05, 5, 5, 5, 5, 0),
    ), folder / "brief.json")  # fmt: skip
    file = ROOT / "cardpresent" / "loadgen" / "locustfile.py"
    told, spent = _locust(file, 1, {BRIEF: str(folder / "brief.json")})
    counts = [json.loads(line[1:]) for line in told.split("\n") if line.startswith("\x1e")]
    ended = [one for said in counts if said["what"] == "counts" for one in said["ended"]]
    if any(problem for *_, problem in ended) or not ended:
        raise BenchError(f"driven payments went wrong: {ended[:1]}")
    return len(ended), spent


def _bare(folder: Path, url: str, count: int) -> tuple[int, float]:
    entry = {"kind": "intent", "sale": "LD-bench-1-1", "data": {"verb": "start_sale", "amount": {"minor_units": 2500}}}
    screen = {"kind": "screen", "wire": "till", "sale": "LD-bench-1-1", "data": {"verb": "sale_state", "words": WORDS}}
    env = {
        "BENCH_URL": url, "BENCH_PAYMENTS": str(count), "BENCH_INTENT": json.dumps({"entries": [entry]}),
        "BENCH_SCREENS": json.dumps({"entries": [screen, screen, screen]}),
    }  # fmt: skip
    _, spent = _locust(ROOT / "tests" / "bench" / "bare_loop.py", USERS, env)
    return count, spent


def _locust(file: Path, users: int, env: Mapping[str, str]) -> tuple[str, float]:
    command = [
        sys.executable, "-m", "locust", "-f", str(file), "--headless", "-u", str(users), "-r", str(users), "-t", "120s",
        "--loglevel", "WARNING", "--exit-code-on-error", "0", "--only-summary",
    ]  # fmt: skip
    before = _children_s()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=False, timeout=200
    )
    if done.returncode:
        raise BenchError(f"Locust exited with {done.returncode}: {done.stderr[-300:]}")
    return done.stdout, _children_s() - before


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
