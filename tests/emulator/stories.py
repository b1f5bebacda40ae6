"""Each of the 109 operations of Stripe's document, put to use: one story a resource, told with raw calls."""

from collections.abc import Callable
from typing import Any

from tests.emulator import document
from tests.emulator.inside import Inside

ADDRESS = {"line1": "1 Main St", "city": "Springfield", "state": "CA", "postal_code": "94000", "country": "US"}
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"


class Shop:
    """A merchant, and the calls that stories share."""

    def __init__(self, account: Inside) -> None:
        self.account = account
        self.refusals: set[document.Described] = set()
        self.location = self.post("terminal/locations", display_name="Shop", address=ADDRESS)["id"]
        code = {"registration_code": "simulated-wpe", "location": self.location}
        self.reader = self.post("terminal/readers", **code)["id"]

    def get(self, path: str, **params: Any) -> Any:
        return self.account.ok("GET", f"/v1/{path}", params)

    def post(self, path: str, **params: Any) -> Any:
        return self.account.ok("POST", f"/v1/{path}", params)

    def delete(self, path: str) -> None:
        assert self.account.ok("DELETE", f"/v1/{path}")["deleted"] is True

    def refused(self, path: str, **params: Any) -> Any:
        """The error of an operation that can only be refused here."""
        answer = self.account.call("POST", f"/v1/{path}", params)
        assert answer.status == 400, answer.body
        operation = document.described("POST", f"/v1/{path}")
        assert operation is not None
        self.refusals.add(operation)
        return answer.body["error"]

    def listed(self, path: str, id: str, **params: Any) -> None:
        assert id in [row["id"] for row in self.get(path, **params)["data"]], f"{id} is not in {path}"

    def at_reader(self, command: str, **params: Any) -> Any:
        return self.post(f"terminal/readers/{self.reader}/{command}", **params)["action"]

    def help(self, what: str, **params: Any) -> Any:
        return self.post(f"test_helpers/terminal/readers/{self.reader}/{what}", **params)["action"]

    def payment(self, amount: int = 2000, **params: Any) -> str:
        given = {"payment_method_types": ["card_present"], "capture_method": "manual", "currency": "usd", **params}
        return self.post("payment_intents", amount=amount, **given)["id"]

    def held(self, amount: int = 2000, **params: Any) -> str:
        """A payment whose card was presented."""
        payment = self.payment(amount, **params)
        assert self.at_reader("process_payment_intent", payment_intent=payment)["status"] == "in_progress"
        assert self.help("present_payment_method")["status"] == "succeeded"
        return payment

    def captured(self, amount: int = 2000, **params: Any) -> Any:
        return self.post(f"payment_intents/{self.held(amount, **params)}/capture")


def locations(shop: Shop) -> None:
    made = shop.post("terminal/locations", display_name="Kiosk", address=ADDRESS)["id"]
    assert shop.post(f"terminal/locations/{made}", display_name="Stall")["display_name"] == "Stall"
    assert shop.get(f"terminal/locations/{made}")["display_name"] == "Stall"
    shop.listed("terminal/locations", made)
    shop.delete(f"terminal/locations/{made}")


def configurations(shop: Shop) -> None:
    tipping = {"usd": {"percentages": [10, 15, 20]}}
    made = shop.post("terminal/configurations", name="Tips", tipping=tipping)["id"]
    assert shop.get(f"terminal/configurations/{made}")["tipping"]["usd"]["percentages"] == [10, 15, 20]
    assert shop.post(f"terminal/configurations/{made}", name="Bar")["name"] == "Bar"
    shop.listed("terminal/configurations", made)
    shop.delete(f"terminal/configurations/{made}")


def tokens_and_links(shop: Shop) -> None:
    assert shop.post("terminal/connection_tokens")["secret"].startswith("pst_test_")
    options = {"apple_terms_and_conditions": {"merchant_display_name": "Tea"}}
    link = shop.post("terminal/onboarding_links", link_type="apple_terms_and_conditions", link_options=options)
    assert link["redirect_url"].startswith("https://")


