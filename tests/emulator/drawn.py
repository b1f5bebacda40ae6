"""Requests drawn from Stripe's document: right ones, nearly right ones and nonsense, each made by one number alone."""

from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from tests.emulator import document
from tests.emulator.document import Described
from tests.emulator.inside import FORM

# Prefix of an id -> the names it goes by in paths and parameters.
NAMES = {
    "pi": "payment_intent intent latest_charge", "ch": "charge source", "re": "refund", "tmr": "reader",
    "tml": "location", "tmc": "configuration configuration_overrides", "pm": "payment_method default_payment_method",
    "cus": "customer", "seti": "setup_intent", "evt": "", "txn": "source", "file": "file splashscreen",
    "link": "link", "we": "webhook_endpoint", "fee": "fee", "fr": "", "acct": "account on_behalf_of destination",
}
KINDS = {name: prefix for prefix, names in NAMES.items() for name in names.split()}
_PATHS = {
    "setup_intents": "seti", "payment_intents": "pi", "balance_transactions": "txn", "events": "evt",
    "application_fees": "fee", "refunds": "re", "charges": "ch",
}
INTEGERS = ("-1", "0", "1", "49", "50", "99", "100", "2000", "99999999", "100000000", "4294967296", "1" * 40)
_SCALARS = {  # right texts, and wrong ones
    "integer": (INTEGERS, ("1.5", "1e3", "abc", "", " 1", "0x10", "٣", "-")),
    "boolean": (("true", "false"), ("1", "", "TRUE", "yes")),
    "number": (("1", "1.5", "0"), ("x", "", "nan", "1,5")),
}
TEXTS = ("x", "Shop", "é", "a b&c=d", "\u202e", "null", "usd", "0", "x" * 500, "x" * 5001, "<b>", "\x00", "üü%")
VERSIONS = (
    document.PINNED, document.NEWEST, "2022-08-01", "2022-11-15", "2023-10-16", "2024-06-20", "2025-03-31.basil",
    "2019-05-16", "2024-01-01", "2099-01-01.zebra", "nonsense", "2026-10-28.endive;terminal_beta=v1",
)
GARBAGE = (
    b"a[=1", b"[]=1&[x]=2&=3", b"a]b[=1", b"amount[[]]=1", b"%ff%fe=%80", b"a" + b"[a]" * 200 + b"=1", b"&&&==&",
    b"amount[]=1&amount=2&amount[x]=3", b"metadata=x&metadata[a]=1", b"metadata[]=x", b"expand=x", b"expand[x]=y",
    b"\xff\xfe\x00", b"{\"amount\": 1}", b"payment_method_types[0]=card_present&payment_method_types[9999999]=x",
)
# What a till would send, so that runs get beyond the first refusal.
_ADDRESS = {"line1": "1 Main St", "city": "X", "state": "CA", "postal_code": "94000", "country": "US"}
_INPUT = {"type": "text", "required": "true", "custom_text": {"title": "Name"}}
_MONEY = {"amount": "2000", "currency": "usd"}
_ONLINE = {**_MONEY, "payment_method_types": ["card"]}
_MORE = {"card_present": {"request_incremental_authorization_support": "true"}}
_IN_PERSON = {**_MONEY, "payment_method_types": ["card_present"]}
_TEST_CARDS = ("pm_card_visa", "pm_card_mastercard", "pm_card_createDispute", "pm_card_visa_chargeDeclined")
_PART = b"--x\r\nContent-Disposition: form-data; name="
_FILE = (
    _PART + b'"purpose"\r\n\r\nbusiness_icon\r\n' + _PART + b'"file"; filename="a.png"\r\n'
    b"Content-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\r\n--x--\r\n"
)
USUAL: dict[str, list[dict[str, Any]]] = {
    "POST /v1/payment_intents": [
        *({**_IN_PERSON, "capture_method": method} for method in ("manual", "automatic", "manual", "manual")),
        {**_IN_PERSON, "capture_method": "manual", "payment_method_options": _MORE}, _ONLINE,
        *({**_ONLINE, "payment_method": card, "confirm": "true"} for card in _TEST_CARDS),
    ],
    "POST /v1/payment_intents/{intent}/confirm": [{}, {"payment_method": "pm_card_visa"}],
    "POST /v1/charges": [{**_MONEY, "source": "tok_visa"}, {**_MONEY, "source": "tok_visa", "capture": "false"}],
    "POST /v1/charges/{charge}/capture": [{}],
    "POST /v1/charges/{charge}/refund": [{}, {"amount": "100"}],
    "POST /v1/charges/{charge}/dispute": [{"evidence": {"uncategorized_text": "x"}}],
    "GET /v1/charges/search": [{"query": "amount>0"}],
    "GET /v1/payment_intents/search": [{"query": 'status:"succeeded"'}],
    "GET /v1/customers/search": [{"query": 'email~"example"'}],
    "POST /v1/payment_methods": [{"type": "card", "card": {"token": "tok_visa"}}],
    "POST /v1/setup_intents/{intent}/confirm": [{"payment_method": "pm_card_visa"}],
    "POST /v1/file_links": [{"file": "@file"}],
    "POST /v1/files": [{}],
    "POST /v1/setup_intents": [{"payment_method_types": ["card_present"]}, {"payment_method_types": ["card"]}],
    "POST /v1/terminal/locations": [{"display_name": "Shop", "address": _ADDRESS}],
    "POST /v1/terminal/readers": [{"registration_code": "simulated-wpe"}],
    "POST /v1/terminal/readers/{reader}/process_payment_intent": [{"payment_intent": "@pi"}],
    "POST /v1/terminal/readers/{reader}/collect_payment_method": [{"payment_intent": "@pi"}],
    "POST /v1/terminal/readers/{reader}/confirm_payment_intent": [{"payment_intent": "@pi"}],
    "POST /v1/terminal/readers/{reader}/process_setup_intent": [{"setup_intent": "@seti", "allow_redisplay": "always"}],
    "POST /v1/terminal/readers/{reader}/refund_payment": [{"payment_intent": "@pi", "amount": "100"}],
    "POST /v1/terminal/readers/{reader}/collect_inputs": [{"inputs": [_INPUT]}],
    "POST /v1/test_helpers/terminal/readers/{reader}/present_payment_method": [
        {}, {}, {"card_present": {"number": "4000000000000002"}}, {"amount_tip": "100"}, {"type": "interac_present"},
    ],
    "POST /v1/test_helpers/terminal/readers/{reader}/succeed_input_collection": [{}],
    "POST /v1/payment_intents/{intent}/capture": [{}, {"amount_to_capture": "1000"}, {"amount_to_capture": "2500"}],
    "POST /v1/payment_intents/{intent}/increment_authorization": [{"amount": "3000"}],
    "POST /v1/payment_intents/{intent}": [{"amount": "2100"}, {"description": "x"}],
    "POST /v1/payment_intents/{intent}/cancel": [{}],
    "POST /v1/refunds": [{"payment_intent": "@pi", "amount": "100"}, {"payment_intent": "@pi"}, {"charge": "@ch"}],
    "POST /v1/charges/{charge}/refunds": [{"amount": "100"}],
    "POST /v1/customers": [{"email": "a@b.example"}],
    "POST /v1/payment_methods/{payment_method}/attach": [{"customer": "@cus"}],
    "POST /v1/webhook_endpoints": [{"url": "https://shop.example/hook", "enabled_events": ["*"]}],
}
_USUAL_FIRST = list(USUAL)
_NEW, _ONE, _AT = "POST /v1/payment_intents", "POST /v1/payment_intents/{intent}", "POST /v1/terminal/readers/{reader}"
_TAP = "POST /v1/test_helpers/terminal/readers/{reader}/present_payment_method"
_PAID = (_NEW, f"{_AT}/process_payment_intent", _TAP)
_COLLECTED = (_NEW, f"{_AT}/collect_payment_method", _TAP, f"{_AT}/confirm_payment_intent", _TAP)
_SELLER = (
    "POST /v1/terminal/readers", *_PAID, f"{_ONE}/capture", "GET /v1/application_fees", "GET /v1/application_fees/{id}",
    "POST /v1/application_fees/{id}/refunds", "GET /v1/application_fees/{id}/refunds",
    "POST /v1/application_fees/{id}/refund",
)  # a sale of a connected account, of which the platform takes its fee
# Calls that belong together: one reader, and the newest object of each kind.
CHAINS = (
    (*_PAID, f"{_ONE}/capture"), (*_PAID, f"{_ONE}/capture", "POST /v1/refunds"), (*_PAID, f"{_ONE}/cancel"),
    (*_PAID, "POST /v1/refunds"), (*_PAID, f"{_ONE}/increment_authorization", f"{_ONE}/capture"), _PAID,
    (*_PAID, f"{_AT}/process_payment_intent", _TAP, f"{_ONE}/capture"), (*_PAID, f"{_ONE}/capture", f"{_ONE}/capture"),
    _COLLECTED, (*_COLLECTED, f"{_ONE}/capture", "POST /v1/charges/{charge}/refunds"), (*_COLLECTED, f"{_ONE}/cancel"),
    (*_PAID, f"{_ONE}/capture", f"{_AT}/refund_payment", _TAP), (_NEW, f"{_AT}/process_payment_intent", _ONE, _TAP),
    (*_PAID[:2], f"{_AT}/cancel_action", _TAP, f"{_AT}/process_payment_intent", _TAP),
    ("POST /v1/setup_intents", f"{_AT}/process_setup_intent", _TAP),
    ("POST /v1/customers", "POST /v1/setup_intents", f"{_AT}/process_setup_intent", _TAP),
    (f"{_AT}/collect_inputs", "POST /v1/test_helpers/terminal/readers/{reader}/succeed_input_collection"),
    (f"{_AT}/collect_inputs", "POST /v1/test_helpers/terminal/readers/{reader}/timeout_input_collection"),
    ("POST /v1/customers", "POST /v1/payment_methods", "POST /v1/payment_methods/{payment_method}/attach",
     "POST /v1/payment_methods/{payment_method}/detach"),
    ("POST /v1/files", "POST /v1/file_links", "POST /v1/file_links/{link}", "GET /v1/files/{file}"),
    ("POST /v1/charges", "POST /v1/charges/{charge}/capture", "POST /v1/charges/{charge}/refund"),
    (_NEW, "GET /v1/charges/{charge}/dispute", "POST /v1/charges/{charge}/dispute",
     "POST /v1/charges/{charge}/dispute/close"),
    (_NEW, f"{_ONE}/confirm", "POST /v1/refunds"),
    ("POST /v1/setup_intents", "POST /v1/setup_intents/{intent}/confirm"),
    _SELLER,
)


