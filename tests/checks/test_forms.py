"""Forms on the reader: one case in which each check holds, fails and cannot tell."""

from typing import Any

import pytest

from cardpresent.checks import forms
from tests.checks.story import Story


def asked(title: str, kind: str = "text", *, skipped: bool = False, **content: Any) -> dict[str, Any]:
    return {"type": kind, "custom_text": {"title": title}, "required": False, "skipped": skipped, kind: content}


def form(*inputs: dict[str, Any], status: str = "succeeded") -> dict[str, Any]:
    return {"type": "collect_inputs", "status": status, "collect_inputs": {"inputs": list(inputs)}}


NAME = asked("Name", value="Ada O'Neill")
PHONE = asked("Telephone", "phone", value="+15555550100")
WRAP = asked("Wrapping", "selection", id="paper", text="In paper", choices=[{"id": "paper", "text": "In paper"}])
SIGNED = asked("Signature", "signature", value="file_1")


@pytest.mark.parametrize(
    ("inputs", "recorded", "holds"),
    [
        ([NAME, PHONE], '[{"a":"Ada O\\u0027Neill"},{"a":"+1 555-555-0100"}]', True),
        ([NAME, asked("Telephone", "phone", skipped=True, value=None)], '["Ada O\'Neill", null]', True),
        ([NAME, WRAP, SIGNED], "Ada O'Neill, paper", True),
        ([NAME, PHONE], '["Ada O\'Neill"]', False),
        ([WRAP], '["cloth"]', False),
    ],
)
def test_every_answer_stands_in_what_the_till_recorded(inputs: list[Any], recorded: str, holds: bool) -> None:
    journal = Story().looked(form(*inputs)).answers("accepted", recorded).journal

    assert forms.answers_arrived(journal).holds is holds


def test_answers_that_are_told_as_none_did_not_arrive() -> None:
    assert forms.answers_arrived(Story().looked(form(NAME)).answers("refused").journal).holds is False
    assert forms.answers_arrived(Story().looked(form(NAME)).journal).holds is None
    assert forms.answers_arrived(Story().looked(form(NAME, status="in_progress")).journal).holds is None


def test_a_form_that_was_left_is_told_as_not_answered() -> None:
    assert forms.left_told(Story().done("form_left").answers("refused").journal).holds is True
    assert forms.left_told(Story().done("form_left").answers("accepted").journal).holds is False
    assert forms.left_told(Story().done("form_left").answers("unknown").journal).holds is False
    assert forms.left_told(Story().answers("refused").journal).holds is None


@pytest.mark.parametrize(
    "title",
    ["Your credit card, please", "Card number", "CVC", "Security code", "Social security number", "Health insurance",
     "Kartennummer", "Numéro de carte", "Número de tarjeta", "Numero della carta", "Password", "Card PIN"],
)  # fmt: skip
def test_what_may_not_be_asked_is_found(title: str) -> None:
    assert forms.asks_nothing_forbidden(Story().looked(form(asked(title))).journal).holds is False


@pytest.mark.parametrize(
    "title",
    ["Name for the order", "Gift card number", "Loyalty card number", "Membership card number", "PIN code of your area",
     "Telephone", "Table number", "Any allergies?", "Rate our service", "Postal code", "Numéro de table"],
)  # fmt: skip
def test_what_may_be_asked_is_left_alone(title: str) -> None:
    assert forms.asks_nothing_forbidden(Story().looked(form(asked(title))).journal).holds is True


def test_a_reader_that_asked_nothing_tells_nothing() -> None:
    assert forms.asks_nothing_forbidden(Story().looked(None).journal).holds is None
