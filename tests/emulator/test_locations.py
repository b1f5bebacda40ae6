"""Locations, connection tokens and onboarding links."""

import re

import pytest

LINES = {"line1": "1", "city": "C", "state": "S", "postal_code": "1"}
KANA = {"postal_code": "1500001", "state": "トウキョウト", "city": "シブヤク", "town": "ジングウマエ", "line1": "1-5-8"}
KANJI = {"postal_code": "1500001", "state": "東京都", "city": "渋谷区", "town": "神宮前", "line1": "1-5-8"}


@pytest.fixture
def locations(shop):
    return shop.client.terminal.locations


@pytest.mark.parametrize(
    ("country", "required"),
    [
        ("US", "line1 city state postal_code"), ("IT", "line1 city state postal_code"),
        ("DE", "line1 city postal_code"), ("GB", "line1 city postal_code"), ("IE", "line1 postal_code"),
        ("SG", "line1 postal_code"), ("HR", "line1 city postal_code"),
    ],
)
def test_a_location_needs_the_lines_its_country_needs(shop, locations, country, required):
    names = required.split()
    for left_out in names:
        address = {"country": country, **{name: LINES[name] for name in names if name != left_out}}
        error = shop.refusal(locations.create, {"display_name": "X", "address": address})
        assert (error.code, error.param) == ("parameter_missing", f"address[{left_out}]")
    made = locations.create({"display_name": "X", "address": {"country": country, **{n: LINES[n] for n in names}}})
    assert (made.address.country, made.address.line2) == (country, "")
    assert len(locations.list().data) == 2


def test_a_location_has_a_name_and_an_address(shop, locations):
    address = {"country": "US", **LINES}
    assert shop.refusal(locations.create, {"address": address}).param == "display_name"
    assert shop.refusal(locations.create, {"display_name": "X"}).param == "address"
    assert shop.refusal(locations.create, {"display_name": "x" * 1001, "address": address}).param == "display_name"
    assert shop.refusal(locations.create, {"display_name": "X", "address": {**address, "country": "XX"}}).param == (
        "address[country]"
    )
    assert locations.create({"display_name": "x" * 1000, "address": address}).display_name == "x" * 1000


def test_a_location_is_changed_but_never_its_country(shop, locations):
    changed = locations.update(shop.location, {
        "display_name": "New", "phone": "+15555550100", "metadata": {"region": "west"}, "address": {"line2": "Back"},
    })
    assert (changed.display_name, changed.phone, changed.address.line2) == ("New", "+15555550100", "Back")
    assert changed.address.city == "Springfield"
    error = shop.refusal(locations.update, shop.location, {"address": {**LINES, "country": "CA"}})
    assert error.param == "address[country]"
    assert shop.refusal(locations.update, shop.location, {"display_name": ""}).param == "display_name"
    bare = locations.update(shop.location, {"phone": "", "metadata": {"region": ""}})
    assert "phone" not in bare
    assert (bare.metadata.to_dict(), bare.display_name, bare.address.country) == ({}, "New", "US")


def test_a_configuration_is_put_over_a_location_and_taken_off(shop, locations):
    made = shop.client.terminal.configurations.create({"name": "Bar"})
    over = locations.update(shop.location, {"configuration_overrides": made.id})
    assert over.configuration_overrides == made.id
    assert "configuration_overrides" not in locations.update(shop.location, {"configuration_overrides": ""})
    error = shop.refusal(locations.update, shop.location, {"configuration_overrides": "tmc_none"})
    assert (error.http_status, error.param) == (400, "configuration_overrides")


def test_a_location_is_deleted_once_no_reader_stands_there(shop, locations):
    assert shop.refusal(locations.delete, shop.location).http_status == 400
    assert locations.retrieve(shop.location).display_name == "Shop"
    shop.client.terminal.readers.delete(shop.reader)
    assert locations.delete(shop.location).deleted is True
    assert locations.list().data == []
    assert locations.retrieve(shop.location).to_dict() == {
        "id": shop.location, "object": "terminal.location", "deleted": True,
    }
    assert shop.refusal(locations.update, shop.location, {"display_name": "X"}).http_status == 404
    register = shop.client.terminal.readers.create
    error = shop.refusal(register, {"registration_code": "simulated-wpe", "location": shop.location})
    assert (error.http_status, error.param) == (400, "location")


