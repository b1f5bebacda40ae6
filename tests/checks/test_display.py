"""What the reader shows, with one case in which each check holds, fails and cannot tell."""

from typing import Any

from cardpresent.checks import display
from cardpresent.model.money import Money
from tests.checks.story import SALE, Story, captured, unpaid

USD_20 = Money(2000, "usd")


def cart(total: int, status: str = "in_progress") -> dict[str, Any]:
    shown = {"cart": {"currency": "usd", "total": total, "tax": 0, "line_items": []}, "type": "cart"}
    return {"type": "set_reader_display", "status": status, "set_reader_display": shown}


def test_the_total_on_the_reader_is_what_the_goods_cost() -> None:
    assert display.shown_total(Story().looked(cart(2000)).journal, USD_20).holds is True
    assert display.shown_total(Story().looked(cart(2000)).looked(cart(2160)).journal, USD_20).holds is False
    assert display.shown_total(Story().looked(None).journal, USD_20).observed == "no cart"
    assert display.shown_total(Story().asked(2000).journal, USD_20).holds is None


def test_what_was_shown_last_is_what_is_charged() -> None:
    story = Story().looked(cart(1500)).looked(cart(2000)).asked(2000)

    assert display.shown_is_charged(story.books(captured(2000)).journal, SALE).holds is True
    assert display.shown_is_charged(story.books(captured(2160)).journal, SALE).holds is False


def test_where_nothing_was_shown_or_charged_nothing_can_be_told() -> None:
    nothing_shown = Story().looked(None).asked(2000).books(captured(2000)).journal
    nothing_charged = Story().looked(cart(2000)).asked(2000).books(unpaid(2000)).journal

    assert display.shown_is_charged(nothing_shown, SALE).holds is None
    assert display.shown_is_charged(nothing_charged, SALE).holds is None


def test_a_cart_put_away_is_gone_from_the_reader() -> None:
    assert display.nothing_shown(Story().looked(cart(2000)).looked(None).journal).holds is True
    assert display.nothing_shown(Story().looked(cart(2000)).looked(cart(2000)).journal).holds is False
    assert display.nothing_shown(Story().looked(None).journal).holds is None


def test_a_cart_that_an_app_put_on_its_reader_is_one_though_stripe_has_no_action_for_it() -> None:
    shown = {"currency": "usd", "total": 2000, "tax": 0, "line_items": []}
    put_up, taken_off = Story().looked(None, cart=shown), Story().looked(None, cart=shown).looked(None, cart=None)

    assert display.shown_total(put_up.journal, USD_20).holds is True
    assert display.nothing_shown(put_up.journal).holds is False
    assert display.nothing_shown(taken_off.journal).holds is True
