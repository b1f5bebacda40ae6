"""Readers are found, connected, lost and restored; a link that breaks is no line that breaks."""

import pytest

from cardpresent.sdk import (
    Cancelable,
    ConnectionStatus,
    ErrorCode,
    PaymentIntentParameters,
    ReaderUpdate,
    TerminalError,
)
from tests.sdk.conftest import ADDRESS, Doing, Shop
from tests.waiting import until

SALE = PaymentIntentParameters(2000, "usd", "manual", {"sale": "s1"})


def test_readers_registered_at_the_location_are_found_mobile_or_not(shop: Shop) -> None:
    smart = shop.stripe.terminal.readers.create(
        {"registration_code": "simulated-wpe", "location": shop.location, "label": "Counter"}
    )

    found = shop.terminal().discover_readers(shop.location)

    assert {reader.id for reader in found} == {smart.id, shop.reader}


def test_a_discovery_is_cancelled_and_the_next_one_runs(shop: Shop) -> None:
    terminal, handle = shop.terminal(), Cancelable()
    scanning = Doing(lambda: terminal.discover_readers("tml_nowhere", cancelable=handle))
    until(lambda: scanning_is_busy(shop, terminal))

    handle.cancel()

    assert scanning.failed().code is ErrorCode.CANCELED
    assert terminal.discover_readers(shop.location)


def scanning_is_busy(shop: Shop, terminal: object) -> bool:
    try:
        terminal.discover_readers(shop.location)  # type: ignore[attr-defined]
    except TerminalError as error:
        return error.code is ErrorCode.READER_BUSY
    return False


def test_each_connection_takes_a_token_of_its_own(shop: Shop) -> None:
    terminal = shop.connected()
    terminal.disconnect_reader()
    terminal.connect_reader(shop.in_range(terminal))

    assert shop.tokens == 2


def test_a_token_that_was_used_before_lets_nobody_in(shop: Shop) -> None:
    token = shop.token()
    shop.connected(token_provider=lambda: token).close()
    terminal = shop.terminal("other", token_provider=lambda: token)

    with pytest.raises(TerminalError) as error:
        terminal.connect_reader(shop.in_range(terminal))

    assert error.value.code is ErrorCode.STRIPE_API_ERROR
    assert "redeemed" in error.value.message


def test_a_token_gets_old(shop: Shop) -> None:
    token = shop.token()
    shop.control("POST", "clock", advance_s=301)
    terminal = shop.terminal(token_provider=lambda: token)

    with pytest.raises(TerminalError, match="expired"):
        terminal.connect_reader(shop.in_range(terminal))


@pytest.mark.parametrize("given", ["", None])
def test_a_provider_that_gives_nothing_is_an_error_of_its_own(shop: Shop, given: object) -> None:
    terminal = shop.terminal(token_provider=lambda: given)

    with pytest.raises(TerminalError) as error:
        terminal.connect_reader(shop.in_range(terminal))

    assert error.value.code is ErrorCode.CONNECTION_TOKEN_PROVIDER_ERROR
    assert terminal.connection_status is ConnectionStatus.NOT_CONNECTED


