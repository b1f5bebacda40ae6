"""Accounts: as they are set up, and only those a platform has."""

import pytest

from cardpresent.emulator.paying.amounts import MERCHANT_CATEGORIES


@pytest.mark.parametrize(("country", "currency"), [("US", "usd"), ("GB", "gbp"), ("AU", "aud")])
def test_an_account_shows_its_country_and_currency(shop_in, country, currency):
    account = shop_in(country).client.accounts.retrieve_current()
    assert (account.country, account.default_currency, account.type) == (country, currency, "standard")
    assert account.capabilities.to_dict() == {"card_payments": "active", "transfers": "active"}
    assert (account.charges_enabled, account.payouts_enabled, account.requirements.currently_due) == (True, True, [])


def test_every_trade_has_its_code(shop):
    codes = {}
    for trade in sorted(MERCHANT_CATEGORIES):
        shop.control("POST", "account", merchant_category=trade)
        codes[trade] = shop.client.accounts.retrieve_current().business_profile.mcc
    assert (codes["restaurants"], codes["taxis"], codes["hotels"]) == ("5812", "4121", "7011")
    assert [trade for trade, code in codes.items() if code == "5999"] == ["retail"]


def test_a_platform_sees_itself_and_what_it_has_connected(shop):
    own = shop.client.accounts.retrieve_current()
    assert shop.client.accounts.list().data == []
    connected = shop.client.accounts.retrieve_current(None, {"stripe_account": "acct_1Seller"})

    assert [account.id for account in shop.client.accounts.list().data] == ["acct_1Seller"]
    assert shop.client.accounts.retrieve(own.id).id == own.id
    assert shop.client.accounts.retrieve("acct_1Seller").to_dict() == connected.to_dict()
    assert (own.controller.type, connected.controller.type) == ("account", "application")
    assert shop.client.accounts.list({"created": {"lt": connected.created}}).data == []


@pytest.mark.parametrize("options", [None, {"stripe_account": "acct_1Seller"}])
def test_any_other_account_is_out_of_reach(shop, options):
    error = shop.refusal(shop.client.accounts.retrieve, "acct_1Stranger", None, options)
    assert (error.http_status, error.code) == (403, "account_invalid")
    assert "acct_1Stranger" not in [account.id for account in shop.client.accounts.list().data]
