"""Every state machine, over its whole square: each legal move, and each illegal one refused."""

import pytest

from cardpresent.emulator.machine import IllegalTransition
from cardpresent.emulator.paying import card_session
from cardpresent.emulator.resources import disputes, payment_intents, payment_methods, readers, refunds, setup_intents

LEGAL = {
    "payment_intent": """
        requires_payment_method edit requires_payment_method
        requires_payment_method collect requires_confirmation
        requires_payment_method decline requires_payment_method
        requires_payment_method authorize requires_capture
        requires_payment_method authorize_and_capture succeeded
        requires_payment_method cancel canceled
        requires_confirmation edit requires_confirmation
        requires_confirmation collect requires_confirmation
        requires_confirmation uncollect requires_payment_method
        requires_confirmation decline requires_payment_method
        requires_confirmation authorize requires_capture
        requires_confirmation authorize_and_capture succeeded
        requires_confirmation cancel canceled
        requires_payment_method demand_action requires_action
        requires_confirmation demand_action requires_action
        requires_action edit requires_confirmation
        requires_action collect requires_confirmation
        requires_action decline requires_payment_method
        requires_action demand_action requires_action
        requires_action authorize requires_capture
        requires_action authorize_and_capture succeeded
        requires_action cancel canceled
        requires_capture capture_part requires_capture
        requires_capture release_rest succeeded
        requires_capture capture succeeded
        requires_capture cancel canceled
        requires_capture expire canceled""",
    "payment_method": """
        new attach attached
        new spend spent
        attached detach spent""",
    "refund": """
        new pay_back succeeded
        new wait pending
        pending pay_back succeeded
        succeeded fail failed""",
    "dispute": """
        new open needs_response
        new inquire warning_needs_response
        needs_response respond under_review
        needs_response close lost
        needs_response expire lost
        under_review respond under_review
        under_review win won
        under_review lose lost
        under_review close lost
        warning_needs_response respond warning_under_review
        warning_needs_response close warning_closed
        warning_needs_response expire warning_closed
        warning_under_review respond warning_under_review
        warning_under_review win warning_closed
        warning_under_review lose warning_closed
        warning_under_review escalate needs_response
        warning_under_review close warning_closed""",
    "reader_action": """
        none start in_progress
        in_progress start in_progress
        succeeded start in_progress
        failed start in_progress
        in_progress succeed succeeded
        in_progress fail failed
        in_progress cancel none
        succeeded give_up none""",
    "setup_intent": """
        requires_payment_method edit requires_payment_method
        requires_payment_method name requires_confirmation
        requires_payment_method succeed succeeded
        requires_payment_method fail requires_payment_method
        requires_payment_method cancel canceled
        requires_confirmation edit requires_confirmation
        requires_confirmation name requires_confirmation
        requires_confirmation succeed succeeded
        requires_confirmation fail requires_payment_method
        requires_confirmation cancel canceled""",
    "card_session": """
        idle prompt waiting
        idle interrupt idle
        waiting prompt waiting
        waiting interrupt idle
        waiting cancel idle
        waiting customer_cancel idle
        waiting present authorizing
        authorizing ask_again waiting
        authorizing approve idle
        authorizing decline idle
        authorizing hold collected
        authorizing lose_contact lost
        collected confirm waiting
        collected prompt waiting
        collected interrupt idle
        collected cancel idle
        collected expire idle
        lost cancel idle""",
}
MACHINES = {
    m.name: m
    for m in (
        payment_intents.MACHINE, payment_methods.MACHINE, refunds.MACHINE, readers.MACHINE, card_session.MACHINE,
        setup_intents.MACHINE, disputes.MACHINE,
    )
}
MOVES = {
    name: {(s, e): after for s, e, after in (line.split() for line in text.strip().splitlines())}
    for name, text in LEGAL.items()
}
SQUARE = [(m, s, e) for m in MACHINES.values() for s in m.states for e in m.events]


@pytest.mark.parametrize(("machine", "state", "event"), SQUARE, ids=lambda v: getattr(v, "name", v))
def test_a_move_is_made_or_refused_as_the_table_says(machine, state, event):
    expected = MOVES[machine.name].get((state, event))
    if expected is not None:
        assert machine.next("x_1", state, event) == expected
        return
    with pytest.raises(IllegalTransition) as refused:
        machine.next("x_1", state, event)
    assert str(refused.value).startswith(f"x_1: cannot {event} while {state}; allowed here: ")


def test_the_square_covers_every_move_written_here():
    assert {name: machine.table for name, machine in MACHINES.items()} == MOVES


def test_the_diagram_is_printed_from_the_table():
    assert "requires_capture --> succeeded: capture" in payment_intents.MACHINE.as_mermaid()
