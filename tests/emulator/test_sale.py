"""One sale from the reader to the refund, through the official client."""

from cardpresent.emulator.wire.versions import NEWEST


def test_a_sale_is_authorized_by_the_tap_and_captured_by_the_till(shop):
    payment = shop.payment(2000)
    waiting = shop.process(payment)
    assert (waiting.action.type, waiting.action.status) == ("process_payment_intent", "in_progress")

    done = shop.present()
    held = shop.read(payment)

    assert done.action.status == "succeeded"
    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 2000, 0)
    assert held.latest_charge.captured is False

    taken = shop.client.payment_intents.capture(payment.id)

    assert (taken.status, taken.amount_capturable, taken.amount_received) == ("succeeded", 0, 2000)
    assert shop.charges(payment)[0].amount_captured == 2000


def test_automatic_capture_takes_the_money_at_the_tap(shop):
    payment = shop.authorized(2000, capture_method="automatic")
    assert payment.status == "succeeded"
    assert payment.latest_charge.captured is True


def test_each_move_tells_its_event_in_order(shop):
    payment = shop.captured(2000)
    shop.client.refunds.create({"payment_intent": payment.id})
    assert shop.events() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "terminal.reader.action_succeeded",
        "charge.captured",
        "payment_intent.succeeded",
        "charge.refunded",
        "refund.created",
    ]


def test_an_event_holds_the_object_as_it_was_and_the_request_behind_it(shop):
    payment = shop.payment(2000)
    shop.client.payment_intents.cancel(payment.id, {}, {"idempotency_key": "cancel-1"})

    created, canceled = shop.client.events.list({"types": ["payment_intent.created", "payment_intent.canceled"]}).data[
        ::-1
    ]

    assert created.data.object.status == "requires_payment_method"
    assert canceled.data.object.status == "canceled"
    assert canceled.request.idempotency_key == "cancel-1"
    assert canceled.request.id.startswith("req_")
    assert (canceled.api_version, canceled.livemode, canceled.object) == (NEWEST, False, "event")
    assert shop.client.events.retrieve(canceled.id).id == canceled.id


def test_a_decline_leaves_the_payment_open_for_another_card(shop):
    payment = shop.authorized(2000, number="4000000000009995")

    assert payment.status == "requires_payment_method"
    assert payment.last_payment_error.decline_code == "insufficient_funds"
    assert payment.last_payment_error.payment_method.card_present.last4 == "9995"
    action = shop.action()
    assert (action.status, action.failure_code) == ("failed", "card_declined")
    assert action.api_error.decline_code == "insufficient_funds"
    assert shop.events()[1:] == ["charge.failed", "payment_intent.payment_failed", "terminal.reader.action_failed"]

    shop.process(payment)
    shop.present("4242424242424242")
    paid = shop.read(payment)

    assert (paid.status, paid.last_payment_error) == ("requires_capture", None)
    assert [charge.status for charge in shop.charges(payment)] == ["failed", "succeeded"]


def test_a_payment_intent_answers_every_key_stripe_sends(shop):
    body = shop.call("GET", f"/v1/payment_intents/{shop.authorized().id}").json()
    observed = """amount amount_capturable amount_details amount_received application application_fee_amount
        automatic_payment_methods canceled_at cancellation_reason capture_method client_secret confirmation_method
        created currency customer description id last_payment_error latest_charge livemode metadata next_action object
        on_behalf_of payment_method payment_method_options payment_method_types processing receipt_email review
        setup_future_usage shipping source statement_descriptor statement_descriptor_suffix status transfer_data
        transfer_group"""
    assert set(observed.split()) <= set(body)
    assert body["amount_details"] == {"tip": {}}
    assert body["payment_method_options"]["card_present"] == {
        "request_extended_authorization": False,
        "request_incremental_authorization_support": False,
    }


def test_a_charge_carries_what_a_receipt_must_print(shop):
    details = shop.authorized().latest_charge.payment_method_details
    receipt = details.card_present.receipt
    assert details.type == "card_present"
    assert (details.card_present.reader, details.card_present.location) == (shop.reader, shop.location)
    assert (receipt.application_preferred_name, receipt.dedicated_file_name) == ("Visa Credit", "A0000000031010")
    assert len(receipt.application_cryptogram) == 16


def test_a_payment_for_online_cards_alone_is_not_taken_by_a_reader(shop):
    payment = shop.client.payment_intents.create({"amount": 2000, "currency": "usd"})
    assert payment.payment_method_types == ["card"]
    assert shop.refusal(shop.process, payment).http_status == 400
