"""A till that is started with its one reader works at that one through the whole run, and finds it free each time."""

import json
from collections.abc import Callable
from pathlib import Path

from tests.certify.running import Bench, Ended

# The naive till never gives up on a customer: the first leaves its reader asking.
LEFT_ASKING = "A reader that nobody pays at is cleared at the till's own deadline"
NEXT = "A reader that works can be paid at although it is listed as offline"
NAMED = 'json = { payment_intent_id = "{payment_intent}", reader_id = "{reader}" }'


def asked_at(ended: Ended) -> set[str]:
    """Every reader that the till sent a payment to."""
    entries = map(json.loads, (ended.out / "journal.jsonl").read_text(encoding="utf-8").splitlines())
    paths = (entry["data"]["path"] for entry in entries if entry["kind"] == "request")
    return {path.split("/")[4] for path in paths if path.endswith("/process_payment_intent")}


def with_one_reader(file: Path) -> Path:
    text = file.read_text(encoding="utf-8")
    text = text.replace(NAMED, 'json = { payment_intent_id = "{payment_intent}" }')
    file.write_text(text.replace('json = { reader_id = "{reader}" }', "json = {}"), encoding="utf-8")
    return file


def test_it_is_given_its_reader_at_the_start_and_finds_it_free_before_each_sale(
    bench: Bench, till: Callable[..., Path]
) -> None:
    changes = (('chosen = "per_sale"', 'chosen = "fixed"'), ("several_registers = true", "several_registers = false"))
    file = with_one_reader(till("naive_till", *changes, STRIPE_READER_ID="{reader}"))

    ended = bench.certify("--integration", file, "--select", LEFT_ASKING, "--select", NEXT)

    assert ended.outcomes() == {LEFT_ASKING: "failed", NEXT: "passed"}
    assert len(asked_at(ended)) == 1


def test_a_sound_till_is_none_the_worse_for_having_one_reader(bench: Bench, till: Callable[..., Path]) -> None:
    changes = (('chosen = "bound"', 'chosen = "fixed"'), ("several_registers = true", "several_registers = false"))
    file = till("reference_pos", *changes, POS_READER="{reader}")
    text = file.read_text(encoding="utf-8")
    bound = text[text.index("[operations.bind_reader]") : text.index("[operations.register_reader]")]
    file.write_text(text.replace(bound, ""), encoding="utf-8")

    ended = bench.certify("--integration", file, "--smoke")

    assert set(ended.outcomes().values()) == {"passed"}
    assert len(asked_at(ended)) == 1
