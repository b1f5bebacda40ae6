"""The parameters of a PaymentIntent: what is stored comes back, what is wrong is named, at every version."""

import pytest

ADDRESS = {"line1": "1 Main St", "city": "Springfield", "country": "US"}


@pytest.fixture
def customer(shop):
    return shop.client.customers.create({"name": "Ada"}).id


def _created(shop, **params):
    given = {"amount": 2000, "currency": "usd", "payment_method_types": ["card_present"], **params}
    return shop.client.payment_intents.create(given)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"description": "table 4"}, "table 4"),
        ({"receipt_email": "ada@example.com"}, "ada@example.com"),
        ({"transfer_group": "order-7"}, "order-7"),
        ({"setup_future_usage": "off_session"}, "off_session"),
        ({"statement_descriptor": "ADAS CAFE"}, "ADAS CAFE"),
        ({"statement_descriptor_suffix": "TABLE 4"}, "TABLE 4"),
        ({"capture_method": "automatic"}, "automatic"),
        ({"confirmation_method": "manual"}, "manual"),
        ({"payment_details": {"order_reference": "o7"}}, {"customer_reference": None, "order_reference": "o7"}),
        ({"shipping": {"name": "Ada", "address": ADDRESS}},
         {"address": {**ADDRESS, "line2": None, "postal_code": None, "state": None}, "carrier": None, "name": "Ada",
          "phone": None, "tracking_number": None}),
    ],
)
def test_what_is_given_comes_back_and_changes_with_an_update(shop, given, shown):
    (name,) = given
    payment = _created(shop, **given)
    read = shop.call("GET", f"/v1/payment_intents/{payment.id}").json()
    assert read[name] == shown
    if name != "confirmation_method":
        plain = _created(shop)
        shop.client.payment_intents.update(plain.id, given)
        assert shop.call("GET", f"/v1/payment_intents/{plain.id}").json()[name] == shown


def test_a_customers_payments_are_listed_apart(shop, customer):
    theirs, nobodys = _created(shop, customer=customer), _created(shop)
    later = shop.client.payment_intents.update(_created(shop).id, {"customer": customer})

    listed = shop.client.payment_intents.list({"customer": customer}).data

    assert [payment.id for payment in listed] == [later.id, theirs.id]
    assert nobodys.id not in [payment.id for payment in listed]
    expanded = shop.client.payment_intents.retrieve(theirs.id, {"expand": ["customer"]})
    assert expanded.customer.name == "Ada"


def test_payments_are_listed_by_when_they_were_made(shop):
    first = _created(shop)
    shop.advance(100)
    second = _created(shop)
    newer = shop.client.payment_intents.list({"created": {"gt": first.created}}).data
    assert [payment.id for payment in newer] == [second.id]


