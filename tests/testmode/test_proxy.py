"""The gateway in front of a Stripe of somebody's own: keys, what a run may see and change there, and its limits."""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from cardpresent.gateway.upstream import Upstream
from cardpresent.gateway.venue import Question, VenueSilent
from tests.testmode.conftest import Gateway, Remote, Shared, payment

# Keys -------------------------------------------------------------------------------------------------------------


def test_the_tills_key_is_the_runs_and_the_users_takes_its_place_on_the_way_out(
    gateway: Gateway, remote: Remote
) -> None:
    made = gateway.till.v1.payment_intents.create(payment())

    assert remote.ids("payment_intents") == [made.id]
    assert gateway.control("GET", "redirection")["till_requests"] == 1


@pytest.mark.parametrize("whose", ["the user's own", "a stranger's"])
def test_no_other_key_is_let_in(shared: Shared, whose: str) -> None:
    gateway, remote = shared.gateway, shared.remote
    key = remote.key if whose == "the user's own" else "sk_test_stranger"
    till = stripe.StripeClient(key, base_addresses={"api": gateway.till_url}, max_network_retries=0)

    before = remote.ids("payment_intents")

    with pytest.raises(stripe.AuthenticationError):
        till.v1.payment_intents.create(payment())
    assert remote.ids("payment_intents") == before


