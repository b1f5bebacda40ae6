"""docs/kill-matrix.md says what there is, and what survived is not hidden in it."""

import re
from typing import Any

from cardpresent.prove.document import document
from tests.ground.kill_matrix import PAGE
from tests.prove.shipped import seeded


def row(**said: Any) -> dict[str, Any]:
    return {
        "defect": "M-01", "kind": "defect", "title": "Prices are floats", "class": "FD-06", "difficulty": "easy",
        "expected": {"requirement": "FD-06", "check": "charges.amount_at_stripe"}, "kills": 5, "attempts": 5,
        "killed": True, "beside": [], **said,
    }  # fmt: skip


def test_what_survived_stands_out() -> None:
    page = document({"rows": [row(), row(defect="M-02", kills=4, killed=False)]})

    assert "| easy | 1 of 2 |" in page
    assert "| M-02 | Prices are floats | FD-06 | `charges.amount_at_stripe` | 4 of 5 ✗ | – |" in page


def test_a_harmless_variant_that_was_refused_says_so() -> None:
    refused = {"defect": "B-1", "kind": "benign", "title": "Other keys", "certified": False, "verdict": "refused"}

    assert "| B-1 | Other keys | refused |" in document({"rows": [refused]})


def test_the_page_names_every_defect_there_is() -> None:
    listed = set(re.findall(r"^\| (M-\d+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))

    assert listed == {one.id for one in seeded() if one.kind == "defect"}
