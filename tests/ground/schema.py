"""docs/cardpresent.schema.json, made from the shape of the file and from docs/integrations.md: `make schema`.

Editors that know TOML complete and check an integration file with it. The structs say what may stand where, the tables
of the document what it means; a test keeps the two and the file in step.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from cardpresent.profile import CAPABILITIES, VERBS
from cardpresent.profile.schema import File
from tests.ground.project_files import ROOT

DOC: Final = ROOT / "docs" / "integrations.md"
SCHEMA: Final = ROOT / "docs" / "cardpresent.schema.json"
# Where the keys of a struct are explained: (words of the heading, words of the table's first line).
PLACES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Till": (("[till]", ""),), "Connect": (("[till.connect]", ""),),
    "Process": (("[process]", ""),), "Beside": (("[process]", ""),), "Stripe": (("[stripe]", ""),),
    "Identity": (("[auth", ""),), "Reader": (("[reader]", ""),), "SaleIdentity": (("[reader]", ""),),
    "Timing": (("[timing]", ""),), "Request": (("The request", ""), ("The outcome", "key")),
    "Login": (("The request", ""), ("The outcome", "key")),
    "Operation": (("The request", ""), ("The outcome", "key")), "Extraction": (("Extractions", ""),),
    "OutcomeTable": (("The outcome", "key"),), "Record": (("The outcome", "key of `record`"),),
    "Worklist": (("The outcome", "key of `worklist`"),), "Poll": (("The outcome", "key of `poll`"),),
    "Offline": (("[offline]", ""),), "Load": (("[load]", ""),), "Webhooks": (("[webhooks]", ""),),
    "Page": (("[page]", "key"),),
    "PageStep": (("[page]", "key of a step"),), "Locator": (("[page]", "a place"),), "Data": (("[data]", ""),),
    "Clock": (("[data]", ""),), "Logs": (("[data]", ""),), "Adapter": (("When a file is not enough", ""),),
}  # fmt: skip
# What no table of the document has a line for: tables of tables.
ELSEWHERE: Final[Mapping[tuple[str, str], str]] = {
    ("Auth", "cashier"): "who works the till", ("Auth", "manager"): "who may do more",
    ("Auth", "other_shop"): "staff of another shop, with a log-in that is good there",
    ("PageOutcome", "at"): "a place on the page",
    **{("PageOutcome", word): "texts that may stand there"
       for word in ("accepted", "refused", "unknown", "collecting", "held", "stored")},
    ("PageOutcome", "idle"): "texts of a page that is about no sale yet",
    ("PageOutcome", "within_s"): "seconds until one of them stands there",
    ("Till", "connect"): "a platform that takes payments for others",
    ("File", "adapter"): "the way out for a till that no file can describe",
    ("File", "shops"): "further tills of the same build, each laid over the file",
    ("File", "operations"): "what a cashier can do: one table a verb",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of the document."""

    heading: str
    table: str
    keys: tuple[str, ...]
    text: str


def rows() -> Iterator[Row]:
    heading = table = before = ""
    for line in DOC.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("|") else []
        if line.startswith("|---"):
            table = before
        elif len(cells) == 2 and cells[0].startswith("`"):
            yield Row(heading, table, tuple(re.findall(r"`([^`]+)`", cells[0])), cells[1])
        before = cells[0] if cells else ""


def schema() -> dict[str, Any]:
    """The whole of it, as JSON has it."""
    known = list(rows())
    made = _without_null(msgspec.json.schema(File))
    for name, table in made["$defs"].items():
        for key, described in table.get("properties", {}).items():
            table["properties"][key] = {"description": _told(name, key, known), **described}
    file = made["$defs"]["File"]["properties"]
    file["operations"] |= _named(VERBS, {"$ref": "#/$defs/Operation"}, known, "[operations")
    either = {"anyOf": [{"type": "boolean"}, {"type": "string", "minLength": 1}]}
    file["capabilities"] |= _named(tuple(CAPABILITIES), either, known, "[capabilities]")
    head = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "cardpresent.toml: how a till is described"}
    return {**head, **made}


def _named(names: tuple[str, ...], each: Mapping[str, Any], known: list[Row], heading: str) -> dict[str, Any]:
    told = {key: row.text for row in known for key in row.keys if heading in row.heading}
    return {"properties": {name: {"description": told[name], **each} for name in names}, "additionalProperties": False}


def _told(struct: str, key: str, known: list[Row]) -> str:
    """What the document says of a key; of a table in the file, its heading. Raises KeyError where it says nothing."""
    if (struct, key) in ELSEWHERE:
        return ELSEWHERE[struct, key]
    if struct == "File":
        headings = re.findall(r"^#+ (.+)$", DOC.read_text(encoding="utf-8"), re.MULTILINE)
        return next(heading for heading in headings if re.search(rf"\[{key}[\].]", heading))
    for heading, table in PLACES[struct]:
        for row in known:
            if key in row.keys and heading in row.heading and row.table.startswith(table):
                return row.text
    raise KeyError(f"{struct}.{key} stands in no table of {DOC.name} that tests/ground/schema.py looks at")


def _without_null(value: Any) -> Any:
    """TOML knows no null: a key that may be left out is simply not required."""
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _without_null(item) for key, item in value.items() if not (key == "default" and item is None)}
    choices = [choice for choice in kept.pop("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        return {**choices[0], **kept}
    return {**kept, **({"anyOf": choices} if choices else {})}


def written() -> str:
    return json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(written(), encoding="utf-8")
