"""Readers: what they are, and what they are doing."""

import pytest


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("simulated-wpe", "simulated_wisepos_e"), ("simulated-s700", "simulated_stripe_s700"),
        ("simulated-s710", "simulated_stripe_s710"), ("simulated-v660p", "simulated_verifone_v660p"),
    ],
)
def test_a_simulated_reader_registers_online_and_idle(shop, code, kind):
    reader = shop.client.terminal.readers.create({"registration_code": code, "location": shop.location})
    assert (reader.device_type, reader.status, reader.action, reader.ip_address) == (kind, "online", None, "0.0.0.0")
    assert reader.label == f"{code}-{reader.serial_number}"
    assert reader.last_seen_at > 1_700_000_000_000


def test_an_unknown_registration_code_or_location_is_refused(shop):
    create = shop.client.terminal.readers.create
    assert shop.refusal(create, {"registration_code": "puppies-plug-could"}).param == "registration_code"
    error = shop.refusal(create, {"registration_code": "simulated-wpe", "location": "tml_none"})
    assert (error.http_status, error.code, error.param) == (400, "resource_missing", "location")


def test_readers_are_listed_by_what_they_are_and_where_they_stand(shop):
    other = shop.client.terminal.locations.create({"display_name": "Bar", "address": {
        "line1": "2", "city": "C", "state": "CA", "postal_code": "1", "country": "US"}})
    bar = shop.client.terminal.readers.create({"registration_code": "simulated-s700", "location": other.id})

    def found(**filters):
        return {reader.id for reader in shop.client.terminal.readers.list(filters).data}

    assert found() == {shop.reader, bar.id}
    assert found(location=other.id) == found(device_type="simulated_stripe_s700") == {bar.id}
    assert found(serial_number=bar.serial_number, location=shop.location) == set()
    assert found(status="offline") == set()
    assert shop.client.terminal.readers.list({"location": other.id, "expand": ["data.location"]}).data[
        0
    ].location.display_name == "Bar"


def test_a_reader_is_renamed_and_deleted(shop):
    renamed = shop.client.terminal.readers.update(shop.reader, {"label": "Front", "metadata": {"lane": "1"}})
    assert (renamed.label, renamed.metadata["lane"]) == ("Front", "1")
    assert shop.client.terminal.readers.delete(shop.reader).deleted is True
    assert shop.reader not in [reader.id for reader in shop.client.terminal.readers.list().data]
    error = shop.refusal(shop.client.terminal.readers.update, shop.reader, {"label": "Back"})
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "reader")


def test_a_deleted_reader_is_still_read_as_deleted_and_one_that_never_was_is_not(shop):
    retrieve = shop.client.terminal.readers.retrieve
    serial_number = retrieve(shop.reader).serial_number
    shop.client.terminal.readers.delete(shop.reader)
    assert retrieve(shop.reader).to_dict() == {
        "id": shop.reader, "object": "terminal.reader", "deleted": True, "device_type": "simulated_wisepos_e",
        "serial_number": serial_number,
    }
    error = shop.refusal(retrieve, "tmr_none")
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", "reader")


def test_a_label_that_is_taken_away_is_the_first_one_again(shop):
    update = shop.client.terminal.readers.update
    first = shop.client.terminal.readers.retrieve(shop.reader).label
    assert update(shop.reader, {"label": "Front"}).label == "Front"
    assert update(shop.reader, {"label": ""}).label == first != "Front"


def test_a_reader_registered_again_is_another_reader(shop):
    again = shop.client.terminal.readers.create({"registration_code": "simulated-wpe"})
    assert again.id != shop.reader
    assert again.location is None
    error = shop.refusal(shop.client.terminal.readers.update, again.id, {"location": shop.location})
    assert (error.code, error.param) == ("parameter_unknown", "location")


# -------------------------------------------------------------------------------------------------------------- action


def test_a_new_payment_replaces_one_that_waits_for_a_card(shop):
    first, second = shop.payment(2000), shop.payment(3000)
    shop.process(first)
    assert shop.process(second).action.process_payment_intent.payment_intent == second.id
    shop.present()
    assert shop.read(first).status == "requires_payment_method"
    assert shop.read(second).status == "requires_capture"


def test_a_display_replaces_a_waiting_payment_silently(shop):
    payment = shop.payment(2000)
    shop.process(payment)
    cart = {"currency": "usd", "total": 0, "tax": 0,
            "line_items": [{"amount": 0, "description": "Tea", "quantity": 1}]}
    reader = shop.client.terminal.readers.set_reader_display(shop.reader, {"type": "cart", "cart": cart})
    assert (reader.action.type, reader.action.status) == ("set_reader_display", "in_progress")

    assert shop.refusal(shop.present).http_status == 400
    assert shop.read(payment).status == "requires_payment_method"
    assert shop.process(payment).action.type == "process_payment_intent"