def test_the_users_key_is_written_nowhere(shared: Shared) -> None:
    gateway, remote = shared.gateway, shared.remote
    gateway.till.v1.payment_intents.create(payment(metadata={"note": f"I found {remote.key}"}))

    assert remote.key not in gateway.journal.read_text()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STRIPE_SECRET_KEY", "", "no secret key of Stripe's test mode"),
        ("STRIPE_SECRET_KEY", "sk_" + "live_4242", "a live key"),
        ("STRIPE_SECRET_KEY", "rk_test_4242", "no secret key of Stripe's test mode"),
        ("CARDPRESENT_STRIPE_UPSTREAM", "http://192.0.2.1:80", "only this machine"),
        ("CARDPRESENT_TILL_KEY", "", "made for this run"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence_without_the_key(
    environment: dict[str, str], tmp_path: Any, name: str, value: str, said: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cardpresent.gateway", "--stripe", "test", "--journal", str(tmp_path / "j.jsonl")],
        env={**environment, "CARDPRESENT_TILL_KEY": "sk_test_ofTheRun", name: value}, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=20, check=False,
    )  # fmt: skip

    assert ended.returncode == 2
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "4242" not in ended.stderr


# Idempotency ------------------------------------------------------------------------------------------------------


def test_a_key_means_the_same_payment_within_a_run_and_another_one_in_the_next(
    gateways: Callable[[], Gateway], remote: Remote
) -> None:
    first, second = gateways(), gateways()
    under: Any = {"idempotency_key": "order-1"}

    once = first.till.v1.payment_intents.create(payment(), under)
    again = first.till.v1.payment_intents.create(payment(), under)
    later = second.till.v1.payment_intents.create(payment(), under)

    assert once.id == again.id != later.id


# Other people's objects -------------------------------------------------------------------------------------------


def test_lists_hold_what_the_run_made_in_stripes_order_and_pages(gateway: Gateway, remote: Remote) -> None:
    mine: list[str] = []
    for number in range(5):
        remote.foreign_payment()
        mine.insert(0, gateway.till.v1.payment_intents.create(payment(1000 + number)).id)
        remote.foreign_payment()
    listed = gateway.till.v1.payment_intents.list

    first = listed({"limit": 2})
    then = listed({"limit": 2, "starting_after": first.data[-1].id})
    last = listed({"limit": 2, "starting_after": then.data[-1].id})
    newer = listed({"limit": 2, "ending_before": mine[3]})

    assert [[one.id for one in page.data] for page in (first, then, last)] == [mine[:2], mine[2:4], mine[4:]]
    assert [page.has_more for page in (first, then, last)] == [True, True, False]
    assert [one.id for one in newer.data] == mine[1:3]
    assert [one.id for one in gateway.till.v1.payment_intents.list({"limit": 1}).auto_paging_iter()] == mine


def test_nobody_elses_readers_are_shown(gateway: Gateway, remote: Remote) -> None:
    remote.foreign_reader()
    own = gateway.reader()

    assert [one.id for one in gateway.till.v1.terminal.readers.list().data] == [own]


def test_nobody_elses_customers_are_shown(gateway: Gateway, remote: Remote) -> None:
    remote.stripe.v1.customers.create({"name": "Ada"})
    own = gateway.till.v1.customers.create({"name": "Grace"})

    assert [one.id for one in gateway.till.v1.customers.list().data] == [own.id]


def test_what_the_run_did_not_make_is_not_changed(shared: Shared) -> None:
    gateway, remote = shared.gateway, shared.remote
    theirs, reader, own = remote.foreign_payment(), remote.foreign_reader(), gateway.reader()
    person = remote.stripe.v1.customers.create({"name": "Ada"})
    attempts: list[Callable[[], object]] = [
        lambda: gateway.till.v1.payment_intents.cancel(theirs.id),
        lambda: gateway.till.v1.refunds.create({"payment_intent": theirs.id}),
        lambda: gateway.till.v1.terminal.readers.process_payment_intent(own, {"payment_intent": theirs.id}),
        lambda: gateway.till.v1.terminal.readers.cancel_action(reader.id),
        lambda: gateway.suite.v1.test_helpers.terminal.readers.present_payment_method(reader.id),
        lambda: gateway.suite.v1.terminal.readers.delete(reader.id),
        lambda: gateway.till.v1.customers.update(person.id, {"name": "Somebody else"}),
        lambda: gateway.till.v1.customers.delete(person.id),
    ]

    for attempt in attempts:
        with pytest.raises(stripe.InvalidRequestError, match="did not make it"):
            attempt()
    assert remote.stripe.v1.payment_intents.retrieve(theirs.id).status == "requires_payment_method"
    assert reader.id in remote.ids("terminal/readers")
    refused = [e["data"]["object"] for e in gateway.entries("control", what="foreign_object_refused")]
    assert refused == [*[theirs.id] * 3, *[reader.id] * 3, *[person.id] * 2]
    assert remote.stripe.v1.customers.retrieve(person.id).name == "Ada"


def test_customers_that_the_run_made_are_its_own(shared: Shared) -> None:
    till = shared.gateway.till.v1
    made = till.customers.create({"name": "Ada"})

    assert till.customers.update(made.id, {"name": "Ada L."}).name == "Ada L."
    assert till.customers.delete(made.id).deleted


def test_webhook_endpoints_are_the_gateways_own_and_never_stripes(shared: Shared) -> None:
    gateway, remote = shared.gateway, shared.remote
    hooks = gateway.till.v1.webhook_endpoints

    made = hooks.create({"url": "http://127.0.0.1:9/hook", "enabled_events": ["payment_intent.*"]})
    assert made.secret and made.secret.startswith("whsec_")
    hooks.update(made.id, {"enabled_events": ["charge.succeeded"], "disabled": True})
    seen = hooks.retrieve(made.id)

    assert (seen.enabled_events, seen.status) == (["charge.succeeded"], "disabled")
    assert [one.id for one in hooks.list().data] == [made.id]
    assert hooks.delete(made.id).deleted
    with pytest.raises(stripe.InvalidRequestError):
        hooks.retrieve(made.id)
    assert not [call for call in remote.calls() if "webhook_endpoints" in call["path"]]


def test_a_control_of_the_emulator_does_not_reach_stripe(shared: Shared) -> None:
    gateway, remote = shared.gateway, shared.remote
    answer = gateway.http.post(f"{gateway.suite_url}/_emulator/clock", json={"advance_s": 60}, auth=(gateway.key, ""))

    assert answer.status_code == 404
    assert remote.control("GET", "clock")["offset_s"] == 0


# Limits and trouble -----------------------------------------------------------------------------------------------


def test_stripes_limits_are_waited_out_and_no_till_hears_of_them(shared: Shared) -> None:
    gateway, remote = shared.gateway, shared.remote
    remote.settings(rate_limit_per_s=3)
    before = len(gateway.entries("reply"))
    intent = gateway.till.v1.payment_intents.create(payment())

    for _ in range(8):
        assert gateway.till.v1.payment_intents.retrieve(intent.id).id == intent.id

    assert [entry["data"]["status"] for entry in gateway.entries("reply")[before:]] == [200] * 9
    assert gateway.entries("control", what="venue_waited")
    remote.settings(rate_limit_per_s=0)


def test_a_lock_that_the_till_ran_into_is_told_to_it(shared: Shared) -> None:
    gateway, remote = shared.gateway, shared.remote
    reader = gateway.reader()
    intent = gateway.till.v1.payment_intents.create(payment(capture_method="manual"))
    gateway.till.v1.terminal.readers.process_payment_intent(reader, {"payment_intent": intent.id})
    fault = remote.control("POST", f"readers/{reader}/faults", fault="slow_issuer")
    gateway.suite.v1.test_helpers.terminal.readers.present_payment_method(reader)

    with pytest.raises(stripe.RateLimitError) as told:
        gateway.till.v1.payment_intents.update(intent.id, {"description": "while the bank is asked"})

    assert told.value.json_body["error"]["code"] == "lock_timeout"
    remote.http.delete(f"{remote.url}/_emulator/faults/{fault['id']}", auth=(remote.key, ""))


def test_a_stripe_that_cannot_be_reached_is_tried_again_and_then_called_silent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        notes: list[dict[str, Any]] = []
        base = f"http://127.0.0.1:{closed.getsockname()[1]}"

        async def ask() -> None:
            upstream = Upstream(base, "sk_test_x", "run", notes.append, till_patience_s=1.0)
            try:
                await upstream.ask(Question("POST", "/v1/payment_intents", b"", [], b"amount=1", "till"))
            finally:
                await upstream.close()

        with pytest.raises(VenueSilent, match="cannot be reached"):
            asyncio.run(ask())

    assert [note["what"] for note in notes] == ["venue_trouble"]
    assert notes[0]["tries"] > 1


def test_an_answer_that_got_lost_is_asked_for_again_under_the_same_key() -> None:
    """The line breaks after the call went out: whatever it did is done once."""
    keys: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        await reader.readexactly(len(b"amount=1"))
        keys.append(next(line for line in head.splitlines() if line.startswith("idempotency-key")))
        if len(keys) > 1:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")
            await writer.drain()
        writer.close()

    async def ask() -> int:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        upstream = Upstream(base, "sk_test_x", "run", lambda note: None)
        try:
            answer = await upstream.ask(Question("POST", "/v1/payment_intents", b"", [], b"amount=1", "till"))
        finally:
            await upstream.close()
            server.close()
            await server.wait_closed()
        return answer.status

    assert asyncio.run(ask()) == 200
    assert len(keys) == 2
    assert keys[0] == keys[1]


@pytest.mark.parametrize(("fault", "code"), [
    ("reader_busy", "terminal_reader_busy"),
    ("reader_offline", "terminal_reader_offline"),
    ("timeout_not_sent", "terminal_reader_timeout"),
])  # fmt: skip
def test_a_refusal_in_the_readers_place_leaves_stripe_as_it_was(
    shared: Shared, fault: str, code: str
) -> None:
    gateway, remote = shared.gateway, shared.remote
    reader, other = gateway.reader(), gateway.reader()
    intent = gateway.till.v1.payment_intents.create(payment())
    armed = gateway.control("POST", "faults", fault=fault, object=reader)
    process = gateway.till.v1.terminal.readers.process_payment_intent

    with pytest.raises(stripe.InvalidRequestError) as refused:
        process(reader, {"payment_intent": intent.id})

    assert refused.value.code == code
    assert remote.stripe.v1.terminal.readers.retrieve(reader).action is None
    gateway.till.v1.terminal.readers.retrieve(reader)
    assert process(other, {"payment_intent": intent.id}).action is not None
    assert gateway.control("DELETE", f"faults/{armed['id']}")["fired"] == 1


