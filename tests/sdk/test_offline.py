"""Without a line payments are stored on the device, within Stripe's limits and within the 30-day rules."""

import shutil

import pytest

from cardpresent.sdk import ErrorCode, NetworkStatus, OfflineBehavior, PaymentIntentParameters, TerminalError
from tests.sdk.conftest import ADDRESS, NOON, Shop
from tests.waiting import until

DAY_S = 24 * 3600
SALE = PaymentIntentParameters(2000, "usd", "manual", {"sale": "s1"})


def refused(shop: Shop, name: str = "device") -> ErrorCode:
    """Why a device cannot connect right now."""
    terminal = shop.terminal(name)
    with pytest.raises(TerminalError) as error:
        terminal.connect_reader(shop.in_range(terminal))
    terminal.close()
    return error.value.code


def test_a_payment_without_a_line_is_stored_and_stripe_hears_nothing(shop: Shop) -> None:
    terminal = shop.connected()
    shop.cut_off()

    stored = shop.sale(terminal)

    assert (stored.id, stored.client_secret, stored.status) == (None, None, "requires_capture")
    assert stored.offline_details is not None
    assert (stored.offline_details.stored_at, stored.offline_details.requires_upload) == (NOON, True)
    assert terminal.offline_status.offline_payments_count == 1
    assert terminal.offline_status.offline_payment_amounts_by_currency == {"usd": 2000}
    assert terminal.offline_status.network_status is NetworkStatus.OFFLINE
    assert shop.intents() == []


def test_with_automatic_capture_a_stored_payment_reads_succeeded_though_nothing_is_authorized(shop: Shop) -> None:
    terminal = shop.connected()
    shop.cut_off()

    stored = shop.sale(terminal, capture="automatic")

    assert stored.status == "succeeded"
    assert stored.offline_details is not None and stored.offline_details.requires_upload


def test_an_intent_made_online_and_confirmed_offline_has_an_id_and_offline_details(shop: Shop) -> None:
    terminal = shop.connected()
    intent = terminal.create_payment_intent(SALE)
    shop.cut_off()

    stored = terminal.confirm_payment_intent(shop.collected(terminal, intent))

    assert stored.id == intent.id
    assert stored.offline_details is not None and stored.offline_details.requires_upload
    assert shop.intents()[0].status == "requires_payment_method"


def test_a_card_collected_online_cannot_be_confirmed_offline_and_is_collected_again(shop: Shop) -> None:
    terminal = shop.connected()
    intent = shop.collected(terminal, terminal.create_payment_intent(SALE))
    shop.cut_off()

    with pytest.raises(TerminalError) as mismatch:
        terminal.confirm_payment_intent(intent)

    again = mismatch.value.payment_intent
    assert mismatch.value.code is ErrorCode.OFFLINE_COLLECT_AND_CONFIRM_MISMATCH
    assert again is not None and again.status == "requires_payment_method"
    assert terminal.confirm_payment_intent(shop.collected(terminal, again)).offline_details is not None


def test_a_payment_that_has_to_be_online_is_not_stored(shop: Shop) -> None:
    terminal = shop.connected()
    shop.cut_off()

    with pytest.raises(TerminalError) as error:
        terminal.create_payment_intent(SALE, offline_behavior=OfflineBehavior.REQUIRE_ONLINE)

    assert error.value.code is ErrorCode.NOT_CONNECTED_TO_INTERNET_AND_REQUIRE_ONLINE_SET


def test_a_payment_forced_offline_is_stored_with_a_line_and_forwarded_by_itself(shop: Shop) -> None:
    terminal = shop.connected()

    stored = shop.sale(terminal, behavior=OfflineBehavior.FORCE_OFFLINE)

    assert stored.id is None
    until(lambda: shop.heard.forwarded)
    assert [intent.status for intent in shop.intents()] == ["requires_capture"]


def test_ten_thousand_dollars_are_stored_and_a_cent_more_is_not(shop: Shop) -> None:
    terminal = shop.connected()
    shop.cut_off()

    assert shop.sale(terminal, 1_000_000).offline_details is not None
    with pytest.raises(TerminalError) as error:
        terminal.create_payment_intent(PaymentIntentParameters(1_000_001, "usd"))

    assert error.value.code is ErrorCode.AMOUNT_EXCEEDS_MAX_OFFLINE_AMOUNT


def test_a_location_without_offline_payments_takes_none(shop: Shop) -> None:
    shop.allow_offline(False)
    terminal = shop.connected()

    with pytest.raises(TerminalError) as forced:
        terminal.create_payment_intent(SALE, offline_behavior=OfflineBehavior.FORCE_OFFLINE)
    shop.cut_off()
    with pytest.raises(TerminalError) as preferred:
        terminal.create_payment_intent(SALE)

    assert forced.value.code is ErrorCode.FORCE_OFFLINE_WITH_FEATURE_DISABLED
    assert preferred.value.code is ErrorCode.READER_CONNECTION_NOT_AVAILABLE_OFFLINE


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4000000000000069", ErrorCode.OFFLINE_AND_CARD_EXPIRED),
        ("4506445006931933", ErrorCode.INTERAC_NOT_SUPPORTED_OFFLINE),
        ("4001000360000005", ErrorCode.ONLINE_PIN_NOT_SUPPORTED_OFFLINE),
    ],
)
def test_a_card_that_needs_its_bank_is_refused_offline(shop: Shop, number: str, code: ErrorCode) -> None:
    terminal = shop.connected()
    shop.cut_off()
    intent = terminal.create_payment_intent(SALE)

    with pytest.raises(TerminalError) as error:
        shop.collected(terminal, intent, number)

    assert error.value.code is code
    assert shop.screen() == "idle"


