"""A till of several processes: started in order, addressed by name, and gone when one of them is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.certify.conftest import ROOT, TILLS
from tests.certify.running import PAID, Bench

AGAIN = "Another card can pay after a decline"
NAIVE = ROOT / "fixtures" / "tills" / "naive_till.py"


@pytest.fixture
def two_processes(till: Callable[..., Path]) -> Callable[..., Path]:
    """The naive till as the API behind a front that passes everything on."""

    def write(api: str = f'["{{python}}", "{NAIVE}"]', **changes: str) -> Path:
        file = till("naive_till", program="front.py")
        text = file.read_text(encoding="utf-8")
        stripe = 'STRIPE_API_BASE = "{stripe_base}"\nSTRIPE_SECRET_KEY = "{stripe_key}"\n'
        assert text.count(stripe) == 1
        text = text.replace(stripe, 'API = "{processes.api.url}"\n')
        more = "".join(f'{name} = "{value}"\n' for name, value in changes.items())
        text += f"[processes.api]\ncommand = {api}\nport_env = 'PORT'\nready = '/readers'\nready_within_s = 5\n"
        file.write_text(f"{text}[processes.api.env]\n{stripe}{more}", encoding="utf-8")
        return file

    return write


def test_a_till_of_two_processes_is_started_worked_and_ended(bench: Bench, two_processes: Callable[..., Path]) -> None:
    ended = bench.certify("--integration", two_processes(), "--select", PAID)

    assert ended.outcomes() == {PAID: "passed"}
    assert not bench.alive()


def test_a_process_beside_it_that_does_not_start_is_named_by_its_key(
    bench: Bench, two_processes: Callable[..., Path]
) -> None:
    ended = bench.certify("--integration", two_processes('["{python}", "-c", "raise SystemExit(7)"]'), "--select", PAID)

    assert ended.code == 3
    ended.says("processes.api.command: the till's [processes.api] exited with 7 before it was ready")
    assert not bench.alive()


def test_a_process_beside_it_that_goes_down_takes_the_till_with_it(
    bench: Bench, two_processes: Callable[..., Path]
) -> None:
    file = two_processes(f'["{{python}}", "{TILLS / "dying_api.py"}"]', ONCE=str(bench.folder / "once"))

    ended = bench.certify("--integration", file, "--select", PAID, "--select", AGAIN)

    assert ended.code == 1
    assert "the till's [processes.api] exited with 9" in ended.scenario(AGAIN)["reason"]
    assert ended.outcomes() == {AGAIN: "failed", PAID: "passed"}
    assert not bench.alive()
