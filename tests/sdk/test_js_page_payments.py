"""terminal.js in a real Chromium, as a page uses Stripe's script: payments, cards to keep, refunds and carts.

Alone in its file: a browser's tests have a process to themselves.
"""

import pytest

from cardpresent.drivers.pos.chromium import Chromium
from tests.sdk.conftest import Shop
from tests.sdk.page_till import Till, registered, site
from tests.waiting import until

DECLINED = "4000000000009995"


def interac(shop: Shop) -> None:
    shop.waits_for_card()
    shop.stripe.test_helpers.terminal.readers.present_payment_method(
        shop.reader, {"type": "interac_present", "interac_present": {"number": "4506445006931933"}}
    )


# ------------------------------------------------------------------------------------------------------------ payments


def test_a_card_is_collected_when_it_is_tapped_processed_and_captured_by_the_server(connected: Till) -> None:
    secret = connected.secret(2000)
    connected.begins("terminal.collectPaymentMethod(given)", secret)
    connected.shop.waits_for_card()
    assert not connected.is_over
    assert connected.of("terminal.getPaymentStatus()") == "waiting_for_input"

    connected.shop.present()
    collected = connected.ended()["paymentIntent"]
    processed = connected.of("terminal.processPayment(given)", collected)["paymentIntent"]

    assert (collected["client_secret"], processed["id"], processed["status"]) == (
        secret, collected["id"], "requires_capture",
    )
    card = processed["charges"]["data"][0]["payment_method_details"]["card_present"]
    assert (card["last4"], card["receipt"]["application_preferred_name"] is not None) == ("4242", True)
    assert connected.shop.backend.payment_intents.capture(processed["id"]).status == "succeeded"
    assert connected.of("heard")[-4:] == ["waiting_for_input", "ready", "processing", "ready"]
    until(lambda: connected.shop.screen() == "idle")


def test_a_decline_carries_stripes_reason_and_the_payment_which_takes_another_card(connected: Till) -> None:
    secret = connected.secret()

    declined = connected.pays(secret, DECLINED)["error"]
    paid = connected.pays(secret)["paymentIntent"]

    assert (declined["code"], declined["decline_code"], declined["type"]) == (
        "card_declined", "insufficient_funds", "card_error",
    )
    assert (declined["payment_intent"]["id"], declined["payment_intent"]["status"]) == (
        paid["id"], "requires_payment_method",
    )
    assert paid["status"] == "requires_capture"
    assert len(connected.shop.intents()) == 1


def test_the_name_before_v1_processes_a_payment_too(connected: Till) -> None:
    collected = connected.collects(connected.secret())["paymentIntent"]

    processed = connected.of("terminal.confirmPaymentIntent(given)", collected)

    assert processed["paymentIntent"]["status"] == "requires_capture"


def test_a_cancel_resolves_to_an_empty_object_and_ends_the_collect_as_canceled(connected: Till) -> None:
    connected.begins("terminal.collectPaymentMethod(given)", connected.secret())
    connected.shop.waits_for_card()

    assert connected.of("terminal.cancelCollectPaymentMethod()") == {}
    assert connected.ended()["error"]["code"] == "canceled"
    assert connected.shop.screen() == "idle"
    assert connected.of("terminal.getPaymentStatus()") == "ready"
    assert connected.pays(connected.secret())["paymentIntent"]["status"] == "requires_capture"


def test_a_cancel_without_a_collect_and_a_second_collect_beside_the_first_are_refused(connected: Till) -> None:
    nothing = connected.of("terminal.cancelCollectPaymentMethod()")["error"]["code"]
    connected.begins("terminal.collectPaymentMethod(given)", connected.secret())
    connected.shop.waits_for_card()
    second = connected.of("terminal.collectPaymentMethod(given)", connected.secret())["error"]["code"]
    other = connected.of("terminal.cancelCollectRefundPaymentMethod()")["error"]["code"]

    assert (nothing, second, other) == (
        "no_active_collect_payment_method_attempt", "command_already_in_progress",
        "no_active_collect_payment_method_attempt",
    )
    assert not connected.is_over


