"""Which tests can be put to Stripe, how slowly, and what is removed afterwards."""

import json
from dataclasses import replace

import pytest

from cardpresent.emulator.catalogue import OPERATIONS
from tests.fidelity.guest import PER_SECOND, STRIPE, Guest, Pace
from tests.fidelity.leavings import REMOVALS, idempotency_key, tagged
from tests.fidelity.staging import Exchange, Recorded, why_not

CREATED = {"id": "pi_3Ours0000000001", "created": 1_900_000_000}
SAID = Exchange("POST", "/v1/payment_intents", "", "bearer", "sk_test_1", {}, "amount=2000", 200, CREATED, {}, 5)
OPENED = replace(SAID, path="/_emulator/account", body=json.dumps({"country": "US"}), answer={})
DEFAULT = replace(SAID, method="GET", path="/v1/terminal/configurations",
                  answer={"data": [{"id": "tmc_Default0000001", "is_account_default": True}]})
TEST = Recorded("test_x", "passed", False, 1, False, "", [], (OPENED, SAID))


def test_a_test_that_speaks_stripes_api_alone_is_staged():
    assert why_not(TEST, "US") is None


def and_then(**changed):
    return replace(TEST, exchanges=(*TEST.exchanges, replace(SAID, **changed)))


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        (replace(TEST, outcome="failed"), "did not pass on the emulator itself"),
        (replace(TEST, emulators=2), "starts emulators of its own"),
        (replace(TEST, continued=True), "goes on in an account that an earlier test used"),
        (replace(TEST, inside="server.app"), "reaches inside the emulator (server.app)"),
        (replace(TEST, raced=True), "sends requests at the same time"),
        (replace(TEST, exchanges=(SAID,) * 151), "makes more than 150 requests"),
        (and_then(path="/_emulator/readers/tmr_Abc123Def456gh/faults"), "control API (POST readers/{tmr}/faults)"),
        (and_then(path="/_emulator/account", body='{"latency_ms": 5}'), "itself be told (latency_ms)"),
        (and_then(clock=6), "moves the clock"),
        (and_then(key="sk_test_2"), "speaks for more than one account"),
        (and_then(headers={"stripe-account": "acct_1"}), "speaks for a connected account"),
        (and_then(query="created[gte]=1900000000"), "asks by a time that the emulator's clock told"),
        (replace(TEST, exchanges=(DEFAULT, replace(SAID, path="/v1/terminal/configurations/tmc_Default0000001"))),
         "changes the account's default configuration"),
    ],
)
def test_a_test_that_cannot_be_staged_says_why(test, reason):
    assert reason in (why_not(test, "US") or "")


def test_an_account_elsewhere_takes_the_tests_of_its_own_country():
    assert why_not(TEST, "GB") == "needs an account in US, and this one is in GB"


# ------------------------------------------------------------------------------------------------------- a polite guest


def test_requests_are_let_through_evenly():
    now = [0.0]

    def sleep(s):
        now[0] += s

    pace = Pace(10, lambda: now[0], sleep)
    for _ in range(21):
        pace.take()

    assert now[0] == pytest.approx(2.0)


def test_nobody_asks_stripe_faster_than_a_guest_should():
    assert Guest("sk_test_any", STRIPE, 500).pace.per_second == PER_SECOND
    assert Guest("sk_test_any", STRIPE, 2).pace.per_second == 2


def test_time_that_nobody_used_is_not_saved_up():
    now = [0.0]
    waits = []
    pace = Pace(10, lambda: now[0], waits.append)
    pace.take()
    now[0] = 60.0
    pace.take()
    pace.take()

    assert waits == pytest.approx([0, 0, 0.1])


def test_whatever_stripe_can_delete_is_deleted():
    deletable = {one.path.partition("/{")[0] for one in OPERATIONS if one.method == "DELETE"}

    assert deletable <= {path for path, (method, _) in REMOVALS.items() if method == "DELETE"}


@pytest.mark.parametrize(
    ("path", "body", "sent"),
    [
        ("/v1/terminal/locations", "display_name=X", "display_name=X&metadata[cardpresent_fidelity]=fid1"),
        ("/v1/payment_intents", "", "metadata[cardpresent_fidelity]=fid1"),
        ("/v1/payment_intents", "metadata[a]=1", "metadata[a]=1&metadata[cardpresent_fidelity]=fid1"),
        ("/v1/payment_intents", "metadata=", "metadata="),
        ("/v1/payment_intents/pi_1/capture", "", ""),
        ("/v1/terminal/connection_tokens", "", ""),
    ],
)
def test_what_is_made_carries_the_name_of_the_run_where_it_can(path, body, sent):
    assert tagged(path, "", body, "fid1") == sent


def test_metadata_that_is_full_is_left_as_it_is():
    full = "&".join(f"metadata[k{n}]=1" for n in range(50))
    assert tagged("/v1/payment_intents", "", full, "fid1") == full


def test_keys_are_one_per_run_test_and_key():
    keys = [idempotency_key(run, test, key, 1) for run in ("r1", "r2") for test in (1, 2) for key in ("a", "b", None)]

    assert len(set(keys)) == len(keys)
    assert idempotency_key("r1", 1, "a", 1) == idempotency_key("r1", 1, "a", 9)
    assert len(idempotency_key("r1", 1, "a" * 255, 1)) <= 255
    assert len(idempotency_key("r1", 1, "a" * 256, 1)) == 256