def test_a_token_opens_the_sdks_own_calls_and_no_others(shop: Shop) -> None:
    token = shop.token()

    answer = shop.http.get(f"{shop.server.till}/v1/payment_intents", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 401


def test_a_reader_another_device_has_is_refused(shop: Shop) -> None:
    shop.connected()
    other = shop.terminal("other")

    with pytest.raises(TerminalError) as error:
        other.connect_reader(shop.in_range(other))

    assert error.value.code is ErrorCode.READER_CONNECTED_TO_ANOTHER_DEVICE


def test_an_app_that_is_started_again_gets_its_reader_back(shop: Shop) -> None:
    shop.connected()

    assert shop.connected().connected_reader is not None


def test_a_reader_that_is_lost_while_idle_is_reconnected_by_itself(shop: Shop) -> None:
    terminal = shop.connected()

    shop.fault("reader_link_lost", count=1)
    until(lambda: shop.heard.reader == ["reconnecting", "reconnected"])

    assert shop.sale(terminal).status == "requires_capture"


def test_a_reader_that_stays_away_is_given_up_and_may_be_connected_later(shop: Shop) -> None:
    terminal = shop.connected(reconnect_s=0.2)

    lost = shop.fault("reader_link_lost")
    until(lambda: shop.heard.reader == ["reconnecting", "in vain", "disconnected"])
    shop.control("DELETE", f"faults/{lost}")

    assert terminal.connection_status is ConnectionStatus.NOT_CONNECTED
    terminal.connect_reader(shop.in_range(terminal))


def test_the_till_may_cancel_the_reconnect(shop: Shop) -> None:
    terminal = shop.connected(reconnect_s=60)
    shop.fault("reader_link_lost")
    handle = until(lambda: shop.heard.cancelable)

    handle.cancel()
    until(lambda: "disconnected" in shop.heard.reader)

    assert terminal.connection_status is ConnectionStatus.NOT_CONNECTED


def test_without_auto_reconnect_the_till_hears_of_the_loss_alone(shop: Shop) -> None:
    shop.connected(auto_reconnect=False)

    shop.fault("reader_link_lost")

    until(lambda: shop.heard.reader == ["disconnected"])


@pytest.mark.parametrize("moment", ["collecting", "tapped"])
def test_a_link_that_breaks_while_collecting_ends_the_collect_and_nothing_is_charged(shop: Shop, moment: str) -> None:
    terminal = shop.connected()
    intent = terminal.create_payment_intent(SALE)
    shop.fault("reader_link_lost", when=moment, count=1)
    collecting = Doing(lambda: terminal.collect_payment_method(intent))
    if moment == "tapped":
        shop.present()

    error = collecting.failed()

    assert error.code is ErrorCode.BLUETOOTH_DISCONNECTED
    assert error.payment_intent is not None and error.payment_intent.status == "requires_payment_method"
    until(lambda: terminal.connected_reader)
    assert terminal.confirm_payment_intent(shop.collected(terminal, error.payment_intent)).status == "requires_capture"
    assert len(shop.stripe.charges.list({}).data) == 1


def test_a_link_that_breaks_after_the_tap_stores_nothing_offline(shop: Shop) -> None:
    terminal = shop.connected(auto_reconnect=False)
    shop.cut_off()
    intent = shop.collected(terminal, terminal.create_payment_intent(SALE))
    shop.fault("reader_link_lost")

    with pytest.raises(TerminalError) as error:
        terminal.confirm_payment_intent(intent)

    assert error.value.code in (ErrorCode.BLUETOOTH_DISCONNECTED, ErrorCode.NOT_CONNECTED_TO_READER)
    assert terminal.offline_status.offline_payments_count == 0


def test_a_link_that_breaks_once_stripe_was_asked_does_not_hide_the_approval(shop: Shop) -> None:
    terminal = shop.connected()
    shop.fault("reader_link_lost", when="confirming", count=1)

    assert shop.sale(terminal).status == "requires_capture"


def test_a_till_cut_off_from_stripe_still_reaches_its_reader(shop: Shop) -> None:
    terminal = shop.connected()
    shop.cut_off()

    assert [reader.id for reader in terminal.discover_readers(shop.location)] == [shop.reader]


def test_readers_beside_the_till_leave_nothing_in_the_journal(shop: Shop) -> None:
    shop.sale(shop.connected())

    journal = shop.http.get(f"{shop.server.suite}/_gateway/journal").json()
    operations = {entry["data"].get("operation") for entry in journal["entries"] if entry["kind"] == "request"}
    assert not any("_reader" in str(operation) for operation in operations)
    assert {"sdk.activate", "sdk.create_payment_intent", "sdk.confirm_payment_intent"} <= operations


# ------------------------------------------------------------------------------------------ a reader without a screen


class Shown:
    """What an app would show for a mobile reader."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.cancelable: Cancelable | None = None

    def did_request_reader_input(self, options: tuple[str, ...]) -> None:
        self.lines.append(" or ".join(options))

    def did_request_reader_display_message(self, message: str) -> None:
        self.lines.append(message)

    def did_report_available_update(self, update: ReaderUpdate) -> None:
        self.lines.append(f"available: {update.duration_estimate_s} s")

    def did_start_installing_update(self, update: ReaderUpdate, cancelable: Cancelable | None) -> None:
        self.cancelable = cancelable
        self.lines.append(f"installing: {update.duration_estimate_s} s")

    def did_report_update_progress(self, progress: float) -> None:
        self.lines.append(f"{progress:.0%}")

    def did_finish_installing_update(self, update: ReaderUpdate, error: TerminalError | None) -> None:
        self.lines.append("installed" if error is None else str(error.code))


def test_a_reader_without_a_screen_has_the_app_say_what_to_do(shop: Shop) -> None:
    shown = Shown()
    terminal = shop.connected(mobile_listener=shown)
    shop.fault("card_not_read", count=1)
    intent = terminal.create_payment_intent(SALE)
    collecting = Doing(lambda: terminal.collect_payment_method(intent))
    shop.present()
    until(lambda: "retry_card" in shown.lines)
    shop.present("4001007020000002")
    collecting.ended()

    assert shown.lines == ["tap or insert or swipe", "retry_card", "remove_card"]


def test_a_required_update_is_installed_while_connecting_and_tells_how_far_it_is(shop: Shop) -> None:
    shown = Shown()
    shop.fault("reader_outdated", duration_s=60)
    terminal = shop.terminal(mobile_listener=shown)
    connecting = Doing(lambda: terminal.connect_reader(shop.in_range(terminal)))
    until(lambda: "0%" in shown.lines)
    shop.control("POST", "clock", advance_s=30)
    until(lambda: "50%" in shown.lines or "52%" in shown.lines)
    shop.control("POST", "clock", advance_s=31)

    connecting.ended()

    assert shown.lines[:2] == ["installing: 60 s", "0%"]
    assert shown.lines[-2:] == ["100%", "installed"]
    assert shop.stripe.terminal.readers.retrieve(shop.reader).device_sw_version == "2.01.00.20"


def test_a_required_update_that_is_cancelled_ends_the_connecting(shop: Shop) -> None:
    shown = Shown()
    shop.fault("reader_outdated", duration_s=60)
    terminal = shop.terminal(mobile_listener=shown)
    connecting = Doing(lambda: terminal.connect_reader(shop.in_range(terminal)))
    until(lambda: shown.cancelable).cancel()

    assert connecting.failed().code is ErrorCode.CANCELED
    assert shown.lines[-1] == "CANCELED"


def test_an_optional_update_waits_until_the_till_wants_it(shop: Shop) -> None:
    shown = Shown()
    shop.fault("reader_outdated", required=False)
    terminal = shop.connected(mobile_listener=shown)

    assert shop.sale(terminal).status == "requires_capture"
    terminal.install_available_update()

    assert [line for line in shown.lines if "tap" not in line] == [
        "available: 0 s", "installing: 0 s", "100%", "installed",
    ]


def test_a_mobile_reader_belongs_to_the_location_it_is_connected_at(shop: Shop) -> None:
    elsewhere = shop.stripe.terminal.locations.create({"display_name": "Elsewhere", "address": ADDRESS}).id
    shop.reader = shop.placed(location=elsewhere)
    terminal = shop.terminal()

    terminal.connect_reader(next(r for r in terminal.discover_readers() if r.id == shop.reader), shop.location)

    assert shop.stripe.terminal.readers.retrieve(shop.reader).location == shop.location
