"""An old stripe-python on the end of a pipe: one order a line, one answer a line. See tests/clients/clients.py.

It is started with the folder of that version in front of everything else, so `stripe` is the old one here.
"""

import json
import sys

import stripe

# Where a resource of the API is a class of the old client.
CLASSES = {
    "charges": stripe.Charge, "customers": stripe.Customer, "events": stripe.Event, "refunds": stripe.Refund,
    "payment_intents": stripe.PaymentIntent, "payment_methods": stripe.PaymentMethod,
    "setup_intents": stripe.SetupIntent, "webhook_endpoints": stripe.WebhookEndpoint,
    "terminal.connection_tokens": stripe.terminal.ConnectionToken, "terminal.locations": stripe.terminal.Location,
    "terminal.readers": stripe.terminal.Reader, "test_helpers.terminal.readers": stripe.terminal.Reader.TestHelpers,
}
METHODS = {"update": "modify"}


def answer(order):
    if "verify" in order:
        asked = order["verify"]
        return stripe.Webhook.construct_event(asked["body"], asked["header"], asked["secret"])
    if "call" not in order:
        return {"name": "stripe-python", "version": stripe.version.VERSION, "api": stripe.api_version}
    resource, _, method = order["call"].rpartition(".")
    call = getattr(CLASSES[resource], METHODS.get(method, method))
    return call(*order.get("ids", []), **order.get("params", {}), **order.get("options", {}))


def main():
    _, stripe.api_base, stripe.api_key = sys.argv
    stripe.max_network_retries = 0
    stripe.enable_telemetry = False
    for line in sys.stdin:
        try:
            said = {"object": answer(json.loads(line))}
        except stripe.error.StripeError as error:
            inner = getattr(error, "error", None) or {}
            said = {"error": {
                "class": type(error).__name__, "code": getattr(error, "code", None),
                "param": getattr(error, "param", None), "decline_code": inner.get("decline_code"),
                "status": getattr(error, "http_status", None),
            }}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


main()
