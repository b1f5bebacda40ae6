"""What was stored reaches Stripe once and in order, and the till hears of it, whatever line and power do."""

import random
import signal
import subprocess
import sys
import textwrap
import threading
from collections import Counter

import pytest

from cardpresent.sdk import ErrorCode, OfflineBehavior
from tests.sdk.conftest import NOON, Doing, Shop
from tests.waiting import until


def stored(shop: Shop, count: int = 1, **given: object) -> str:
    """So many sales taken without a line, by an app that is closed; the cut that is still there."""
    terminal = shop.connected(forward_every_s=60)
    line = shop.cut_off()
    for number in range(count):
        shop.now = float(NOON + number)
        shop.sale(terminal, 2000 + 100 * number, sale=f"s{number}", **given)  # type: ignore[arg-type]
    terminal.close()
    return line


def test_a_forwarded_payment_says_when_it_was_stored_and_whose_sale_it_is(shop: Shop) -> None:
    shop.release(stored(shop))

    shop.terminal()
    until(lambda: shop.heard.forwarded)

    (intent,) = shop.intents()
    details = intent.latest_charge.payment_method_details.card_present
    assert (intent.status, intent.metadata["sale"], intent.amount) == ("requires_capture", "s0", 2000)
    assert (details.offline.stored_at, details.offline.type) == (NOON, "deferred")
    method = shop.stripe.payment_methods.retrieve(str(intent.payment_method))
    assert method.card_present.offline.type == "deferred"
    told, error = shop.heard.forwarded[0]
    assert error is None
    assert (told.id, told.status, told.metadata["sale"]) == (intent.id, "requires_capture", "s0")
    assert told.offline_details is not None and not told.offline_details.requires_upload


def test_payments_are_forwarded_in_the_order_they_were_taken(shop: Shop) -> None:
    shop.release(stored(shop, 4))

    assert shop.terminal(forward_every_s=60).forward_now() == 0

    assert [intent.metadata["sale"] for intent in shop.intents()] == ["s0", "s1", "s2", "s3"]
    assert [intent.metadata["sale"] for intent, _ in shop.heard.forwarded] == ["s0", "s1", "s2", "s3"]


def test_an_intent_made_before_the_line_went_is_the_one_that_is_paid(shop: Shop) -> None:
    terminal = shop.connected()
    from tests.sdk.test_offline import SALE

    intent = terminal.create_payment_intent(SALE)
    line = shop.cut_off()
    terminal.confirm_payment_intent(shop.collected(terminal, intent))

    shop.release(line)
    until(lambda: shop.heard.forwarded)

    assert [(made.id, made.status) for made in shop.intents()] == [(intent.id, "requires_capture")]


def test_with_automatic_capture_stripe_captures_after_forwarding(shop: Shop) -> None:
    shop.release(stored(shop, capture="automatic"))

    shop.terminal().forward_now()

    assert shop.intents()[0].amount_received == 2000


def test_a_decline_at_forwarding_is_told_with_the_sale_it_belongs_to(shop: Shop) -> None:
    line = stored(shop, 2)
    shop.control("POST", "issuer", answers=[
        {"kind": "approve"}, {"kind": "decline", "code": "card_declined", "decline_code": "insufficient_funds"},
    ])
    shop.release(line)

    terminal = shop.terminal(forward_every_s=60)
    assert terminal.forward_now() == 0

    (first, fine), (lost, error) = shop.heard.forwarded
    assert (first.metadata["sale"], fine) == ("s0", None)
    assert error is not None
    assert (error.code, error.decline_code) == (ErrorCode.DECLINED_BY_STRIPE_API, "insufficient_funds")
    assert (lost.metadata["sale"], lost.status) == ("s1", "requires_payment_method")
    assert [intent.status for intent in shop.intents()] == ["requires_capture", "requires_payment_method"]


def test_a_declined_card_is_taken_offline_and_declined_when_it_is_forwarded(shop: Shop) -> None:
    shop.release(stored(shop, number="4000000000009995"))

    shop.terminal().forward_now()

    assert shop.heard.forwarded[0][1] is not None


def test_a_forward_whose_answer_is_lost_is_one_payment(shop: Shop) -> None:
    shop.release(stored(shop, 2))
    shop.arm("answer_lost", "sdk.forward", count=1)

    shop.terminal()
    until(lambda: len(shop.heard.forwarded) == 2)

    assert [intent.metadata["sale"] for intent in shop.intents()] == ["s0", "s1"]


def test_a_flapping_line_forwards_each_once_while_new_sales_are_stored(shop: Shop) -> None:
    stored(shop, 6)
    shop.http.delete(f"{shop.server.suite}/_gateway/faults")
    draw = random.Random(7)
    for fault in ("answer_lost", "connection_refused", "server_error", "answer_lost", "rate_limited"):
        shop.arm(fault, "sdk.forward", count=draw.randint(1, 3))

    terminal = shop.connected()
    for number in range(6, 9):
        shop.sale(terminal, 3000 + number, sale=f"s{number}", behavior=OfflineBehavior.FORCE_OFFLINE)
    until(lambda: terminal.offline_status.offline_payments_count == 0, within_s=10)

    assert Counter(intent.metadata["sale"] for intent in shop.intents()) == Counter(f"s{n}" for n in range(9))
    assert Counter(intent.metadata["sale"] for intent, _ in shop.heard.forwarded) == Counter(f"s{n}" for n in range(9))


