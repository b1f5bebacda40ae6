"""Every fault: what it does, when it fires, and that it ends."""

import pytest


def process_refusal(shop, payment):
    return shop.refusal(shop.process, payment).code


def test_reader_offline_refuses_every_command_until_released(shop):
    payment = shop.payment()
    fault = shop.fault("reader_offline")
    assert shop.client.terminal.readers.retrieve(shop.reader).status == "offline"
    assert process_refusal(shop, payment) == "terminal_reader_offline"
    cart = {"type": "cart", "cart": {"currency": "usd", "total": 1, "line_items": [
        {"amount": 1, "description": "x", "quantity": 1}]}}
    display = shop.client.terminal.readers.set_reader_display
    assert shop.refusal(display, shop.reader, cart).code == "terminal_reader_offline"

    record = shop.release(fault)

    assert (record["fired"], record["open"]) == (2, False)
    assert shop.client.terminal.readers.retrieve(shop.reader).status == "online"
    assert shop.process(payment).action.status == "in_progress"


def test_a_silent_reader_turns_offline_after_two_minutes(shop):
    payment = shop.payment()
    shop.fault("reader_offline", silent_s=0)
    assert process_refusal(shop, payment) == "terminal_reader_timeout"
    shop.advance(119)
    assert shop.client.terminal.readers.retrieve(shop.reader).status == "online"
    shop.advance(1)
    assert shop.client.terminal.readers.retrieve(shop.reader).status == "offline"
    assert process_refusal(shop, payment) == "terminal_reader_offline"


def test_a_connected_reader_was_seen_just_now_and_a_silent_one_when_it_was_last_heard_of(shop):
    readers = shop.client.terminal.readers
    now_ms = lambda: shop.control("GET", "clock")["now"] * 1000  # noqa: E731
    shop.advance(600)
    for reader in (readers.retrieve(shop.reader), readers.list().data[0], readers.update(shop.reader, {"label": "A"})):
        assert now_ms() - reader.last_seen_at < 1000

    fault, silent_since = shop.fault("reader_offline", silent_s=0), now_ms()
    shop.advance(90)
    for reader in (readers.retrieve(shop.reader), readers.list().data[0], readers.update(shop.reader, {"label": "B"})):
        assert 0 <= reader.last_seen_at - silent_since < 1000

    shop.release(fault)
    assert now_ms() - readers.retrieve(shop.reader).last_seen_at < 1000


def test_a_reader_listed_as_offline_may_work_all_the_same(shop):
    payment = shop.payment()
    fault = shop.fault("listed_offline")
    assert shop.client.terminal.readers.retrieve(shop.reader).status == "offline"

    assert shop.process(payment).action.status == "in_progress"
    assert shop.present().action.status == "succeeded"

    assert shop.release(fault)["fired"] == 1
    assert shop.client.terminal.readers.retrieve(shop.reader).status == "online"


def test_a_card_shown_to_an_offline_reader_goes_nowhere(shop):
    payment = shop.payment()
    shop.process(payment)
    fault = shop.fault("reader_offline")
    assert shop.present().action.status == "in_progress"
    assert shop.charges(payment) == []
    shop.release(fault)
    assert shop.client.terminal.readers.cancel_action(shop.reader).action is None


def test_reader_busy_counts_down(shop):
    payment = shop.payment()
    shop.fault("reader_busy", count=2)
    assert [process_refusal(shop, payment) for _ in range(2)] == ["terminal_reader_busy"] * 2
    assert shop.process(payment).action.status == "in_progress"
    (record,) = shop.control("GET", "faults")["faults"]
    assert (record["fault"], record["fired"], record["open"]) == ("reader_busy", 2, False)


def test_a_broken_reader_refuses_every_command_and_charges_nothing(shop):
    payment = shop.payment()
    shop.process(payment)
    fault = shop.fault("hardware_fault")
    readers = shop.client.terminal.readers
    for command in (lambda: shop.process(payment), lambda: readers.cancel_action(shop.reader)):
        error = shop.refusal(command)
        assert (error.http_status, error.code, error.param) == (400, "terminal_reader_hardware_fault", None)
    assert shop.action().status == "in_progress"
    assert shop.charges(payment) == []
    assert shop.release(fault)["fired"] == 2


def test_a_command_not_sent_changes_nothing(shop):
    payment = shop.payment()
    shop.fault("timeout_not_sent", count=1)
    error = shop.refusal(shop.process, payment)
    assert (error.http_status, error.code) == (400, "terminal_reader_timeout")
    assert shop.action() is None
    assert shop.refusal(shop.present).http_status == 400


def test_a_command_sent_takes_effect_though_its_answer_is_a_timeout(shop):
    payment = shop.payment()
    shop.fault("timeout_after_send", count=1)
    assert process_refusal(shop, payment) == "terminal_reader_timeout"
    assert shop.action().process_payment_intent.payment_intent == payment.id
    shop.present()
    assert shop.read(payment).status == "requires_capture"


