"""docs/integrations.md explains every key, verb, capability and placeholder, and its examples are sound."""

import re
from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest

from cardpresent.model.requirement import Register
from cardpresent.profile import CAPABILITIES, VERBS, load, placeholders, schema

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs/integrations.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", DOC, re.DOTALL)


def _tables() -> list[type[msgspec.Struct]]:
    return [
        found
        for found in vars(schema).values()
        if isinstance(found, type) and issubclass(found, schema.Table) and found is not schema.Table
    ]


@pytest.mark.parametrize("table", _tables(), ids=lambda table: table.__name__)
def test_every_key_of_a_table_is_explained(table):
    for key in get_type_hints(table):
        if not key.startswith("_"):
            assert re.search(rf"`{key}`|`\[{key}[\].]", DOC), f"{table.__name__}.{key} is not in docs/integrations.md"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_explained(verb):
    assert f"| `{verb}` |" in DOC


def test_the_capabilities_explained_are_those_there_are():
    listed = DOC.split("## `[capabilities]`")[1].split("## ")[0]

    assert re.findall(r"^\| `(\w+)` \|", listed, re.MULTILINE) == sorted(CAPABILITIES)


def test_every_placeholder_is_explained():
    for name in placeholders.ABOUT_THE_RUN | placeholders.ABOUT_THE_SALE:
        money = name.partition(".")[0] in set(placeholders.MONEY) - {"amount"}
        shown = f"`{name.partition('.')[0]}`" if money else f"{{{name}}}"
        assert shown in DOC, name


def test_the_examples_make_a_file_that_can_be_loaded(tmp_path):
    path = tmp_path / "cardpresent.toml"
    path.write_text("\n".join(EXAMPLES[:-2]), encoding="utf-8")

    till = load(path)

    assert till.operations["start_sale"].poll.verb == "sale_state"
    assert till.page.outcome.at.role == "status"
    assert len(till.operations["refund_sale"].requests) == 3


def test_the_example_of_a_till_on_another_host_can_be_loaded(tmp_path):
    least, staging = EXAMPLES[0], EXAMPLES[-1]
    before, _, rest = least.partition("[process]")
    path = tmp_path / "staging.toml"
    path.write_text(f"{before}{staging}\n[reader]{rest.partition('[reader]')[2]}", encoding="utf-8")

    till = load(path)

    assert till.stripe.gateway == "https://staging.example:8443"
    assert not till.process.command


def test_the_example_of_a_page_with_the_sdk_in_it_can_be_loaded(tmp_path):
    least, js_page = EXAMPLES[0], EXAMPLES[-2]
    path = tmp_path / "page.toml"
    token = '[operations.connection_token]\nmethod = "POST"\npath = "/token"\n'
    head = least.split("[operations.list_readers]")[0]
    head = head.replace("server-driven", "js-sdk").replace('probe = "list_readers"', 'probe = "connection_token"')
    path.write_text("\n".join([head, token, js_page]), encoding="utf-8")

    assert load(path).at_page


def test_the_register_asks_for_no_capability_that_a_file_cannot_declare():
    register = Register.load(ROOT / "features/requirements.toml")

    assert set(register.answers["capability"].values) <= set(CAPABILITIES)
