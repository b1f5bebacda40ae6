"""A page's own script may call Stripe, and the readers beside it; our controls let no page in."""

import httpx
import pytest

from tests.gateway.conftest import Bench

ORIGIN = {"Origin": "http://till.example"}


def test_a_browser_that_asks_first_is_given_leave_and_nothing_is_recorded(bench: Bench) -> None:
    asking = {**ORIGIN, "Access-Control-Request-Method": "POST",
              "Access-Control-Request-Headers": "authorization,idempotency-key"}  # fmt: skip

    answer = bench.http.options(f"{bench.server.till}/v1/terminal/sdk/activate", headers=asking)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == "authorization,idempotency-key"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert bench.entries("request") == []


@pytest.mark.parametrize("path", ["/v1/terminal/sdk/reach", "/_reader/nearby"])
def test_what_a_page_is_answered_it_may_read_on_a_connection_of_its_own(bench: Bench, path: str) -> None:
    answer = bench.http.get(f"{bench.server.till}{path}", headers=ORIGIN)

    assert answer.headers["access-control-allow-origin"] == "*"
    assert "request-id" in answer.headers["access-control-expose-headers"].lower()
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("path", ["/_gateway/faults", "/_emulator/clock"])
def test_no_page_may_read_the_controls(bench: Bench, path: str) -> None:
    answer = bench.http.get(f"{bench.server.suite}{path}", headers=ORIGIN, auth=(bench.key, ""))

    assert "access-control-allow-origin" not in answer.headers


def test_whoever_is_no_page_gets_answers_as_before(bench: Bench) -> None:
    answer: httpx.Response = bench.http.get(f"{bench.server.till}/v1/terminal/sdk/reach")

    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers.get("connection") != "close"
