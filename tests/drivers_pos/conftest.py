import importlib.util
import sys
from pathlib import Path

import pytest

from cardpresent.drivers.pos import CheckedPos, HttpPos
from cardpresent.profile import load


def _sibling(name: str):
    # Tests are imported by path, so what stands beside them is, too.
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


_sibling("odd_till")

HEAD = """
[till]
name = "odd till"
kind = "server-driven"
country = "US"
currencies = ["usd"]
capture = "automatic"
captures = "till"
[process]
base_url = "http://127.0.0.1:9"
[stripe]
probe = "startup"
[reader]
chosen = "per_sale"
[timing]
settle_s = 1
unknown_within_s = 1
deadline_s = 1
answer_within_s = 5
"""
SALE_STATE = """
[operations.sale_state]
method = "GET"
path = "/sales/{sale}"
outcome = { by = "$.state", accepted = ["paid"] }
"""
START_SALE = """
[operations.start_sale]
method = "POST"
path = "/pay"
json = { amount = "{amount.minor}" }
outcome = { by = "$.state", accepted = ["paid"], refused = ["declined"], collecting = ["waiting"], held = ["held"] }
"""


@pytest.fixture
def described(tmp_path):
    """An Integration from TOML: what a test writes, and the least that a file needs beside it."""

    def build(toml: str):
        parts = [HEAD]
        if "[operations.start_sale" not in toml:
            parts.append(START_SALE)
        if "[operations.sale_state" not in toml:
            parts.append(SALE_STATE)
        path = tmp_path / "cardpresent.toml"
        path.write_text("\n".join([*parts, toml]), encoding="utf-8")
        return load(path)

    return build


@pytest.fixture
def till():
    with sys.modules["odd_till"].OddTill() as odd:
        yield odd


@pytest.fixture
def pos(described, till):
    """The odd till as `toml` describes it, its replies held to the contract."""
    opened = []

    def build(toml: str = "", **run: object):
        driver = HttpPos(described(toml), till.base_url, run)
        opened.append(driver)
        return CheckedPos(driver)

    yield build
    for driver in opened:
        driver.close()
