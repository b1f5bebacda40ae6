"""Reports as a run makes them, from a small register and a till that does well, badly, or nothing."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from cardpresent.certificate.report import Report, Run, build_report, write_report
from cardpresent.certificate.requirements import Attestation
from cardpresent.model.capability import Capability
from cardpresent.model.requirement import Answer, Register, Requirement
from cardpresent.profile.waivers import Waiver

Record = dict[str, Any]
FIX = "Read the PaymentIntent before telling the cashier anything; if it cannot be read, say “not known yet”"


def requirement(identifier: str, statement: str, **given: Any) -> Requirement:
    applies = {key: tuple(value) for key, value in given.pop("applies", {}).items()}
    return Requirement(
        id=identifier,
        statement=statement,
        level=given.get("level", "must"),
        severity=given.get("severity", "S1"),
        source=given.get("source", "https://docs.stripe.com/terminal/references/checklist"),
        known="documented",
        applies=MappingProxyType(applies),
        untested=given.get("untested"),
        usual_fix=given.get("usual_fix", FIX),
    )


LINES = (
    requirement("DC-01.1", "The connection token is made for each connection", applies={"kind": ["sdk"]}),
    requirement("DC-02.2", "An authorised payment is captured, and until it is, the sale is not shown as paid"),
    requirement(
        "DC-03.3", "A receipt reached a customer after a live payment", untested="can only be seen in production"
    ),
    requirement("DC-06.1", "The reader is registered to the right location", untested="needs a physical reader"),
    requirement("EX-01", "A declined card leaves the sale open and the customer uncharged", severity="S2"),
    requirement("EX-04", "The cashier can check a payment’s state by hand", level="should", severity="S3"),
    requirement("EX-05", "An outcome nobody knows is read again before it is told", severity="S1"),
    requirement("FD-04", "A sale sent twice is charged once"),
    requirement("FD-26", "When contact is lost after the bank approved, the cashier is not told the payment failed"),
    requirement("FD-35", "A stored payment is forwarded once", applies={"capability": ["offline"]}),
    requirement(
        "FD-47", "A partial approval is not taken for the whole amount", untested="Stripe does not document it"
    ),
    requirement("FD-49", "A refund asked for twice is made once", applies={"capability": ["refund"]}),
)
TITLES = {
    "DC-02.2": ("sale", "A capture that fails once is repeated until the money is collected"),
    "EX-01": ("sale", "A declined card leaves the sale open and the customer uncharged"),
    "EX-04": ("reader", "The cashier can check a payment’s state by hand"),
    "EX-05": ("reader", "A payment nobody knows the end of is read again"),
    "FD-04": ("sale", "A sale sent twice is charged once"),
    "FD-26": ("reader", "An approval behind a lost connection is never reported as a failure"),
    "FD-49": ("refunds", "A refund asked for twice is made once"),
}


@pytest.fixture
def register() -> Register:
    return Register(
        "2026.11",
        MappingProxyType({"kind": Answer("how the till drives the reader", ("sdk", "server-driven"))}),
        MappingProxyType({line.id: line for line in LINES}),
    )


def finding_of(identifier: str, **given: Any) -> dict[str, Any]:
    return {
        "requirement": identifier,
        "check": given.get("check", "charges.total"),
        "severity": "S1",
        "level": "must",
        "holds": given.get("holds", False),
        "party": given.get("party", "product"),
        "expected": given.get("expected", "the cashier is told “paid”, or “not known yet”"),
        "observed": given.get("observed", "“Declined. Try another card.” while 24.50 USD is held on the card"),
        "headline": given.get("headline"),
        "sale": given.get("sale"),
        "supplementary": given.get("supplementary", False),
        "evidence": list(given.get("evidence", ())),
    }


def record_of(identifier: str = "FD-26", outcome: str = "passed", **given: Any) -> Record:
    chapter, title = TITLES.get(identifier, ("other", f"{identifier} holds"))
    title = given.get("title", title)
    return {
        "id": given.get("id", f"features/{chapter}/{chapter}.feature::{title}"),
        "title": title,
        "feature": given.get("feature", chapter.capitalize()),
        "chapter": chapter,
        "outcome": outcome,
        "requirements": list(given.get("requirements", [identifier])),
        "attempts": given.get("attempts", 1),
        "duration_ms": given.get("duration_ms", 120.0),
        "findings": list(given.get("findings", ())),
        "reason": given.get("reason"),
        "steps": given.get("steps", STEPS),
        "journal": given.get("journal"),
        "log": list(given.get("log", ())),
        "supplementary": given.get("supplementary", False),
        "staged": list(given.get("staged", ())),
    }


def waiver_of(identifier: str, **given: Any) -> Waiver:
    return Waiver(**{
        "requirement": identifier, "venue": "any", "owner": "the head of payments", "reason": "One reader is old",
        "link": "https://tracker.example/PAY-318", "created": date(2026, 11, 1), "expires": date(2027, 1, 15), **given,
    })  # fmt: skip


STEPS = [
    {"keyword": "Given", "text": "a sale of 24.50 USD on reader “front”", "status": "passed"},
    {"keyword": "And", "text": "the reader loses contact after the bank approves", "status": "passed"},
    {"keyword": "When", "text": "the customer taps a card", "status": "passed"},
    {"keyword": "Then", "text": "the cashier is not told the payment failed", "status": "passed"},
]


def entry(n: int, kind: str, data: Mapping[str, Any], **given: Any) -> dict[str, Any]:
    at = float(given.get("at", 40 * n))
    return {
        "n": n,
        "kind": kind,
        "wire": given.get("wire", "stripe"),
        "actor": given.get("actor", "till"),
        "begin_ms": at,
        "end_ms": at + 20,
        "scenario": given.get("scenario"),
        "sale": given.get("sale"),
        "data": dict(data),
    }


USD = {"currency": "usd"}


def lost_approval(scenario: str, sale: str = "S-1042", first: int = 1, polls: int = 0) -> list[dict[str, Any]]:
    """One sale whose approval the till takes for a refusal; its screen comes last but one."""
    numbers = iter(range(first, first + 500))

    def add(kind: str, data: Mapping[str, Any], actor: str = "till", own: bool = False) -> dict[str, Any]:
        return entry(next(numbers), kind, data, actor=actor, scenario=scenario, sale=sale if own else None)

    amount = {"minor_units": 2450, "currency": "usd"}
    create = {
        "method": "POST",
        "path": "/v1/payment_intents",
        "operation": "payment_intent.create",
        "object": None,
        "params": {"amount": "2450", "currency": "usd", "metadata": {"sale": sale}},
        "idempotency_key": "k_1f",
    }
    told = [
        add("control", {"what": "fault_armed", "fault": "connection_error"}, "gateway"),
        add("intent", {"verb": "start_sale", "amount": amount}, "suite", own=True),
        add("request", create),
        add(
            "reply",
            {
                "request": first + 2,
                "status": 200,
                "delivered": True,
                "committed": True,
                "fault": None,
                "body": {"id": "pi_3Q7kQ", "status": "requires_payment_method", "client_secret": "[removed]"},
            },
        ),
    ]
    for _ in range(polls):
        told.append(add("request", {"method": "GET", "path": "/v1/terminal/readers/tmr_Fx2", "params": {}}))
        told.append(add("reply", {"status": 200, "delivered": True, "committed": True, "body": {"id": "tmr_Fx2"}}))
    told += [
        add(
            "webhook",
            {
                "event": "evt_1",
                "type": "terminal.reader.action_failed",
                "object": "tmr_Fx2",
                "attempt": 1,
                "status": 200,
                "error": None,
                "genuine": True,
                "staging": None,
            },
            "gateway",
        ),
        add(
            "screen",
            {
                "verb": "sale_state",
                "outcome": "refused",
                "standing": "settled",
                "of_sale": True,
                "words": "Declined. Try another card.",
            },
            "suite",
            own=True,
        ),
        add(
            "ledger",
            {
                "method": "returned",
                "charges": [],
                "refunds": [],
                "reader": None,
                "payment_intents": [
                    {
                        "id": "pi_3Q7kQ",
                        "status": "requires_capture",
                        "currency": "usd",
                        "amount": 2450,
                        "amount_received": 0,
                        "amount_capturable": 2450,
                    }
                ],
            },
            "suite",
            own=True,
        ),
    ]
    return told


def paid_sale(scenario: str, sale: str, first: int, minor: int = 2000, tip: int = 0) -> list[dict[str, Any]]:
    paid = {
        "id": f"pi_{sale}",
        "status": "succeeded",
        "currency": "usd",
        "amount": minor,
        "amount_received": minor + tip,
        "amount_capturable": 0,
        "amount_details": {"tip": {"amount": tip}},
    }
    charge = {"id": f"ch_{sale}", "status": "succeeded", "captured": True, "amount_captured": minor + tip}
    return [
        entry(
            first,
            "intent",
            {"verb": "start_sale", "amount": {"minor_units": minor, **USD}},
            sale=sale,
            actor="suite",
            scenario=scenario,
        ),
        entry(
            first + 1,
            "screen",
            {"verb": "sale_state", "outcome": "accepted", "standing": "settled", "of_sale": True, "words": "Paid"},
            sale=sale,
            actor="suite",
            scenario=scenario,
        ),
        entry(
            first + 2,
            "ledger",
            {"method": "returned", "payment_intents": [paid], "charges": [charge], "refunds": []},
            sale=sale,
            actor="suite",
            scenario=scenario,
        ),
    ]


RUN = Run(
    id="2026-11-23-1204-k7",
    venue="emulator",
    seed="7f3a91c2",
    till={"name": "Harbour Street Bakery till 4.2.0", "build": "9f1c2ab", "kind": "server-driven", "country": "US"},
    answers={"kind": "server-driven", "country": "US", "currencies": ["usd"]},
    capabilities={
        "refund": Capability("present"),
        "offline": Capability("not_applicable", "readers are driven by the server"),
    },
    versions={"cardpresent": "0.1.0", "stripe": "16.1.0", "commit": None},
    reliance={
        "redirection": "traffic redirected by STRIPE_API_BASE; no other connection to Stripe was opened",
        "books_or_word": {"books": 5, "word": 3},
        "fidelity": {"documented": 171, "observed": 22, "assumed": 6},
    },
    timing={"wall_s": 48.2},
    today=date(2026, 11, 23),
    integration="cardpresent.toml",
    evidence={"planted_secrets": 0},
)


def good_records() -> list[Record]:
    return [record_of(identifier) for identifier in TITLES]


def refused_records() -> list[Record]:
    about = {"sale": "S-1042", "evidence": [6]}
    headline = "The till says “declined” while 24.50 USD is held on the customer’s card"
    failed = record_of(
        "FD-26",
        "failed",
        requirements=["FD-26", "EX-05"],
        findings=[finding_of("EX-05", check="conduct.reads", **about), finding_of("FD-26", headline=headline, **about)],
        journal=[1, 7],
        log=["12:04:11.428 WARN  reader action failed: connection_error", "12:04:11.430 INFO  outcome=DECLINED"],
        staged=["emulated reader fault connection_error"],
    )
    return [failed if record["requirements"] == ["FD-26"] else record for record in good_records()]


def save(out: Path, report: Report, entries: Sequence[Mapping[str, Any]] = ()) -> Path:
    write_report(out, report)
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in entries)
    (out / "journal.jsonl").write_text(lines, encoding="utf-8")
    return out


@pytest.fixture
def circumstances() -> Run:
    return RUN


@pytest.fixture
def record() -> Callable[..., Record]:
    return record_of


@pytest.fixture
def finding() -> Callable[..., dict[str, Any]]:
    return finding_of


@pytest.fixture
def good() -> Callable[[], list[Record]]:
    return good_records


@pytest.fixture
def line() -> Callable[..., Requirement]:
    return requirement


@pytest.fixture
def waiver() -> Callable[..., Waiver]:
    return waiver_of


@pytest.fixture
def journal_entry() -> Callable[..., dict[str, Any]]:
    return entry


@pytest.fixture
def lost() -> Callable[..., list[dict[str, Any]]]:
    return lost_approval


@pytest.fixture
def paid() -> Callable[..., list[dict[str, Any]]]:
    return paid_sale


@pytest.fixture
def saved() -> Callable[..., Path]:
    return save


@pytest.fixture
def certified(tmp_path: Path, register: Register) -> Path:
    """A folder of a run in which everything held, save a should."""
    warned = record_of("EX-04", "warning", findings=[finding_of("EX-04", observed="there is no such button")])
    records = [*(r for r in good_records() if r["requirements"] != ["EX-04"]), warned]
    attestation = Attestation(
        "DC-03.3", "A receipt reached a customer on 20 Nov 2026", "the operations manager", "photograph"
    )
    report = build_report(replace(RUN, attestations=(attestation,)), register, records)
    entries = [*paid_sale(records[0]["id"], "S-1", 1), *paid_sale(records[1]["id"], "S-2", 4, 3150, 400)]
    return save(tmp_path / "certified", report, entries)


@pytest.fixture
def refused(tmp_path: Path, register: Register) -> Path:
    """A folder of a run that broke two lines in one sale."""
    records = refused_records()
    waivers = (
        waiver_of("FD-04", reason="The shop owns one till"),
        waiver_of("FD-49", reason="No refunds by card", expires=date(2026, 11, 15)),
    )
    report = build_report(replace(RUN, waivers=waivers), register, records)
    failed = next(r for r in records if r["outcome"] == "failed")
    return save(tmp_path / "refused", report, lost_approval(failed["id"]))


@pytest.fixture
def incomplete(tmp_path: Path, register: Register) -> Path:
    """A folder of a run that could not decide everything."""
    outcomes = {
        "FD-49": ("not_demonstrated", "needs refund, which the integration file does not offer"),
        "FD-04": ("inconclusive", "a fault was armed and never fired"),
        "EX-01": ("not_run", "the run was stopped before it"),
    }
    records = [
        record_of(name, outcomes.get(name, ("passed", None))[0], reason=outcomes.get(name, ("", None))[1])
        for name in TITLES
    ]
    records.append(
        record_of(
            "FD-47",
            "failed",
            title="A partial approval asks for the rest",
            supplementary=True,
            findings=[finding_of("FD-47", supplementary=True, observed="10.00 USD taken for 24.50 USD")],
        ),
    )
    return save(tmp_path / "incomplete", build_report(RUN, register, records))
