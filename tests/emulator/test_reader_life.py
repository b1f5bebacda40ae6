"""What happens to readers by themselves: another integration, updates, an empty battery, a swap."""

import pytest
import stripe


def status(shop):
    return shop.client.terminal.readers.retrieve(shop.reader).status


def arming(shop, **order):
    answer = shop.server.http.post(
        f"/_emulator/readers/{shop.reader}/faults", json=order, headers={"Authorization": f"Bearer {shop.key}"}
    )
    return answer.status_code, answer.json().get("error", "")


# ---------------------------------------------------------------------------------------------------------- other mode


def test_a_reader_driven_by_an_sdk_is_busy_and_its_action_is_not_ours_to_cancel(shop):
    payment = shop.payment()
    shop.fault("reader_in_other_mode")

    busy = shop.refusal(shop.process, payment)
    cancel = shop.refusal(shop.client.terminal.readers.cancel_action, shop.reader)

    assert busy.code == "terminal_reader_busy"
    assert (cancel.http_status, cancel.type, cancel.code) == (400, "invalid_request_error", None)


def test_a_card_for_the_other_integration_is_none_of_ours_and_the_reader_comes_back(shop):
    payment = shop.payment()
    fault = shop.fault("reader_in_other_mode")
    assert shop.present().action is None
    assert shop.charges(payment) == []

    assert shop.release(fault)["fired"] == 0

    assert shop.process(payment).action.status == "in_progress"


def test_each_command_meets_the_other_integration_until_it_is_counted_out(shop):
    payment = shop.payment()
    shop.fault("reader_in_other_mode", count=2)
    assert [shop.refusal(shop.process, payment).code for _ in range(2)] == ["terminal_reader_busy"] * 2
    assert shop.process(payment).action.status == "in_progress"


# ------------------------------------------------------------------------------------------------------------- updates


def test_an_updating_reader_is_busy_until_the_new_software_is_on_it(shop):
    payment = shop.payment()
    shop.fault("reader_updating", duration_s=300, version="2.40.1.0")
    assert shop.refusal(shop.process, payment).code == "terminal_reader_busy"

    shop.advance(300)

    assert shop.client.terminal.readers.retrieve(shop.reader).device_sw_version == "2.40.1.0"
    assert shop.process(payment).action.status == "in_progress"


def test_a_reader_in_use_does_not_begin_an_update(shop):
    shop.process(shop.payment())
    code, sentence = arming(shop, fault="reader_updating")
    assert (code, sentence) == (400, "a reader updates only while it is idle; cancel its action first")
    assert shop.present().action.status == "succeeded"


# ------------------------------------------------------------------------------------------------------------- battery


def test_a_reader_works_until_its_battery_is_empty_and_is_offline_two_minutes_later(shop):
    payment = shop.payment()
    fault = shop.fault("flat_battery", percent=2, s_per_percent=30)
    shop.advance(59)
    assert shop.process(payment).action.status == "in_progress"
    shop.advance(1)
    assert shop.refusal(shop.process, payment).code == "terminal_reader_timeout"
    assert status(shop) == "online"
    shop.advance(120)
    assert shop.refusal(shop.process, payment).code == "terminal_reader_offline"
    assert status(shop) == "offline"

    shop.release(fault)

    assert status(shop) == "online"
    assert shop.process(payment).action.status == "in_progress"


def test_a_card_held_to_a_reader_that_is_off_charges_nothing(shop):
    payment = shop.payment()
    shop.process(payment)
    shop.fault("flat_battery", percent=0)
    assert shop.present().action.status == "in_progress"
    assert shop.charges(payment) == []


@pytest.mark.parametrize("given", [{"percent": 101}, {"s_per_percent": 0}])
def test_a_battery_that_cannot_be_is_refused(shop, given):
    code, sentence = arming(shop, fault="flat_battery", **given)
    assert (code, "percent from 0 to 100" in sentence) == (400, True)


# ---------------------------------------------------------------------------------------------------------------- swap


def test_a_swapped_reader_has_a_new_id_and_the_old_one_takes_nothing(shop):
    payment = shop.payment()
    old = shop.client.terminal.readers.retrieve(shop.reader)

    new = shop.control("POST", f"readers/{shop.reader}/swap")

    assert (new["label"], new["location"]) == (old.label, old.location)
    assert new["id"] != old.id
    assert new["serial_number"] != old.serial_number
    with pytest.raises(stripe.InvalidRequestError):
        shop.process(payment)
    listed = shop.client.terminal.readers.list({"location": shop.location}).data
    assert [reader.id for reader in listed] == [new["id"]]


def test_a_reader_that_asks_an_issuer_is_not_swapped(shop):
    shop.process(shop.payment())
    shop.fault("slow_issuer")
    shop.present()
    answer = shop.server.http.post(
        f"/_emulator/readers/{shop.reader}/swap", headers={"Authorization": f"Bearer {shop.key}"}
    )
    assert answer.status_code == 400
    assert shop.action().status == "in_progress"


# --------------------------------------------------------------------------------------------------------------- fleet


def test_a_fleet_is_registered_at_once_and_listed_in_pages(shop):
    made = shop.control("POST", "readers", count=101, label="lane", location=shop.location)["readers"]

    page = shop.client.terminal.readers.list({"limit": 100})
    assert len(made) == 101 and page.has_more and page.data[0].id == made[-1]
    oldest = list(page.auto_paging_iter())[-1]
    assert oldest.id == shop.reader
    assert (page.data[0].label, page.data[0].location, page.data[0].status) == ("lane 101", shop.location, "online")


def test_a_fleet_beyond_all_measure_is_refused(shop):
    for count in (0, 1001):
        assert shop.server.http.post(
            "/_emulator/readers", json={"count": count}, headers={"Authorization": f"Bearer {shop.key}"}
        ).status_code == 400