def test_a_card_expires_by_the_devices_clock(shop: Shop) -> None:
    terminal = shop.connected()
    shop.now = 2_051_222_400.0 - DAY_S  # the last day of 2034
    shop.allow_offline()
    terminal.disconnect_reader()
    terminal.connect_reader(shop.in_range(terminal))
    shop.cut_off()
    intent = terminal.create_payment_intent(SALE)
    shop.collected(terminal, intent)
    terminal.cancel_collect()

    shop.now += DAY_S
    with pytest.raises(TerminalError) as error:
        shop.collected(terminal, intent)

    assert error.value.code is ErrorCode.OFFLINE_AND_CARD_EXPIRED


# -------------------------------------------------------------------------------------------------- connecting offline


def test_a_reader_used_here_within_thirty_days_connects_without_a_line(shop: Shop) -> None:
    shop.connected().close()
    shop.cut_off()
    shop.now += 30 * DAY_S

    terminal = shop.connected()

    assert shop.sale(terminal).offline_details is not None


def test_after_thirty_days_it_does_not(shop: Shop) -> None:
    shop.connected().close()
    shop.cut_off()
    shop.now += 30 * DAY_S + 1

    assert refused(shop) is ErrorCode.READER_CONNECTION_NOT_AVAILABLE_OFFLINE


def test_a_window_that_ends_while_connected_ends_collecting(shop: Shop) -> None:
    terminal = shop.connected()
    shop.cut_off()
    intent = terminal.create_payment_intent(SALE)
    shop.now += 30 * DAY_S + 1

    with pytest.raises(TerminalError) as error:
        terminal.collect_payment_method(intent)

    assert error.value.code is ErrorCode.READER_CONNECTION_NOT_AVAILABLE_OFFLINE


def test_another_type_of_reader_does_not_connect_offline(shop: Shop) -> None:
    shop.connected().close()
    shop.reader = shop.placed("bbpos_wisepad3")
    shop.cut_off()

    assert refused(shop) is ErrorCode.READER_CONNECTION_NOT_AVAILABLE_OFFLINE


def test_another_reader_of_that_type_does(shop: Shop) -> None:
    shop.connected().close()
    shop.reader = shop.placed()
    shop.cut_off()

    assert shop.connected().connected_reader is not None


def test_another_location_does_not(shop: Shop) -> None:
    shop.connected().close()
    shop.location = shop.stripe.terminal.locations.create({"display_name": "Other", "address": ADDRESS}).id
    shop.reader = shop.placed()
    shop.cut_off()

    assert refused(shop) is ErrorCode.LOCATION_CONNECTION_NOT_AVAILABLE_OFFLINE


def test_a_device_that_never_was_online_knows_no_account(shop: Shop) -> None:
    shop.cut_off()

    assert refused(shop) is ErrorCode.NO_LAST_SEEN_ACCOUNT


def test_an_outdated_reader_connects_once_it_was_updated_online(shop: Shop) -> None:
    shop.connected().close()
    shop.fault("reader_outdated")
    line = shop.cut_off()

    assert refused(shop) is ErrorCode.READER_CONNECTION_OFFLINE_NEEDS_UPDATE

    shop.release(line)
    shop.connected().close()
    shop.cut_off()
    assert shop.connected().connected_reader is not None


def test_an_update_takes_more_battery_than_there_is(shop: Shop) -> None:
    shop.fault("reader_outdated")
    shop.fault("flat_battery", percent=20)

    assert refused(shop) is ErrorCode.READER_BATTERY_CRITICALLY_LOW


# ------------------------------------------------------------------------------------------------------------ the store


def test_what_is_stored_outlives_the_process(shop: Shop) -> None:
    terminal = shop.connected()
    shop.cut_off()
    shop.sale(terminal)
    terminal.close()

    again = shop.terminal()

    assert again.offline_status.offline_payment_amounts_by_currency == {"usd": 2000}


def test_a_reinstalled_app_has_lost_what_was_stored_and_whom_it_knew(shop: Shop) -> None:
    terminal = shop.connected()
    line = shop.cut_off()
    shop.sale(terminal)
    terminal.close()

    shutil.rmtree(shop.folder / "device")

    assert refused(shop) is ErrorCode.NO_LAST_SEEN_ACCOUNT
    shop.release(line)
    again = shop.connected()
    assert (again.forward_now(), again.offline_status.offline_payments_count) == (0, 0)
    assert shop.intents() == []


def test_a_stored_payment_cannot_be_cancelled_or_confirmed_again(shop: Shop) -> None:
    terminal = shop.connected()
    shop.cut_off()
    stored = shop.sale(terminal)

    for again in (terminal.cancel_payment_intent, terminal.confirm_payment_intent, terminal.collect_payment_method):
        with pytest.raises(TerminalError) as error:
            again(stored)
        assert error.value.code is ErrorCode.CONFIRM_INVALID_PAYMENT_INTENT