def readers(shop: Shop) -> None:
    made = shop.post("terminal/readers", registration_code="simulated-s700", location=shop.location)["id"]
    assert shop.post(f"terminal/readers/{made}", label="bar")["label"] == "bar"
    assert shop.get(f"terminal/readers/{made}")["label"] == "bar"
    shop.listed("terminal/readers", made, device_type="simulated_stripe_s700")
    shop.delete(f"terminal/readers/{made}")


def reader_actions(shop: Shop) -> None:
    cart = {"currency": "usd", "total": 5, "line_items": [{"description": "Tea", "amount": 5, "quantity": 1}]}
    assert shop.at_reader("set_reader_display", type="cart", cart=cart)["set_reader_display"]["cart"]["total"] == 5
    assert shop.at_reader("cancel_action") is None
    payment = shop.payment()
    shop.at_reader("collect_payment_method", payment_intent=payment)
    assert shop.help("present_payment_method")["status"] == "succeeded"
    assert shop.at_reader("confirm_payment_intent", payment_intent=payment)["type"] == "confirm_payment_intent"
    assert shop.help("present_payment_method")["status"] == "succeeded"
    assert shop.get(f"payment_intents/{payment}")["status"] == "requires_capture"


def reader_inputs(shop: Shop) -> None:
    inputs = [{"type": "email", "custom_text": {"title": "Your receipt"}}]
    shop.at_reader("collect_inputs", inputs=inputs)
    assert shop.help("succeed_input_collection")["status"] == "succeeded"
    shop.at_reader("collect_inputs", inputs=inputs)
    assert shop.help("timeout_input_collection")["failure_code"] == "collect_inputs_timeout"


def reader_refunds(shop: Shop) -> None:
    shop.account.control("POST", "account", country="CA")
    shop.reader = shop.post("terminal/readers", registration_code="simulated-wpe")["id"]
    interac = {"payment_method_types": ["interac_present"], "currency": "cad", "capture_method": "automatic"}
    payment = shop.payment(1000, **interac)
    shop.at_reader("process_payment_intent", payment_intent=payment)
    shop.help("present_payment_method", type="interac_present")
    shop.at_reader("refund_payment", payment_intent=payment, amount=1000)
    assert shop.help("present_payment_method", type="interac_present")["status"] == "succeeded"
    assert shop.refused("terminal/refunds")["message"].startswith("emulator:")
    shop.account.control("POST", "account", country="US")


def payment_intents(shop: Shop) -> None:
    payment = shop.payment()
    assert shop.post(f"payment_intents/{payment}", amount=2500, metadata={"sale": "story"})["amount"] == 2500
    assert shop.get(f"payment_intents/{payment}")["amount"] == 2500
    shop.listed("payment_intents", payment)
    for what in ("verify_microdeposits", "apply_customer_balance"):
        assert shop.refused(f"payment_intents/{payment}/{what}")["code"] == "payment_intent_unexpected_state"
    assert shop.post(f"payment_intents/{payment}/cancel")["status"] == "canceled"
    more = {"card_present": {"request_incremental_authorization_support": True}}
    held = shop.held(payment_method_options=more)
    assert shop.post(f"payment_intents/{held}/increment_authorization", amount=3000)["amount_capturable"] == 3000
    assert shop.post(f"payment_intents/{held}/capture")["amount_received"] == 3000


def payment_intents_online(shop: Shop) -> None:
    tea = {"product_name": "Tea", "quantity": 2, "unit_cost": 500}
    params = {"amount": 1000, "currency": "usd", "payment_method_types": ["card"]}
    payment = shop.post("payment_intents", **params, amount_details={"line_items": [tea]})["id"]
    [item] = shop.get(f"payment_intents/{payment}/amount_details_line_items")["data"]
    assert item["product_name"] == "Tea"
    assert shop.post(f"payment_intents/{payment}/confirm", payment_method="pm_card_visa")["status"] == "succeeded"


