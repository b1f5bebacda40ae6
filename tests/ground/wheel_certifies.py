"""`make wheel-check`: the wheel, installed in an empty environment, certifies from an empty folder as a clone does.

Too slow for `make test`, for it installs everything anew: builds the wheel, installs it and the locked packages into a
new environment outside the clone, and runs `cardpresent certify` where there is nothing else. Passes when that run and
one in the clone reach the same verdict on the same scenarios, and the installation is as it was before.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SEED = "7"


def run(command: Sequence[str | Path], folder: Path, *, fails: bool = True) -> None:
    """Run it with nothing of the clone in its environment. A failure ends us with its output, unless told otherwise."""
    clean = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    ended = subprocess.run(
        command,
        cwd=folder,
        env={**clean, "CI": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode and fails:
        sys.exit(f"{' '.join(map(str, command))} ended with {ended.returncode}:\n{ended.stdout}{ended.stderr}")


def installed(folder: Path) -> Path:
    """The `cardpresent` command of a new environment that holds the wheel and what it needs."""
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", ROOT], folder)
    (wheel,) = (folder / "dist").glob("*.whl")
    environment = folder / "environment"
    run([sys.executable, "-m", "venv", environment], folder)
    python = environment / "bin" / "python"
    uv = Path(sys.executable).with_name("uv")
    installer: list[str | Path] = [python, "-m", "pip", "install"]
    if uv.exists():
        installer = [uv, "pip", "install", "--python", python]
    run([*installer, "--require-hashes", "-r", ROOT / "requirements.lock"], folder)
    run([*installer, "--no-deps", wheel], folder)
    return environment / "bin" / "cardpresent"


def certified(command: Path, folder: Path, out: Path) -> dict[str, Any]:
    run([command, "certify", "--out", out, "--seed", SEED], folder, fails=False)
    path = out / "report.json"
    if not path.exists():
        sys.exit(f"{command} certify wrote no report in {out}")
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def what_it_says(report: dict[str, Any]) -> dict[str, Any]:
    """The part of a report in which two runs of one seed agree."""
    scenarios = {scenario["id"]: scenario["outcome"] for scenario in report["scenarios"]}
    return {"verdict": report["verdict"], "exit_code": report["exit_code"], "scenarios": scenarios}


def snapshot(folder: Path) -> dict[str, float]:
    return {str(path): path.stat().st_mtime for path in folder.rglob("*") if path.is_file()}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = installed(folder)
        empty = folder / "empty"
        empty.mkdir()
        package = next((folder / "environment" / "lib").glob("python*/site-packages/cardpresent"))
        suite_before = {path for path in snapshot(package) if not path.endswith(".pyc")}
        from_wheel = what_it_says(certified(command, empty, empty / "out"))
        written = {path for path in snapshot(package) if not path.endswith(".pyc")} - suite_before
        from_clone = what_it_says(certified(Path(sys.executable).with_name("cardpresent"), ROOT, folder / "clone"))
    if written:
        sys.exit(f"the wheel's run wrote into its installation: {', '.join(sorted(written))}")
    if from_wheel != from_clone:
        differing = {
            id_: (from_wheel["scenarios"].get(id_), from_clone["scenarios"].get(id_))
            for id_ in from_wheel["scenarios"].keys() | from_clone["scenarios"].keys()
            if from_wheel["scenarios"].get(id_) != from_clone["scenarios"].get(id_)
        }
        sys.exit(f"wheel: {from_wheel['verdict']}, clone: {from_clone['verdict']}; differing scenarios: {differing}")
    sys.stdout.write(f"wheel and clone agree: {from_wheel['verdict']}, {len(from_wheel['scenarios'])} scenarios\n")


if __name__ == "__main__":
    main()
