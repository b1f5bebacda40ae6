"""What `cardpresent load` refuses before anything is started, and whom it leaves out at which till."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from cardpresent.cli.certification import make_room
from cardpresent.cli.load import load
from cardpresent.cli.load_order import LoadOrder, mix_for, must_be_free, refuse_what_cannot_be_loaded
from cardpresent.cli.stop import Stop
from cardpresent.launch.suite import suite_root
from cardpresent.loadgen.goals import Goals
from cardpresent.loadgen.profile import Profile
from cardpresent.profile import Integration
from cardpresent.profile import load as load_integration
from tests.integration_files import written

INTEGRATIONS = suite_root() / "fixtures" / "integrations"
NAIVE = (INTEGRATIONS / "naive_till.toml").read_text(encoding="utf-8")


def order(**more: object) -> LoadOrder:
    given: dict[str, object] = {
        "path": Path("ours.py"), "profile": Profile(question="?", per_s=1, readers=1), "out": Path("out"), "seed": 1,
        "integration": None, "duration_s": None, "per_s": None, "readers": None, "goals": Goals(), "processes": 1,
        "awaited": 0, "listen": "127.0.0.1:5557", "port": None, **more,
    }  # fmt: skip
    return LoadOrder(**given)  # type: ignore[arg-type]


def naive(folder: Path, *changes: tuple[str, str]) -> Integration:
    return load_integration(written(folder, NAIVE, *changes))


def test_a_till_whose_payments_are_only_known_as_the_newest_is_not_loaded(tmp_path: Path) -> None:
    newest = naive(tmp_path, ('payment_intent = "$.id"', 'payment_intent = { newest = "payment_intent" }'))

    with pytest.raises(Stop, match=r"whose payment is whose.*identity\.metadata_key"):
        refuse_what_cannot_be_loaded(order(), newest)


def test_a_till_that_returns_the_id_of_its_payment_is_loaded(tmp_path: Path) -> None:
    refuse_what_cannot_be_loaded(order(), naive(tmp_path))


def test_nobody_asks_for_half_back_at_a_till_that_gives_back_whole_sales_only(tmp_path: Path) -> None:
    whole = naive(tmp_path, (', amount = "{refund_amount.string}"', ""))
    mix, left_out = mix_for(Profile(question="?", per_s=1, readers=1, mix={"refund": 1, "part_refund": 1}), whole)

    assert set(mix) == {"refund"}
    assert "{refund_amount}" in left_out["part_refund"]


def test_a_port_that_is_taken_is_said_before_the_till_is_started() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Stop, match=f"--listen {listen}: cannot be listened at"):
            must_be_free(order(awaited=1, listen=listen))

    must_be_free(order(awaited=1, listen=listen))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rate", "inf"], "--rate inf: is no number of customers"),
        (["--rate", "nan"], "--rate nan: is no number of customers"),
        (["--processes", "2", "--expect-workers", "2"], "take one of the two"),
    ],
)
def test_a_command_line_that_cannot_be_meant_is_refused(words: list[str], said: str) -> None:
    done = CliRunner().invoke(load, ["steady", *words])

    assert done.exit_code == 2
    assert said in done.output


def test_a_folder_that_is_used_again_holds_nothing_of_the_run_before(tmp_path: Path) -> None:
    make_room(tmp_path)
    (tmp_path / "locust").mkdir()
    for name in ("load.html", "brief.json", "locust/load_stats.csv"):
        (tmp_path / name).write_text("of the run before")

    make_room(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == [".cardpresent-run"]


def test_a_profile_of_the_teams_own_is_called_by_its_path_and_one_of_the_suite_by_its_name() -> None:
    assert order(path=Path("load/ours.py")).called == "load/ours.py"
    assert order(path=suite_root() / "load" / "steady.py").called == "steady"
