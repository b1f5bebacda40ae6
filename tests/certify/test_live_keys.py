"""A live key is refused before anything is started, wherever it stands, and is repeated nowhere."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.certify.running import Bench, Ended

CANARY = "51H8canaryCANARYcanary0042"
KINDS = ("sk_live_", "rk_live_")
VENUES: tuple[tuple[str, ...], ...] = ((), ("--stripe", "test"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["STRIPE_SECRET_KEY", "STRIPE_API_KEY", "ANYTHING_ELSE"])
def test_a_live_key_in_the_environment_is_refused(
    bench: Bench, till: Callable[..., Path], name: str, kind: str
) -> None:
    file = till("naive_till", TELLTALE)

    ended = bench.certify("--integration", file, env={name: kind + CANARY})

    refused(bench, ended, name)


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("place", ["process.env", "a comment", "the command"])
def test_a_live_key_in_the_integration_file_is_refused(
    bench: Bench, till: Callable[..., Path], venue: tuple[str, ...], place: str
) -> None:
    key = KINDS[0] + CANARY
    changes = {
        "process.env": ('STRIPE_SECRET_KEY = "{stripe_key}"', f'STRIPE_SECRET_KEY = "{key}"'),
        "a comment": ('probe = "list_readers"', f'probe = "list_readers" # {key}'),
        "the command": (TELLTALE[1], TELLTALE[1].replace('"]', f'", "{key}"]')),
    }
    file = till("naive_till", TELLTALE, changes[place])

    ended = bench.certify("--integration", file, *venue)

    refused(bench, ended, "cardpresent.toml:", but=file)


def test_a_live_key_with_stripe_test_is_refused_as_a_live_key(bench: Bench) -> None:
    ended = bench.certify("--stripe", "test", env={"STRIPE_SECRET_KEY": KINDS[0] + CANARY})

    refused(bench, ended, "STRIPE_SECRET_KEY")


@pytest.mark.parametrize("words", [("certify", "--select"), ("explain",), ("emulate", "--port"), ("prove", "--only")])
def test_a_live_key_on_the_command_line_is_refused_by_every_command(bench: Bench, words: tuple[str, ...]) -> None:
    ended = bench.run(*words, KINDS[1] + CANARY)

    refused(bench, ended, "the command line")


@pytest.mark.parametrize("words", [("prove", "--out", "out"), ("emulate", "--port", "0")])
def test_prove_and_emulate_refuse_a_live_key_as_well(bench: Bench, words: tuple[str, ...]) -> None:
    ended = bench.run(*words, env={"STRIPE_API_KEY": KINDS[1] + CANARY})

    refused(bench, ended, "STRIPE_API_KEY")


# Started, it would leave a file behind in the folder of the integration file.
TELLTALE = ('command = ["{python}", "naive_till.py"]', 'command = ["touch", "{scratch}/../../started"]')


def refused(bench: Bench, ended: Ended, where: str, but: Path | None = None) -> None:
    assert ended.code == 3
    ended.says(where, "live Stripe key", "remove it")
    assert ended.left_nothing
    assert not bench.alive()
    assert CANARY not in ended.stdout + ended.stderr
    found = [path for path in bench.folder.rglob("*") if path.is_file()]
    assert not [path for path in found if path.name == "started"]
    assert [path for path in found if CANARY in path.read_text(encoding="utf-8")] == ([but] if but else [])
