"""A check that no defect rests on is found out, and so is a journal that says otherwise than its report."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from cardpresent.checks import charges, invariants
from cardpresent.model.finding import Finding
from cardpresent.model.money import Money
from cardpresent.prove.defect import Expected, Header, Kind, Seeded
from cardpresent.prove.mutation import Saved, _judged, mutations
from tests.checks.story import SALE, Story, captured

PAID_ONCE = "features/sale/charge.feature::An approved sale is charged once"
TWICE = Story().asked(2000).said("accepted").books(captured(2000), captured(2000, "pi_2"))


def seeded(check: str, kind: Kind = "defect") -> Seeded:
    foretold = Expected("FD-01", check) if kind == "defect" else None
    header = Header("M-999", "anything", (), expected=foretold, scenarios=(PAID_ONCE,))
    return Seeded(Path("M-999.toml"), kind, header)


def report(*findings: Finding) -> dict[str, Any]:
    told = [{**asdict(finding), "evidence": list(finding.evidence)} for finding in findings]
    return {"scenarios": [{"id": PAID_ONCE, "supplementary": False, "findings": told}]}


def saved(one: Seeded, story: Story, *findings: Finding) -> Saved:
    return _judged(one, report(*findings), story.journal)


def double() -> tuple[Finding, Finding]:
    total = charges.charged_total(TWICE.journal, SALE, Money(2000, "usd"))
    return total, invariants.captured_as_told(TWICE.journal, SALE)


def by_name(*trials: Saved) -> dict[str, Any]:
    return {one.check: one for one in mutations(list(trials))}


def test_a_check_is_needed_where_a_defect_survives_without_it() -> None:
    trial = saved(seeded("charges.charged_total"), TWICE, *double())

    found = by_name(trial)

    assert trial.differing == ()
    assert found["charges.charged_total"].survive == ("M-999",)
    assert found["charges.charged_total"].needed
    assert not found["invariants.captured_as_told"].needed


def test_it_is_told_apart_whether_anything_else_would_have_turned_red() -> None:
    total, told = double()
    alone, together = (
        saved(seeded("charges.charged_total"), TWICE, *found) for found in ([total], [total, told])
    )

    assert by_name(alone)["charges.charged_total"].unseen == ("M-999",)
    assert by_name(together)["charges.charged_total"].unseen == ()


def test_a_check_turned_round_alarms_where_it_was_right() -> None:
    right = Story().asked(2000).said("accepted").books(captured(2000))
    trial = saved(seeded("", "benign"), right, charges.charged_total(right.journal, SALE, Money(2000, "usd")))

    found = by_name(trial)

    assert found["charges.charged_total"].alarmed == ("M-999",)
    assert found["words.told_paid"].alarmed == ()


def test_a_report_that_says_otherwise_than_its_journal_is_named() -> None:
    total, _ = double()
    forged = report(total)
    forged["scenarios"][0]["findings"][0]["holds"] = True

    trial = _judged(seeded("charges.charged_total"), forged, TWICE.journal)

    assert trial.differing == (f"charges.charged_total in {PAID_ONCE}",)
