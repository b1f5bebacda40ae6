"""An integration file of a test: a text of ours with parts replaced and variables added, in a folder of its own."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

NONE: Final[Mapping[str, str]] = MappingProxyType({})


def written(
    folder: Path, text: str, *changes: tuple[str, str], env: Mapping[str, str] = NONE, everywhere: bool = False
) -> Path:
    """Where the file lies. Each change has to find its place: once, or wherever it stands with `everywhere`."""
    added = "".join(f'{name} = "{value}"\n' for name, value in env.items())
    text = text.replace("[process.env]\n", f"[process.env]\n{added}")
    for old, new in changes:
        found = text.count(old)
        assert found == 1 or (everywhere and found), f"{found} times: {old}"
        text = text.replace(old, new)
    path = folder / "cardpresent.toml"
    path.write_text(text, encoding="utf-8")
    return path
