"""The page people read: its order, its safety, its silence on any network."""

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from cardpresent.certificate.page import write_page
from cardpresent.certificate.report import Run, build_report, read_report, write_report
from cardpresent.certificate.views import write_views
from cardpresent.model.requirement import Register

VOID = {"meta", "link", "br", "path", "circle", "use"}
HOSTILE = (
    "</code></pre><script>alert(1)</script><img src=https://evil.example/x onerror=alert(2)>"
    "{{ 7*7 }}\x1b[31m\u202eevil\x00"
)


class Page(HTMLParser):
    """What a browser would see, as far as these tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.ids: list[str] = []
        self.anchors: list[str] = []
        self.tags: set[str] = set()
        self.links: list[tuple[str, str, str]] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id" and tag != "symbol":
                self.ids.append(value or "")
            if name in ("href", "src", "srcset", "action", "data", "poster"):
                self.links.append((tag, name, value or ""))
            if name.startswith("on"):
                self.handlers.append(name)
        if tag == "a":
            self.anchors += [value[1:] for name, value in attrs if name == "href" and value and value.startswith("#")]
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.open and re.fullmatch(r"h[1-6]", self.open[-1]):
            level, before = self.headings[-1]
            self.headings[-1] = (level, before + data)


def page_of(out: Path) -> Page:
    page = Page(write_page(out).read_text(encoding="utf-8"))
    assert page.open == []
    return page


def sections(page: Page) -> list[str]:
    return [text for level, text in page.headings if level == 2]


COMMON = ["Venues", "What was checked", "Proof"]


def test_a_certified_page_keeps_the_order_of_its_claims(certified: Path) -> None:
    assert sections(page_of(certified)) == [
        "What this page says, and what it does not", "Verdict", "The books, USD", "Warnings",
        "Not tested here: 2 musts, 0 shoulds", "Waivers", "On the owner’s word", *COMMON,
    ]  # fmt: skip


def test_a_refused_page_puts_its_failures_right_after_the_verdict(refused: Path) -> None:
    assert sections(page_of(refused)) == [
        "What this page says, and what it does not", "Verdict", "Failures", "The books, USD", "Warnings",
        "Not tested here: 3 musts, 0 shoulds", "Waivers", "On the owner’s word", *COMMON,
    ]  # fmt: skip


def test_one_fault_that_breaches_several_lines_is_told_once_among_the_reasons(
    tmp_path: Path, circumstances: Run, register: Register, saved: Any, record: Any, finding: Any
) -> None:
    same = "The sale cannot be paid: the reader never asks for a card"
    breached = [
        record(name, "failed", findings=[finding(name, headline=same)]) for name in ("FD-04", "FD-26", "FD-49")
    ]

    page = page_of(saved(tmp_path, build_report(circumstances, register, breached)))

    assert page.text.count(f"{same} (3 lines)") == 1
    assert "more below" not in page.text


def test_an_incomplete_page_says_first_whose_turn_it_is(incomplete: Path) -> None:
    page = page_of(incomplete)

    assert sections(page)[1:3] == ["Verdict", "Left undecided: 3 musts, 0 shoulds"]
    assert "Beside the verdict" in sections(page)
    assert "It is another run’s turn: some musts were left undecided" in page.text


def test_what_only_the_file_left_out_is_the_files_turn_and_says_where_the_names_are(
    tmp_path: Path, circumstances: Run, register: Register, saved: Any, good: Any, record: Any
) -> None:
    left_out = record("FD-04", "not_demonstrated", reason="the till has no edit sale: not declared")
    known = [one for one in good() if "FD-04" not in one["requirements"]]

    page = page_of(saved(tmp_path, build_report(circumstances, register, [*known, left_out])))

    assert "It is the integration file’s turn: 1 must was not demonstrated." in page.text
    assert "cardpresent certify --plan names it" in page.text


def test_attempts_are_counted_of_what_was_executed_and_only_where_there_was_more_than_one(
    tmp_path: Path, circumstances: Run, register: Register, saved: Any, good: Any, record: Any
) -> None:
    rest = [one for one in good() if "FD-04" not in one["requirements"]]
    idle = record("FD-04", "not_demonstrated", reason="the till has no edit sale: not declared")
    page = page_of(saved(tmp_path, build_report(circumstances, register, [*rest, idle])))

    assert f"{len(rest) + 1} scenarios, {len(rest)} of them executed; nothing was repeated." in page.text


def test_headings_never_skip_a_level_and_every_anchor_has_its_place(
    certified: Path, refused: Path, incomplete: Path
) -> None:
    for out in (certified, refused, incomplete):
        page = page_of(out)
        levels = [level for level, _ in page.headings]
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
        assert len(page.ids) == len(set(page.ids))
        assert set(page.anchors) <= set(page.ids)


def test_the_count_of_what_was_not_tested_stands_beside_every_verdict(
    certified: Path, refused: Path, incomplete: Path
) -> None:
    for out in (certified, refused, incomplete):
        report = read_report(out)
        text = write_page(out).read_text(encoding="utf-8")
        tally = re.search(r'<div class="tally">(.*?)</div>', text)
        assert tally
        assert f"{report['musts']['counts']['untested']} not testable here" in tally[1]
        assert f"<b>{report['musts']['met']} of {report['musts']['applicable']}</b>" in tally[1]


def test_a_page_asks_nothing_of_any_network_and_runs_no_script(certified: Path, refused: Path) -> None:
    for out in (certified, refused):
        page = page_of(out)
        assert not page.tags & {"script", "link", "iframe", "img", "object", "embed", "form", "base", "audio", "video"}
        assert not page.handlers
        for tag, name, value in page.links:
            assert value.startswith("#") or (tag == "a" and name == "href" and value.startswith("https://")), value
        text = (out / "certificate.html").read_text(encoding="utf-8")
        assert "@import" not in text
        assert "url(" not in text


def test_one_cause_in_one_sale_is_one_card_named_after_its_first_tag(refused: Path) -> None:
    page = page_of(refused)

    assert [text for level, text in page.headings if level == 3][-1] == (
        "The till says “declined” while 24.50 USD is held on the customer’s card"
    )
    assert [name for name in page.ids if re.fullmatch(r"f\d+", name)] == ["f1"]
    assert "FD-26, must, S1 money. Same cause: EX-05" in page.text


def test_a_card_says_all_that_a_shop_and_its_developers_need(refused: Path) -> None:
    text = page_of(refused).text

    for said in (
        "When contact is lost after the bank approved, the cashier is not told the payment failed.",
        "The customer taps a card.",
        "The cashier is told “paid”, or “not known yet”",
        "POST /v1/payment_intents amount=2450 currency=usd",
        "12:04:11.430 INFO  outcome=DECLINED",
        "24.50 USD was left unaccounted for in 1 sale",
        "The till.",
        "Read the PaymentIntent before telling the cashier anything",
        "cardpresent certify --integration cardpresent.toml --select FD-26 --seed 7f3a91c2",
    ):
        assert said in text, said


def test_the_same_cause_in_many_scenarios_stays_one_card(
    tmp_path: Path, circumstances: Run, register: Register, record: Any, finding: Any, saved: Any
) -> None:
    records = [
        record("FD-26", "failed", title=f"Case {k}", findings=[finding("FD-26", sale=f"S-{k}")]) for k in range(40)
    ]
    records.append(record("FD-04", "failed", findings=[finding("FD-04", headline="Charged twice")]))

    page = page_of(saved(tmp_path, build_report(circumstances, register, records)))

    assert [name for name in page.ids if re.fullmatch(r"f\d+", name)] == ["f1", "f2"]
    assert "and 27 more scenarios" in page.text
    assert "2 faults, breaching 2 of" in page.text


def test_every_failed_must_stands_on_a_card(
    tmp_path: Path, circumstances: Run, register: Register, record: Any, finding: Any, saved: Any
) -> None:
    names = ["DC-02.2", "EX-01", "EX-05", "FD-04", "FD-26", "FD-49"]
    records = [record(name, "failed", findings=[finding(name, check=f"check.{name}")]) for name in names]

    text = write_page(saved(tmp_path, build_report(circumstances, register, records))).read_text(encoding="utf-8")

    carded = re.findall(r"<b>Failed</b> <span class=\"id\">([^<]+)</span>", text)
    assert sorted(carded) == names


def test_hostile_words_stay_words(
    tmp_path: Path, circumstances: Run, register: Register, record: Any, finding: Any, lost: Any, saved: Any
) -> None:
    hostile = record(
        "FD-26", "failed", title=HOSTILE, log=[HOSTILE], reason=HOSTILE, staged=[HOSTILE], journal=[1, 7],
        steps=[{"keyword": "Given", "text": HOSTILE, "status": "passed"}],
        findings=[finding("FD-26", expected=HOSTILE, observed=HOSTILE, headline=HOSTILE, sale="S-1042", evidence=[6])],
    )  # fmt: skip
    raw = lost(hostile["id"])
    for each in raw:
        each["data"].update(words=HOSTILE, path=HOSTILE, type=HOSTILE, object=HOSTILE)
    report = build_report(circumstances, register, [hostile])
    for line in report["requirements"]:
        line["source"] = "javascript:alert(3)"
    report["till"] = {"name": HOSTILE, "build": HOSTILE, "kind": HOSTILE, "country": HOSTILE, "capture": HOSTILE}

    page = page_of(saved(tmp_path, report, raw))
    text = (tmp_path / "certificate.html").read_text(encoding="utf-8")

    assert not page.tags & {"script", "img"}
    assert not page.handlers
    assert "javascript:" not in [value[:11] for _, _, value in page.links]
    assert "{{ 7*7 }}" in page.text
    assert not re.search("[\x00-\x08\x0e-\x1f\u202a-\u202e]", text)
    write_views(tmp_path)


def test_what_was_removed_is_shown_as_removed(refused: Path) -> None:
    report = read_report(refused)
    for scenario in report["scenarios"]:
        scenario["log"] = ["client_secret=[removed] done"]
    write_report(refused, report)

    assert 'client_secret=<span class="cut">removed</span> done' in write_page(refused).read_text(encoding="utf-8")


def test_a_run_with_nothing_in_it_still_has_a_page(
    tmp_path: Path, circumstances: Run, register: Register, saved: Any
) -> None:
    page = page_of(saved(tmp_path, build_report(circumstances, register, [])))

    assert "It is another run’s turn: nothing was executed in this one." in page.text
    assert "Nothing. No scenario was executed in this run." in page.text


def test_a_missing_journal_is_said_and_stops_nothing(refused: Path) -> None:
    (refused / "journal.jsonl").unlink()

    assert "the journal is not whole" in page_of(refused).text


def test_views_made_twice_from_the_same_files_are_the_same(refused: Path) -> None:
    write_views(refused)
    first = {path.name: path.read_bytes() for path in refused.rglob("*") if path.is_file()}

    write_views(refused)

    assert {path.name: path.read_bytes() for path in refused.rglob("*") if path.is_file()} == first
    assert {"certificate.html", "certificate.json", "junit.xml", "environment.properties"} <= set(first)


def test_the_page_has_rules_for_dark_screens_small_ones_and_paper(certified: Path) -> None:
    text = write_page(certified).read_text(encoding="utf-8")

    for rule in (
        "(prefers-color-scheme: dark)",
        "@media print",
        "@media (max-width: 44rem)",
        "color-scheme: light dark",
    ):
        assert rule in text


def test_what_others_have_in_a_shared_account_is_counted_as_left_alone(
    circumstances: Run, register: Register, good: Any, saved: Any, tmp_path: Path
) -> None:
    def shown(foreign: dict[str, int] | None) -> str:
        report = build_report(replace(circumstances, foreign=foreign), register, good())
        return page_of(saved(tmp_path / "shared", report, [])).text

    assert "neither changed nor judged: 12 payment intents, 3 readers." in shown({"payment_intents": 12, "readers": 3})
    assert "None were seen in the account." in shown({})
    assert "Others’ objects" not in shown(None)
