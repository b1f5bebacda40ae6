"""What is said about an integration file that cannot be used."""

from pathlib import Path
from typing import Final

# What is quoted of a file may be anything; a sentence has an end, and stands on one line.
CHARS_MAX: Final = 400


class IntegrationError(ValueError):
    """One clear sentence: the file, the line where it is known, the key, what is wrong and how to mend it.

    `key` is the dotted path inside the file, empty when the file as a whole is meant; `line` counts from 1.
    """

    def __init__(self, path: Path, key: str, problem: str, fix: str, line: int | None = None) -> None:
        self.path = path
        self.key = key
        self.problem = problem
        self.fix = fix
        key, problem, fix = _on_one_line(key), _on_one_line(problem), _on_one_line(fix)
        self.line = line
        place = f"{path}:{line}" if line else str(path)
        super().__init__(": ".join(part for part in (place, key, f"{problem}; {fix}") if part))


def _on_one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= CHARS_MAX else f"{line[:CHARS_MAX]}…"
