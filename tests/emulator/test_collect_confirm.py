"""Two steps: the card is collected, looked at, and confirmed or given up."""

import pytest

DECLINED = "4000000000009995"


def test_a_collected_card_is_attached_and_nothing_is_charged_yet(shop):
    payment = shop.payment(2000)
    action = shop.collect(payment, enable_customer_cancellation=True).action
    assert (action.type, action.status) == ("collect_payment_method", "in_progress")
    assert action.collect_payment_method.collect_config.to_dict() == {"enable_customer_cancellation": True}
    assert "payment_method" not in action.collect_payment_method

    action = shop.present("5555555555554444").action
    read = shop.read(payment)

    method = action.collect_payment_method.payment_method
    assert (action.status, method.card_present.brand, method.id) == ("succeeded", "mastercard", read.payment_method)
    assert (read.status, read.amount_capturable, read.latest_charge) == ("requires_confirmation", 0, None)
    assert shop.charges(payment) == []
    assert shop.events()[-1] == "terminal.reader.action_updated"
    assert "terminal.reader.action_succeeded" not in shop.events()


def test_a_confirmed_card_is_charged_once_and_its_payment_method_stays(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present()
    collected = shop.read(payment).payment_method
    action = shop.confirm(payment, return_url="https://shop.example/back").action
    assert (action.type, action.status) == ("confirm_payment_intent", "in_progress")
    assert action.confirm_payment_intent.to_dict() == {
        "payment_intent": payment.id, "confirm_config": {"return_url": "https://shop.example/back"},
    }

    assert shop.present().action.status == "succeeded"
    read = shop.read(payment)

    assert (read.status, read.amount_capturable, read.payment_method) == ("requires_capture", 2000, collected)
    assert [charge.payment_method for charge in shop.charges(payment)] == [collected]
    assert shop.events()[-3:] == [
        "charge.succeeded", "payment_intent.amount_capturable_updated", "terminal.reader.action_succeeded",
    ]


def test_an_amount_changed_after_the_card_was_seen_is_what_is_charged(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present()
    shop.client.payment_intents.update(payment.id, {"amount": 1500})
    shop.confirm(payment)
    shop.present()
    assert shop.read(payment).amount_capturable == 1500
    assert [charge.amount for charge in shop.charges(payment)] == [1500]


def test_a_declined_confirmation_leaves_the_payment_without_a_card(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    assert shop.present(DECLINED).action.status == "succeeded"
    shop.confirm(payment)
    action = shop.present().action
    read = shop.read(payment)
    assert (action.status, action.failure_code) == ("failed", "card_declined")
    assert action.api_error.decline_code == "insufficient_funds"
    assert (read.status, read.payment_method) == ("requires_payment_method", None)
    assert read.last_payment_error.decline_code == "insufficient_funds"
    assert shop.refusal(shop.confirm, payment).code == "intent_invalid_state"


def test_a_confirmation_that_needs_a_pin_makes_two_charges(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present("4000002760000008")
    shop.confirm(payment)
    shop.present()
    assert [charge.status for charge in shop.charges(payment)] == ["failed", "succeeded"]
    assert shop.read(payment).status == "requires_capture"


# -------------------------------------------------------------------------------------------------------------- memory


@pytest.mark.parametrize(("waited_s", "status"), [(29 * 60, "failed"), (31 * 60, "succeeded")])
def test_the_card_given_while_collecting_is_remembered_for_thirty_minutes(shop, waited_s, status):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present(DECLINED)
    shop.confirm(payment)
    shop.advance(waited_s)
    assert shop.present().action.status == status


def test_a_card_given_while_confirming_overrides_the_one_remembered(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present(DECLINED)
    shop.confirm(payment)
    assert shop.present("4242424242424242").action.status == "succeeded"
    assert shop.read(payment).status == "requires_capture"


@pytest.mark.parametrize(("later", "total"), [({}, 2300), ({"amount_tip": 100}, 2100)])
def test_a_tip_chosen_while_collecting_counts_when_confirmed(shop, later, total):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present(amount_tip=300)
    before = shop.read(payment)
    assert (before.amount, before.amount_details.tip.to_dict()) == (2000, {})
    shop.confirm(payment)
    shop.present(**later)
    after = shop.read(payment)
    assert (after.amount, after.amount_details.tip.amount, after.amount_capturable) == (total, total - 2000, total)


def test_a_tip_is_left_out_where_collecting_skipped_it(shop):
    payment = shop.payment(2000)
    shop.collect(payment, skip_tipping=True)
    shop.present(amount_tip=300)
    shop.confirm(payment)
    shop.present()
    assert (shop.read(payment).amount, shop.read(payment).amount_details.tip.to_dict()) == (2000, {})


# ------------------------------------------------------------------------------------------------------------ giving up


@pytest.mark.parametrize(("waited_s", "status"), [(29, "requires_confirmation"), (30, "requires_payment_method")])
def test_a_collected_card_has_to_be_confirmed_within_thirty_seconds(shop, waited_s, status):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present()
    shop.advance(waited_s)
    read = shop.read(payment)
    assert (read.status, read.payment_method is None) == (status, status == "requires_payment_method")
    if status == "requires_confirmation":
        assert shop.confirm(payment).action.status == "in_progress"
    else:
        assert shop.refusal(shop.confirm, payment).code == "intent_invalid_state"
        assert shop.refusal(shop.present).http_status == 400
        assert shop.charges(payment) == []


def test_the_thirty_seconds_of_an_earlier_card_do_not_end_a_later_one(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present()
    shop.advance(20)
    shop.collect(payment)
    shop.present("5555555555554444")
    shop.advance(20)
    assert shop.read(payment).status == "requires_confirmation"
    assert shop.confirm(payment).action.status == "in_progress"


def test_cancelling_gives_a_collected_card_up(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present()
    assert shop.client.terminal.readers.cancel_action(shop.reader).action is None
    read = shop.read(payment)
    assert (read.status, read.payment_method) == ("requires_payment_method", None)
    assert shop.charges(payment) == []
    assert shop.process(payment).action.status == "in_progress"


def test_another_action_gives_a_collected_card_up(shop):
    first, second = shop.payment(2000), shop.payment(3000)
    shop.collect(first)
    shop.present()
    shop.process(second)
    shop.present()
    assert shop.read(first).status == "requires_payment_method"
    assert shop.read(second).status == "requires_capture"


def test_a_collected_payment_is_neither_processed_nor_confirmed_elsewhere(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present()
    other = shop.client.terminal.readers.create({"registration_code": "simulated-wpe"}).id
    readers = shop.client.terminal.readers
    assert shop.refusal(readers.process_payment_intent, other, {"payment_intent": payment.id}).code == (
        "intent_invalid_state"
    )
    assert shop.refusal(readers.confirm_payment_intent, other, {"payment_intent": payment.id}).param == (
        "payment_intent"
    )
    assert shop.charges(payment) == []


def test_a_payment_cancelled_after_its_card_was_collected_stays_cancelled(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present()
    shop.client.payment_intents.cancel(payment.id)
    assert shop.refusal(shop.confirm, payment).code == "intent_invalid_state"
    shop.advance(40)
    assert shop.read(payment).status == "canceled"


def test_the_customer_may_cancel_while_the_card_is_collected(shop):
    payment = shop.payment(2000)
    shop.collect(payment, enable_customer_cancellation=True)
    action = shop.control("POST", f"readers/{shop.reader}/customer_cancel")["action"]
    assert (action["status"], action["failure_code"]) == ("failed", "customer_canceled")
    assert shop.read(payment).status == "requires_payment_method"


def test_a_confirmation_under_way_cannot_be_cancelled(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present()
    shop.confirm(payment)
    slow = shop.fault("slow_issuer")
    shop.present()
    assert shop.refusal(shop.client.terminal.readers.cancel_action, shop.reader).code == "terminal_reader_busy"
    assert shop.refusal(shop.collect, shop.payment(100)).code == "terminal_reader_busy"
    shop.release(slow)
    assert shop.read(payment).status == "requires_capture"


# -------------------------------------------------------------------------------------------------------------- faults


def test_a_reader_lost_while_collecting_keeps_the_action_until_it_is_cancelled(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.fault("stuck_action", count=1)
    assert shop.present().action.status == "in_progress"
    assert shop.refusal(shop.collect, payment).code == "terminal_reader_busy"
    assert "terminal.reader.action_updated" not in shop.events()
    shop.client.terminal.readers.cancel_action(shop.reader)
    assert shop.read(payment).status == "requires_payment_method"
    assert shop.collect(payment).action.status == "in_progress"


def test_a_connection_lost_while_confirming_may_hide_an_approval(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present()
    shop.confirm(payment)
    shop.fault("connection_error", approved=True, count=1)
    action = shop.present().action
    assert (action.status, action.failure_code, action.api_error) == ("failed", "connection_error", None)
    assert shop.read(payment).status == "requires_capture"
    assert len(shop.charges(payment)) == 1


@pytest.mark.parametrize("fault", ["connection_error", "stuck_action"])
def test_an_approval_that_is_hidden_waits_for_the_confirmation_for_reading_a_card_approves_nothing(shop, fault):
    payment = shop.payment(2000)
    shop.fault(fault, approved=True, count=1)
    shop.collect(payment)
    assert shop.present().action.status == "succeeded"
    assert shop.read(payment).status == "requires_confirmation"
    shop.confirm(payment)
    assert shop.present().action.status != "succeeded"
    assert shop.read(payment).status == "requires_capture"


def test_a_slow_issuer_is_slow_about_the_charge_and_not_about_reading_the_card(shop):
    payment = shop.payment(2000)
    slow = shop.fault("slow_issuer", count=1)
    shop.collect(payment)
    assert shop.present().action.status == "succeeded"
    shop.confirm(payment)
    assert shop.present().action.status == "in_progress"
    shop.release(slow)
    assert shop.read(payment).status == "requires_capture"


def test_a_confirmation_that_never_reached_stripe_leaves_the_payment_to_be_collected_again(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present()
    shop.confirm(payment)
    shop.fault("connection_error", count=1)
    shop.present()
    assert shop.read(payment).status == "requires_confirmation"
    assert shop.charges(payment) == []
    assert shop.refusal(shop.confirm, payment).param == "payment_intent"
    shop.collect(payment)
    shop.present()
    shop.confirm(payment)
    shop.present()
    assert shop.read(payment).status == "requires_capture"


def test_a_confirmation_whose_answer_was_lost_took_effect(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present()
    shop.fault("timeout_after_send", commands="confirm_payment_intent", count=1)
    assert shop.refusal(shop.confirm, payment).code == "terminal_reader_timeout"
    assert shop.action().type == "confirm_payment_intent"
    assert shop.present().action.status == "succeeded"


def test_a_confirmation_that_was_not_sent_keeps_the_collected_card(shop):
    payment = shop.payment(2000)
    shop.collect(payment)
    shop.present()
    shop.fault("timeout_not_sent", count=1)
    assert shop.refusal(shop.confirm, payment).code == "terminal_reader_timeout"
    assert shop.action().type == "collect_payment_method"
    assert shop.confirm(payment).action.status == "in_progress"


# -------------------------------------------------------------------------------------------------------------- saving


def test_a_payment_that_saves_its_card_needs_consent(shop):
    payment = shop.payment(2000, setup_future_usage="off_session")
    for send, name in ((shop.process, "process_config"), (shop.collect, "collect_config")):
        error = shop.refusal(send, payment)
        assert (error.code, error.param) == ("parameter_missing", f"{name}[allow_redisplay]")
        assert shop.refusal(send, payment, allow_redisplay="unspecified").code == "parameter_missing"
    assert shop.action() is None

    assert "process_config" not in shop.process(payment, allow_redisplay="always").action.process_payment_intent
    shop.present()

    details = shop.read(payment).latest_charge.payment_method_details.card_present
    generated = shop.client.payment_methods.retrieve(details.generated_card)
    assert (generated.type, generated.allow_redisplay) == ("card", "always")


def test_a_tip_above_the_largest_charge_or_an_eligible_amount_above_the_payment_is_refused(shop):
    payment = shop.payment(99_999_000)
    error = shop.refusal(shop.process, payment, tipping={"amount_eligible": 99_999_001})
    assert error.param == "process_config[tipping][amount_eligible]"
    shop.process(payment)
    error = shop.refusal(shop.present, amount_tip=1000)
    assert (error.code, error.param) == ("amount_too_large", "amount_tip")
    assert shop.action().status == "in_progress"
    assert shop.present(amount_tip=999).action.status == "succeeded"