def test_a_cancel_while_the_card_is_being_read_comes_too_late(connected: Till) -> None:
    held = connected.shop.fault("slow_issuer")
    connected.begins("terminal.collectPaymentMethod(given)", connected.secret())
    connected.shop.present()

    late = connected.of("terminal.cancelCollectPaymentMethod()")
    connected.shop.control("DELETE", f"faults/{held}")

    assert late["error"]["code"] == "cancelable_already_completed"
    assert connected.ended()["paymentIntent"]["status"] == "requires_payment_method"


def test_without_a_reader_nothing_can_be_collected_or_shown(till: Till) -> None:
    calls = ["terminal.collectPaymentMethod(given)", "terminal.clearReaderDisplay()",
             "terminal.processPayment({ id: 'pi_1', sdk_payment_details: {} })"]  # fmt: skip

    codes = [till.of(call, till.secret())["error"]["code"] for call in calls]

    assert codes == ["no_established_connection"] * 3


def test_a_payment_that_stripe_does_not_know_is_stripes_own_error(connected: Till) -> None:
    told = connected.of("terminal.collectPaymentMethod('pi_gone_secret_1')")["error"]

    assert (told["code"], told["type"]) == ("resource_missing", "invalid_request_error")
    assert told["request_id"].startswith("req_")


def test_a_lost_answer_names_no_payment_and_processing_again_pays_once(connected: Till) -> None:
    collected = connected.collects(connected.secret())["paymentIntent"]
    connected.shop.arm("answer_lost", "sdk.confirm_payment_intent", count=1)

    lost = connected.of("terminal.processPayment(given)", collected)["error"]
    paid = connected.of("terminal.processPayment(given)", collected)["paymentIntent"]

    assert (lost["code"], "payment_intent" in lost) == ("network_error", False)
    assert paid["status"] == "requires_capture"
    assert len(connected.shop.stripe.charges.list({"payment_intent": paid["id"]}).data) == 1


def test_a_customer_who_cancels_on_the_reader_ends_the_collect(connected: Till) -> None:
    override = "{ config_override: { enable_customer_cancellation: true } }"
    connected.begins(f"terminal.collectPaymentMethod(given, {override})", connected.secret())
    connected.shop.waits_for_card()

    connected.shop.control("POST", f"readers/{connected.shop.reader}/customer_cancel")

    assert connected.ended()["error"]["code"] == "canceled"


def test_a_reader_that_goes_away_ends_the_collect_and_is_told_to_the_page_once(connected: Till) -> None:
    connected.begins("terminal.collectPaymentMethod(given)", connected.secret())
    connected.shop.waits_for_card()

    fault = connected.shop.fault("reader_link_lost")

    assert connected.ended()["error"]["code"] == "reader_error"
    told = [event for event in connected.of("heard") if event[0] == "disconnected"]
    assert [list(event[1]) for event in told] == [["error"]]
    statuses = "[terminal.getConnectionStatus(), terminal.getPaymentStatus()]"
    assert connected.of(statuses) == ["not_connected", "not_ready"]
    connected.shop.control("DELETE", f"faults/{fault}")
    assert connected.of("connected()")["reader"]["id"] == connected.shop.reader


def test_a_reader_that_goes_away_while_nothing_is_asked_is_told_too(connected: Till) -> None:
    connected.shop.fault("reader_link_lost")

    until(lambda: any(event[0] == "disconnected" for event in connected.of("heard")), "the page to be told")


# ------------------------------------------------------------------------------------- cards to keep, refunds, carts