def setup_intents(shop: Shop) -> None:
    customer = shop.post("customers", name="Ada")["id"]
    made = shop.post("setup_intents", payment_method_types=["card_present"], customer=customer)["id"]
    assert shop.post(f"setup_intents/{made}", description="for later")["description"] == "for later"
    shop.at_reader("process_setup_intent", setup_intent=made, allow_redisplay="always")
    assert shop.help("present_payment_method")["status"] == "succeeded"
    assert shop.get(f"setup_intents/{made}")["status"] == "succeeded"
    shop.listed("setup_intents", made, customer=customer)
    [attempt] = shop.get("setup_attempts", setup_intent=made)["data"]
    card = attempt["payment_method_details"]["card_present"]["generated_card"]
    online = shop.post("setup_intents", payment_method_types=["card"], payment_method=card, customer=customer)["id"]
    assert shop.post(f"setup_intents/{online}/confirm")["status"] == "succeeded"
    other = shop.post("setup_intents", payment_method_types=["card_present"])["id"]
    assert shop.post(f"setup_intents/{other}/cancel")["status"] == "canceled"
    shop.listed(f"customers/{customer}/payment_methods", card)
    assert shop.get(f"customers/{customer}/payment_methods/{card}")["id"] == card
    assert shop.refused(f"setup_intents/{online}/verify_microdeposits")["code"] == "setup_intent_unexpected_state"


def customers(shop: Shop) -> None:
    made = shop.post("customers", name="Grace", email="grace@example.com")["id"]
    assert shop.post(f"customers/{made}", phone="1")["phone"] == "1"
    assert shop.get(f"customers/{made}")["email"] == "grace@example.com"
    shop.listed("customers", made, email="grace@example.com")
    shop.delete(f"customers/{made}")


def payment_methods(shop: Shop) -> None:
    customer = shop.post("customers", name="Ada")["id"]
    made = shop.post("payment_methods", type="card", card={"token": "tok_visa"})["id"]
    assert shop.post(f"payment_methods/{made}/attach", customer=customer)["customer"] == customer
    assert shop.post(f"payment_methods/{made}", metadata={"a": "b"})["metadata"] == {"a": "b"}
    assert shop.get(f"payment_methods/{made}")["type"] == "card"
    shop.listed("payment_methods", made, customer=customer, type="card")
    assert shop.post(f"payment_methods/{made}/detach")["customer"] is None


def charges(shop: Shop) -> None:
    charge = shop.captured()["latest_charge"]
    assert shop.get(f"charges/{charge}")["captured"] is True
    assert shop.post(f"charges/{charge}", description="two teas")["description"] == "two teas"
    shop.listed("charges", charge)
    online = shop.post("charges", amount=2000, currency="usd", source="tok_visa", capture=False)["id"]
    assert shop.post(f"charges/{online}/capture")["captured"] is True
    made = shop.post(f"charges/{online}/refunds", amount=100)["id"]
    assert shop.post(f"charges/{online}/refunds/{made}", metadata={"a": "b"})["metadata"] == {"a": "b"}
    assert shop.get(f"charges/{online}/refunds/{made}")["amount"] == 100
    shop.listed(f"charges/{online}/refunds", made)
    assert shop.post(f"charges/{online}/refund")["refunded"] is True


def disputes(shop: Shop) -> None:
    params = {"amount": 2000, "currency": "usd", "payment_method_types": ["card"], "confirm": True}
    payment = shop.post("payment_intents", **params, payment_method="pm_card_createDispute")
    shop.account.control("POST", "clock", advance_s=60)
    path = f"charges/{payment['latest_charge']}/dispute"
    assert shop.get(path)["status"] == "needs_response"
    assert shop.post(path, evidence={"customer_name": "Ada"})["evidence"]["customer_name"] == "Ada"
    assert shop.post(f"{path}/close")["status"] == "lost"


def refunds(shop: Shop) -> None:
    made = shop.post("refunds", payment_intent=shop.captured()["id"], amount=500)["id"]
    assert shop.post(f"refunds/{made}", metadata={"why": "cold"})["metadata"] == {"why": "cold"}
    assert shop.get(f"refunds/{made}")["amount"] == 500
    shop.listed("refunds", made)
    assert "requires action" in shop.refused(f"refunds/{made}/cancel")["message"]


def money(shop: Shop) -> None:
    shop.captured()
    assert shop.get("balance")["object"] == "balance"
    newest = shop.get("balance_transactions")["data"][0]
    assert shop.get(f"balance_transactions/{newest['id']}") == newest