def test_a_charge_repeats_what_its_payment_says(shop, customer):
    payment = shop.authorized(
        2000, customer=customer, description="table 4", statement_descriptor_suffix="TABLE 4", transfer_group="g",
        shipping={"name": "Ada", "address": ADDRESS}, receipt_email="ada@example.com", metadata={"order": "7"},
    )
    charge = payment.latest_charge
    assert (charge.customer, charge.description, charge.transfer_group) == (customer, "table 4", "g")
    assert (charge.shipping.name, charge.receipt_email, charge.metadata["order"]) == ("Ada", "ada@example.com", "7")
    assert charge.calculated_statement_descriptor == "CARDPRES* TABLE 4"
    for key, value in (("customer", customer), ("transfer_group", "g")):
        assert [found.id for found in shop.client.charges.list({key: value}).data] == [charge.id]


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"receipt_email": "nobody"}, "email_invalid", "receipt_email"),
        ({"customer": "cus_none"}, "resource_missing", "customer"),
        ({"payment_method": "pm_none"}, "resource_missing", "payment_method"),
        ({"payment_method": "pm_card_visa"}, "payment_intent_incompatible_payment_method", "payment_method"),
        ({"statement_descriptor": "ABCD"}, None, "statement_descriptor"),
        ({"statement_descriptor": "A" * 23}, None, "statement_descriptor"),
        ({"statement_descriptor": "ADA'S CAFE"}, "invalid_characters", "statement_descriptor"),
        ({"statement_descriptor": "12345"}, None, "statement_descriptor"),
        ({"statement_descriptor_suffix": "A" * 23}, None, "statement_descriptor_suffix"),
        ({"statement_descriptor": "ADAS CAFE", "payment_method_types": ["card"]}, None, "statement_descriptor"),
        ({"allowed_payment_method_types": ["card_present"]}, "parameters_exclusive", None),
        ({"automatic_payment_methods": {"enabled": True}}, "parameters_exclusive", None),
        ({"off_session": True}, None, "off_session"),
        ({"return_url": "https://example.com"}, None, "return_url"),
        ({"error_on_requires_action": True}, None, "error_on_requires_action"),
        ({"application_fee_amount": 10}, None, "application_fee_amount"),
        ({"payment_method_types": []}, "parameter_invalid_empty", "payment_method_types"),
    ],
)
def test_create_refuses(shop, params, code, param):
    given = {"amount": 2000, "currency": "usd", "payment_method_types": ["card_present"], **params}
    if params.get("payment_method_types") == []:
        body = "amount=2000&currency=usd&payment_method_types="
        error = shop.call("POST", "/v1/payment_intents", body).json()["error"]
        assert error["type"] == "invalid_request_error"
    else:
        error = shop.refusal(shop.client.payment_intents.create, given)
        assert (getattr(error, "code", None), getattr(error, "param", None)) == (code, param)
    assert shop.client.payment_intents.list().data == []
    assert shop.events() == []


@pytest.mark.parametrize(
    "params",
    [
        "confirmation_token=ctoken_1", "mandate=mandate_1", "customer_account=acct_1",
        "hooks[inputs][tax][calculation]=t",
        "payment_method_data[type]=card", "payment_method_types[]=klarna", "payment_method_configuration=pmc_1",
        "payment_method_types[]=card&payment_method_options[card][cvc_token]=cvctok_1",
        "payment_details[car_rental][booking_number]=1",
    ],
)
def test_what_is_not_emulated_is_refused_loudly(shop, params):
    answer = shop.call("POST", "/v1/payment_intents", f"amount=2000&currency=usd&{params}")
    assert answer.status_code == 400
    known = answer.json()["error"].get("code") != "parameter_unknown"
    assert answer.headers.get("X-Emulator") == ("not-emulated" if known else None)
    assert shop.client.payment_intents.list().data == []


# ------------------------------------------------------------------------------------------------------------ versions


@pytest.mark.parametrize(
    ("version", "automatic"), [("2023-08-16", True), ("2022-11-15", False), ("2020-03-02", False)]
)
def test_payment_methods_are_automatic_since_2023_08_16(shop, version, automatic):
    made = shop.call("POST", "/v1/payment_intents", "amount=2000&currency=usd", **{"Stripe-Version": version}).json()
    expected = {"allow_redirects": "always", "enabled": True} if automatic else None
    assert (made["automatic_payment_methods"], made["payment_method_types"]) == (expected, ["card"])


@pytest.mark.parametrize(("version", "known"), [("2026-10-28.endive", True), ("2026-08-26.dahlia", False)])
def test_allowed_payment_method_types_came_with_endive(shop, version, known):
    body = "amount=2000&currency=usd&allowed_payment_method_types[]=card_present"
    answer = shop.call("POST", "/v1/payment_intents", body, **{"Stripe-Version": version})
    if known:
        assert answer.json()["allowed_payment_method_types"] == ["card_present"]
        return
    assert answer.json()["error"]["code"] == "parameter_unknown"
    assert shop.client.payment_intents.list().data == []