# ---------------------------------------------------------------------------------------------------------------- Japan


def test_a_japanese_location_is_addressed_in_kana_or_kanji(locations):
    made = locations.create({
        "address_kanji": KANJI, "address_kana": KANA, "display_name_kanji": "店", "display_name_kana": "ミセ",
        "phone": "+81333333333",
    })
    assert (made.address_kanji.town, made.address_kana.town) == ("神宮前", "ジングウマエ")
    assert (made.display_name_kanji, made.display_name) == ("店", "店")
    assert (made.address.country, made.address.city, made.address.line1) == ("JP", "渋谷区", "神宮前 1-5-8")

    kana = locations.create({"address_kana": KANA, "display_name": "Shop"})
    assert (kana.address.country, kana.display_name) == ("JP", "Shop")
    assert "address_kanji" not in kana
    renamed = locations.update(made.id, {"display_name_kanji": "新店", "address_kanji": {"line1": "2-1"}})
    assert (renamed.display_name_kanji, renamed.address_kanji.line1, renamed.address_kanji.town) == (
        "新店", "2-1", "神宮前",
    )


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"display_name": "X", "address": {**LINES, "country": "JP"}}, "address"),
        ({"display_name": "X", "address": {**LINES, "country": "US"}, "address_kana": KANA}, "address"),
        ({"display_name": "X", "address_kana": {**KANA, "country": "US"}}, "address_kana[country]"),
        ({"address_kana": KANA}, "display_name"),
        ({"display_name": "X", "display_name_kana": "X", "address": {**LINES, "country": "US"}}, "display_name_kanji"),
    ],
)
def test_japanese_and_other_addresses_do_not_mix(shop, locations, params, param):
    assert shop.refusal(locations.create, params).param == param
    assert len(locations.list().data) == 1


# ------------------------------------------------------------------------------------------------- tokens and links


def test_a_connection_token_names_its_location_only_when_scoped(shop):
    create = shop.client.terminal.connection_tokens.create
    assert re.fullmatch(r"pst_test_\S+_00\w{8}", create().secret)
    assert "location" not in create()
    assert create({"location": shop.location}).location == shop.location
    assert create().secret != create().secret
    assert shop.refusal(create, {"location": "tml_none"}).param == "location"


def test_an_onboarding_link_leads_a_merchant_to_apples_terms(shop):
    create = shop.client.terminal.onboarding_links.create
    link = create({
        "link_type": "apple_terms_and_conditions",
        "link_options": {"apple_terms_and_conditions": {"merchant_display_name": "Tea", "allow_relinking": True}},
    })
    assert link.link_options.apple_terms_and_conditions.to_dict() == {
        "allow_relinking": True, "merchant_display_name": "Tea",
    }
    assert (link.on_behalf_of, link.redirect_url.startswith("https://")) == (None, True)
    terms = "link_options[apple_terms_and_conditions]"
    body = f"link_type=apple_terms_and_conditions&{terms}[merchant_display_name]=Tea"
    for text, param in ((f"{body}&on_behalf_of=x", "on_behalf_of"),
                        (f"link_type=apple_terms_and_conditions&{terms}[allow_relinking]=true",
                         f"{terms}[merchant_display_name]")):
        error = shop.call("POST", "/v1/terminal/onboarding_links", text).json()["error"]
        assert error["param"] == param


def test_a_refund_the_sdks_send_is_refused_rather_than_answered_as_if_it_were_made(shop):
    answer = shop.call("POST", "/v1/terminal/refunds")
    assert (answer.status_code, answer.headers["x-emulator"]) == (400, "not-emulated")
    assert shop.client.refunds.list().data == []
