"""Cards saved without a charge: at a reader, and online."""

import pytest

ERROR_CARDS = [
    "4000000000000002", "4000000000009995", "4000000000009987", "4000000000009979", "4000000000000069",
    "4000000000000119",
]


@pytest.fixture
def customer(shop):
    return shop.client.customers.create({"name": "Ada"}).id


def setup(shop, **params):
    return shop.client.setup_intents.create({"payment_method_types": ["card_present"], **params})


def process(shop, setup_intent, allow_redisplay="always", **config):
    params = {"setup_intent": setup_intent.id, "allow_redisplay": allow_redisplay}
    if config:
        params["process_config"] = config
    return shop.client.terminal.readers.process_setup_intent(shop.reader, params)


def read(shop, setup_intent, *expand):
    return shop.client.setup_intents.retrieve(setup_intent.id, {"expand": list(expand)})


# ----------------------------------------------------------------------------------------------------------- at readers


def test_a_card_is_saved_at_the_reader_and_can_be_charged_later_by_its_generated_card(shop, customer):
    setup_intent = setup(shop, customer=customer)
    assert (setup_intent.status, setup_intent.usage) == ("requires_payment_method", "off_session")
    action = process(shop, setup_intent, "limited", enable_customer_cancellation=True).action
    assert action.process_setup_intent.to_dict() == {
        "setup_intent": setup_intent.id, "process_config": {"enable_customer_cancellation": True},
    }

    action = shop.present().action
    saved = read(shop, setup_intent, "latest_attempt.payment_method_details.card_present.generated_card")
    attempt = saved.latest_attempt
    generated = attempt.payment_method_details.card_present.generated_card

    assert (action.status, action.process_setup_intent.generated_card) == ("succeeded", generated.id)
    assert (saved.status, attempt.status, attempt.payment_method) == ("succeeded", "succeeded", saved.payment_method)
    assert (generated.type, generated.customer, generated.allow_redisplay) == ("card", customer, "limited")
    assert generated.card.generated_from.setup_attempt == attempt.id
    presented = shop.client.payment_methods.retrieve(saved.payment_method)
    assert (presented.type, presented.customer) == ("card_present", None)
    assert shop.events()[-3:] == [
        "payment_method.attached", "setup_intent.succeeded", "terminal.reader.action_succeeded",
    ]
    assert shop.client.charges.list().data == []


def test_without_a_customer_the_generated_card_belongs_to_nobody(shop):
    setup_intent = setup(shop)
    process(shop, setup_intent)
    generated = shop.present().action.process_setup_intent.generated_card
    assert shop.client.payment_methods.retrieve(generated).customer is None
    assert "payment_method.attached" not in shop.events()


@pytest.mark.parametrize("number", ERROR_CARDS)
def test_an_error_card_is_not_saved_and_another_may_be(shop, number):
    setup_intent = setup(shop)
    process(shop, setup_intent)
    action = shop.present(number).action
    failed = read(shop, setup_intent, "latest_attempt")
    assert (action.status, action.failure_code) == ("failed", "setup_intent_authentication_failure")
    assert action.api_error.code == failed.last_setup_error.code == "setup_intent_authentication_failure"
    assert "generated_card" not in action.process_setup_intent
    assert (failed.status, failed.payment_method, failed.latest_attempt.status) == (
        "requires_payment_method", None, "failed",
    )
    assert failed.latest_attempt.setup_error.code == "setup_intent_authentication_failure"
    assert shop.events()[-2:] == ["setup_intent.setup_failed", "terminal.reader.action_failed"]

    process(shop, setup_intent)
    assert shop.present().action.status == "succeeded"
    attempts = shop.client.setup_attempts.list({"setup_intent": setup_intent.id}).data
    assert [attempt.status for attempt in attempts] == ["succeeded", "failed"]
    assert read(shop, setup_intent).last_setup_error is None


