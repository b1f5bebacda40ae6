"""What lies where in the folder of a run, beside its evidence."""

from pathlib import Path
from typing import Final

# The journals of a certification's tills, until they are one.
PARTS: Final = "journals"
ENTRIES_APART: Final = 1_000_000
# Where a till that asks for {scratch} keeps its data, and beside it the hellos of its shims. No part of the evidence.
SCRATCH: Final = "till"
HELLOS: Final = "hellos"


def journal_part(out: Path, number: int) -> Path:
    """Where the journal of the `number`th till of a certification is written."""
    return out / PARTS / f"{number}.jsonl"


def first_entry(number: int) -> int:
    """The number of its first entry: no two tills of a certification share one, so their journals can be joined."""
    return (number - 1) * ENTRIES_APART + 1


def scratch_folder(out: Path, number: int) -> Path:
    """Where a till of this run keeps its data; inside the run's own folder, so that nothing else is touched."""
    folder = out / SCRATCH / str(number)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def hello_folder(out: Path, number: int) -> Path:
    """Where the shims of the `number`th till of a certification say hello."""
    return out / SCRATCH / HELLOS / str(number)
