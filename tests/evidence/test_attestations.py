"""Answers of people: kept with their evidence, read again, and never believed about a file that was changed."""

from datetime import date
from pathlib import Path

import pytest

from cardpresent.evidence.attestations import AttestationError, Attestations, Attested, digest
from cardpresent.launch.people import People
from cardpresent.model.outcome import ScenarioOutcome

QUESTION = "features/people/shop.feature::Readers stay on overnight to update"
TODAY = date(2026, 11, 26)


def answer(folder: Path, **said: object) -> Attested:
    photograph = folder / "night.jpg"
    photograph.write_bytes(b"a dark shop")
    return Attested(**{
        "scenario": QUESTION, "requirements": ("EX-36",), "statement": "Readers stay on overnight to update",
        "holds": True, "by": "Ada", "on": TODAY, "until": date(2027, 5, 25), "till": "Acme POS", "build": "7",
        "evidence": "night.jpg", "sha256": digest(photograph), **said,
    })  # fmt: skip


def people(folder: Path, today: date = TODAY) -> People:
    return People(Attestations(folder / "attestations.json"), today)


def test_an_answer_is_found_again_with_all_that_was_said(tmp_path: Path) -> None:
    kept = Attestations(tmp_path / "attestations.json")
    kept.keep(answer(tmp_path))

    assert Attestations(tmp_path / "attestations.json").latest(QUESTION) == answer(tmp_path)
    outcome, reason = people(tmp_path).why_unasked(QUESTION)
    assert outcome is ScenarioOutcome.ATTESTED
    assert "attested by Ada on 2026-11-26 until 2027-05-25, shown by night.jpg (SHA-256 " in reason


def test_a_later_answer_stands_in_for_an_earlier_one(tmp_path: Path) -> None:
    kept = Attestations(tmp_path / "attestations.json")
    kept.keep(answer(tmp_path))
    kept.keep(answer(tmp_path, holds=False, by="Bob"))

    outcome, reason = people(tmp_path).why_unasked(QUESTION)

    assert (outcome, reason.split(";")[0]) == (ScenarioOutcome.UNTESTED, "Bob said on 2026-11-26 that it is not so")


def test_an_answer_that_ran_out_counts_no_more(tmp_path: Path) -> None:
    Attestations(tmp_path / "attestations.json").keep(answer(tmp_path))

    assert people(tmp_path, date(2027, 5, 25)).why_unasked(QUESTION)[0] is ScenarioOutcome.ATTESTED
    outcome, reason = people(tmp_path, date(2027, 5, 26)).why_unasked(QUESTION)
    assert outcome is ScenarioOutcome.UNTESTED
    assert "what Ada attested ran out on 2027-05-25" in reason


@pytest.mark.parametrize(("spoil", "words"), [(lambda p: p.write_bytes(b"another"), "was changed since"),
                                              (lambda p: p.unlink(), "is gone")])  # fmt: skip
def test_evidence_that_is_not_what_was_shown_is_no_evidence(tmp_path: Path, spoil, words) -> None:
    Attestations(tmp_path / "attestations.json").keep(answer(tmp_path))
    spoil(tmp_path / "night.jpg")

    outcome, reason = people(tmp_path).why_unasked(QUESTION)

    assert outcome is ScenarioOutcome.CONFIG_ERROR
    assert f"night.jpg {words}" in reason


def test_where_nobody_is_asked_the_line_is_untested_and_says_how_to_have_it(tmp_path: Path) -> None:
    outcome, reason = people(tmp_path).why_unasked(QUESTION)

    assert outcome is ScenarioOutcome.UNTESTED
    assert "run with --guided" in reason


def test_a_file_that_holds_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "attestations.json").write_text('[{"by": "Ada"}]', encoding="utf-8")

    with pytest.raises(AttestationError, match=r"attestations\.json: holds no attestations \(Object missing"):
        Attestations(tmp_path / "attestations.json")