def accounts_and_fees(shop: Shop) -> None:
    own = shop.get("account")["id"]
    assert shop.get(f"accounts/{own}")["id"] == own
    seller = {"stripe_account": "acct_1Seller"}
    call = shop.account.ok
    code = {"registration_code": "simulated-wpe"}
    reader = call("POST", "/v1/terminal/readers", code, **seller)["id"]
    params = {"amount": 2000, "currency": "usd", "payment_method_types": ["card_present"],
              "capture_method": "automatic", "application_fee_amount": 150}
    payment = call("POST", "/v1/payment_intents", params, **seller)["id"]
    at = f"/v1/terminal/readers/{reader}"
    call("POST", f"{at}/process_payment_intent", {"payment_intent": payment}, **seller)
    call("POST", f"{at.replace('/v1', '/v1/test_helpers')}/present_payment_method", **seller)
    shop.listed("accounts", "acct_1Seller")
    fee = shop.get("application_fees")["data"][0]["id"]
    assert shop.get(f"application_fees/{fee}")["amount"] == 150
    back = shop.post(f"application_fees/{fee}/refunds", amount=50)["id"]
    assert shop.get(f"application_fees/{fee}/refunds/{back}")["amount"] == 50
    assert shop.post(f"application_fees/{fee}/refunds/{back}", metadata={"a": "b"})["metadata"] == {"a": "b"}
    shop.listed(f"application_fees/{fee}/refunds", back)
    assert shop.post(f"application_fees/{fee}/refund")["amount_refunded"] == 150


def search(shop: Shop) -> None:
    customer = shop.post("customers", name="Joan", email="joan@example.com")["id"]
    shop.listed("customers/search", customer, query='email:"joan@example.com"')
    payment = shop.captured(metadata={"sale": "42"})
    shop.listed("payment_intents/search", payment["id"], query='metadata["sale"]:"42"')
    shop.listed("charges/search", payment["latest_charge"], query="amount:2000")


def files(shop: Shop) -> None:
    edge = b"--edge\r\nContent-Disposition: form-data; name="
    content = (
        edge + b'"purpose"\r\n\r\nbusiness_icon\r\n' + edge
        + b'"file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n' + PNG + b"\r\n--edge--\r\n"
    )
    sent = shop.account.send("POST", "/v1/files", content, content_type="multipart/form-data; boundary=edge")
    assert sent.status == 200, sent.body
    made = sent.body["id"]
    assert shop.get(f"files/{made}")["size"] == len(PNG)
    shop.listed("files", made)
    link = shop.post("file_links", file=made)["id"]
    assert shop.post(f"file_links/{link}", metadata={"a": "b"})["metadata"] == {"a": "b"}
    assert shop.get(f"file_links/{link}")["file"] == made
    shop.listed("file_links", link)


def events(shop: Shop) -> None:
    shop.payment()
    newest = shop.get("events", type="payment_intent.created")["data"][0]["id"]
    assert shop.get(f"events/{newest}")["type"] == "payment_intent.created"


def webhook_endpoints(shop: Shop) -> None:
    made = shop.post("webhook_endpoints", url="https://shop.example/hook", enabled_events=["*"])
    assert made["secret"].startswith("whsec_")
    path = f"webhook_endpoints/{made['id']}"
    assert shop.post(path, disabled=True)["status"] == "disabled"
    assert shop.get(path)["status"] == "disabled"
    shop.listed("webhook_endpoints", made["id"])
    shop.delete(path)


STORIES: list[Callable[[Shop], None]] = [
    locations, configurations, tokens_and_links, readers, reader_actions, reader_inputs, reader_refunds,
    payment_intents, payment_intents_online, disputes, setup_intents, customers, payment_methods, charges, refunds,
    money, accounts_and_fees, search, files, events, webhook_endpoints,
]
# Operations that nothing done in person lets succeed; their stories show how they are refused.
ONLY_REFUSED = {
    "POST /v1/payment_intents/{intent}/apply_customer_balance": "nobody pays a card payment from a cash balance",
    "POST /v1/payment_intents/{intent}/verify_microdeposits": "cards are not verified by small deposits",
    "POST /v1/refunds/{refund}/cancel": "a refund to a card never waits for an action",
    "POST /v1/setup_intents/{intent}/verify_microdeposits": "cards are not verified by small deposits",
    "POST /v1/terminal/refunds": "the document knows none of its parameters",
}
