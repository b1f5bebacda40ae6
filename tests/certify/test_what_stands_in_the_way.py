"""Bad input and a machine that does not play along: one sentence, the right exit code, and everything left as found."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.certify.running import PAID, Bench, stands_incomplete

PAGE = "The page says paid once the money is collected"


def test_a_missing_integration_file_is_named_and_nothing_is_begun(bench: Bench) -> None:
    ended = bench.certify("--integration", "nowhere.toml")

    assert ended.code == 3
    ended.says("nowhere.toml", "no such file", "cardpresent init")
    assert ended.left_nothing


def test_a_wrong_integration_file_is_named_with_line_key_and_fix(bench: Bench, till: Callable[..., Path]) -> None:
    file = till("reference_pos", ('kind = "server-driven"', 'kind = "server-drivn"'))

    ended = bench.certify("--integration", file)

    assert ended.code == 3
    ended.says("cardpresent.toml:6", "till.kind", "server-driven")
    assert ended.left_nothing


@pytest.mark.parametrize(
    ("asked", "near"),
    [("FD-2666", "FD-26"), ("A refund returns the amount twice", "A refund returns the amount once")],
)
def test_an_unknown_selection_is_a_usage_error_with_what_is_near(bench: Bench, asked: str, near: str) -> None:
    ended = bench.certify("--select", asked)

    assert ended.code == 2
    ended.says(asked, "did you mean", near)
    assert ended.left_nothing


def test_a_folder_with_somebodys_files_is_left_as_it_is(bench: Bench) -> None:
    mine = bench.folder / "mine"
    (mine / "till").mkdir(parents=True)
    kept = [mine / "report.json", mine / "till" / "server.js"]
    for file in kept:
        file.write_text("mine", encoding="utf-8")

    ended = bench.certify("--select", PAID, out=mine)

    assert ended.code == 2
    ended.says(f"--out {mine}", "holds files that no run wrote", "name an empty folder")
    assert [file.read_text(encoding="utf-8") for file in kept] == ["mine", "mine"]
    assert not (mine / "journal.jsonl").exists()


@pytest.mark.parametrize("kind", ["below a file", "forbidden"])
def test_an_out_folder_that_cannot_be_written_is_a_usage_error(bench: Bench, kind: str) -> None:
    (bench.folder / "file").touch()
    closed = bench.folder / "closed"
    closed.mkdir(mode=0o500)
    # Nothing is forbidden to root but what the kernel itself keeps to itself.
    forbidden = Path("/proc") if os.geteuid() == 0 else closed
    out = bench.folder / "file" / "out" if kind == "below a file" else forbidden

    ended = bench.certify("--select", PAID, out=out)

    assert ended.code == 2
    ended.says(f"--out {out}", "cannot be written", "choose another folder")
    assert not bench.alive()


def test_a_port_in_use_is_named_and_its_owner_left_alone(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]

        ended = bench.certify("--select", PAID, "--port", str(port))

        assert ended.code == 3
        ended.says(f"--port {port}", "in use", "choose another")
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    stands_incomplete(ended)
    assert not bench.alive()


def test_a_till_that_ends_at_once_is_quoted_without_its_secrets(bench: Bench, till: Callable[..., Path]) -> None:
    file = till("naive_till", program="troubled_naive.py", HABIT="quits", STRIPE_WEBHOOK_SECRET="{webhook_secret}")

    ended = bench.certify("--integration", file, "--select", PAID)

    assert ended.code == 3
    ended.says("process.command", "exited with 3", "no licence for [removed] [removed]")
    stands_incomplete(ended)
    assert not bench.alive()


def test_a_command_that_cannot_be_started_is_named(bench: Bench, till: Callable[..., Path]) -> None:
    file = till("naive_till", ('command = ["{python}", "naive_till.py"]', 'command = ["no-such-till"]'))

    ended = bench.certify("--integration", file, "--select", PAID)

    assert ended.code == 3
    ended.says("process.command", "no-such-till", "correct the command")
    stands_incomplete(ended)


def test_a_till_that_is_never_ready_is_given_up_and_ended(bench: Bench, till: Callable[..., Path]) -> None:
    file = till(
        "naive_till",
        ('command = ["{python}", "naive_till.py"]', 'command = ["sleep", "600"]'),
        ('ready = "/readers"', 'ready = "/readers"\nready_within_s = 0.5'),
    )

    ended = bench.certify("--integration", file, "--select", PAID)

    assert ended.code == 3
    ended.says("process.ready", "no answer", "within 0.5 s", "ready_within_s")
    stands_incomplete(ended)
    assert not bench.alive()


def test_a_till_that_nobody_started_is_named_with_its_address(bench: Bench, till: Callable[..., Path]) -> None:
    text = till("naive_till").read_text(encoding="utf-8")
    before, _, rest = text.partition("[process]\n")
    _, _, after = rest.partition("[stripe]\n")
    process = '[process]\nbase_url = "http://127.0.0.1:9"\nready_within_s = 0.5\nrestart = false\n\n[stripe]\n'
    file = bench.folder / "elsewhere.toml"
    file.write_text((before + process + after).replace("restart = true", "restart = false"), encoding="utf-8")

    ended = bench.certify("--integration", file, "--select", PAID)

    assert ended.code == 3
    ended.says("process.base_url", "http://127.0.0.1:9", "start the till")
    stands_incomplete(ended)


def test_a_till_with_an_address_of_its_own_is_stopped_before_its_first_sale(
    bench: Bench, till: Callable[..., Path]
) -> None:
    file = till("naive_till", program="troubled_naive.py", HABIT="own_address")

    ended = bench.certify("--integration", file, "--select", PAID)

    assert ended.code == 3
    ended.says("stripe.probe", "before its first sale", "{stripe_base}")
    stands_incomplete(ended)
    assert "payment_intents" not in (ended.out / "journal.jsonl").read_text(encoding="utf-8")
    assert not bench.alive()


def test_without_a_browser_the_page_scenarios_are_not_run_and_say_how_to_get_one(bench: Bench) -> None:
    empty = bench.folder / "empty"
    empty.mkdir()
    hidden = {"PATH": str(empty), "PLAYWRIGHT_BROWSERS_PATH": str(empty), "CARDPRESENT_BROWSER": ""}

    ended = bench.certify("--select", PAID, "--select", PAGE, env=hidden)

    assert ended.code == 5
    assert ended.outcomes() == {PAID: "passed", PAGE: "not_run"}
    assert "playwright install chromium" in ended.scenario(PAGE)["reason"]
    assert f"{PAGE}  not run: no browser was found" in ended.stderr
    ended.has_no_trace()


def test_a_variable_that_the_file_names_and_nobody_set_is_named(bench: Bench, till: Callable[..., Path]) -> None:
    ended = bench.certify("--integration", till("naive_till", SHOP="{env.NO_SUCH_SHOP}"), "--select", PAID)

    assert ended.code == 3
    ended.says("{env.NO_SUCH_SHOP}", "set that variable")
    stands_incomplete(ended)
