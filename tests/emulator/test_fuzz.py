"""Whatever is sent, the answer is one of Stripe's: never a crash."""

import asyncio
import json
import typing
from collections import defaultdict
from urllib.parse import urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cardpresent.emulator.app import create_app
from cardpresent.emulator.catalogue import OPERATIONS
from cardpresent.emulator.clock import FrozenClock
from cardpresent.emulator.params import _type_named


def _names(spec: str) -> list[str]:
    """Parameter names of an operation, with the nested ones in brackets, two levels deep."""
    cls, names = _type_named(spec)
    found = []
    for name, hint in typing.get_type_hints(cls, names).items():
        found += [name, f"{name}[]", f"{name}[x]"]
        nested = [hint, *typing.get_args(hint)]
        found += [f"{name}[{inner}]" for kind in nested for inner in getattr(kind, "__annotations__", {})]
    return found


VALUES = st.sampled_from(
    ["", "x", "0", "-1", "2000", "1.5", "true", "usd", "card_present", "manual", "pi_none", "simulated-wpe", "US", "é"]
)

KIND_OF = {402: "card_error"}


@st.composite
def calls(draw):
    operation = draw(st.sampled_from(OPERATIONS))
    names = st.sampled_from([*_names(operation.params or "payment_intent_create"), "amount", "currency", "unknown"])
    form = draw(st.lists(st.tuples(names, VALUES), max_size=6))
    return operation, urlencode(form)


async def answer(app, method, path, text):
    sent = []
    is_post = method == "POST"
    scope = {
        "type": "http", "method": method, "path": path, "query_string": b"" if is_post else text.encode(),
        "headers": [(b"authorization", b"Bearer sk_test_fuzz")],
    }

    async def receive():
        return {"type": "http.request", "body": text.encode() if is_post else b"", "more_body": False}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"])


async def a_busy_account(app):
    """An account where every operation finds its object: ids by path parameter."""
    card = "payment_method_types[]=card_present&capture_method=manual"
    ids = defaultdict(lambda: "none")
    steps = [
        ("location", "/v1/terminal/locations", "display_name=X&address[line1]=1&address[city]=C&address[state]=S"
         "&address[postal_code]=1&address[country]=US"),
        ("configuration", "/v1/terminal/configurations", "name=X"),
        ("reader", "/v1/terminal/readers", "registration_code=simulated-wpe"),
        ("customer", "/v1/customers", "payment_method=pm_card_visa"),
        ("intent", "/v1/payment_intents", f"amount=2000&currency=usd&{card}"),
        ("webhook_endpoint", "/v1/webhook_endpoints", "url=http://localhost:1/&enabled_events[]=*"),
    ]
    for name, path, text in steps:
        status, body = await answer(app, "POST", path, text)
        assert status == 200, body
        ids[name] = body["id"]
    reader = f"/v1/terminal/readers/{ids['reader']}"
    await answer(app, "POST", f"{reader}/process_payment_intent", f"payment_intent={ids['intent']}")
    await answer(app, "POST", f"/v1/test_helpers/terminal/readers/{ids['reader']}/present_payment_method", "")
    _, taken = await answer(app, "POST", f"/v1/payment_intents/{ids['intent']}/capture", "")
    ids["charge"], ids["payment_method"] = taken["latest_charge"], taken["payment_method"]
    _, refund = await answer(app, "POST", "/v1/refunds", f"payment_intent={ids['intent']}&amount=100")
    ids["refund"] = refund["id"]
    _, events = await answer(app, "GET", "/v1/events", "")
    ids["event"] = events["data"][0]["id"]
    return ids


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(calls(), min_size=1, max_size=5))
def test_no_form_crashes_the_emulator(sequence):
    async def run():
        app = create_app(1, FrozenClock())
        ids = await a_busy_account(app)
        for operation, text in sequence:
            status, body = await answer(app, operation.method, operation.path.format_map(ids), text)
            assert status in (200, 400, 402, 404), (operation.name, text, body)
            assert status == 200 or body["error"]["type"] == KIND_OF.get(status, "invalid_request_error")

    asyncio.run(run())
