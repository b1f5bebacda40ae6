"""No check without a test in which it fails, and no scenario step that judges by anything but a check."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _checks() -> set[str]:
    """`module.function` of every public function in checks/ that returns a finding."""
    found = set()
    for path in (ROOT / "cardpresent" / "checks").glob("*.py"):
        if path.stem == "catalogue":
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            public = isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
            if public and node.returns is not None and "Finding" in ast.unparse(node.returns):
                found.add(f"{path.stem}.{node.name}")
    return found


def test_every_check_is_named_in_a_test_of_the_checks() -> None:
    tested = "\n".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))

    assert {check for check in _checks() if check not in tested} == set()


def test_every_check_is_used_by_the_suite() -> None:
    used = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "steps").glob("*.py"))
    inside = (ROOT / "cardpresent" / "checks" / "invariants.py").read_text(encoding="utf-8")

    unused = {c for c in _checks() if c not in used and f"{c.partition('.')[2]}(journal" not in inside}
    assert unused == set()
