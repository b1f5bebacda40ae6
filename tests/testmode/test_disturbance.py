"""What a real Stripe did by itself is no evidence against the till, and whose doing a stimulus was is said."""

from typing import Any

import pytest

from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from steps.disturbance import disturbance_of
from steps.recorder import stimulus_of


def journal(**data: Any) -> Journal:
    return Journal([Entry(1, "control", "none", "gateway", 0, 0, scenario=None, sale=None, data=data)])


@pytest.mark.parametrize(
    ("data", "party", "says"),
    [
        ({"what": "venue_trouble", "why": "the line to Stripe broke", "method": "POST", "path": "/v1/refunds"},
         "environment", "the line to Stripe broke (POST /v1/refunds)"),
        ({"what": "venue_trouble", "why": "/v1/events answered 500"}, "environment", "its events"),
        ({"what": "venue_waited", "why": "Stripe limits", "ms": 4000, "path": "/v1/x"}, "environment", "kept a call"),
        ({"what": "foreign_object_refused", "object": "pi_old"}, "configuration", "pi_old"),
    ],
)
def test_what_happened_is_named_with_whose_turn_it_is(data: dict[str, Any], party: str, says: str) -> None:
    found = disturbance_of(journal(**data))

    assert found is not None
    assert says in found[0]
    assert found[1] == party


@pytest.mark.parametrize(
    "data",
    [{"what": "venue_waited", "why": "Stripe limits", "ms": 300}, {"what": "fault_fired", "fault": "answer_lost"}],
)
def test_a_short_wait_and_what_was_staged_disturb_nothing(data: dict[str, Any]) -> None:
    assert disturbance_of(journal(**data)) is None


@pytest.mark.parametrize(
    ("staged", "emulated", "stimulus"),
    [
        ([], True, ["emulated"]),
        ([], False, ["stripe"]),
        (["injected: answer_lost on payment_intent.capture"], True, ["injected"]),
        (["injected: reader_busy"], False, ["injected"]),
        (["emulated: slow_issuer", "injected: webhook_lost"], True, ["emulated", "injected"]),
        (["in any order: 4 stories of 20 stimuli"], False, ["stripe"]),
    ],
)
def test_a_finding_says_whose_doing_its_stimulus_was(staged: list[str], emulated: bool, stimulus: list[str]) -> None:
    assert stimulus_of(staged, emulated=emulated) == stimulus
