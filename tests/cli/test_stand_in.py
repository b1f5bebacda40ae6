"""What a run of a page relied on, in one sentence of the certificate."""

import json
from pathlib import Path

from cardpresent.cli.stand_in import sdk_of
from cardpresent.profile import load

FILES = Path(__file__).parents[2] / "fixtures" / "integrations"


def journal(folder: Path, *urls: str) -> Path:
    path = folder / "journal.jsonl"
    entries = [{"kind": "control", "data": {"what": "page_refused", "url": url}} for url in urls]
    path.write_text("".join(f"{json.dumps(entry, separators=(',', ':'))}\n" for entry in entries), encoding="utf-8")
    return path


def test_a_till_without_such_a_page_relied_on_nothing_of_the_kind(tmp_path: Path) -> None:
    assert sdk_of(load(FILES / "naive_till.toml"), journal(tmp_path)) is None


def test_a_page_relied_on_the_stand_in_and_what_it_was_refused_is_named_once_each(tmp_path: Path) -> None:
    till = load(FILES / "js_sdk_page.toml")

    plain = sdk_of(till, journal(tmp_path))
    refused = sdk_of(till, journal(tmp_path, *(f"https://js.stripe.com/v{n}" for n in (3, 3, 4, 5, 6, 7, 8))))

    assert plain is not None and "stand-in" in plain and "refused" not in plain
    assert refused is not None
    named = ", ".join(f"https://js.stripe.com/v{n}" for n in (3, 4, 5, 6))
    assert refused.endswith(f"refused: {named} and 2 more")