def test_two_that_forward_at_once_forward_each_payment_once(shop: Shop) -> None:
    shop.release(stored(shop, 5))
    one, other = shop.terminal(forward_every_s=60), shop.terminal(forward_every_s=60)

    both = [Doing(one.forward_now), Doing(other.forward_now)]
    for doing in both:
        doing.ended()
    one.forward_now()

    assert len(shop.intents()) == 5
    assert len(shop.heard.forwarded) == 5


APP = """
    import sys
    from pathlib import Path
    from cardpresent.sdk import Terminal
    import stripe
    key, base, folder = sys.argv[1:]
    backend = stripe.StripeClient(key, base_addresses={"api": base}).v1

    class Listener:
        def did_change_offline_status(self, status): ...
        def did_report_forwarding_error(self, error): ...
        def did_forward(self, intent, error):
            print("forwarded", intent.metadata["sale"], flush=True)

    Terminal(lambda: backend.terminal.connection_tokens.create().secret, api_base=base, reader_base=base,
             storage=Path(folder), offline_listener=Listener(), forward_every_s=0.02)
    sys.stdin.read()  # until whoever started the app is gone
"""


def test_an_app_killed_while_it_forwards_goes_on_where_it_was(shop: Shop) -> None:
    shop.release(stored(shop, 5))
    held = shop.arm("answer_delayed", "sdk.forward", delay_ms=60_000)
    app = [sys.executable, "-c", textwrap.dedent(APP), shop.key, shop.server.till, str(shop.folder / "device")]

    with subprocess.Popen(app, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killed:
        until(shop.intents)
        killed.send_signal(signal.SIGKILL)
    shop.release(held)
    with subprocess.Popen(app, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as again:
        assert again.stdout is not None
        told = [again.stdout.readline().split()[1] for _ in range(5)]
        again.kill()

    assert told == ["s0", "s1", "s2", "s3", "s4"]
    assert [intent.metadata["sale"] for intent in shop.intents()] == ["s0", "s1", "s2", "s3", "s4"]


def test_payments_of_another_account_wait_and_the_till_is_told_why(shop: Shop) -> None:
    shop.release(stored(shop))
    import stripe

    other = stripe.StripeClient(f"{shop.key}x", base_addresses={"api": shop.server.till}).v1
    terminal = shop.terminal(
        forward_every_s=0.02, token_provider=lambda: str(other.terminal.connection_tokens.create().secret)
    )
    until(lambda: shop.heard.stuck)

    assert shop.heard.stuck[0].code is ErrorCode.ACCOUNT_ID_MISMATCH_WHILE_FORWARDING
    assert terminal.offline_status.offline_payments_count == 1
    assert shop.intents() == []


def test_a_backend_that_gives_no_token_is_told_once(shop: Shop) -> None:
    shop.release(stored(shop))

    def nothing() -> str:
        raise RuntimeError("the backend is down")

    terminal = shop.terminal(token_provider=nothing, forward_every_s=60)
    terminal.forward_now()
    terminal.forward_now()

    assert [error.code for error in shop.heard.stuck] == [ErrorCode.CONNECTION_TOKEN_PROVIDER_ERROR_WHILE_FORWARDING]
    assert terminal.offline_status.offline_payments_count == 1


def test_a_version_that_forwards_twice_leaves_two_intents_of_one_sale(shop: Shop) -> None:
    line = stored(shop)
    shop.fault("forwarded_twice", count=1)
    shop.release(line)

    shop.terminal().forward_now()

    assert [intent.metadata["sale"] for intent in shop.intents()] == ["s0", "s0"]


def test_a_session_that_is_over_is_opened_anew_with_another_token(shop: Shop) -> None:
    terminal = shop.connected()
    shop.control("POST", "clock", advance_s=25 * 3600)

    confirmed = shop.sale(terminal)

    assert (confirmed.status, shop.tokens) == ("requires_capture", 2)


def test_listeners_that_raise_do_not_end_the_forwarding(shop: Shop) -> None:
    shop.release(stored(shop, 2))
    calls = threading.Semaphore(0)

    class Broken:
        def did_change_offline_status(self, status: object) -> None:
            raise RuntimeError("a till's mistake")

        def did_report_forwarding_error(self, error: object) -> None:
            raise RuntimeError("a till's mistake")

        def did_forward(self, intent: object, error: object) -> None:
            calls.release()

    shop.terminal(offline_listener=Broken())

    assert calls.acquire(timeout=5) and calls.acquire(timeout=5)
    assert len(shop.intents()) == 2


@pytest.mark.parametrize("operation", ["sdk.activate", "sdk.reach"])
def test_a_line_that_breaks_before_anything_is_forwarded_costs_nothing(shop: Shop, operation: str) -> None:
    shop.release(stored(shop))
    shop.arm("answer_lost", operation, count=1)

    shop.terminal()
    until(lambda: shop.heard.forwarded)

    assert len(shop.intents()) == 1
