"""Readers at the till: registered by the manager, and given to a register only where they stand."""

from collections.abc import Callable

from tests.reference_pos.conftest import Shop, Venue

MANAGER = "manager-token"


def _location(venue: Venue, city: str) -> str:
    address = {"line1": "1 Quay St", "city": city, "state": "ME", "country": "US", "postal_code": "04101"}
    lines = {f"address[{name}]": value for name, value in address.items()}
    return str(venue.call("POST", "/v1/terminal/locations", display_name=city, **lines)["id"])


def _at_home(open_shop: Callable[..., Shop], new_venue: Callable[..., Venue]) -> tuple[Shop, str, str]:
    """A till that knows its Location, that Location, and another one."""
    venue = new_venue()
    home, elsewhere = _location(venue, "Portland"), _location(venue, "Bangor")
    return open_shop(venue, POS_LOCATION=home), home, elsewhere


def test_readers_are_registered_where_the_manager_says_and_given_to_registers_at_home(
    open_shop: Callable[..., Shop], new_venue: Callable[..., Venue]
) -> None:
    shop, home, elsewhere = _at_home(open_shop, new_venue)
    order = {"code": "simulated-wpe", "label": "lane"}

    here = shop.done("POST", "/readers", MANAGER, **order)
    there = shop.done("POST", "/readers", MANAGER, location=elsewhere, **order)

    assert (here["location"], there["location"]) == (home, elsewhere)
    assert shop.venue.call("GET", f"/v1/terminal/readers/{there['id']}")["label"] == "lane"
    assert shop.ask("PUT", "/registers/front", MANAGER, reader=here["id"]).status_code == 200
    refused = shop.ask("PUT", "/registers/front", MANAGER, reader=there["id"])
    assert (refused.status_code, elsewhere in refused.json()["words"]) == (409, True)
    assert shop.done("GET", "/about")["registers"] == {"front": here["id"]}


def test_a_reader_without_a_location_is_given_to_no_register(
    open_shop: Callable[..., Shop], new_venue: Callable[..., Venue]
) -> None:
    shop, _, _ = _at_home(open_shop, new_venue)
    reader = shop.venue.call("POST", "/v1/terminal/readers", registration_code="simulated-wpe")["id"]

    refused = shop.ask("PUT", "/registers/front", MANAGER, reader=reader)

    assert (refused.status_code, refused.json()["error"]) == (409, "wrong_location")


def test_a_wrong_code_and_whoever_is_not_the_manager_register_nothing(shop: Shop) -> None:
    order = {"code": "simulated-wpe", "label": "lane", "location": "tml_nowhere"}

    assert shop.ask("POST", "/readers", **order).status_code == 403
    assert shop.ask("POST", "/readers", "nobody", **order).status_code == 401
    refused = shop.ask("POST", "/readers", MANAGER, **{**order, "code": "wrong"})
    assert (refused.status_code, refused.json()["error"]) == (409, "not_registered")
