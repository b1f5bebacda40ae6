"""Which files belong to the project, as opposed to what was made while working on it."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def project_files(folder: str = ".") -> list[Path]:
    """Files below `folder` that git has or would take; without a repository, those that .gitignore lets through."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]
    patterns = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()]
    return [path for path in (ROOT / folder).rglob("*") if path.is_file() and not _ignored(path, patterns)]


def _ignored(path: Path, patterns: list[str]) -> bool:
    inside = path.relative_to(ROOT)
    parents = [inside, *inside.parents][:-1]
    return inside.parts[0] == ".git" or any(parent.match(pattern) for parent in parents for pattern in patterns)
