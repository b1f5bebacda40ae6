"""A copy of the reference POS with one patch in it, and the integration file that starts that copy."""

import shutil
import tempfile
from pathlib import Path

from cardpresent.prove.defect import DefectError, Patch, Seeded

INTEGRATION = "cardpresent.toml"


def graft(seeded: Seeded, pos: Path, integration: Path, into: Path) -> Path:
    """Copy the till and its SDK, apply every patch to the till; the path of the integration file to certify with.

    `pos` is the folder of the reference POS, `integration` its file. Raises DefectError when a patch does not fit.
    """
    package = into / "cardpresent"
    # The copy's own `cardpresent` holds the till and the SDK it is built on, so it can import nothing of the suite.
    for part in (pos, pos.parent / "sdk"):
        shutil.copytree(part, package / part.name, ignore=shutil.ignore_patterns("__pycache__"))
    (package / "__init__.py").write_text("", encoding="utf-8")
    shutil.copyfile(integration, into / INTEGRATION)
    for patch in seeded.header.patch:
        target = into / INTEGRATION if patch.file == INTEGRATION else package / "reference_pos" / patch.file
        apply(patch, target, seeded.path.name)
    return into / INTEGRATION


def must_fit(seeded: Seeded, pos: Path, integration: Path) -> None:
    """Raises DefectError unless every patch fits the till as it is now."""
    with tempfile.TemporaryDirectory(prefix="cardpresent-") as folder:
        graft(seeded, pos, integration, Path(folder))


def apply(patch: Patch, target: Path, where: str) -> None:
    """Replace `old` by `new` in `target`, once and only once."""
    if not target.is_file():
        raise DefectError(f"{where}: the till has no file {patch.file}")
    text = target.read_text(encoding="utf-8")
    found = text.count(patch.old)
    if found != 1:
        raise DefectError(f"{where}: the old text occurs {found} times in {patch.file}, it must occur once")
    target.write_text(text.replace(patch.old, patch.new), encoding="utf-8")
