"""Scenarios dealt to lanes: each to a till that can be asked, each once, and what moves clocks last."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from cardpresent.cli.selection import Listed
from cardpresent.cli.share import Chunk, Share, lanes_for
from cardpresent.launch.suite import suite_root
from cardpresent.profile import Integration, load


def scenario(title: str, *tags: str, path: str = "features/sale/charge.feature") -> Listed:
    return Listed(f"{path}::{title}", title, "Charging a sale", path, frozenset(tags))


@pytest.fixture(scope="module")
def till() -> Integration:
    """A till in the United States with a second shop in Canada."""
    us = replace(load(suite_root() / "fixtures" / "integrations" / "naive_till.toml"), shops={})
    canada = replace(
        us, shop="canada", till=us.till.__class__(**{**_fields(us.till), "country": "CA", "currencies": ("cad",)}),
        capabilities=MappingProxyType({**us.capabilities, "interac": True}),
    )  # fmt: skip
    return replace(us, shops=MappingProxyType({"canada": canada}))


def _fields(table: object) -> dict[str, object]:
    return {name: getattr(table, name) for name in table.__struct_fields__}  # type: ignore[attr-defined]


def dealt(share: Share, *lanes: int) -> list[tuple[int, Chunk]]:
    """What each lane gets, asking in turn until there is nothing left."""
    found, asking = [], list(lanes)
    while asking:
        lane = asking.pop(0)
        chunk = share.next_for(lane)
        if chunk:
            found.append((lane, chunk))
            asking.append(lane)
    return found


def test_a_scenario_goes_to_the_first_till_that_can_be_asked(till):
    usual, interac, canadian = scenario("Usual"), scenario("Interac", "needs-interac"), scenario("CA", "country-CA")

    chunks = [chunk for _, chunk in dealt(Share([usual, interac, canadian], till), 0)]

    assert [(c.run, c.shop, c.ids) for c in chunks] == [
        (1, "main", (usual.id,)), (2, "canada", (interac.id, canadian.id)),
    ]  # fmt: skip


def test_one_that_is_for_each_shop_is_put_to_all_that_can_be_asked(till):
    everywhere, canadian = scenario("A sale", "each-shop"), scenario("CA", "each-shop", "needs-interac")

    share = Share([everywhere, canadian], till)

    assert {shop: [s.title for s in its] for shop, its in share.planned.items()} == {
        "main": ["A sale"], "canada": ["A sale", "CA"],
    }  # fmt: skip
    assert share.total == 3


def test_one_that_is_for_each_country_is_put_to_one_till_there(till):
    twin = replace(till.shops["canada"], shop="toronto")
    several = replace(till, shops={"canada": till.shops["canada"], "toronto": twin})

    assert set(Share([scenario("A sale", "each-country")], several).planned) == {"main", "canada"}
    assert list(Share([scenario("PIN", "each-country", "pin-after-tap")], several).planned) == ["main"]


def test_one_that_no_till_can_be_asked_is_left_to_the_files_own_to_say_why(till):
    japanese = scenario("Yen", "country-JP", "each-shop")

    assert list(Share([japanese], till).planned) == ["main"]


def test_two_lanes_share_the_files_own_till_and_none_shares_a_shop(till):
    mains = [scenario(f"Sale {k}", path=f"features/sale/{k}.feature") for k in range(4)]
    shop = [scenario(f"Interac {k}", "needs-interac") for k in range(2)]

    chunks = dealt(Share([*mains, *shop], till), 0, 1)

    runs = {chunk.run: (lane, chunk.shop) for lane, chunk in chunks}
    assert len(runs) == len({(lane, chunk.run) for lane, chunk in chunks})
    assert [shop for _, shop in runs.values()].count("canada") == 1
    assert {lane for lane, _ in chunks} == {0, 1}
    assert sorted(i for _, c in chunks for i in c.ids) == sorted(s.id for s in [*mains, *shop])


def test_what_moves_a_clock_comes_last_on_a_fresh_till(till):
    late, usual = scenario("A month later", "last"), scenario("Now", path="features/day/close.feature")

    chunks = [chunk for _, chunk in dealt(Share([late, usual], till), 0)]

    assert [(c.run, c.ids) for c in chunks] == [(1, (usual.id,)), (2, (late.id,))]


def test_repeating_deals_a_scenario_as_often_as_was_asked(till):
    one, two = scenario("One"), scenario("Two")

    (_, chunk), = dealt(Share([one, two], till, repeat=3), 0)

    assert chunk.ids == (one.id, two.id) * 3


def test_pages_stay_together_for_a_browser_is_opened_once(till):
    pages = [scenario("Paid", "page", path=f"features/screen/{k}.feature") for k in range(2)]
    other = scenario("Sale")

    first, *_ = [chunk for _, chunk in dealt(Share([other, *pages], till), 0)]

    assert first.ids == tuple(s.id for s in pages)


@pytest.mark.parametrize(
    ("parallel", "count", "wanted", "cores", "lanes"),
    [
        (True, 90, None, 8, 3), (True, 90, None, 1, 2), (False, 90, None, 8, 1), (True, 9, None, 8, 1),
        (False, 9, 3, 1, 3),
    ],
)
def test_a_till_is_worked_twice_at_once_only_where_its_file_allows_it_and_it_pays(
    till, parallel, count, wanted, cores, lanes
):
    process = till.process.__class__(**{**_fields(till.process), "parallel": parallel})
    scenarios = [scenario(f"Sale {k}") for k in range(count)]

    assert lanes_for(replace(till, process=process), scenarios, wanted, cores) == lanes
