"""A run that asks a person: prompted at a terminal, kept in a file, believed by the next run until it runs out."""

import json
import os
import pty
import sys
from collections.abc import Callable
from pathlib import Path

from tests.certify.running import Bench, Ended

RECEIPT = "A customer has got the receipt of a live payment"
READER = "Staff register a replacement reader without a developer"
STANDS = "Every reader belongs to the Location where it stands"


class Terminal:
    """A run at a terminal of its own, and somebody who types when asked."""

    def __init__(self, bench: Bench, *words: str) -> None:
        self._bench = bench
        self.shown = ""
        self._pid, self._at = pty.fork()
        if self._pid == 0:
            os.chdir(bench.folder)
            os.environ["TERM"] = "dumb"
            command = [sys.executable, "-m", "cardpresent", "certify", "--seed", "1", "--out", str(bench.out), *words]
            os.execv(sys.executable, command)

    def when_it_says(self, words: str, typed: str) -> None:
        """Wait for `words`, after what was read before, and answer."""
        seen = ""
        while words not in seen:
            seen += self._read()
        os.write(self._at, f"{typed}\n".encode())

    def end(self) -> Ended:
        while True:
            try:
                if not self._read():
                    break
            except OSError:  # the other end is closed: it has ended
                break
        _, status = os.waitpid(self._pid, 0)
        os.close(self._at)
        return Ended(os.waitstatus_to_exitcode(status), self.shown, "", self._bench.out)

    def _read(self) -> str:
        text = os.read(self._at, 4096).decode(errors="replace")
        self.shown += text
        return text


def test_a_person_is_asked_and_the_next_run_takes_the_answer(bench: Bench) -> None:
    (bench.folder / "receipt.pdf").write_bytes(b"paid")
    kept = bench.folder / "attestations.json"
    asking = Terminal(bench, "--guided", "--attestations", str(kept), "--select", RECEIPT)

    asking.when_it_says("Is it so?", "yes")
    asking.when_it_says("Your name", "Ada")
    asking.when_it_says("File with the receipt", "nowhere.pdf")
    asking.when_it_says("there is no such file", "receipt.pdf")
    asked = asking.end()

    assert asked.outcomes() == {RECEIPT: "attested"}
    (told,) = asked.report["attestations"]
    assert (told["requirement"], told["by"], told["evidence"]) == ("DC-03.3", "Ada", "receipt.pdf")
    assert len(told["sha256"]) == 64
    later = bench.certify("--attestations", kept, "--select", RECEIPT, out=bench.folder / "later")
    assert later.outcomes() == {RECEIPT: "attested"}
    assert "attested by Ada" in later.scenario(RECEIPT)["reason"]
    (bench.folder / "receipt.pdf").write_bytes(b"something else")
    spoilt = bench.certify("--attestations", kept, "--select", RECEIPT, out=bench.folder / "spoilt")
    assert (spoilt.code, spoilt.outcomes()) == (3, {RECEIPT: "config_error"})


def test_what_a_person_says_is_so_is_looked_up_at_stripe_where_it_can_be(bench: Bench) -> None:
    asking = Terminal(bench, "--guided", "--select", READER)

    asking.when_it_says("Is it so?", "yes")
    asking.when_it_says("Your name", "Ada")
    asked = asking.end()

    assert asked.outcomes() == {READER: "inconclusive"}
    assert "no new reader came to this run's Stripe account" in asked.scenario(READER)["reason"]
    assert not (bench.out / "attestations.json").exists()


def test_a_no_refuses_the_till_and_later_leaves_the_line_untested(bench: Bench) -> None:
    asking = Terminal(bench, "--guided", "--select", STANDS, "--select", RECEIPT)

    asking.when_it_says("Is it so?", "later")
    asking.when_it_says("Is it so?", "no")
    asking.when_it_says("Your name", "Bob")
    asking.when_it_says("What is not so?", "one was moved")
    asking.when_it_says("File with", "")
    asked = asking.end()

    assert asked.code == asked.report["exit_code"] == 1
    assert asked.outcomes() == {RECEIPT: "untested", STANDS: "failed"}
    (found,) = [f for f in asked.scenario(STANDS)["findings"] if f["holds"] is False]
    assert (found["requirement"], found["check"]) == ("DC-07.2", "people.word")
    assert "Bob says that it is not so: one was moved" in found["observed"]
    assert json.loads((bench.out / "attestations.json").read_text())[0]["holds"] is False


def test_where_nobody_sits_nobody_is_asked(bench: Bench, till: Callable[..., Path]) -> None:
    refused = bench.certify("--guided", "--select", RECEIPT)

    assert refused.code == 2
    refused.says("--guided asks a person and needs a terminal")
    assert bench.certify("--select", RECEIPT).outcomes() == {RECEIPT: "untested"}
