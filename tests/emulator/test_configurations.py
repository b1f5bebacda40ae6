"""Configurations: tipping, and everything else a reader goes by."""

import pytest

THREE = {"percentages": [15, 20, 25]}
FIXED = {"fixed_amounts": [100, 200, 300]}
SMART = {**THREE, **FIXED, "smart_tip_threshold": 1000}


@pytest.fixture
def configurations(shop):
    return shop.client.terminal.configurations


@pytest.fixture
def default(configurations):
    return configurations.list({"is_account_default": True}).data[0].id


def override(shop, **params):
    made = shop.client.terminal.configurations.create(params)
    shop.client.terminal.locations.update(shop.location, {"configuration_overrides": made.id})
    return made.id


def tip(shop):
    """What amount_details.tip reads after a payment without a tip."""
    return shop.authorized(2000).amount_details.tip.to_dict()


# ------------------------------------------------------------------------------------------------------------- tipping


def test_where_tipping_is_configured_no_tip_reads_zero(shop, configurations, default):
    assert tip(shop) == {}
    configurations.update(default, {"tipping": {"usd": THREE}})
    assert tip(shop) == {"amount": 0}


def test_a_location_overrides_the_tipping_and_without_its_configuration_the_default_is_back(
    shop, configurations, default
):
    configurations.update(default, {"tipping": {"usd": THREE}})
    silent = override(shop, tipping={"cad": THREE})
    assert tip(shop) == {}
    configurations.delete(silent)
    assert "configuration_overrides" not in shop.client.terminal.locations.retrieve(shop.location)
    assert tip(shop) == {"amount": 0}


def test_what_a_location_leaves_unset_is_inherited(shop, configurations, default):
    configurations.update(default, {"tipping": {"usd": THREE}})
    override(shop, offline={"enabled": True})
    assert tip(shop) == {"amount": 0}


def test_tipping_is_unset_by_an_empty_string(shop, configurations, default):
    configurations.update(default, {"tipping": {"usd": THREE}})
    assert "tipping" not in configurations.update(default, {"tipping": ""})
    assert tip(shop) == {}


def test_no_tip_is_asked_for_where_tips_are_not_collected_on_readers(shop_in):
    emirates = shop_in("AE")
    default = emirates.client.terminal.configurations.list({"is_account_default": True}).data[0].id
    emirates.client.terminal.configurations.update(default, {"tipping": {"aed": THREE}})
    assert emirates.authorized(2000, "aed").amount_details.tip.to_dict() == {}


@pytest.mark.parametrize("choice", [THREE, FIXED, SMART])
def test_a_currency_suggests_percentages_or_amounts_or_both_by_threshold(configurations, choice):
    made = configurations.create({"tipping": {"usd": choice, "jpy": choice}})
    assert made.tipping.usd.to_dict() == {"fixed_amounts": None, "percentages": None, **choice}
    assert made.tipping.jpy.to_dict() == made.tipping.usd.to_dict()


@pytest.mark.parametrize(
    ("tipping", "param"),
    [
        ({"usd": {**THREE, **FIXED}}, "tipping[usd]"),
        ({"usd": {**THREE, "smart_tip_threshold": 1000}}, "tipping[usd]"),
        ({"usd": {"percentages": [10, 20]}}, "tipping[usd][percentages]"),
        ({"usd": {"percentages": [10, 20, 101]}}, "tipping[usd][percentages]"),
        ({"usd": {"fixed_amounts": [-1, 2, 3]}}, "tipping[usd][fixed_amounts]"),
        ({"usd": {**SMART, "smart_tip_threshold": -1}}, "tipping[usd][smart_tip_threshold]"),
        ({"usd": THREE, "cad": FIXED}, "tipping"), ({"xyz": THREE}, "tipping[xyz]"),
    ],
)
def test_tipping_that_readers_could_not_show_is_refused_by_name(shop, configurations, default, tipping, param):
    error = shop.refusal(configurations.update, default, {"tipping": tipping})
    assert (error.http_status, error.param) == (400, param)
    assert "tipping" not in configurations.retrieve(default)