@pytest.mark.parametrize(
    ("version", "keys", "absent"),
    [
        ("2026-10-28.endive", {"allowed_payment_method_types", "latest_charge"}, {"invoice", "charges"}),
        ("2025-03-31.basil", {"latest_charge"}, {"invoice", "charges", "allowed_payment_method_types"}),
        ("2025-02-24.acacia", {"latest_charge", "invoice"}, {"charges"}),
        ("2022-08-01", {"charges", "invoice"}, {"latest_charge"}),
        ("2020-03-02", {"charges", "invoice"}, {"latest_charge"}),
    ],
)
def test_each_version_has_its_own_shape(shop, version, keys, absent):
    payment = shop.captured()
    shown = shop.call("GET", f"/v1/payment_intents/{payment.id}", **{"Stripe-Version": version}).json()
    assert keys <= set(shown)
    assert not absent & set(shown)
    if "charges" in keys:
        [charge] = shown["charges"]["data"]
        assert (charge["id"], charge["refunds"]["data"], charge["invoice"]) == (payment.latest_charge, [], None)


def test_an_old_client_expands_the_balance_transactions_of_its_charges(shop):
    payment = shop.captured()
    path = f"/v1/payment_intents/{payment.id}?expand[]=charges.data.balance_transaction"
    shown = shop.call("GET", path, **{"Stripe-Version": "2020-08-27"}).json()
    assert shown["charges"]["data"][0]["balance_transaction"]["amount"] == 2000


def test_refunds_are_in_the_charge_where_they_are_expanded(shop):
    payment = shop.captured()
    refund = shop.client.refunds.create({"payment_intent": payment.id, "amount": 500})
    shown = shop.client.payment_intents.retrieve(payment.id, {"expand": ["latest_charge.refunds.data.payment_intent"]})
    [inside] = shown.latest_charge.refunds.data
    assert (inside.id, inside.payment_intent.id) == (refund.id, payment.id)
    assert "refunds" not in shop.client.charges.retrieve(payment.latest_charge)


# ------------------------------------------------------------------------------------------------------ amount_details

ITEM = {"product_name": "Tea", "quantity": 3, "unit_cost": 500, "product_code": "T1"}


def test_line_items_are_kept_beside_the_payment_and_listed_in_their_order(shop):
    details = {"line_items": [ITEM, {**ITEM, "product_name": "Cake", "quantity": 1}], "shipping": {"amount": 100},
               "tax": {"total_tax_amount": 50}, "discount_amount": 150}
    payment = _created(shop, amount_details=details)

    assert payment.amount_details.to_dict() == {
        "discount_amount": 150, "shipping": {"amount": 100, "from_postal_code": None, "to_postal_code": None},
        "tax": {"total_tax_amount": 50}, "tip": {},
    }
    listed = shop.client.payment_intents.amount_details_line_items.list(payment.id).data
    assert [item.product_name for item in listed] == ["Tea", "Cake"]
    expanded = shop.client.payment_intents.retrieve(payment.id, {"expand": ["amount_details.line_items"]})
    assert [item.id for item in expanded.amount_details.line_items.data] == [item.id for item in listed]

    shop.client.payment_intents.update(payment.id, {"amount_details": {"line_items": "", "discount_amount": ""}})

    assert shop.client.payment_intents.amount_details_line_items.list(payment.id).data == []


def test_line_items_survive_the_tip_and_the_capture(shop):
    payment = shop.payment(1500, amount_details={"line_items": [ITEM], "tax": {"total_tax_amount": 0}})
    shop.process(payment)
    shop.present()
    held = shop.client.payment_intents.capture(payment.id)
    assert held.amount_details.tax.total_tax_amount == 0
    assert len(shop.client.payment_intents.amount_details_line_items.list(payment.id).data) == 1


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({"line_items": [ITEM]}, "amount_details_amount_mismatch"),
        ({"line_items": [{**ITEM, "quantity": 4, "tax": {"total_tax_amount": 1}}]}, "amount_details_amount_mismatch"),
        ({"tax": {"total_tax_amount": 2001}}, "amount_details_tax_shipping_discount_greater_than_amount"),
    ],
)
def test_a_sum_that_is_off_is_refused_or_told(shop, details, code):
    error = shop.refusal(_created, shop, amount_details=details)
    assert (error.http_status, error.param) == (400, "amount_details")
    told = _created(shop, amount_details={**details, "enforce_arithmetic_validation": False})
    assert told.amount_details.error.code == code
    assert len(shop.client.payment_intents.list().data) == 1


