"""What stands between this machine and Stripe may be anything, and a live key is taken out by no way at all."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from cardpresent.gateway.tag import Tag
from cardpresent.gateway.upstream import Upstream
from cardpresent.gateway.venue import Question
from cardpresent.gateway.venue_stripe import StripeVenue
from cardpresent.launch import keys
from cardpresent.launch import test_mode as in_test_mode

KEY = "sk_test_oftheuser"
LIVE = "sk_" + "live_" + "51Secret"


@pytest.fixture
def proxy() -> Iterator[Callable[[bytes], str]]:
    """Stands in Stripe's place and answers every request with the bytes given; its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    said: list[bytes] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                caller, _ = listening.accept()
                with caller, suppress(OSError):
                    caller.recv(65536)
                    caller.sendall(said[-1])

    thread = threading.Thread(target=serve)
    thread.start()

    def stand(answer: bytes) -> str:
        said.append(answer)
        return f"http://127.0.0.1:{listening.getsockname()[1]}"

    yield stand
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(10)


@pytest.mark.parametrize("body", [b"<h1>Please log in</h1>", b"[]", b"{}", b'{"id": 5, "country": null}'])
def test_a_log_in_page_of_the_network_is_no_account(
    proxy: Callable[[bytes], str], monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", KEY)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    monkeypatch.setenv(in_test_mode.UPSTREAM, proxy(answer))

    with pytest.raises(in_test_mode.TestModeUnusable, match="names no account"):
        in_test_mode.account_in_test_mode()


def test_a_key_with_letters_that_no_header_holds_is_no_key() -> None:
    with pytest.raises(keys.TestKeyMissing):
        keys.test_mode_key({"STRIPE_SECRET_KEY": "sk_test_日本"})


SENT = {
    "in a note": Question("POST", "/v1/payment_intents", b"", [], f"metadata[note]={LIVE}".encode()),
    "as a form writes it": Question("POST", "/v1/refunds", b"", [], b"metadata[a]=sk%5Flive%5F51Secret"),
    "in the address": Question("GET", "/v1/charges", f"key={LIVE}".encode(), [], b""),
    "in a header": Question("GET", "/v1/charges", b"", [(b"stripe-account", LIVE.encode())], b""),
}


@pytest.mark.parametrize("question", SENT.values(), ids=SENT)
def test_a_live_key_leaves_this_machine_by_no_way(question: Question) -> None:
    noted: list[dict[str, object]] = []
    nobody = Upstream("http://127.0.0.1:9", KEY, "run", noted.append)
    question = replace(question, headers=[*question.headers, (b"authorization", b"Bearer sk_test_ofthetill")])
    tag = Tag("run")
    venue = StripeVenue(nobody, "sk_test_ofthetill", tag, 1, noted.append)

    answer = asyncio.run(venue.ask(question))
    tag.close()

    assert answer.status == 401
    assert b"live key" in answer.body
    assert noted == [{"what": "live_key_refused"}]