def test_timeouts_leave_other_commands_alone_unless_told(shop):
    payment = shop.payment()
    shop.process(payment)
    shop.fault("timeout_not_sent", count=1, commands="cancel_action")
    assert shop.process(payment).action.status == "in_progress"
    assert shop.refusal(shop.client.terminal.readers.cancel_action, shop.reader).code == "terminal_reader_timeout"
    assert shop.action().status == "in_progress"


@pytest.mark.parametrize(("approved", "status"), [(True, "requires_capture"), (False, "requires_payment_method")])
def test_a_stuck_action_stays_until_it_is_cancelled(shop, approved, status):
    payment = shop.payment()
    shop.process(payment)
    shop.fault("stuck_action", approved=approved, count=1)

    assert shop.present().action.status == "in_progress"

    assert shop.read(payment).status == status
    assert not any(type.startswith("terminal.reader.action") for type in shop.events())
    assert process_refusal(shop, shop.payment()) == "terminal_reader_busy"
    assert shop.client.terminal.readers.cancel_action(shop.reader).action is None
    assert shop.read(payment).status == status


@pytest.mark.parametrize(("approved", "status"), [(True, "requires_capture"), (False, "requires_payment_method")])
def test_a_connection_error_fails_the_action_whatever_the_issuer_said(shop, approved, status):
    payment = shop.payment()
    shop.process(payment)
    shop.fault("connection_error", approved=approved, count=1)

    action = shop.present().action

    assert (action.status, action.failure_code, action.api_error) == ("failed", "connection_error", None)
    assert shop.read(payment).status == status
    assert shop.events()[-1] == "terminal.reader.action_failed"


def test_while_the_issuer_thinks_nothing_can_be_stopped(shop):
    payment = shop.payment()
    shop.process(payment)
    fault = shop.fault("slow_issuer", count=1)

    assert shop.present().action.status == "in_progress"

    assert process_refusal(shop, shop.payment()) == "terminal_reader_busy"
    assert shop.refusal(shop.client.terminal.readers.cancel_action, shop.reader).code == "terminal_reader_busy"
    locked = shop.refusal(shop.client.payment_intents.cancel, payment.id)
    assert (locked.http_status, locked.code) == (429, "lock_timeout")

    record = shop.release(fault)

    assert record["fired"] == 1
    assert shop.action().status == "succeeded"
    assert shop.read(payment).status == "requires_capture"
    assert shop.events()[-1] == "terminal.reader.action_succeeded"


def test_a_payment_in_use_tells_the_client_to_retry(shop):
    payment = shop.payment()
    shop.process(payment)
    fault = shop.fault("slow_issuer")
    shop.present()
    keyed = {"Idempotency-Key": "one cancel"}
    refused = shop.call("POST", f"/v1/payment_intents/{payment.id}/cancel", **keyed)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "lock_timeout")
    assert refused.headers["stripe-should-retry"] == "true"
    assert "stripe-rate-limited-reason" not in refused.headers

    shop.release(fault)

    repeated = shop.call("POST", f"/v1/payment_intents/{payment.id}/cancel", **keyed)
    assert (repeated.status_code, repeated.json()["status"]) == (200, "canceled")
    assert "idempotent-replayed" not in repeated.headers


def test_a_slow_issuer_answers_after_its_time(shop):
    payment = shop.payment()
    shop.process(payment)
    shop.fault("slow_issuer", hold_s=8)
    shop.present("4000000000009995")
    shop.advance(7)
    assert shop.action().status == "in_progress"
    shop.advance(1)
    assert shop.action().failure_code == "card_declined"
    assert shop.read(payment).status == "requires_payment_method"


def test_less_is_approved_only_where_the_extension_is_named(shop):
    headers = {"Authorization": f"Bearer {shop.key}"}
    order = {"fault": "approve_less", "amount": 1500}
    refused = shop.server.http.post(f"/_emulator/readers/{shop.reader}/faults", json=order, headers=headers)
    assert refused.status_code == 400

    shop.control("POST", "account", extensions=["partial_authorization"])
    shop.fault("approve_less", amount=1500, count=1)
    payment = shop.authorized(2000)

    assert (payment.amount, payment.amount_capturable, payment.amount_requested) == (1500, 1500, 2000)
    details = payment.latest_charge.payment_method_details.card_present
    assert details.partial_authorization.status == "partially_authorized"
    assert shop.control("GET", "faults")["faults"][0]["fired"] == 1


@pytest.mark.parametrize(
    "order",
    [
        {"fault": "nothing"}, {"fault": "reader_busy", "count": 0}, {"fault": "reader_busy", "approved": True},
        {"fault": "stuck_action", "approved": "yes"}, {},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_in_one_sentence(shop, order):
    answer = shop.server.http.post(
        f"/_emulator/readers/{shop.reader}/faults", json=order, headers={"Authorization": f"Bearer {shop.key}"}
    )
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert shop.control("GET", "faults") == {"faults": []}


def test_all_faults_are_released_at_once(shop):
    shop.fault("reader_offline")
    shop.fault("reader_busy")
    released = shop.control("DELETE", "faults")["faults"]
    assert [(record["fault"], record["open"]) for record in released] == [
        ("reader_offline", False), ("reader_busy", False),
    ]
    assert shop.process(shop.payment()).action.status == "in_progress"
