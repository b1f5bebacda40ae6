"""docs/kill-matrix.md: what `prove` found, as a page people read."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from cardpresent.prove.trial import stands

INTRODUCTION: Final = """\
# Kill matrix

What the suite refuses, and why. Each row is the reference POS with one thing wrong in it, a small patch in
[fixtures/defects](../fixtures/defects) whose header says beforehand which line of the register must turn red, by
which check, in which scenarios. A defect is killed when that happens in every attempt; another red does not count.
The harmless variants below are right in another way than the reference, and have to be certified.

This page is written by `make kill-matrix` from what `cardpresent prove` found.
"""

Row = Mapping[str, Any]


def document(matrix: Mapping[str, Any]) -> str:
    """The page. `matrix` is kill-matrix.json."""
    defects = [row for row in matrix["rows"] if row["kind"] == "defect"]
    harmless = [row for row in matrix["rows"] if row["kind"] == "benign"]
    parts = [
        INTRODUCTION, _summary(defects, harmless), "## Defects\n", _defects(defects), "## Harmless variants\n",
        _harmless(harmless),
    ]  # fmt: skip
    return "\n".join(parts)


def _summary(defects: Sequence[Row], harmless: Sequence[Row]) -> str:
    by_difficulty = Counter(row["difficulty"] for row in defects)
    killed = Counter(row["difficulty"] for row in defects if stands(row))
    lines = [f"| {name} | {killed[name]} of {by_difficulty[name]} |" for name in ("easy", "medium", "hard")]
    certified = sum(map(stands, harmless))
    classes = len({row["class"] for row in defects})
    beside = f"{certified} of {len(harmless)} harmless variants certified" if harmless else "no harmless variant tried"
    told = f"{len(defects)} defects of {classes} classes; {beside}."
    return "\n".join(["| defects that are | killed |", "|---|---|", *lines, "", told, ""])


def _defects(rows: Iterable[Row]) -> str:
    head = ["| defect | what is wrong | turns red | by | kills | short set |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *map(_defect, rows), ""])


def _defect(row: Row) -> str:
    expected = row["expected"]
    seen = "sees it" if row["beside"] else "–"
    kills = f"{row['kills']} of {row['attempts']}" + ("" if stands(row) else " ✗")
    return (
        f"| {row['defect']} | {row['title']} | {expected['requirement']} | `{expected['check']}` | {kills} | {seen} |"
    )


def _harmless(rows: Sequence[Row]) -> str:
    if not rows:
        return "None was tried in this proof.\n"
    head = ["| variant | what is different | verdict |", "|---|---|---|"]
    said = [f"| {r['defect']} | {r['title']} | {'certified' if stands(r) else r['verdict']} |" for r in rows]
    return "\n".join([*head, *said, ""])