def test_a_second_currency_has_the_keys_of_the_first(shop, configurations, default):
    configurations.update(default, {"tipping": {"usd": THREE}})
    assert shop.refusal(configurations.update, default, {"tipping": {"cad": FIXED}}).param == "tipping"
    both = configurations.update(default, {"tipping": {"cad": THREE}}).tipping
    assert both.usd.percentages == both.cad.percentages == THREE["percentages"]


# ---------------------------------------------------------------------------------------------------------------- keys

PERSONAL = {"type": "personal_psk", "personal_psk": {"ssid": "shop", "password": "secret"}}
PEAP = {"type": "enterprise_eap_peap", "enterprise_eap_peap": {"ssid": "s", "username": "u", "password": "p"}}
WINDOW = {"start_hour": 22, "end_hour": 2}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("offline", {"enabled": True}), ("cellular", {"enabled": False}), ("reboot_window", WINDOW),
        ("wifi", PERSONAL), ("wifi", PEAP), ("tipping", {"usd": THREE}),
    ],
)
def test_a_key_is_set_kept_and_unset(configurations, name, value):
    made = configurations.create({"name": "Bar", name: value})
    shown = made[name].to_dict()
    if name != "tipping":
        assert shown == value
    assert configurations.update(made.id, {"name": "Pub"})[name].to_dict() == shown
    bare = configurations.update(made.id, {name: ""})
    assert name not in bare
    assert bare.name == "Pub"


@pytest.mark.parametrize("window", [(-1, 3), (24, 3), (3, 24), (5, 5)])
def test_a_reboot_window_has_two_different_hours_of_the_day(shop, configurations, window):
    start, end = window
    error = shop.refusal(configurations.create, {"reboot_window": {"start_hour": start, "end_hour": end}})
    assert error.param in ("reboot_window[start_hour]", "reboot_window[end_hour]")
    assert len(configurations.list().data) == 1


@pytest.mark.parametrize(
    ("wifi", "param"),
    [
        ({"type": "personal_psk"}, "wifi[personal_psk]"),
        ({**PERSONAL, "enterprise_eap_peap": PEAP["enterprise_eap_peap"]}, "wifi[enterprise_eap_peap]"),
        ({"type": "personal_psk", "personal_psk": {"ssid": "shop"}}, "wifi[personal_psk][password]"),
        ({"type": "open"}, "wifi[type]"),
    ],
)
def test_wifi_has_the_credentials_of_its_type_and_no_others(shop, configurations, wifi, param):
    assert shop.refusal(configurations.create, {"wifi": wifi}).param == param


def test_an_admin_passcode_is_set_and_unset(configurations):
    made = configurations.create({"reader_security": {"admin_menu_passcode": "08642"}})
    assert made.reader_security.admin_menu_passcode == "08642"
    assert "reader_security" not in configurations.update(made.id, {"reader_security": ""})


# ---------------------------------------------------------------------------------------------------------- life cycle


def test_every_account_has_one_default_which_stays(shop, configurations, default):
    other = configurations.create({"name": "Bar"})
    assert [row.id for row in configurations.list({"is_account_default": True}).data] == [default]
    assert [row.id for row in configurations.list({"is_account_default": False}).data] == [other.id]
    assert shop.refusal(configurations.delete, default).http_status == 400
    assert configurations.retrieve(default).is_account_default is True


def test_a_deleted_configuration_is_read_as_deleted_and_overrides_nothing(shop, configurations):
    made = configurations.create({"name": "Bar"})
    assert configurations.delete(made.id).deleted is True
    assert configurations.retrieve(made.id).to_dict() == {
        "id": made.id, "object": "terminal.configuration", "deleted": True,
    }
    assert shop.refusal(configurations.update, made.id, {"name": "Pub"}).http_status == 404
    error = shop.refusal(
        shop.client.terminal.locations.update, shop.location, {"configuration_overrides": made.id}
    )
    assert (error.http_status, error.param) == (400, "configuration_overrides")
