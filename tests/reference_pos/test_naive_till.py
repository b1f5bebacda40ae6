"""The naive till works as its kind does: each step alone, with their usual faults and no others."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NAIVE = Path(__file__).parents[2] / "fixtures" / "tills" / "naive_till.py"


@pytest.fixture(scope="module")
def naive(new_venue, http):
    venue = new_venue()
    process = subprocess.Popen(
        [sys.executable, str(NAIVE)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "STRIPE_API_BASE": venue.url, "STRIPE_SECRET_KEY": venue.key, "PORT": "0"})
    assert process.stdout is not None
    url = process.stdout.readline().decode().split()[-1]

    def call(method, path, **body):
        answer = http.request(method, url + path, **({"params": body} if method == "GET" else {"json": body}))
        assert answer.status_code == 200
        return answer.json()

    yield venue, call
    process.terminate()
    process.wait(timeout=10)
    process.stdout.close()


def test_a_naive_sale_is_created_processed_and_captured_step_by_step(naive):
    venue, call = naive
    reader = venue.reader()
    intent = call("POST", "/create_payment_intent", amount="24.50")
    call("POST", "/process", payment_intent_id=intent["id"], reader_id=reader)
    venue.tap(reader)
    assert call("GET", "/status", payment_intent_id=intent["id"])["status"] == "requires_capture"

    assert call("POST", "/capture", payment_intent_id=intent["id"])["amount_received"] == 2450
    assert call("POST", "/refund", payment_intent_id=intent["id"], amount="4.50")["amount"] == 450
    assert [one["id"] for one in call("GET", "/readers")["readers"]] == [reader]


def test_its_faults_are_those_of_its_kind(naive):
    venue, call = naive
    reader = venue.reader()
    assert call("POST", "/create_payment_intent", amount="67.96")["amount"] == 6795
    assert call("POST", "/connection_token")["secret"]
    assert "error" in call("POST", "/capture", payment_intent_id="pi_unknown")
    intent = call("POST", "/create_payment_intent", amount="10.00")
    call("POST", "/process", payment_intent_id=intent["id"], reader_id=reader)
    call("POST", "/cancel", reader_id=reader)
    assert call("GET", "/status", payment_intent_id=intent["id"])["status"] == "requires_payment_method"