def test_a_card_is_kept_for_a_setup_intent(connected: Till) -> None:
    customer = connected.shop.backend.customers.create().id
    made = connected.shop.backend.setup_intents.create({"customer": customer, "payment_method_types": ["card_present"]})

    connected.begins("terminal.collectSetupIntentPaymentMethod(given, 'limited')", made.client_secret)
    connected.shop.present()
    collected = connected.ended()["setupIntent"]
    kept = connected.of("terminal.confirmSetupIntent(given)", collected)["setupIntent"]

    assert (kept["id"], kept["status"]) == (made.id, "succeeded")
    cards = connected.shop.stripe.customers.payment_methods.list(customer).data
    assert [card.allow_redisplay for card in cards] == ["limited"]


def test_an_interac_payment_is_given_back_to_the_card_that_paid(
    browser: Chromium, counter: Shop, page_server: str
) -> None:
    shop = counter
    shop.control("POST", "account", country="CA")
    shop.reader = registered(shop, "ottawa", site(shop, "CA", "ON", "K1A 0B1"))
    till = Till.opened(browser, shop, page_server)
    till.of("connected({ simulated: true })")
    secret = till.secret(currency="cad", payment_method_types=["card_present", "interac_present"],
                         capture_method="automatic")  # fmt: skip
    till.begins("terminal.collectPaymentMethod(given)", secret)
    interac(shop)
    paid = till.of("terminal.processPayment(given)", till.ended()["paymentIntent"])["paymentIntent"]
    charge = paid["charges"]["data"][0]["id"]

    till.begins("terminal.collectRefundPaymentMethod(given, 500, 'cad')", charge)
    interac(shop)
    assert till.ended() == {}
    refund = till.of("terminal.processRefund()")["refund"]

    assert (refund["charge"], refund["amount"], refund["status"]) == (charge, 500, "succeeded")
    assert shop.stripe.charges.retrieve(charge).amount_refunded == 500
    browser.run(till.page.close())


def test_a_cart_stands_on_the_reader_until_it_is_taken_off_or_a_card_is_asked_for(connected: Till) -> None:
    cart = {"line_items": [{"description": "Tea", "amount": 300, "quantity": 1}], "tax": 24, "total": 324,
            "currency": "usd"}  # fmt: skip
    shows = "terminal.setReaderDisplay({ type: 'cart', cart: given })"
    reader = f"readers/{connected.shop.reader}"

    assert connected.of(shows, cart) == {}
    assert (connected.shop.screen(), connected.shop.control("GET", reader)["cart"]) == ("cart", cart)
    assert connected.of("terminal.clearReaderDisplay()") == {}
    assert connected.shop.screen() == "idle"

    connected.of(shows, cart)
    connected.pays(connected.secret(324))
    until(lambda: connected.shop.screen() == "idle")


def test_a_simulator_configuration_is_kept_until_a_payment_was_processed_and_taps_nothing(connected: Till) -> None:
    connected.does("terminal.setSimulatorConfiguration({ testCardNumber: '4000000000000002', tipAmount: 100 });")
    assert connected.of("terminal.getSimulatorConfiguration()") == {
        "testCardNumber": "4000000000000002", "tipAmount": 100,
    }

    assert connected.pays(connected.secret())["paymentIntent"]["status"] == "requires_capture"
    assert connected.of("terminal.getSimulatorConfiguration()") == {}


@pytest.mark.parametrize("call", [
    "terminal.readReusableCard()", "terminal.collectInputs({})", "terminal.print(null)",
    "terminal.collectPaymentMethod(given, { config_override: { moto: true } })",
])  # fmt: skip
def test_what_is_not_emulated_is_refused_and_seen_on_the_wire(connected: Till, call: str) -> None:
    told = connected.of(call, connected.secret())
    entries = connected.shop.http.get(f"{connected.shop.server.suite}/_gateway/journal?after=0&limit=100000").json()

    assert "not emulated" in told["error"]["message"]
    assert any(e["kind"] == "reply" and e["data"].get("not_emulated") for e in entries["entries"])


def test_where_stripe_is_is_not_for_the_page_to_say(till: Till) -> None:
    till.does("terminal.overrideBaseURL('https://elsewhere.example');")

    assert "discoveredReaders" in till.of("terminal.discoverReaders()")
