"""Every emulated behaviour says how it is known."""

import json
import subprocess
import sys

import httpx

from cardpresent.emulator.catalogue import OPERATIONS
from cardpresent.emulator.wire.params import compile_params

IN_NO_SDK = {"reader.print_content", "terminal_refund.create"}


def test_every_behaviour_names_its_kind_and_its_source(shop):
    report = shop.control("GET", "fidelity")
    entries = report["behaviours"]
    assert len(entries) > 50
    for entry in entries:
        assert entry["known"] in ("documented", "observed", "assumed")
        assert entry["summary"]
        if entry["known"] != "assumed":
            assert entry["source"].startswith("https://")
    assert report["documented"] + report["observed"] + report["assumed"] == len(entries)


def test_every_operation_knows_its_parameters():
    for operation in OPERATIONS:
        assert operation.params is not None or operation.method == "GET" or operation.name in IN_NO_SDK
        compile_params(operation.params)


def test_operations_have_one_name_and_one_place():
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == len(OPERATIONS)


def test_the_emulator_runs_on_its_own():
    command = [sys.executable, "-m", "cardpresent.emulator", "--seed", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = json.loads(process.stdout.readline())["url"]
            answer = httpx.get(f"{url}/v1/events", auth=("sk_test_x", ""), trust_env=False)
            assert answer.json()["data"] == []
        finally:
            process.terminate()
            process.wait(timeout=10)