@pytest.mark.parametrize(
    ("number", "brand"),
    [
        ("5555555555554444", "mastercard"), ("378282246310005", "amex"), ("6011111111111117", "discover"),
        ("4506445006931933", "visa"), ("4000050360000001", "visa"), ("5555552500001001", "mastercard"),
        ("6280000360000978", None), ("3566002020360505", None), ("6200000000000005", None),
        ("3056930009020004", None),
    ],
)
def test_some_brands_are_saved_and_some_are_not(shop, number, brand):
    setup_intent = setup(shop)
    process(shop, setup_intent)
    action = shop.present(number).action
    if brand is None:
        assert (action.status, read(shop, setup_intent).status) == ("failed", "requires_payment_method")
        assert shop.client.payment_methods.list({"type": "card"}).data == []
        return
    saved = shop.client.payment_methods.retrieve(action.process_setup_intent.generated_card)
    assert (action.status, saved.card.brand) == ("succeeded", brand)


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({}, "parameter_missing", "allow_redisplay"),
        ({"allow_redisplay": "unspecified"}, None, "allow_redisplay"),
    ],
)
def test_saving_a_card_takes_consent(shop, params, code, param):
    call = shop.client.terminal.readers.process_setup_intent
    error = shop.refusal(call, shop.reader, {"setup_intent": setup(shop).id, **params})
    assert (error.http_status, error.code, error.param) == (400, code, param)
    assert shop.action() is None


def test_only_an_open_card_present_setup_is_processed(shop):
    online = shop.client.setup_intents.create({"payment_method_types": ["card"]})
    assert shop.refusal(process, shop, online).param == "setup_intent"
    closed = setup(shop)
    shop.client.setup_intents.cancel(closed.id)
    assert shop.refusal(process, shop, closed).code == "intent_invalid_state"
    unknown = shop.refusal(
        shop.client.terminal.readers.process_setup_intent, shop.reader,
        {"setup_intent": "seti_none", "allow_redisplay": "always"},
    )
    assert (unknown.http_status, unknown.code, unknown.param) == (400, "resource_missing", "setup_intent")
    assert shop.action() is None


def test_a_setup_cancelled_before_the_card_came_saves_nothing(shop):
    setup_intent = setup(shop)
    process(shop, setup_intent)
    shop.client.setup_intents.cancel(setup_intent.id)
    action = shop.present().action
    assert (action.status, action.failure_code) == ("failed", "setup_intent_unexpected_state")
    assert read(shop, setup_intent).latest_attempt is None


def test_in_japan_a_card_is_not_saved_without_a_payment(shop):
    shop.control("POST", "account", country="JP")
    assert shop.refusal(setup, shop).http_status == 400
    assert shop.client.setup_intents.list().data == []


# --------------------------------------------------------------------------------------------------------------- online


def test_an_online_card_is_confirmed_and_attached(shop, customer):
    setup_intent = shop.client.setup_intents.create({"customer": customer, "payment_method_types": ["card"]})
    done = shop.client.setup_intents.confirm(setup_intent.id, {"payment_method": "pm_card_visa"})
    assert done.status == "succeeded"
    assert shop.client.payment_methods.retrieve(done.payment_method).customer == customer
    attempts = shop.client.setup_attempts.list({"setup_intent": setup_intent.id}).data
    assert [(a.status, a.payment_method_details.card.last4) for a in attempts] == [("succeeded", "4242")]
    assert shop.events()[-3:] == ["setup_intent.created", "payment_method.attached", "setup_intent.succeeded"]


def test_a_setup_is_created_and_confirmed_in_one_call(shop):
    done = shop.client.setup_intents.create(
        {"payment_method": "pm_card_visa", "confirm": True, "return_url": "https://shop.example/back"}
    )
    assert (done.status, done.automatic_payment_methods.enabled) == ("succeeded", True)
    assert shop.refusal(shop.client.setup_intents.create, {"confirm": True}).param == "payment_method"


def test_a_card_named_beforehand_waits_for_its_confirmation(shop):
    named = shop.client.setup_intents.create({"payment_method": "pm_card_visa"})
    assert named.status == "requires_confirmation"
    assert shop.client.setup_intents.confirm(named.id).payment_method == named.payment_method
    nameless = shop.client.setup_intents.create()
    assert shop.refusal(shop.client.setup_intents.confirm, nameless.id).code == "setup_intent_unexpected_state"