class Drawn(NamedTuple):
    """One request. `path` and values hold `@prefix:n` where the n-th live object of that kind goes."""

    operation: Described
    path: str
    pairs: tuple[tuple[str, str], ...]
    raw: bytes | None
    headers: dict[str, str]


@cache
def parameters(operation: Described) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The documented parameters of an operation by name, and the required ones."""
    query = [one for one in operation.entry.get("parameters", []) if one["in"] == "query"]
    found = {one["name"]: one["schema"] for one in query}
    required = [one["name"] for one in query if one["required"]]
    for content in operation.entry.get("requestBody", {}).get("content", {}).values():
        found.update(content["schema"].get("properties", {}))
        required += content["schema"].get("required", [])
    return found, tuple(required)


def drawn(number: int) -> list[Drawn]:
    """The request of this number, or the chain of them."""
    return _Pen(Random(number)).requests()


class _Pen:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.wild = random.random() < 0.35
        self.reader: str | None = None  # the one that a chain is about
        self.seller = False

    def requests(self) -> list[Drawn]:
        if not self.maybe(0.25):
            name = self.random.choice(_USUAL_FIRST) if self.maybe(0.4) else str(self.random.choice(document.OPERATIONS))
            return [self.request(name)]
        self.wild = False
        chain = self.random.choice(CHAINS)
        self.seller = chain is _SELLER
        self.reader = "@tmr:0" if self.seller else f"@tmr:{self.random.randrange(4)}"
        return [self.request(name) for name in chain]

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def request(self, name: str) -> Drawn:
        method, path = name.split(" ")
        operation = Described(method, path)
        steps = [self.id_for(step[1:-1], path) if step[0] == "{" else step for step in path.strip("/").split("/")]
        raw = self.random.choice(GARBAGE) if self.reader is None and self.maybe(0.03) else None
        pairs, headers = tuple(self.pairs(operation)), self.headers(operation)
        if path == "/v1/files" and method == "POST" and self.maybe(0.8):
            raw, headers = _FILE, {"content_type": "multipart/form-data; boundary=x"}
        return Drawn(operation, "/" + "/".join(steps), pairs, raw, headers)

    def headers(self, operation: Described) -> dict[str, str]:
        found = {"content_type": FORM}
        if self.seller:
            return found if "application_fees" in operation.path else {**found, "stripe_account": "acct_1Seller"}
        if self.reader is not None and self.maybe(0.9):
            return found
        if self.maybe(0.15):
            found["stripe_version"] = self.random.choice(VERSIONS)
        if operation.method == "POST" and self.maybe(0.1):
            found["idempotency_key"] = self.random.choice(("a", "b", "c", "x" * 255, "x" * 256, "é"))
        if self.maybe(0.05):
            found["stripe_account"] = self.random.choice(("@acct", "acct_1Other", "nonsense", ""))
        if self.maybe(0.02):
            found["content_type"] = self.random.choice(("application/json", "multipart/form-data; boundary=x", ""))
        return found

    def id_for(self, name: str, path: str) -> str:
        collection = path.split("/")[2]
        kind = KINDS.get(name) if name != "intent" else None
        kind = kind or _PATHS.get(collection) or "pi"
        if self.wild and self.maybe(0.1):
            return self.random.choice((f"{kind}_none", "x", "%20", "..", "search", "é"))
        return self.live(kind)

    def live(self, kind: str) -> str:
        if self.reader is not None:
            return self.reader if kind == "tmr" else f"@{kind}:0"
        return f"@{kind}:{self.random.randrange(4)}"

    def pairs(self, operation: Described) -> Iterator[tuple[str, str]]:
        known, required = parameters(operation)
        usual = dict(self.random.choice(USUAL.get(str(operation), [{}])))
        chosen: dict[str, Any] = {
            name: self.value(known[name], name) for name in required if name not in usual and not self.skips()
        }
        chosen.update(usual)
        if self.seller and str(operation) == _NEW:
            chosen["application_fee_amount"] = "100"
        for name in self.random.sample(sorted(known), min(len(known), self.extras())):
            if name not in chosen or self.wild:
                chosen[name] = self.value(known[name], name)
        if self.wild and self.maybe(0.15):
            chosen[self.random.choice(("nonsense", "amount", "Currency", "id", ""))] = "1"
        yield from self.flat(chosen, "")

    def extras(self) -> int:
        return self.random.choice((0, 0, 0, 1, 3)) if self.reader is None else int(self.maybe(0.1))

    def skips(self) -> bool:
        return self.wild and self.maybe(0.1)

    def flat(self, params: Any, under: str) -> Iterator[tuple[str, str]]:
        rows = list(params.items()) if isinstance(params, dict) else list(enumerate(params))
        for name, value in rows:
            shown = "" if isinstance(params, list) and not isinstance(value, dict) and self.maybe(0.5) else name
            path = f"{under}[{shown}]" if under else str(name)
            if isinstance(value, dict | list):
                yield from self.flat(value, path)
            else:
                yield path, self.live(value[1:]) if value[:1] == "@" and ":" not in value else value

    def value(self, schema: dict[str, Any], name: str, depth: int = 0) -> Any:
        """A value for this schema; in a wild request often not quite."""
        if self.wild and self.maybe(0.15):
            return self.random.choice(("", "x", "-1", [], {"x": "y"}, ["a", "b"], {"0": {"x": "1"}}))
        if "anyOf" in schema:
            return self.value(self.random.choice(schema["anyOf"]), name, depth)
        kind = schema.get("type")
        if "enum" in schema:
            return self.random.choice(schema["enum"]) if not (self.wild and self.maybe(0.1)) else "nonsense"
        if kind in _SCALARS:
            right, wrong = _SCALARS[kind]
            return self.random.choice(wrong if self.wild and self.maybe(0.3) else right)
        if kind == "array":
            return [self.value(schema["items"], name, depth + 1) for _ in range(self.random.randrange(3))]
        return self.object(schema, depth) if kind == "object" else self.text(name)

    def object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        keys = schema.get("properties", {})
        if not keys:
            names = self.random.sample(("a", "b", "x" * 41, "sale", "é", "a b"), 2)
            return {name: self.random.choice(TEXTS[:8]) for name in names}
        wanted = [name for name in schema.get("required", []) if not self.skips()]
        if depth < 3:
            wanted += self.random.sample(sorted(keys), min(len(keys), self.random.randrange(3)))
        found = {name: self.value(keys[name], name, depth + 1) for name in wanted}
        if self.wild and self.maybe(0.1):
            found["nonsense"] = "1"
        return found

    def text(self, name: str) -> str:
        if name == "expand" or (name in ("starting_after", "ending_before") and self.maybe(0.7)):
            return self.random.choice(("data.customer", "latest_charge", "charge.payment_intent", "@pi", "@ch", "@re"))
        if name == "currency":
            return self.random.choice(("usd", "USD", "cad", "eur", "xxx") if self.wild else ("usd", "USD"))
        if name == "number":
            return self.random.choice(("4242424242424242", "4000000000000002", "4506445006931933", "1"))
        kind = KINDS.get(name)
        if kind and self.maybe(0.9):
            return f"@{kind}"
        return self.random.choice(TEXTS if self.wild else TEXTS[:3])


def body(pairs: Any) -> bytes:
    """Form text of (name, value) pairs; brackets go bare or escaped, as clients do either."""
    return "&".join(f"{quote_plus(name, safe='[]')}={quote_plus(value)}" for name, value in pairs).encode()
