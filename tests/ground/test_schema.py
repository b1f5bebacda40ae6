"""docs/cardpresent.schema.json is as the code and the document have it now, and holds files to it."""

import json
import tomllib

import jsonschema_rs
import pytest

from tests.ground import schema
from tests.ground.project_files import ROOT
from tests.profile.test_loading import GOOD

VALIDATOR = jsonschema_rs.validator_for(json.loads(schema.SCHEMA.read_text(encoding="utf-8")))
FILES = sorted([*(ROOT / "fixtures" / "integrations").glob("*.toml"), *(ROOT / "fixtures" / "adapters").glob("*.toml")])


def test_the_schema_is_as_the_code_and_the_document_have_it_now():
    assert schema.SCHEMA.read_text(encoding="utf-8") == schema.written(), "renew it: make schema"


def test_every_key_says_what_it_means():
    tables = schema.schema()["$defs"].values()
    told = [described["description"] for table in tables for described in table["properties"].values()]

    assert len(told) > 150
    assert [text for text in told if len(text) < 8] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_that_is_shipped_is_sound_by_it(path):
    assert [error.message for error in VALIDATOR.iter_errors(tomllib.loads(path.read_text(encoding="utf-8")))] == []


@pytest.mark.parametrize(
    "old, new",
    [
        ('path = "/pay"', 'pth = "/pay"'), ("settle_s = 5", 'settle_s = "5"'),
        ('captures = "till"', 'captures = "tills"'),
        ("[operations.sale_state]", "[operations.sale_stat]"), ("[timing]", "[timings]"),
        ("[timing]", "[capabilities]\nrefunds = true\n[timing]"), ('country = "US"', 'country = "us"'),
    ],
)  # fmt: skip
def test_an_editor_is_told_of_what_does_not_fit(old, new):
    assert VALIDATOR.is_valid(tomllib.loads(GOOD))
    assert GOOD.count(old) == 1
    assert not VALIDATOR.is_valid(tomllib.loads(GOOD.replace(old, new)))
