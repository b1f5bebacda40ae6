"""What the emulator's handbook says of faults on the wire, held to the gateway that stages them."""

import re
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import cardpresent.emulator
from cardpresent.gateway.faults.registry import TRANSPORT, WEBHOOK

HANDBOOK = Path(cardpresent.emulator.__file__).with_name("handbook.md").read_text(encoding="utf-8")
ON_THE_WIRE = HANDBOOK.partition("### On the wire\n")[2].partition("\n## ")[0]
COMMON = frozenset({"name", "every_operation", "operations", "comes_by_itself", "types"})


def test_every_fault_on_the_wire_is_in_the_handbook_with_what_it_takes() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.*?) \| .* \|$", ON_THE_WIRE, re.MULTILINE)
    told = {name: given for names, given in rows for name in re.findall(r"`(\w+)`", names)}
    faults: dict[str, Any] = {**TRANSPORT, **WEBHOOK}
    taken = {name: sorted(get_type_hints(kind).keys() - COMMON) for name, kind in faults.items()}

    named = {name: {*re.findall(r"`([a-z_]+)`", given)} for name, given in told.items()}
    assert {name: sorted(names & {*taken[name]}) for name, names in named.items()} == taken


@pytest.mark.parametrize("order", re.findall(r"-d '(\{.*?\})'", ON_THE_WIRE))
def test_what_the_handbook_arms_can_be_armed(bench: Any, order: str) -> None:
    armed = bench.http.post(f"{bench.server.suite}/_gateway/faults", content=order)
    bench.control("DELETE", "faults")
    assert armed.status_code == 200
