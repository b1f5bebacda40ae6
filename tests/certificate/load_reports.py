"""Reports as load runs end: certified, refused by a goal, by a double charge or by 200, cut short, hours long."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cardpresent.certificate.report import SCHEMA

Report = dict[str, Any]
USD = "usd"
QUESTION = "Twenty readers at lunch time: is every customer charged once, and in time?"
SENTENCE = "Paying the same sale twice at once charges it once."
FIX = "Lock the sale on the server while a payment is under way and give both requests the same answer."


def usd(minor_units: int) -> dict[str, Any]:
    return {"minor_units": minor_units, "currency": USD}


def point(t_s: float, p50: float | None, **given: Any) -> dict[str, Any]:
    told = {"started": 3, "finished": 3, "errors": 0, **given}
    p95, p99 = (None, None) if p50 is None else (p50 * 1.9, p50 * 2.4)
    return {"t_s": t_s, "p50": p50, "p95": p95, "p99": p99, **told}


def wave(seconds: int, step: int = 1, slow: range = range(0)) -> list[dict[str, Any]]:
    """One point each `step` seconds, slower in `slow`."""
    return [
        point(
            t,
            180 + 40 * math.sin(t / (7 * step)) + (620 if t in slow else 0),
            started=3 * step + (t // step) % 3,
            finished=3 * step + (t // step) % 3 - (1 if t in slow else 0),
            errors=1 if t in slow and t % 3 == 0 else 0,
        )
        for t in range(0, seconds, step)
    ]


def goal(name: str, asked: float, measured: float | None, holds: bool | None) -> dict[str, Any]:
    return {"name": name, "goal": asked, "measured": measured, "holds": holds}


def load_block(**given: Any) -> dict[str, Any]:
    return {
        "name": "lunch_rush",
        "question": QUESTION,
        "duration_s": 60.0,
        "asked_s": 60.0,
        "asked": {
            "per_s": 3.3,
            "readers": 20,
            "lanes": 20,
            "workers": 1,
            "mix": {"sale": 0.8, "tip": 0.1, "decline": 0.05, "refund": 0.05},
        },
        "payments": {"started": 198, "finished": 198, "accepted": 188, "refused": 10, "unsettled": 0, "errors": 0},
        "error_rate": 0.0,
        "per_s": 3.3,
        "stripe_calls_per_payment": 7.2,
        "latency_ms": {"p50": 181.0, "p95": 412.0, "p99": 640.0, "max": 812.4},
        "steps": [
            {"name": "start sale", "count": 198, "failures": 0, "p50": 24.0, "p95": 61.0, "p99": 90.5},
            {"name": "tap to approved", "count": 188, "failures": 0, "p50": 120.0, "p95": 301.0, "p99": 480.0},
            {"name": "capture", "count": 188, "failures": 0, "p50": 31.0, "p95": 80.0, "p99": 122.0},
        ],
        "goals": [
            goal("p95_ms", 800, 412.0, True),
            goal("p99_ms", 2000, 640.0, True),
            goal("error_rate", 0.01, 0.0, True),
            goal("payments_per_s", 3.0, 3.3, True),
        ],
        "series": wave(60),
        "windows": [],
        "books": {
            "sales": 198,
            "charges": 188,
            "captured": [usd(411_234)],
            "refunded": [usd(20_000)],
            "till_paid": [usd(411_234)],
            "unclaimed": [],
        },
        "machine": {
            "cores": 2,
            "parts": [
                {"part": "gateway and emulator", "cpu_s": 22.8, "share": 0.38, "headroom": 2.63},
                {"part": "till", "cpu_s": 31.2, "share": 0.52, "headroom": 1.92},
                {"part": "load", "cpu_s": 14.4, "share": 0.24, "headroom": 4.17},
            ],
        },
        "workers": [{"name": "w1", "started": 198, "finished": 198, "lost": False}],
        **given,
    }


def line(identifier: str, outcome: str, **given: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "level": "must",
        "severity": "S1",
        "outcome": outcome,
        "reason": None,
        "statement": SENTENCE,
        "source": None,
        "usual_fix": FIX,
        "scenarios": ["load/lunch_rush"],
        **given,
    }


def report_of(load: Mapping[str, Any], verdict: str = "certified", **given: Any) -> Report:
    code = {"certified": 0, "refused": 1, "incomplete": 5}[verdict]
    findings = given.pop("findings", [])
    outcome = {"certified": "passed", "refused": "failed", "incomplete": "inconclusive"}[verdict]
    scenario = {
        "id": f"load/{load['name']}",
        "title": load["question"],
        "outcome": outcome,
        "requirements": ["FD-04"],
        "findings": findings,
    }
    return {
        "schema": SCHEMA,
        "kind": "load",
        "run": "20261126T120400Z-k7",
        "date": "2026-11-26",
        "verdict": verdict,
        "exit_code": code,
        "venue": "emulator",
        "seed": "7f3a91c2",
        "till": {"name": "Harbour Street Bakery till 4.2.0", "build": "9f1c2ab", "kind": "server-driven"},
        "profile": {},
        "versions": {"cardpresent": "0.1.0", "stripe": "16.1.0", "commit": None},
        "integration": "staging.toml",
        "counts": {},
        "musts": {},
        "requirement_counts": {},
        "requirements": [line("FD-04", "failed" if findings else "passed")],
        "scenarios": [scenario],
        "waivers": [],
        "faults": [],
        "reliance": {
            "redirection": "traffic redirected by STRIPE_API_BASE",
            "books_or_word": {"books": 198, "word": 0},
            "fidelity": {"documented": 171, "observed": 22, "assumed": 6},
        },
        "timing": {"wall_s": 71.3},
        "load": dict(load),
        **given,
    }


def double_charge(sale: str = "S-1042", **given: Any) -> dict[str, Any]:
    return {
        "requirement": "FD-04",
        "check": "charges.once",
        "severity": "S1",
        "level": "must",
        "holds": False,
        "party": "product",
        "expected": "one charge of 24.50 USD",
        "observed": "two charges of 24.50 USD, 49.00 USD collected",
        "headline": "The customer is charged 49.00 USD for a sale of 24.50 USD",
        "sale": sale,
        "evidence": [],
        **given,
    }


def certified() -> Report:
    return report_of(load_block())


def refused_by_goal() -> Report:
    """A till that stalls for ten seconds while answers are lost; the measuring side was at its limit, too."""
    goals = [
        goal("p95_ms", 800, 1240.0, False), goal("error_rate", 0.01, 0.0101, False), goal("p99_ms", 2000, 1512, True),
    ]  # fmt: skip
    block = load_block(
        latency_ms={"p50": 240.0, "p95": 1240.0, "p99": 1512.0, "max": 2100.0},
        error_rate=0.0101,
        payments={"started": 198, "finished": 196, "accepted": 186, "refused": 10, "unsettled": 2, "errors": 2},
        goals=goals,
        problems=[{"what": "the till did not answer within 30 s", "times": 2}],
        series=wave(60, slow=range(20, 31)),
        windows=[
            {"fault": "answer_lost", "what": "one answer in ten is lost", "from_s": 20.0, "to_s": 31.0, "fired": 12},
            {"fault": "rate_limited", "what": "one call in ten meets a 429", "from_s": 28.0, "to_s": 45.0, "fired": 0},
        ],
        machine={
            "cores": 2,
            "parts": [
                {"part": "gateway and emulator", "cpu_s": 55.2, "share": 0.92, "headroom": 1.09},
                {"part": "till", "cpu_s": 31.2, "share": 0.52, "headroom": 1.92},
                {"part": "load", "cpu_s": 14.4, "share": 0.24, "headroom": 4.17},
            ],
        },
    )
    return report_of(block, "refused")


def refused_by_double_charge(**given: Any) -> Report:
    books = {
        "sales": 198,
        "charges": 189,
        "captured": [usd(413_684)],
        "refunded": [usd(20_000)],
        "till_paid": [usd(411_234)],
        "unclaimed": [{"payment_intent": "pi_second", "captured": usd(2_450)}],
    }
    return report_of(load_block(books=books), "refused", findings=[double_charge(evidence=[9], **given)])


def many_findings() -> Report:
    """200 sales charged twice, of which 50 are listed."""
    findings = [double_charge(f"S-{1000 + k}") for k in range(50)]
    return report_of(load_block(findings_left_out=150), "refused", findings=findings)


def interrupted() -> Report:
    """Ctrl-C after 14 seconds, with one of two workers lost."""
    block = load_block(
        duration_s=14.2,
        asked={"per_s": 3.3, "readers": 20, "lanes": 20, "workers": 2, "mix": {"sale": 1}},
        latency_ms={"p50": 181.0, "p95": 412.0, "p99": None, "max": None},
        payments={"started": 46, "finished": 44, "accepted": 44, "refused": 0, "unsettled": 2, "errors": 0},
        series=wave(14),
        goals=[goal("p95_ms", 800, 412.0, True), goal("p99_ms", 2000, None, None)],
        workers=[
            {"name": "w1", "started": 24, "finished": 24, "lost": False},
            {"name": "w2", "started": 22, "finished": 20, "lost": True},
        ],
    )
    return report_of(block, "incomplete")


def soak() -> Report:
    """Eight hours, a point every 96 seconds, 40 windows."""
    seconds = 8 * 3600
    windows = [
        {
            "fault": ("answer_lost", "slow_issuer", "server_error")[k % 3],
            "what": "something goes wrong for a minute",
            "from_s": 700.0 * k + 60,
            "to_s": 700.0 * k + 160 + 40 * (k % 4),
            "fired": k,
        }
        for k in range(40)
    ]
    block = load_block(
        name="soak",
        question="Eight hours: does anything grow, leak or get lost?",
        duration_s=float(seconds),
        asked_s=float(seconds),
        series=wave(seconds, 96),
        windows=windows,
        payments={
            "started": 95_040, "finished": 95_040, "accepted": 90_240, "refused": 4_800, "unsettled": 0, "errors": 0,
        },
    )  # fmt: skip
    return report_of(block)


def nothing_finished() -> Report:
    """The till never answered."""
    empty = {"p50": None, "p95": None, "p99": None, "max": None}
    block = load_block(
        payments={"started": 12, "finished": 0, "accepted": 0, "refused": 0, "unsettled": 12, "errors": 12},
        latency_ms=empty,
        error_rate=1.0,
        per_s=0.0,
        stripe_calls_per_payment=None,
        steps=[],
        goals=[goal("p95_ms", 800, None, None)],
        series=[],
        books={"sales": 12, "charges": 0, "captured": [], "refunded": [], "till_paid": None, "unclaimed": []},
        machine={},
        workers=[],
    )
    return report_of(block, "incomplete")


EVERY = {
    "certified": certified, "refused_by_goal": refused_by_goal, "refused_by_double_charge": refused_by_double_charge,
    "many_findings": many_findings, "interrupted": interrupted, "soak": soak, "nothing_finished": nothing_finished,
}  # fmt: skip


def entry(n: int, kind: str, data: Mapping[str, Any], actor: str = "till", sale: str | None = None) -> dict[str, Any]:
    return {
        "n": n, "kind": kind, "wire": "stripe", "actor": actor, "begin_ms": 40.0 * n, "end_ms": 40.0 * n + 20,
        "scenario": None, "sale": sale, "data": dict(data),
    }  # fmt: skip


def double_charge_entries(sale: str = "S-1042") -> list[dict[str, Any]]:
    """One sale paid twice, in the middle of another that is none of its business."""
    intent = {"verb": "start_sale", "amount": usd(2450)}
    books = [
        {"id": name, "status": "succeeded", "currency": USD, "amount": 2450, "amount_received": 2450,
         "amount_capturable": 0}
        for name in ("pi_first", "pi_second")
    ]  # fmt: skip
    charges = [{"id": f"ch_{k}", "status": "succeeded", "captured": True, "amount_captured": 2450} for k in (1, 2)]
    create = {"method": "POST", "path": "/v1/payment_intents", "params": {"amount": "2450", "metadata": {"s": sale}}}
    return [
        entry(1, "intent", intent, "suite", sale),
        entry(2, "request", create),
        entry(3, "request", {"method": "POST", "path": "/v1/payment_intents", "params": {"amount": "999"}}),
        entry(4, "reply", {"request": 2, "status": 200, "delivered": True, "body": {"id": "pi_first"}}),
        entry(5, "reply", {"request": 3, "status": 200, "delivered": True, "body": {"id": "pi_of_somebody"}}),
        entry(6, "request", {"method": "POST", "path": "/v1/payment_intents", "params": {"amount": "2450"}}),
        entry(7, "reply", {"request": 6, "status": 200, "delivered": True, "body": {"id": "pi_second"}}),
        entry(8, "screen", {"verb": "sale_state", "outcome": "accepted", "standing": "settled", "of_sale": True,
                            "words": "Paid"}, "suite", sale),
        entry(9, "ledger", {"method": "returned", "payment_intents": books, "charges": charges, "refunds": [],
                            "reader": None}, "suite", sale),
    ]  # fmt: skip


def save(out: Path, report: Mapping[str, Any], entries: Sequence[Mapping[str, Any]] = ()) -> Path:
    """A run's folder, its journal as the gateway writes one: no space after a comma."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.json").write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")
    text = "".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) + "\n" for each in entries)
    (out / "journal.jsonl").write_text(text, encoding="utf-8")
    return out
