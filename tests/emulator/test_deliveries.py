"""Which event is due at which endpoint, and when again: what the emulator tells whoever delivers."""

import asyncio
import json
from typing import Any

import httpx
import pytest
import stripe

from cardpresent.emulator.app import create_app
from cardpresent.emulator.clock import FrozenClock
from cardpresent.emulator.deliveries import Delivery, retry_after_s
from tests.emulator.conftest import Shop

HOUR = 3600


class Courier:
    """Takes what is due and delivers nothing until told how it ended."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.taken: list[Delivery] = []
        shop.server.app.on_delivery(self.taken.append)

    def at(self, endpoint: str) -> list[Delivery]:
        return [one for one in self.taken if one.endpoint == endpoint]

    def types(self, endpoint: str) -> list[str]:
        return [one.type for one in self.at(endpoint)]

    def ends(self, endpoint: str, *, accepted: bool) -> None:
        self.shop.server.app.delivery_ended(self.at(endpoint)[-1].id, accepted)

    def pending(self, endpoint: str) -> int:
        """What Stripe says about the event delivered there last."""
        return int(self.shop.client.events.retrieve(self.at(endpoint)[-1].event).pending_webhooks)


@pytest.fixture
def courier(shop: Shop) -> Any:
    yield Courier(shop)
    shop.control("POST", "reset")


def endpoint(shop: Shop, *types: str, **params: Any) -> str:
    made = shop.client.webhook_endpoints.create(
        {"url": "http://localhost:4242/", "enabled_events": list(types or ("*",)), **params}
    )
    return str(made.id)


def test_an_event_is_due_at_once_at_each_endpoint_that_wants_it(shop: Shop, courier: Courier) -> None:
    all_of_it, some = endpoint(shop), endpoint(shop, "payment_intent.canceled")
    payment = shop.payment()
    shop.client.payment_intents.cancel(payment.id)

    assert courier.types(all_of_it) == ["payment_intent.created", "payment_intent.canceled"]
    assert courier.types(some) == ["payment_intent.canceled"]
    first = courier.at(all_of_it)[0]
    assert (first.object, first.attempt) == (payment.id, 1)
    assert json.loads(first.body)["data"]["object"]["id"] == payment.id


def test_the_account_next_door_hears_nothing(shop: Shop, courier: Courier) -> None:
    mine = endpoint(shop)
    other = Shop(shop.server, shop.key + "next")
    theirs = endpoint(other)

    other.payment()

    assert (courier.at(mine), courier.types(theirs)) == ([], ["payment_intent.created"])
    other.control("POST", "reset")


def test_pending_webhooks_counts_who_has_not_accepted_the_event(shop: Shop, courier: Courier) -> None:
    first, second = endpoint(shop), endpoint(shop)
    shop.payment()
    seen = [courier.pending(first)]

    courier.ends(first, accepted=True)
    seen.append(courier.pending(first))
    courier.ends(second, accepted=True)
    seen.append(courier.pending(first))

    assert seen == [2, 1, 0]
    assert json.loads(courier.at(first)[0].body)["pending_webhooks"] == 2


def test_an_event_nobody_wanted_is_pending_nowhere(shop: Shop, courier: Courier) -> None:
    shop.payment()

    assert shop.client.events.list({"limit": 1}).data[0].pending_webhooks == 0


def test_what_an_object_says_about_itself_is_not_taken_for_the_count(shop: Shop, courier: Courier) -> None:
    mine = endpoint(shop)
    shop.payment(metadata={"pending_webhooks": "7"})
    courier.ends(mine, accepted=True)

    event = shop.client.events.retrieve(courier.at(mine)[0].event)

    assert event.pending_webhooks == 0
    assert event.data.object["metadata"]["pending_webhooks"] == "7"


@pytest.mark.parametrize(("accepted", "delivered"), [(True, True), (False, False)])
def test_events_are_listed_by_whether_they_arrived(
    shop: Shop, courier: Courier, accepted: bool, delivered: bool
) -> None:
    mine = endpoint(shop)
    shop.payment()
    courier.ends(mine, accepted=accepted)

    listed = shop.client.events.list
    assert [one.id for one in listed({"delivery_success": delivered}).data] == [courier.at(mine)[0].event]
    assert listed({"delivery_success": not delivered}).data == []


def test_a_failed_delivery_comes_three_times_more_as_the_clock_moves(shop: Shop, courier: Courier) -> None:
    mine = endpoint(shop)
    shop.payment()
    counts = []
    for hours in (1, 2, 4, 48):
        courier.ends(mine, accepted=False)
        shop.advance(hours * HOUR - 1)
        before = len(courier.at(mine))
        shop.advance(1)
        counts.append((before, len(courier.at(mine))))

    assert counts == [(1, 2), (2, 3), (3, 4), (4, 4)]
    assert [one.attempt for one in courier.at(mine)] == [1, 2, 3, 4]
    assert len({(one.id, one.body) for one in courier.at(mine)}) == 1
    assert courier.pending(mine) == 1


def test_live_retries_go_on_for_three_days(shop: Shop, courier: Courier) -> None:
    shop.control("POST", "account", webhook_retries="live")
    mine = endpoint(shop)
    shop.payment()
    for _ in range(80):
        if len(courier.at(mine)) > (courier.at(mine)[-1].attempt - 1):
            courier.ends(mine, accepted=False)
        shop.advance(HOUR)

    assert [one.attempt for one in courier.at(mine)] == [1, 2, 3, 4, 5, 6, 7]


def test_live_retries_double_their_distance_and_stay_within_three_days() -> None:
    waits, age = [], 0
    for attempt in range(1, 20):
        wait = retry_after_s("live", attempt, age)
        if wait is None:
            break
        waits.append(wait // HOUR)
        age += wait

    assert waits == [1, 2, 4, 8, 16, 32]
    assert age <= 72 * HOUR


def test_an_accepted_retry_is_the_last(shop: Shop, courier: Courier) -> None:
    mine = endpoint(shop)
    shop.payment()
    courier.ends(mine, accepted=False)
    shop.advance(HOUR)
    courier.ends(mine, accepted=True)
    shop.advance(100 * HOUR)

    assert (len(courier.at(mine)), courier.pending(mine)) == (2, 0)


def test_saying_twice_how_a_delivery_ended_changes_nothing(shop: Shop, courier: Courier) -> None:
    mine = endpoint(shop)
    shop.payment()
    for accepted in (False, False, True):
        courier.ends(mine, accepted=accepted)
    shop.advance(HOUR)

    assert [one.attempt for one in courier.at(mine)] == [1, 2]
    assert courier.pending(mine) == 1


def test_a_disabled_endpoint_hears_nothing_of_what_happens_meanwhile(shop: Shop, courier: Courier) -> None:
    mine = endpoint(shop)
    shop.client.webhook_endpoints.update(mine, {"disabled": True})
    shop.payment()
    shop.client.webhook_endpoints.update(mine, {"disabled": False})
    shop.advance(HOUR)

    assert courier.at(mine) == []
    assert shop.client.events.list({"limit": 1}).data[0].pending_webhooks == 0


@pytest.mark.parametrize(("enabled_again", "attempts", "pending"), [(True, [1, 2], 1), (False, [1], 0)])
def test_a_retry_is_made_only_if_its_endpoint_is_enabled_by_then(
    shop: Shop, courier: Courier, enabled_again: bool, attempts: list[int], pending: int
) -> None:
    mine = endpoint(shop)
    shop.payment()
    courier.ends(mine, accepted=False)
    shop.client.webhook_endpoints.update(mine, {"disabled": True})
    if enabled_again:
        shop.client.webhook_endpoints.update(mine, {"disabled": False})
    shop.advance(HOUR)

    assert [one.attempt for one in courier.at(mine)] == attempts
    assert courier.pending(mine) == pending


def test_a_deleted_endpoint_gets_no_retry_and_counts_no_more(shop: Shop, courier: Courier) -> None:
    mine, other = endpoint(shop), endpoint(shop)
    shop.payment()
    courier.ends(mine, accepted=False)
    shop.client.webhook_endpoints.delete(mine)
    shop.advance(HOUR)

    assert len(courier.at(mine)) == 1
    assert courier.pending(other) == 1


def test_events_of_connected_accounts_go_to_connect_endpoints_alone(shop: Shop, courier: Courier) -> None:
    ordinary, connect = endpoint(shop), endpoint(shop, connect=True)
    connected: Any = {"stripe_account": "acct_1shopinshop"}
    payment = {"amount": 900, "currency": "usd", "payment_method_types": ["card_present"]}
    theirs = shop.client.payment_intents.create(payment, connected)
    mine = shop.payment()

    assert [one.object for one in courier.at(connect)] == [theirs.id]
    assert [one.object for one in courier.at(ordinary)] == [mine.id]
    assert json.loads(courier.at(connect)[0].body)["account"] == "acct_1shopinshop"
    assert "account" not in json.loads(courier.at(ordinary)[0].body)


def test_a_connected_accounts_own_endpoint_hears_of_it_without_its_name(shop: Shop, courier: Courier) -> None:
    connected: Any = {"stripe_account": "acct_1ownhooks"}
    made = shop.client.webhook_endpoints.create(
        {"url": "http://localhost:4242/", "enabled_events": ["*"]}, connected
    )
    shop.client.payment_intents.create(
        {"amount": 900, "currency": "usd", "payment_method_types": ["card_present"]}, connected
    )

    (taken,) = courier.at(made.id)
    assert "account" not in json.loads(taken.body)
    shop.client.webhook_endpoints.delete(made.id, None, connected)


def test_an_endpoint_with_a_version_gets_the_shape_of_that_version(shop: Shop, courier: Courier) -> None:
    old, new = endpoint(shop, api_version="2020-08-27"), endpoint(shop)
    payment = shop.payment()

    seen = json.loads(courier.at(old)[0].body)
    as_asked = shop.call("GET", f"/v1/payment_intents/{payment.id}", **{"Stripe-Version": "2020-08-27"}).json()
    assert (seen["api_version"], json.loads(courier.at(new)[0].body)["api_version"]) == (
        "2020-08-27", "2026-10-28.endive",
    )
    assert set(seen["data"]["object"]) == set(as_asked)
    assert "charges" in seen["data"]["object"]


def test_both_secrets_sign_while_one_is_rolled(shop: Shop, courier: Courier) -> None:
    mine = endpoint(shop)
    app = shop.server.app
    first = app.address(mine)
    new = shop.control("POST", f"webhook_endpoints/{mine}/roll", secret="whsec_next", expires_in_s=HOUR)["secret"]
    rolling = app.address(mine)
    shop.advance(HOUR)
    after = app.address(mine)

    assert first and rolling and after
    assert [one.secrets for one in (first, rolling, after)] == [(first.secret,), (first.secret, new), (new,)]
    assert after.old_secret == first.secret


def test_a_wildcard_of_the_control_api_covers_its_types(shop: Shop, courier: Courier) -> None:
    made = shop.control("POST", "webhook_endpoints", url="http://localhost:1/", enabled_events=["payment_intent.*"])
    payment = shop.authorized()
    shop.client.payment_intents.capture(payment.id)

    types = courier.types(made["id"])
    assert "payment_intent.succeeded" in types
    assert all(type.startswith("payment_intent.") for type in types)


def test_events_are_kept_for_thirty_days(shop: Shop, courier: Courier) -> None:
    shop.payment()
    event = shop.client.events.list({"limit": 1}).data[0].id
    shop.advance(30 * 24 * HOUR)
    shop.client.events.retrieve(event)
    shop.advance(1)

    assert shop.refusal(shop.client.events.retrieve, event).http_status == 404
    assert shop.client.events.list().data == []


# Whoever delivers may come late, and come again -----------------------------------------------------------------------


class Restarted:
    """An emulator that nobody delivers for yet, called without a server."""

    def __init__(self) -> None:
        self.app = create_app(seed=3, clock=FrozenClock())

    def ask(self, method: str, path: str, form: Any = None, **headers: str) -> Any:
        async def asking() -> httpx.Response:
            sent = {"Authorization": "Bearer sk_test_restarted", **headers}
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://here") as client:
                return await client.request(method, path, data=form, headers=sent)

        answer = asyncio.run(asking())
        assert answer.status_code == 200, answer.text
        return answer.json()

    def endpoint(self) -> Any:
        form = {"url": "http://localhost:1/", "enabled_events[]": "*"}
        return self.ask("POST", "/v1/webhook_endpoints", form)

    def payment(self, **headers: str) -> Any:
        form = {"amount": "900", "currency": "usd", "payment_method_types[]": "card_present"}
        return self.ask("POST", "/v1/payment_intents", form, **headers)


def test_what_has_not_ended_is_due_again_for_whoever_comes_next() -> None:
    emulator = Restarted()
    emulator.endpoint()
    first: list[Delivery] = []
    emulator.app.on_delivery(first.append)
    for _ in range(4):
        emulator.payment()
    accepted, failed, *open_ = [one.id for one in first]
    emulator.app.delivery_ended(accepted, True)
    emulator.app.delivery_ended(failed, False)

    second: list[Delivery] = []
    emulator.app.on_delivery(second.append)

    assert [one.id for one in second] == open_
    assert len(first) == 4


def test_what_happened_before_anybody_delivered_is_not_lost() -> None:
    emulator = Restarted()
    emulator.endpoint()
    payment = emulator.payment()

    taken: list[Delivery] = []
    emulator.app.on_delivery(taken.append)

    assert [(one.object, one.attempt) for one in taken] == [(payment["id"], 1)]


def test_everything_of_every_account_goes_where_all_is_forwarded_to() -> None:
    emulator = Restarted()
    emulator.app.forward("http://localhost:4242/", "whsec_forward")
    taken: list[Delivery] = []
    emulator.app.on_delivery(taken.append)
    mine = emulator.payment()
    theirs = emulator.payment(**{"Authorization": "Bearer sk_test_another", "Stripe-Account": "acct_1another"})

    assert [one.object for one in taken] == [mine["id"], theirs["id"]]
    address = emulator.app.address(taken[0].endpoint)
    assert address
    assert (address.url, address.secrets) == ("http://localhost:4242/", ("whsec_forward",))
    assert emulator.ask("GET", "/v1/webhook_endpoints")["data"] == []


def test_an_account_that_was_reset_still_forwards() -> None:
    emulator = Restarted()
    emulator.app.forward("http://localhost:4242/", "whsec_forward")
    taken: list[Delivery] = []
    emulator.app.on_delivery(taken.append)
    emulator.payment()
    emulator.ask("POST", "/_emulator/reset")
    emulator.app.delivery_ended(taken[0].id, False)
    emulator.payment()

    assert [one.type for one in taken] == ["payment_intent.created"] * 2


def test_the_official_library_takes_the_events_for_what_they_are(shop: Shop, courier: Courier) -> None:
    mine = endpoint(shop)
    shop.payment()

    event = stripe.Event.construct_from(json.loads(courier.at(mine)[0].body), shop.key)

    assert (event.object, event.request.id[:4]) == ("event", "req_")


# Once more, as Stripe's command line client asks for it --------------------------------------------------------------


def resent(shop: Shop, courier: Courier, endpoint: str) -> Any:
    event = courier.at(endpoint)[-1].event
    return shop.call("POST", f"/v1/events/{event}/retry", f"webhook_endpoint={endpoint}")


def test_an_accepted_event_may_be_delivered_once_more(shop: Shop, courier: Courier) -> None:
    mine = endpoint(shop)
    shop.payment()
    courier.ends(mine, accepted=True)
    answer = resent(shop, courier, mine)
    counts = [courier.pending(mine)]
    courier.ends(mine, accepted=True)
    counts.append(courier.pending(mine))

    assert (answer.status_code, answer.json()["pending_webhooks"], counts) == (200, 1, [1, 0])
    assert len({one.body for one in courier.at(mine)}) == 1


def test_a_retry_that_was_waiting_is_made_at_once_and_not_again(shop: Shop, courier: Courier) -> None:
    mine = endpoint(shop)
    shop.payment()
    courier.ends(mine, accepted=False)
    resent(shop, courier, mine)
    courier.ends(mine, accepted=True)
    shop.advance(24 * HOUR)

    assert [one.attempt for one in courier.at(mine)] == [1, 2]
    assert courier.pending(mine) == 0


def test_an_event_that_failed_for_good_counts_once_when_it_is_tried_again(shop: Shop, courier: Courier) -> None:
    mine = endpoint(shop)
    shop.payment()
    for _ in range(4):
        courier.ends(mine, accepted=False)
        shop.advance(4 * HOUR)
    resent(shop, courier, mine)
    pending = courier.pending(mine)
    courier.ends(mine, accepted=True)

    assert (pending, courier.pending(mine)) == (1, 0)


def test_an_endpoint_gets_an_old_event_in_its_own_version(shop: Shop, courier: Courier) -> None:
    shop.payment()
    old = endpoint(shop, api_version="2020-08-27")
    event = shop.client.events.list({"limit": 1}).data[0].id
    shop.call("POST", f"/v1/events/{event}/retry", f"webhook_endpoint={old}")

    (taken,) = courier.at(old)
    body = json.loads(taken.body)
    assert (taken.event, body["api_version"]) == (event, "2020-08-27")
    assert "charges" in body["data"]["object"]


def test_sessions_that_nobody_is_connected_to_do_not_pile_up(shop: Shop) -> None:
    for _ in range(30):
        answer = shop.call("POST", "/v1/stripecli/sessions", "websocket_features[]=webhooks")

    app = shop.server.app
    assert app.address(answer.json()["websocket_id"])
    assert shop.client.webhook_endpoints.list().data == []
    made = [shop.call("POST", "/v1/stripecli/sessions", "websocket_features[]=webhooks").json() for _ in range(12)]
    assert sum(app.address(one["websocket_id"]) is not None for one in made) == 8


def test_a_connect_endpoint_names_its_application(shop: Shop, courier: Courier) -> None:
    shown = [shop.client.webhook_endpoints.retrieve(endpoint(shop, connect=connect)) for connect in (True, False)]

    assert shown[0].application.startswith("ca_")
    assert shown[1].application is None