def test_a_declined_online_card_is_refused_and_the_setup_waits_for_another(shop, customer):
    setup_intent = shop.client.setup_intents.create({"customer": customer, "payment_method_types": ["card"]})
    confirm = shop.client.setup_intents.confirm
    error = shop.refusal(confirm, setup_intent.id, {"payment_method": "pm_card_visa_chargeDeclinedLostCard"})
    assert (error.http_status, error.code, error.decline_code) == (402, "card_declined", "lost_card")
    assert error.setup_intent.status == "requires_payment_method"
    assert read(shop, setup_intent).last_setup_error.decline_code == "lost_card"
    assert shop.events()[-1] == "setup_intent.setup_failed"
    assert shop.client.payment_methods.list({"customer": customer}).data == []
    assert confirm(setup_intent.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


def test_a_card_of_somebody_else_is_not_taken(shop, customer):
    saved = shop.client.payment_methods.attach("pm_card_visa", {"customer": customer})
    create = shop.client.setup_intents.create
    assert shop.refusal(create, {"payment_method": saved.id}).param == "payment_method"
    assert create({"payment_method": saved.id, "customer": customer}).status == "requires_confirmation"


# ---------------------------------------------------------------------------------------------------------------- books


def test_a_setup_is_changed_while_it_is_open(shop, customer):
    setup_intent = setup(shop, metadata={"till": "1"})
    update = shop.client.setup_intents.update
    changed = update(setup_intent.id, {"customer": customer, "description": "Tab", "metadata": {"seat": "3"}})
    assert (changed.customer, changed.description, changed.metadata.to_dict()) == (
        customer, "Tab", {"till": "1", "seat": "3"},
    )
    shop.client.setup_intents.cancel(setup_intent.id)
    assert update(setup_intent.id, {"metadata": {"seat": ""}}).metadata.to_dict() == {"till": "1"}
    assert shop.refusal(update, setup_intent.id, {"usage": "x"}).code == "parameter_unknown"
    error = shop.refusal(update, setup_intent.id, {"customer": customer})
    assert (error.code, error.setup_intent.status) == ("setup_intent_unexpected_state", "canceled")


def test_a_setup_is_cancelled_once_and_not_after_it_succeeded(shop):
    cancel = shop.client.setup_intents.cancel
    setup_intent = setup(shop)
    gone = cancel(setup_intent.id, {"cancellation_reason": "abandoned"})
    assert (gone.status, gone.cancellation_reason) == ("canceled", "abandoned")
    assert shop.events()[-1] == "setup_intent.canceled"
    done = shop.client.setup_intents.create({"payment_method": "pm_card_visa", "confirm": True})
    for closed in (setup_intent, done):
        assert shop.refusal(cancel, closed.id).code == "setup_intent_unexpected_state"
    assert read(shop, done).status == "succeeded"
    error = shop.refusal(shop.client.setup_intents.verify_microdeposits, done.id, {"amounts": [32, 45]})
    assert (error.http_status, error.code) == (400, "setup_intent_unexpected_state")


def test_setups_are_listed_by_customer_and_by_card(shop, customer):
    mine = shop.client.setup_intents.create({"customer": customer, "payment_method": "pm_card_visa"})
    other = shop.client.setup_intents.create()

    def found(**filters):
        return [row.id for row in shop.client.setup_intents.list(filters).data]

    assert found() == [other.id, mine.id]
    assert found(customer=customer) == found(payment_method=mine.payment_method) == [mine.id]
    shop.client.setup_intents.update(other.id, {"customer": customer})
    assert found(customer=customer) == [other.id, mine.id]
    assert found(customer=customer, payment_method=mine.payment_method) == [mine.id]


@pytest.mark.parametrize(
    "params",
    [
        {"payment_method_types": ["sepa_debit"]}, {"mandate_data": {"customer_acceptance": {"type": "offline"}}},
        {"payment_method_options": {"card": {"request_three_d_secure": "any"}}}, {"attach_to_self": True},
        {"payment_method": "pm_card_authenticationRequired", "confirm": True},
    ],
)
def test_what_is_not_emulated_of_a_setup_is_refused_by_name(shop, params):
    error = shop.refusal(shop.client.setup_intents.create, params)
    assert error.message.startswith("emulator: ")
    assert error.param.startswith(next(iter(params)))
    assert shop.client.setup_intents.list().data == shop.client.payment_methods.list({"type": "card"}).data == []
