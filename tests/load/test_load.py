"""`cardpresent load` from outside: customers come, and money is the verdict."""

import csv
import os
import signal
from pathlib import Path

from tests.certify.running import Ended


def broken(ended: Ended) -> set[str]:
    """The lines of the register that findings of a run say are broken."""
    findings = ended.report["scenarios"][0]["findings"]
    return {finding["requirement"] for finding in findings if finding["holds"] is False}


def sums_agree(ended: Ended) -> bool:
    """What the till says was paid is what was captured at Stripe, to the cent."""
    books = ended.report["load"]["books"]
    return bool(books["captured"]) and books["till_paid"] == books["captured"] and not books["unclaimed"]


def test_a_sound_till_under_a_lunch_rush_is_certified_with_the_books_equal(bench, load):
    ended = load("lunch_rush", "--duration", "6s", "--rate", "6")

    assert ended.code == 0, ended.stderr
    report = ended.report
    assert (report["kind"], report["verdict"], report["venue"]) == ("load", "certified", "emulator")
    assert not broken(ended) and sums_agree(ended)
    figures = report["load"]
    assert figures["payments"]["started"] == figures["payments"]["finished"] == figures["books"]["sales"] > 10
    assert figures["payments"]["unsettled"] == 0
    assert figures["latency_ms"]["p50"] <= figures["latency_ms"]["p95"] <= figures["latency_ms"]["max"]
    assert figures["stripe_calls_per_payment"] > 1
    assert {"gateway and emulator", "till", "load"} == {part["part"] for part in figures["machine"]["parts"]}
    assert not bench.alive()


def test_what_a_run_leaves_is_a_report_a_page_and_locusts_own_figures_and_no_secret_paper(bench, load):
    load("steady", "--duration", "3s", "--rate", "4")

    assert {"report.json", "journal.jsonl", "load.html", "junit.xml"} <= {path.name for path in bench.out.iterdir()}
    assert not (bench.out / "brief.json").exists()
    with (bench.out / "locust" / "load_stats.csv").open() as file:
        names = {row["Name"] for row in csv.DictReader(file)}
    assert {"payment end-to-end", "start sale", "approval"} <= names


def test_a_bad_hour_at_stripe_costs_the_sound_till_no_cent(load):
    ended = load("stripe_brownout", "--duration", "12s", "--rate", "5")

    assert ended.code == 0, (ended.stderr, ended.stdout)
    assert sums_agree(ended) and not broken(ended)
    fired = {window["fault"]: window["fired"] for window in ended.report["load"]["windows"]}
    assert fired["answer_lost"] > 0 and fired["rate_limited"] > 0


def test_a_till_that_reads_first_and_writes_later_charges_a_hurried_cashiers_customer_twice(load, profile, seeded):
    hurried = profile("per_s=5, readers=12, mix={'double_press': 1}")

    ended = load(hurried, "--duration", "3s", "--integration", seeded("M-09"))

    assert ended.code == 1, ended.stdout
    assert "FD-04" in broken(ended)


def test_a_till_that_takes_a_new_key_for_each_repetition_is_refused_once_answers_are_lost(load, profile, seeded):
    lossy = profile(
        "per_s=6, readers=12, windows=(Window(what='lost', fault='answer_lost', begins=0, ends=1, "
        "params={'chance': 0.2}),)"
    )

    ended = load(lossy, "--duration", "6s", "--integration", seeded("M-06"))

    assert ended.code == 1, ended.stdout
    assert broken(ended)


def test_a_goal_that_is_missed_refuses_the_run_though_every_cent_is_right(load):
    ended = load("steady", "--duration", "3s", "--rate", "4", "--goal", "p95=1ms")

    assert ended.code == 1
    assert not broken(ended)
    goals = {goal["name"]: goal["holds"] for goal in ended.report["load"]["goals"]}
    assert goals["p95_ms"] is False


def test_ctrl_c_serves_who_is_there_reconciles_and_says_incomplete(bench):
    running = bench.begin("load", "steady", "--rate", "5", "--duration", "60s", "--out", bench.out, "--seed", "1")
    begun = next(line for line in running.stderr if "started" in line)
    assert "unsettled" in begun
    running.send_signal(signal.SIGINT)
    ended = bench.end(running)

    assert ended.code == 5
    report = ended.report
    assert report["verdict"] == "incomplete"
    assert any("interrupted" in fault["problem"] for fault in report["faults"])
    payments = report["load"]["payments"]
    assert payments["started"] == payments["finished"] == report["load"]["books"]["sales"] > 0
    assert sums_agree(ended)
    assert not bench.alive()


def test_two_workers_come_to_one_report_and_the_same_verdict(load):
    ended = load("lunch_rush", "--duration", "6s", "--rate", "6", "--processes", "2")

    assert ended.code == 0, (ended.stderr, ended.stdout)
    figures = ended.report["load"]
    assert [worker["lost"] for worker in figures["workers"]] == [False, False]
    assert sum(worker["started"] for worker in figures["workers"]) == figures["payments"]["started"]
    assert all(worker["started"] for worker in figures["workers"])
    assert figures["books"]["sales"] == figures["payments"]["started"]
    assert sums_agree(ended)


def test_a_worker_that_dies_is_named_and_none_of_its_payments_is_lost(bench):
    running = bench.begin(
        "load", "steady", "--rate", "8", "--readers", "16", "--duration", "14s", "--processes", "2",
        "--out", bench.out, "--seed", "1",
    )  # fmt: skip
    next(line for line in running.stderr if "started" in line)
    workers = [pid for pid, command in bench.alive().items() if "--worker" in command]
    os.kill(workers[0], signal.SIGKILL)
    ended = bench.end(running)

    assert ended.code == 5, (ended.stdout, ended.stderr)
    report = ended.report
    assert [worker["lost"] for worker in report["load"]["workers"]].count(True) == 1
    assert any("was lost" in fault["problem"] for fault in report["faults"])
    assert not broken(ended) and sums_agree(ended)
    assert report["load"]["books"]["sales"] >= report["load"]["payments"]["started"]


def test_a_profile_that_there_is_not_is_a_wrong_command_line(bench, load):
    ended = load("dinner")

    assert ended.code == 2
    ended.says("no load profile is called dinner", "lunch_rush")
    assert ended.left_nothing


def test_a_till_whose_sale_lives_in_a_page_is_not_driven(load):
    ended = load("steady", "--integration", Path("fixtures/integrations/js_sdk_page.toml").absolute())

    assert ended.code == 3
    ended.says("till.kind = js-sdk", "docs/load.md")
    assert ended.left_nothing
