"""Readers registered, listed, given to registers and used, right and wrong."""

from typing import Any

import pytest

from cardpresent.checks import fleet
from tests.checks.story import SALE, Story, unpaid

READER = {"id": "tmr_2", "label": "lane 2", "location": "tml_1", "status": "online"}


def _registering(outcome: str, words: str, *added: dict[str, Any], role: str = "manager", calls: int = 0) -> Story:
    story = Story()
    story.asked(0, "register_reader", label="lane 2", location="tml_1")
    for _ in range(calls):
        story.till_asks("reader.create")
    story.said(outcome, verb="register_reader", role=role, words=words)
    return story.done("readers_added", readers=list(added))


def test_a_reader_was_registered_as_asked_or_not() -> None:
    right = _registering("accepted", "", READER).journal
    none = _registering("accepted", "").journal
    other = _registering("accepted", "", {**READER, "label": "reader", "location": "tml_9"}).journal

    for check in (fleet.registered, fleet.at_the_chosen_location):
        assert check(right).holds is True
        assert check(none).holds is False
        assert check(other).holds is False
        assert check(Story().journal).holds is None


@pytest.mark.parametrize(
    ("outcome", "words", "added", "holds"),
    [("refused", "That code is wrong.", (), True), ("refused", "", (), False), ("accepted", "Done", (), False),
     ("refused", "That code is wrong.", (READER,), False)],
)  # fmt: skip
def test_a_wrong_code_is_refused_in_words(outcome: str, words: str, added: tuple[Any, ...], holds: bool) -> None:
    assert fleet.wrong_code_told(_registering(outcome, words, *added).journal).holds is holds


def test_a_stranger_registers_nothing_and_makes_the_till_ask_for_nothing() -> None:
    assert fleet.strangers_register_nothing(_registering("refused", "", role="stranger").journal).holds is True
    open_door = _registering("accepted", "", READER, role="stranger").journal
    assert fleet.strangers_register_nothing(open_door).holds is False
    asked = _registering("refused", "", role="stranger", calls=1).journal
    assert fleet.strangers_register_nothing(asked).holds is False
    assert fleet.strangers_register_nothing(_registering("accepted", "", READER).journal).holds is None
    assert fleet.wrong_code_told(Story().journal).holds is None


def _list(label: str | None, status: str | None, at_stripe: str = "online", story: Story | None = None) -> Story:
    story = story or Story()
    story.done("reader_at_stripe", reader="tmr_2", label="lane 2", status=at_stripe)
    return story.said("accepted", verb="list_readers", listed={"label": label, "status": status})


def _listed(story: Story) -> bool | None:
    finding = fleet.listed(story.journal)
    return finding.holds if finding else None


def test_a_reader_is_listed_under_its_label_and_as_it_is_now() -> None:
    assert _listed(_list("lane 2 (front)", "online")) is True
    assert _listed(_list(None, None)) is False
    assert _listed(_list("another", "online")) is False
    assert _listed(_list("lane 2", "gone", "offline", _list("lane 2", "online"))) is True
    assert _listed(_list("lane 2", "online", "offline", _list("lane 2", "online"))) is False
    assert _listed(Story().said("accepted", verb="list_readers", listed=None)) is None


@pytest.mark.parametrize(
    ("outcome", "words", "holds"),
    [("refused", "", True), ("accepted", "at tml_9, expected tml_1", True), ("accepted", "", False),
     ("accepted", "bound", False)],
)  # fmt: skip
def test_a_misplaced_reader_is_told_of(outcome: str, words: str, holds: bool) -> None:
    story = Story().said("accepted", verb="bind_reader", reader="tmr_1", words="bound")
    story.done("reader_misplaced", reader="tmr_9", location="tml_9")
    assert fleet.misplaced_reader_told(story.journal).holds is None

    story.said(outcome, verb="bind_reader", reader="tmr_9", words=words)
    assert fleet.misplaced_reader_told(story.journal).holds is holds


@pytest.mark.parametrize("command", ["reader.process_payment_intent", "reader.collect_payment_method"])
def test_each_sale_is_on_its_own_reader(command: str) -> None:
    readers, payments = {SALE: "tmr_1", "S2": "tmr_2"}, {"pi_1": SALE, "pi_2": "S2"}

    def sent(*pairs: tuple[str, str]) -> bool | None:
        story = Story().asked(2000).said("unknown").books(unpaid(2000))
        for payment, reader in pairs:
            story.till_asks(command, object_id=reader, params={"payment_intent": payment})
        return fleet.sent_to_own_reader(story.journal, readers, payments).holds

    assert sent(("pi_1", "tmr_1"), ("pi_2", "tmr_2")) is True
    assert sent() is True
    assert sent(("pi_1", "tmr_2")) is False
    assert sent(("pi_3", "tmr_9")) is False
    assert fleet.sent_to_own_reader(Story().journal, readers, payments).holds is None
