"""The Stripe CLI beyond resources: plain calls, fixtures, and webhooks forwarded to a till on the developer's desk."""

import itertools
import json
import os
import signal
import subprocess
import threading

import pytest

from tests.clients.clients import CommandLine, PythonNewest

_numbers = itertools.count(1)
CARD = ("-d", "amount=2000", "-d", "currency=usd", "-d", "payment_method_types[]=card_present")
FIXTURE = {
    "_meta": {"template_version": 0},
    "fixtures": [
        {"name": "sale", "path": "/v1/payment_intents", "method": "post",
         "params": {"amount": 4200, "currency": "usd", "payment_method_types": ["card_present"]}},
        {"name": "no_sale", "path": "/v1/payment_intents/${sale:id}/cancel", "method": "post"},
    ],
}


@pytest.fixture
def desk(stripe_here, tmp_path):
    """The CLI and a python client at one account."""
    key = f"sk_test_desk{next(_numbers):020d}"
    python = PythonNewest(stripe_here, key, tmp_path)
    yield CommandLine(stripe_here, key, tmp_path), python
    python.close()


def test_what_is_posted_can_be_got(desk, stripe_here):
    cli, python = desk
    made = json.loads(cli.run("post", "/v1/payment_intents", *CARD, "--api-base", stripe_here))
    got = json.loads(cli.run("get", f"/v1/payment_intents/{made['id']}", "--api-base", stripe_here))
    assert got == made
    assert python.call("payment_intents.retrieve", made["id"])["amount"] == 2000


def test_fixtures_are_run_with_the_ids_they_made(desk, stripe_here, tmp_path):
    cli, python = desk
    file = tmp_path / "fixture.json"
    file.write_text(json.dumps(FIXTURE), encoding="utf-8")

    cli.run("fixtures", str(file), "--api-base", stripe_here)

    [payment] = python.call("payment_intents.list")["data"]
    assert (payment["amount"], payment["status"]) == (4200, "canceled")


def test_events_are_forwarded_to_a_till_signed_with_the_secret_it_was_told(desk, stripe_here, endpoint):
    cli, python = desk
    listen = ("listen", "--skip-update", "--all-snapshot", "--api-base", stripe_here)
    secret = cli.run(*listen, "--print-secret").strip()
    assert secret.startswith("whsec_")
    process = subprocess.Popen(
        cli.command(*listen, "--forward-to", endpoint.url), env=cli.environment, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )
    assert process.stderr
    ready = threading.Event()

    def read() -> None:
        for line in process.stderr:
            if "Ready!" in line:
                ready.set()

    reading = threading.Thread(target=read)
    reading.start()
    try:
        assert ready.wait(20), "the CLI did not say that it listens"
        payment = python.call("payment_intents.create", amount=700, currency="usd")
        python.call("payment_intents.cancel", payment["id"])
        deliveries = endpoint.awaited({"payment_intent.created", "payment_intent.canceled"})
    finally:
        os.killpg(process.pid, signal.SIGINT)  # what npm installs is a script before the program
        process.wait(timeout=20)
        reading.join()
        process.stderr.close()
    for delivery in deliveries:
        event = python.verified(delivery.body, delivery.signature, secret)
        assert event["data"]["object"]["id"] == payment["id"]
