"""Which scenarios need a hand at a native app's device, told from their tags alone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cardpresent.cli.foreseen import foreseen
from cardpresent.cli.selection import listed
from cardpresent.launch.asking import BACKEND, GUIDED, HAND, ON_DEVICE, OWN_WORD, needs_hand, why_not
from cardpresent.launch.suite import suite_root
from cardpresent.model.outcome import ScenarioOutcome
from cardpresent.profile import Integration, IntegrationError, load
from cardpresent.profile.answers import answers_of

NATIVE = Path(__file__).resolve().parents[1] / "certify" / "native.toml"
PLAYED = NATIVE.with_name("native_backend.toml")


@pytest.fixture(scope="module")
def app() -> Integration:
    return load(NATIVE)


@pytest.fixture(scope="module")
def played() -> Integration:
    return load(PLAYED)


@pytest.mark.parametrize(
    ("tags", "outcome"),
    [
        ({"FD-02"}, ScenarioOutcome.UNTESTED),
        ({"DC-01.3", BACKEND, "needs-connection_token"}, None),
        ({"FD-81", GUIDED, "kind-native"}, None),
        ({"DC-09.1", GUIDED, "kind-app"}, None),
        ({"EX-10", "kind-offline-sdk"}, ScenarioOutcome.UNTESTED),
        ({"EX-12", "kind-server-driven"}, ScenarioOutcome.NOT_APPLICABLE),
        ({"FD-05", "currency-jpy"}, ScenarioOutcome.NOT_APPLICABLE),
        ({"FD-54", "needs-webhooks"}, ScenarioOutcome.NOT_DEMONSTRATED),
    ],
)
def test_what_takes_the_device_is_left_to_a_hand(
    app: Integration, tags: set[str], outcome: ScenarioOutcome | None
) -> None:
    unasked = why_not(tags, app)

    assert (unasked and unasked[0]) == outcome
    assert (outcome is ScenarioOutcome.UNTESTED) == (unasked == (outcome, HAND))


@pytest.mark.parametrize(
    ("tags", "hand"),
    [
        ({"FD-02"}, False),
        ({"FD-13", "needs-retry"}, False),
        ({"FD-50", "needs-refund"}, False),
        ({"FD-81", GUIDED, "kind-native"}, False),
        ({"EX-12", "kind-server-driven"}, False),
        ({"EX-10", "kind-offline-sdk"}, True),
        ({"FD-32", "kind-any-sdk"}, True),
        ({"EX-14", "kind-app"}, True),
        ({"FD-30", ON_DEVICE}, True),
        ({"FD-80", OWN_WORD}, True),
        ({"FD-35", "needs-offline"}, True),
        ({"FD-59", "needs-receipt"}, True),
        ({"FD-40", "needs-tip_on_reader"}, True),
    ],
)
def test_where_the_suite_plays_the_app_only_the_app_itself_is_left_to_a_hand(
    played: Integration, tags: set[str], hand: bool
) -> None:
    assert needs_hand(tags, played) is hand


def test_a_backend_that_says_how_its_sales_stand_is_held_to_its_word(played: Integration) -> None:
    told = replace(played, operations={**played.operations, "sale_state": played.operations["start_sale"]})

    assert not needs_hand({"FD-80", OWN_WORD}, told)


def test_what_takes_a_reader_that_the_backend_commands_is_put_to_no_app(played: Integration) -> None:
    commanded = [one for one in listed(suite_root()) if "kind-server-driven" in one.tags]

    assert len(commanded) > 5
    assert not [one.id for one in commanded if why_not(one.tags, played) is None]


def test_most_of_what_an_app_asks_of_its_backend_is_put_to_it_by_machine(
    app: Integration, played: Integration
) -> None:
    by_machine = [one for one in listed(suite_root()) if GUIDED not in one.tags]
    before, now = ([one.id for one in by_machine if why_not(one.tags, till) is None] for till in (app, played))

    assert len(now) > 10 * len(before)
    assert set(before) <= set(now)


def test_whether_the_suite_plays_the_app_is_read_from_the_file(app: Integration, played: Integration) -> None:
    naive = load(suite_root() / "fixtures" / "integrations" / "naive_till.toml")

    assert (app.plays_app, played.plays_app, naive.plays_app) == (False, True, False)


def test_a_native_file_that_starts_a_sale_describes_all_that_an_app_needs(tmp_path: Path) -> None:
    def nameless(text: str) -> str:
        """Without connection tokens: the table gets a name that an app does not know."""
        return text.replace("[operations.connection_token]", "[operations.list_readers]").replace(
            'probe = "connection_token"', 'probe = "startup"'
        )

    _refused(tmp_path, lambda text: text.replace(', client_secret = "$.client_secret"', ""), "start_sale.save", PLAYED)
    _refused(tmp_path, lambda text: text.replace('save = { secret = "$.secret" }', ""), "connection_token.save", PLAYED)
    _refused(tmp_path, nameless, r'"native" needs \[operations.connection_token\] beside start_sale', PLAYED)


def test_no_other_till_needs_a_hand() -> None:
    naive = load(suite_root() / "fixtures" / "integrations" / "naive_till.toml")

    assert not any(needs_hand(one.tags, naive) for one in listed(suite_root()))


def test_a_scenario_that_calls_itself_about_the_backend_rings_up_no_sale() -> None:
    known = foreseen(suite_root())
    about = [one for one in listed(suite_root()) if BACKEND in one.tags]

    assert len(about) > 5
    assert [one.id for one in about if known[one.id].doings.deeds["sale"]] == []


def test_what_holds_of_an_sdk_holds_of_a_native_app(app: Integration) -> None:
    assert answers_of(app)["kind"] == ("native", "sdk")
    assert answers_of(replace(app, till=load(NATIVE).till))["country"] == ("US",)


def test_what_is_done_on_the_device_needs_no_operation_of_the_backend(tmp_path: Path, app: Integration) -> None:
    assert app.capability("refund").state == "present"
    assert "refund_sale" not in app.operations
    _refused(tmp_path, lambda text: text.replace("cancel = true", "end_of_day = true"), "capabilities.end_of_day")
    _refused(tmp_path, lambda text: text.replace('"native"', '"server-driven"'), "operations.start_sale")


def _refused(folder: Path, change: Callable[[str], str], key: str, of: Path = NATIVE) -> None:
    file = folder / "cardpresent.toml"
    file.write_text(change(of.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(IntegrationError, match=key):
        load(file)