@pytest.mark.parametrize(
    ("item", "param"),
    [({"quantity": 0}, "quantity"), ({"unit_cost": -1}, "unit_cost"), ({"discount_amount": 0}, "discount_amount")],
)
def test_a_line_item_that_cannot_be_is_refused(shop, item, param):
    error = shop.refusal(_created, shop, amount_details={"line_items": [{**ITEM, **item}]})
    assert error.param == f"amount_details[line_items][0][{param}]"


# ------------------------------------------------------------------------------------------------------------- amounts


@pytest.mark.parametrize(
    ("currency", "amount", "code"),
    [
        ("usd", 49, "amount_too_small"), ("usd", 50, None), ("gbp", 29, "amount_too_small"), ("gbp", 30, None),
        ("jpy", 49, "amount_too_small"), ("jpy", 50, None), ("jpy", 9_999_999_999, None),
        ("jpy", 10_000_000_000, "amount_too_large"), ("usd", 99_999_999, None),
        ("usd", 100_000_000, "amount_too_large"),
        ("inr", 999_999_999, None), ("inr", 1_000_000_000, "amount_too_large"), ("idr", 999_999_999_999, None),
        ("huf", 17499, "amount_too_small"), ("huf", 17500, None), ("huf", 999_999_999_999, None), ("twd", 151, None),
        ("lbp", 9_999_999_999_999, None), ("cop", 1_000_000_000_000, "amount_too_large"), ("isk", 5000, None),
        ("isk", 5001, "invalid_charge_amount"), ("ugx", 5050, "invalid_charge_amount"), ("ugx", 5000, None),
        ("kwd", 1230, None), ("kwd", 1234, "invalid_charge_amount"), ("mxn", 999, "amount_too_small"),
    ],
)
def test_each_currency_has_its_limits(shop, currency, amount, code):
    given = {"amount": amount, "currency": currency, "payment_method_types": ["card"]}
    if code is None:
        assert shop.client.payment_intents.create(given).amount == amount
        return
    error = shop.refusal(shop.client.payment_intents.create, given)
    assert (error.http_status, error.code, error.param) == (400, code, "amount")
    assert shop.client.payment_intents.list().data == []


# --------------------------------------------------------------------------------------------- retrieve and the rest


def test_a_client_secret_must_be_the_payments_own(shop):
    payment = _created(shop)
    secret = payment.client_secret
    assert shop.client.payment_intents.retrieve(payment.id, {"client_secret": secret}).id == payment.id
    error = shop.refusal(shop.client.payment_intents.retrieve, payment.id, {"client_secret": f"{secret}x"})
    assert (error.code, error.param) == ("payment_intent_invalid_parameter", "client_secret")


@pytest.mark.parametrize("call", ["apply_customer_balance", "verify_microdeposits"])
def test_bank_payments_have_calls_that_no_card_payment_is_in_the_state_for(shop, call):
    payment = _created(shop)
    error = shop.refusal(getattr(shop.client.payment_intents, call), payment.id)
    assert (error.code, error.payment_intent.id) == ("payment_intent_unexpected_state", payment.id)
    assert shop.read(payment).status == "requires_payment_method"


@pytest.mark.parametrize("reason", ["duplicate", "fraudulent", "requested_by_customer", "abandoned"])
def test_a_cancel_keeps_its_reason_and_ends_the_payment(shop, reason):
    payment = _created(shop)
    ended = shop.client.payment_intents.cancel(payment.id, {"cancellation_reason": reason})
    assert (ended.status, ended.cancellation_reason) == ("canceled", reason)
    assert shop.events() == ["payment_intent.created", "payment_intent.canceled"]
    again = shop.refusal(shop.client.payment_intents.cancel, payment.id)
    assert again.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize("reason", ["expired", "automatic", "bored"])
def test_reasons_that_are_stripes_own_are_refused(shop, reason):
    payment = _created(shop)
    error = shop.refusal(shop.client.payment_intents.cancel, payment.id, {"cancellation_reason": reason})
    assert error.param == "cancellation_reason"
    assert shop.read(payment).status == "requires_payment_method"
