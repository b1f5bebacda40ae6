"""Stripe's own clients, old and new, in three languages, do a day's work with the emulator and notice nothing."""

import pytest

from tests.clients import clients
from tests.clients.clients import Refusal
from tests.clients.day import HEARD, Till, whole_day

CLIENTS = {
    "stripe-python newest": (clients.PythonNewest, "stripe-python", "16."),
    "stripe-python of 2023": (clients.python_old, "stripe-python", "5.5.0"),
    "stripe-node newest": (clients.node, "stripe-node", "23.1.0"),
    "Stripe CLI": (clients.CommandLine, "stripe-cli", "1.52.0"),
}


@pytest.fixture(params=list(CLIENTS))
def client(request, stripe_here, tmp_path):
    make, name, version = CLIENTS[request.param]
    running = make(stripe_here, f"sk_test_{request.param.replace(' ', '').replace('-', '')}", tmp_path)
    about = running.about()
    assert about["name"] == name
    assert about["version"].startswith(version)
    yield running
    running.close()


def test_a_client_of_stripes_does_a_whole_day_at_the_till(client, endpoint):
    secret = client.call("webhook_endpoints.create", url=endpoint.url, enabled_events=["*"])["secret"]

    whole_day(Till(client))

    deliveries = endpoint.awaited(HEARD)
    if not client.verifies:
        return
    for delivery in deliveries:
        assert client.verified(delivery.body, delivery.signature, secret)["type"] == delivery.type
    genuine = deliveries[0]
    for body, header, key in (
        (genuine.body + " ", genuine.signature, secret),
        (genuine.body, genuine.signature.replace("v1=", "v1=0"), secret),
        (genuine.body, genuine.signature, "whsec_another"),
    ):
        with pytest.raises(Refusal) as refused:
            client.verified(body, header, key)
        assert refused.value.kind == "SignatureVerificationError"
