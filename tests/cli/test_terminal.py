"""What a till says is shown at a terminal, and never obeyed by it."""

import io

from click.testing import CliRunner
from rich.console import Console

from cardpresent.cli.main import main
from cardpresent.cli.progress import Live
from cardpresent.cli.stop import Stop
from cardpresent.model.outcome import Exit

ORDER = "\x1b[2J\x1b]0;owned\x07"


def test_an_order_to_the_terminal_in_an_error_is_shown_as_what_it_is() -> None:
    told = io.StringIO()

    Stop(f"the till said {ORDER}", Exit.CONFIGURATION).show(told)

    assert told.getvalue() == "cardpresent: the till said \ufffd[2J\ufffd]0;owned\ufffd\n"


def test_an_order_to_the_terminal_in_a_finding_is_shown_as_what_it_is() -> None:
    told = io.StringIO()
    with Live(Console(file=told, force_terminal=False), 1) as live:
        live.ends("A sale", "failed", f"observed {ORDER}")

    assert "\x1b" not in told.getvalue()
    assert "observed \ufffd[2J" in told.getvalue()


def test_an_order_in_a_name_typed_is_not_given_back() -> None:
    ended = CliRunner().invoke(main, ["certify", "--integration", f"nowhere{ORDER}.toml"])

    assert ended.exit_code == 3
    assert "\x1b" not in ended.output