def test_cancelling_an_action_clears_the_reader(shop):
    payment = shop.payment(2000)
    shop.process(payment)
    assert shop.client.terminal.readers.cancel_action(shop.reader).action is None
    assert shop.refusal(shop.present).type == "invalid_request_error"
    assert shop.charges(payment) == []


def test_cancelling_an_idle_reader_is_refused(shop):
    error = shop.refusal(shop.client.terminal.readers.cancel_action, shop.reader)
    assert (error.http_status, error.code) == (400, "resource_missing")


def test_cancelling_an_idle_reader_is_let_through_where_the_account_says_so(shop):
    shop.control("POST", "account", idle_cancel="ok")
    assert shop.client.terminal.readers.cancel_action(shop.reader).action is None


@pytest.mark.parametrize("state", ["requires_capture", "succeeded", "canceled"])
def test_only_an_open_payment_is_processed(shop, state):
    payment = shop.authorized()
    if state == "succeeded":
        shop.client.payment_intents.capture(payment.id)
    if state == "canceled":
        shop.client.payment_intents.cancel(payment.id)
    path = f"/v1/terminal/readers/{shop.reader}/process_payment_intent"
    answer = shop.call("POST", path, f"payment_intent={payment.id}")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "intent_invalid_state")
    assert set(error) == {"code", "doc_url", "message", "type"}


def test_a_reader_takes_payments_only_in_its_accounts_country(shop):
    payment = shop.payment()
    abroad = shop.client.terminal.locations.create({"display_name": "Dublin", "address": {
        "line1": "1", "postal_code": "1", "country": "IE"}})
    reader = shop.client.terminal.readers.create(
        {"registration_code": "simulated-wpe", "location": abroad.id}
    ).id
    readers = shop.client.terminal.readers
    for send in (readers.process_payment_intent, readers.collect_payment_method):
        error = shop.refusal(send, reader, {"payment_intent": payment.id})
        assert (error.http_status, error.code) == (400, "terminal_reader_invalid_location_for_payment")
    assert readers.retrieve(reader).action is None
    assert shop.process(payment).action.status == "in_progress"


def test_an_unknown_payment_is_not_processed(shop):
    process = shop.client.terminal.readers.process_payment_intent
    error = shop.refusal(process, shop.reader, {"payment_intent": "pi_none"})
    assert (error.http_status, error.code, error.param) == (400, "resource_missing", "payment_intent")


def test_the_customer_cancels_only_where_the_screen_offers_it(shop):
    payment = shop.payment(2000)
    shop.process(payment)
    answer = shop.server.http.post(
        f"/_emulator/readers/{shop.reader}/customer_cancel", headers={"Authorization": f"Bearer {shop.key}"}
    )
    assert answer.status_code == 409

    shop.process(payment, enable_customer_cancellation=True)
    action = shop.control("POST", f"readers/{shop.reader}/customer_cancel")["action"]

    assert (action["status"], action["failure_code"], action["api_error"]) == ("failed", "customer_canceled", None)
    assert shop.events()[-1] == "terminal.reader.action_failed"
    assert shop.read(payment).status == "requires_payment_method"


def test_the_running_action_is_expanded_to_its_payment(shop):
    payment = shop.payment(2000)
    shop.process(payment)
    path = "action.process_payment_intent.payment_intent"
    reader = shop.client.terminal.readers.retrieve(shop.reader, {"expand": [path]})
    assert reader.action.process_payment_intent.payment_intent.amount == 2000


# ---------------------------------------------------------------------------------------------------------------- tips


@pytest.mark.parametrize(
    ("config", "tip", "amount", "details"),
    [
        ({}, None, 2000, {}), ({}, 300, 2300, {"amount": 300}),
        ({"skip_tipping": True}, 300, 2000, {}), ({"tipping": {"amount_eligible": 0}}, 300, 2000, {}),
        ({"tipping": {"amount_eligible": 1500}}, 300, 2300, {"amount": 300}),
    ],
)
def test_a_tip_on_the_reader_is_added_unless_it_is_skipped(shop, config, tip, amount, details):
    payment = shop.payment(2000)
    shop.process(payment, **config)
    shop.present(**({} if tip is None else {"amount_tip": tip}))
    read = shop.read(payment)
    charge = read.latest_charge
    assert (read.amount, read.amount_capturable, charge.amount) == (amount, amount, amount)
    assert read.amount_details.tip.to_dict() == details
    assert charge.payment_method_details.card_present.amount_authorized == amount


def test_skipping_the_tip_and_naming_an_eligible_amount_contradict_each_other(shop):
    config = {"skip_tipping": True, "tipping": {"amount_eligible": 1500}}
    assert shop.refusal(shop.process, shop.payment(), **config).http_status == 400
