"""What a run made in somebody's account is taken back, whatever became of the run; and nothing else is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.testmode.conftest import ADDRESS, Gateway, Remote, payment


def test_readers_places_and_open_payments_go_when_the_run_says_so(gateway: Gateway, remote: Remote) -> None:
    theirs, payments = remote.foreign_reader(), remote.foreign_payment()
    reader = gateway.reader()
    paid = gateway.sale(reader)
    opened = gateway.till.v1.payment_intents.create(payment())

    told = gateway.control("POST", "cleanup")

    assert remote.ids("terminal/readers") == [theirs.id]
    assert remote.ids("terminal/locations") == [theirs.location]
    states = {one.id: one.status for one in remote.stripe.v1.payment_intents.list().data}
    assert states == {paid.id: "succeeded", opened.id: "canceled", payments.id: "requires_payment_method"}
    assert told["left"] == []
    assert {one["id"]: one["did"] for one in told["cleaned"]}[opened.id] == "cancelled"
    assert {entry["data"]["id"] for entry in gateway.entries("control", what="cleanup")} >= {reader, opened.id}


def test_a_reader_that_the_till_registered_at_the_runs_place_goes_too(gateway: Gateway, remote: Remote) -> None:
    place = gateway.suite.v1.terminal.locations.create({"display_name": "Ours", "address": ADDRESS})  # type: ignore[typeddict-item]
    gateway.till.v1.terminal.readers.create({"registration_code": "simulated-wpe", "location": place.id})

    gateway.control("POST", "cleanup")

    assert remote.ids("terminal/readers") == []


def test_what_is_made_carries_the_runs_mark_beside_what_was_asked(gateway: Gateway, remote: Remote) -> None:
    reader = gateway.suite.v1.terminal.readers.create(
        {"registration_code": "simulated-wpe", "label": "front", "metadata": {"of": "the till"}}
    )

    assert set(reader.to_dict()["metadata"]) == {"of", "cardpresent"}
    assert reader.label == "front"


def test_a_run_that_is_cut_off_takes_back_what_it_made_before_it_ends(gateway: Gateway, remote: Remote) -> None:
    gateway.reader()
    opened = gateway.till.v1.payment_intents.create(payment())

    gateway.end()

    assert remote.ids("terminal/readers") == []
    assert remote.stripe.v1.payment_intents.retrieve(opened.id).status == "canceled"


def test_what_a_killed_run_left_goes_when_the_next_begins(gateways: Callable[[], Gateway], remote: Remote) -> None:
    killed = gateways()
    reader = killed.reader()
    killed.kill()
    assert remote.ids("terminal/readers") == [reader]

    found = gateways().control("GET", "about")["found"]

    assert remote.ids("terminal/readers") == []
    assert remote.ids("terminal/locations") == []
    assert reader in {one["id"] for one in found["cleaned"]}


def test_what_a_run_that_goes_on_has_is_left_and_told(gateways: Callable[[], Gateway], remote: Remote) -> None:
    reader = gateways().reader()

    found = gateways().control("GET", "about")["found"]

    assert remote.ids("terminal/readers") == [reader]
    assert {one["id"]: one["why"] for one in found["left"]}[reader].startswith("of a run that may be going on")


def test_a_run_whose_lock_cannot_be_seen_from_here_is_not_taken_for_over(
    gateways: Callable[[], Gateway], remote: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two jobs on one machine that keep their temporary files apart, as containers do."""
    reader = gateways().reader()
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    found = gateways().control("GET", "about")["found"]

    assert remote.ids("terminal/readers") == [reader]
    assert found["cleaned"] == []


@pytest.mark.parametrize("mark", ["somebody's", "run1 0123456789 99", "a b c d", "run1 machine soon"])
def test_a_mark_that_only_looks_like_ours_protects_its_bearer(
    gateways: Callable[[], Gateway], remote: Remote, mark: str
) -> None:
    reader = remote.stripe.v1.terminal.readers.create(
        {"registration_code": "simulated-wpe", "metadata": {"cardpresent": mark}}
    )

    gateways()

    gone = reader.id not in remote.ids("terminal/readers")
    # The second is a mark like ours, of another machine and long ago: nobody's run lasts that long.
    assert gone == (mark == "run1 0123456789 99")
