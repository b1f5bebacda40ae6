"""What holds of a load run as a whole, and what does not."""

from typing import Any

from cardpresent.evidence.journal import Journal
from cardpresent.loadgen.books_closed import every_charge_has_a_sale, never_rung_up, no_hold_left, readers_at_rest
from cardpresent.model.entry import Entry


def closed(
    unclaimed: list[dict[str, Any]] = (), asking: list[dict[str, Any]] = (), held: list[dict[str, Any]] = ()
) -> Journal:
    data = {"unclaimed": list(unclaimed), "asking": list(asking), "held": list(held)}
    return Journal([Entry(9, "ledger", "stripe", "suite", 0.0, 0.0, "load/ours", None, data)])


def stray(received: int) -> dict[str, Any]:
    return {"id": "pi_1", "status": "succeeded", "amount": 500, "amount_received": received, "currency": "usd"}


def test_a_charge_that_no_sale_answers_for_is_found_with_what_it_took():
    found = every_charge_has_a_sale(closed(unclaimed=[stray(500)]))

    assert found.holds is False
    assert "pi_1 5.00 USD" in found.observed
    assert found.evidence == (9,)


def test_a_payment_that_took_no_money_may_be_nobodys():
    assert every_charge_has_a_sale(closed(unclaimed=[stray(0)])).holds is True


def test_a_reader_that_asks_on_when_everybody_has_gone_is_found():
    found = readers_at_rest(closed(asking=[{"reader": "tmr_1", "payment_intent": "pi_1"}]))

    assert found.holds is False
    assert "tmr_1 for pi_1" in found.observed


def test_readers_that_rest_are_fine():
    assert readers_at_rest(closed()).holds is True


def test_books_that_were_never_closed_say_nothing():
    assert every_charge_has_a_sale(Journal()) is None
    assert readers_at_rest(Journal()) is None


def test_money_that_is_still_held_when_everybody_has_gone_is_found_whosever_it_is():
    found = no_hold_left(closed(held=[{"payment_intent": "pi_1", "amount": 500, "currency": "usd"}]))

    assert found.holds is False
    assert "pi_1 5.00 USD" in found.observed
    assert no_hold_left(closed()).holds is True
    assert no_hold_left(Journal([])) is None


def test_a_sale_that_may_never_have_been_asked_for_decides_nothing():
    assert never_rung_up("LD-1").holds is None
