"""Webhook endpoints as an API resource: what they take, what they show, and what they never show again."""

from typing import Any

import pytest

HERE = "http://localhost:4242/webhooks"


def make(shop: Any, **params: Any) -> Any:
    return shop.client.webhook_endpoints.create({"url": HERE, "enabled_events": ["charge.captured"], **params})


def test_a_new_endpoint_shows_every_key_and_its_secret(shop: Any) -> None:
    made = make(shop, description="till 4", metadata={"shop": "7"}, api_version="2024-06-20")

    assert list(made.to_dict()) == [
        "id", "object", "api_version", "application", "created", "description", "enabled_events", "livemode",
        "metadata", "secret", "status", "url",
    ]
    assert made.id.startswith("we_")
    assert made.secret.startswith("whsec_")
    assert (made.status, made.application, made.api_version, made.livemode) == ("enabled", None, "2024-06-20", False)
    assert (made.description, made.metadata.to_dict()) == ("till 4", {"shop": "7"})


def test_the_secret_is_told_once(shop: Any) -> None:
    made = make(shop)
    endpoints = shop.client.webhook_endpoints

    later = [endpoints.retrieve(made.id), endpoints.update(made.id, {"description": "x"}), endpoints.list().data[0]]

    assert [one.id for one in later] == [made.id] * 3
    assert all("secret" not in one.to_dict() for one in later)


def test_an_update_changes_what_it_names_and_nothing_else(shop: Any) -> None:
    made = make(shop, description="old", metadata={"a": "1", "b": "2"})

    changed = shop.client.webhook_endpoints.update(
        made.id,
        {"url": "https://example.com/new", "enabled_events": ["*"], "metadata": {"a": ""}, "disabled": True},
    )

    assert (changed.url, changed.enabled_events, changed.status) == ("https://example.com/new", ["*"], "disabled")
    assert (changed.description, changed.metadata.to_dict()) == ("old", {"b": "2"})
    assert shop.client.webhook_endpoints.update(made.id, {"disabled": False, "description": ""}).status == "enabled"
    assert shop.client.webhook_endpoints.retrieve(made.id).description is None


def test_a_deleted_endpoint_is_gone(shop: Any) -> None:
    made = make(shop)

    gone = shop.client.webhook_endpoints.delete(made.id)

    assert gone.to_dict() == {"id": made.id, "object": "webhook_endpoint", "deleted": True}
    refusal = shop.refusal(shop.client.webhook_endpoints.retrieve, made.id)
    assert (refusal.http_status, refusal.code, refusal.param) == (404, "resource_missing", "webhook_endpoint")
    assert shop.client.webhook_endpoints.list().data == []


def test_endpoints_are_listed_newest_first_in_pages(shop: Any) -> None:
    made = [make(shop).id for _ in range(3)]

    page = shop.client.webhook_endpoints.list({"limit": 2})

    assert [one.id for one in page.data] == made[:0:-1]
    assert page.has_more


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"url": ""}, "parameter_invalid_empty", "url"),
        ({"url": "example.com/hook"}, "url_invalid", "url"),
        ({"url": "ftp://example.com/hook"}, "url_invalid", "url"),
        ({"url": "https://"}, "url_invalid", "url"),
        ({"url": "http://localhost:99999/"}, "url_invalid", "url"),
        ({"enabled_events": ["charge.eaten"]}, None, "enabled_events[0]"),
        ({"enabled_events": ["terminal.reader.*"]}, None, "enabled_events[0]"),
        ({"api_version": "2024-06-21"}, None, "api_version"),
        ({"disabled": True}, "parameter_unknown", "disabled"),
    ],
)
def test_an_endpoint_that_makes_no_sense_is_refused(
    shop: Any, params: dict[str, Any], code: str | None, param: str
) -> None:
    refusal = shop.refusal(make, shop, **params)

    assert (refusal.http_status, refusal.code, refusal.param) == (400, code, param)
    assert shop.client.webhook_endpoints.list().data == []


@pytest.mark.parametrize("name", ["url", "enabled_events"])
def test_an_endpoint_without_an_address_or_events_is_refused(shop: Any, name: str) -> None:
    params = {"url": HERE, "enabled_events": ["*"]}
    del params[name]

    refusal = shop.refusal(shop.client.webhook_endpoints.create, params)

    assert (refusal.code, refusal.param) == ("parameter_missing", name)


def test_a_refused_update_leaves_the_endpoint_as_it_was(shop: Any) -> None:
    made = make(shop)

    shop.refusal(shop.client.webhook_endpoints.update, made.id, {"disabled": True, "url": "nowhere"})

    assert shop.client.webhook_endpoints.retrieve(made.id).status == "enabled"


def test_the_seventeenth_endpoint_is_refused(shop: Any) -> None:
    made = [make(shop).id for _ in range(16)]

    refusal = shop.refusal(make, shop)
    shop.client.webhook_endpoints.delete(made[0])

    assert (refusal.http_status, refusal.type, refusal.code) == (400, "invalid_request_error", None)
    assert make(shop).id


# The control API ----------------------------------------------------------------------------------------------------


def test_the_control_api_takes_a_secret_and_tells_it_again(shop: Any) -> None:
    wanted = ["terminal.reader.*"]
    made = shop.control("POST", "webhook_endpoints", url=HERE, secret="whsec_mine", enabled_events=wanted)

    told = shop.control("GET", f"webhook_endpoints/{made['id']}")

    assert (told["secret"], told["enabled_events"], told["connect"]) == ("whsec_mine", wanted, False)
    assert told["old_secret"] is None
    assert shop.control("GET", "webhook_endpoints") == {"webhook_endpoints": [told]}
    assert "secret" not in shop.client.webhook_endpoints.retrieve(made["id"]).to_dict()


def test_the_control_api_rolls_a_secret(shop: Any) -> None:
    made = make(shop)

    rolled = shop.control("POST", f"webhook_endpoints/{made.id}/roll", expires_in_s=3600)

    assert rolled["secret"] not in (None, made.secret)
    assert (rolled["old_secret"], rolled["old_secret_until"]) == (made.secret, made.created + 3600)


def test_an_endpoint_removed_by_the_control_api_is_gone(shop: Any) -> None:
    made = shop.control("POST", "webhook_endpoints", url=HERE)

    shop.control("DELETE", f"webhook_endpoints/{made['id']}")

    assert shop.refusal(shop.client.webhook_endpoints.retrieve, made["id"]).http_status == 404


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"url": "nowhere"}, "url must begin with"),
        ({"url": HERE, "secret": "abc"}, "at least 4 characters"),
        ({"url": HERE, "enabled_events": []}, "enabled_events"),
        ({"url": HERE, "api_version": "2024-06-21"}, "2024-06-21"),
        ({"url": HERE, "old_secret": "whsec_old", "old_secret_expires_in_s": 86401}, "a day"),
        ({"url": HERE, "events": ["*"]}, "events"),
        ({"secret": "whsec_mine"}, "url"),
    ],
)
def test_a_control_call_that_makes_no_sense_is_refused_in_one_sentence(
    shop: Any, order: dict[str, Any], said: str
) -> None:
    answer = shop.server.http.post(
        "/_emulator/webhook_endpoints", json=order, headers={"Authorization": f"Bearer {shop.key}"}
    )

    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert shop.control("GET", "webhook_endpoints") == {"webhook_endpoints": []}


def test_endpoints_are_forgotten_with_everything_else(shop: Any) -> None:
    make(shop)

    shop.control("POST", "reset")

    assert shop.client.webhook_endpoints.list().data == []
