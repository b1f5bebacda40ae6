"""The backend of an app on devices, judged by machine: the suite plays the app before it, and a hand has the rest."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import integration_files
from tests.certify.running import Bench, Ended
from tests.certify.test_native import PAID as BY_HAND
from tests.certify.test_native import RIGHT, Hand

HERE = Path(__file__).resolve().parent
PAID = "An approved sale is charged once and only then shown as paid"
AT_ONCE = "A sale submitted twice at once is charged once"
AGAIN = "A sale sent again after it was paid is not charged again"
BACK = "A refund returns the amount once"
CANCELLED = "A cancelled sale clears the reader and charges nothing"
LOST = "A capture whose answer is lost is neither lost nor repeated"
ANOTHER_CARD = "Another card can pay after a decline"
STRANGER = "A stranger gets no connection token"
BY_MACHINE = (PAID, AT_ONCE, AGAIN, BACK, CANCELLED, LOST, ANOTHER_CARD, STRANGER)

LINK = "A sale whose reader goes before the card is paid once the reader is back"
DEADLINE = "A reader that nobody pays at is cleared at the till's own deadline"
STORED = "Stored payments are charged once although the line breaks while they are sent"
DRIVEN = "A command whose acknowledgement is lost does not start a second payment"
HAND = "needs a hand at the device"


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """The backend's file, which starts it wrong in one way, with parts of its text replaced."""

    def write(wrong: str = "", *changes: tuple[str, str]) -> Path:
        text = (HERE / "native_backend.toml").read_text(encoding="utf-8")
        here = ("tills/", f"{HERE}/tills/")
        return integration_files.written(tmp_path, text, here, *changes, env={"WRONG": wrong})

    return write


def chosen(file: Path, *titles: str) -> list[str]:
    return ["--integration", str(file), *(word for title in titles for word in ("--select", title))]


def broken(ended: Ended, title: str) -> set[tuple[str, str]]:
    return {(f["requirement"], f["check"]) for f in ended.scenario(title)["findings"] if f["holds"] is False}


def test_a_backend_that_is_right_passes_by_machine_and_what_is_the_devices_is_left_to_a_hand(
    bench: Bench, written: Callable[..., Path]
) -> None:
    left = (LINK, DEADLINE, STORED, BY_HAND)

    ended = bench.certify(*chosen(written(), *BY_MACHINE, *left, DRIVEN))

    assert ended.outcomes() == {
        **dict.fromkeys(BY_MACHINE, "passed"), **dict.fromkeys(left, "untested"), DRIVEN: "not_applicable"
    }  # fmt: skip
    assert all(HAND in ended.scenario(title)["reason"] for title in (LINK, DEADLINE, STORED))
    assert "run with --guided" in ended.scenario(BY_HAND)["reason"]
    lines = {line["id"]: (line["outcome"], line["judged_by"]) for line in ended.report["requirements"]}
    assert lines["FD-02"] == ("passed", ["machine"])
    assert lines["FD-30"] == ("untested", [])
    assert "the app is played by the suite" in ended.report["reliance"]["sdk"]
    assert "left to a hand" in (ended.out / "certificate.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "title", "found", "still"),
    [
        ("cent", PAID, ("FD-08", "charges.charged_total"), STRANGER),
        ("twice", AGAIN, ("FD-04", "charges.charged_total"), PAID),
        ("twice", AT_ONCE, ("FD-04", "invariants.one_live_payment"), PAID),
        ("collects", PAID, ("FD-81", "words.told_paid"), STRANGER),
        ("refunds", BACK, ("FD-49", "invariants.refunds_as_told"), PAID),
        ("open", STRANGER, ("DC-01.3", "access.strangers_get_no_token"), PAID),
    ],
)
def test_a_backend_that_is_wrong_about_money_is_found_out_without_its_device(
    bench: Bench, written: Callable[..., Path], wrong: str, title: str, found: tuple[str, str], still: str
) -> None:
    ended = bench.certify(*chosen(written(wrong), title, still))

    assert ended.code == 1
    assert ended.outcomes() == {title: "failed", still: "passed"}
    assert found in broken(ended, title)


def test_a_line_may_rest_on_a_machine_and_on_a_hand_and_the_certificate_says_which(
    bench: Bench, written: Callable[..., Path]
) -> None:
    ended = Hand(bench, {BY_HAND: RIGHT[BY_HAND]}, *chosen(written(), PAID, BY_HAND)).works()

    assert ended.outcomes() == {PAID: "passed", BY_HAND: "attested"}
    lines = {line["id"]: line["judged_by"] for line in ended.report["requirements"]}
    assert (lines["FD-02"], lines["FD-81"], lines["DC-02.1"]) == (["machine"], ["person"], ["machine", "person"])
    page = (ended.out / "certificate.html").read_text(encoding="utf-8")
    assert "by machine, and on what a person did or saw" in page


def test_what_the_file_says_the_device_alone_does_is_not_passed_by_the_suites_own_app(
    bench: Bench, written: Callable[..., Path]
) -> None:
    file = written("", ("[operations.cancel_sale]", "[operations.receipt]"))

    ended = bench.certify(*chosen(file, CANCELLED, PAID))

    assert ended.outcomes() == {CANCELLED: "untested", PAID: "passed"}
    assert HAND in ended.scenario(CANCELLED)["reason"]


def test_the_plan_says_who_works_the_app(bench: Bench, written: Callable[..., Path]) -> None:
    played = bench.run("certify", "--plan", "--guided", *chosen(written(), PAID, BY_HAND)).stdout
    by_hand = bench.run("certify", "--plan", "--integration", HERE / "native.toml").stdout

    assert "the suite plays the app before its backend" in played
    assert "by machine 1, by a person's word 1" in played
    assert "sales are taken on the device, by hand" in by_hand
