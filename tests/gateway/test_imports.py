"""Who knows the emulator."""

import ast
from pathlib import Path

GATEWAY = Path(__file__).parents[2] / "cardpresent" / "gateway"


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return names | {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}


def test_one_module_of_the_gateway_knows_the_emulator() -> None:
    knowing = {
        path.name
        for path in GATEWAY.rglob("*.py")
        if any(name.startswith("cardpresent.emulator.app") for name in imported(path))
    }

    assert knowing == {"venue_emulator.py"}


def test_the_gateway_rests_on_evidence_and_model_alone() -> None:
    ours = {name for path in GATEWAY.rglob("*.py") for name in imported(path) if name.startswith("cardpresent.")}

    allowed = ("cardpresent.gateway", "cardpresent.evidence", "cardpresent.model", "cardpresent.emulator")
    assert {name for name in ours if not name.startswith(allowed)} == set()
