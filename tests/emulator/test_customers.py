"""Customers: kept whole, changed with a record of it, gone for good when deleted."""

import pytest

NULL_AT_FIRST = ("address", "currency", "default_source", "description", "discount", "email", "name", "phone",
                 "shipping", "test_clock")


def test_a_customer_carries_every_key_and_what_was_given(shop):
    bare = shop.client.customers.create({})
    given = shop.client.customers.create(
        {"email": "amy@example.com", "name": "Amy", "metadata": {"till": "7"}, "preferred_locales": ["fr"],
         "address": {"line1": "1 Main St", "country": "US"},
         "shipping": {"name": "Amy", "address": {"line1": "2 Side St"}}}
    )

    assert [bare[name] for name in NULL_AT_FIRST] == [None] * len(NULL_AT_FIRST)
    assert (bare.balance, bare.delinquent, bare.tax_exempt, bare.next_invoice_sequence) == (0, False, "none", 1)
    assert bare.invoice_settings.to_dict() == {
        "custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None,
    }
    assert (given.email, given.metadata["till"], given.preferred_locales) == ("amy@example.com", "7", ["fr"])
    assert (given.address.line1, given.address.line2) == ("1 Main St", None)
    assert (given.shipping.address.line1, given.shipping.phone) == ("2 Side St", None)
    assert shop.client.customers.retrieve(given.id).to_dict() == given.to_dict()
    assert shop.events() == ["customer.created"] * 2


def test_a_change_tells_what_it_was_before(shop):
    customer = shop.client.customers.create({"name": "Amy", "description": "regular"})

    changed = shop.client.customers.update(customer.id, {"name": "Amy B", "description": "", "metadata": {"a": "1"}})

    assert (changed.name, changed.description, changed.metadata["a"]) == ("Amy B", None, "1")
    event = shop.server.events[shop.key][-1]
    assert event["type"] == "customer.updated"
    assert event["data"]["previous_attributes"] == {"name": "Amy", "description": "regular", "metadata": {}}


def test_a_change_that_changes_nothing_is_not_told(shop):
    customer = shop.client.customers.create({"name": "Amy"})
    shop.client.customers.update(customer.id, {"name": "Amy"})
    assert shop.events() == ["customer.created"]


def test_a_deleted_customer_leaves_a_stub_and_is_named_nowhere_else(shop):
    customer = shop.client.customers.create({"email": "amy@example.com", "payment_method": "pm_card_visa"})
    method = shop.client.customers.payment_methods.list(customer.id).data[0]

    assert shop.client.customers.delete(customer.id).deleted is True

    assert shop.client.customers.retrieve(customer.id).to_dict() == {
        "id": customer.id, "object": "customer", "deleted": True,
    }
    assert shop.client.customers.list().data == []
    assert shop.client.customers.list({"email": "amy@example.com"}).data == []
    assert shop.refusal(shop.client.customers.update, customer.id, {"name": "x"}).code == "resource_missing"
    assert shop.refusal(shop.client.customers.payment_methods.list, customer.id).http_status == 404
    assert shop.client.payment_methods.retrieve(method.id).customer is None
    assert shop.events()[-1] == "customer.deleted"


def test_customers_are_listed_by_their_present_email(shop):
    amy = shop.client.customers.create({"email": "amy@example.com"})
    shop.client.customers.create({"email": "bob@example.com"})
    moved = shop.client.customers.create({"email": "bob@example.com"})
    shop.client.customers.update(moved.id, {"email": "amy@example.com"})

    def ids(email):
        return [customer.id for customer in shop.client.customers.list({"email": email}).data]

    assert ids("amy@example.com") == [moved.id, amy.id]
    assert len(ids("bob@example.com")) == 1
    assert ids("Amy@example.com") == []


def test_a_customer_starts_with_a_card_as_default(shop):
    customer = shop.client.customers.create(
        {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    )
    cards = shop.client.customers.payment_methods.list(customer.id).data
    assert [card.id for card in cards] == [customer.invoice_settings.default_payment_method]
    expanded = shop.client.customers.retrieve(customer.id, {"expand": ["invoice_settings.default_payment_method"]})
    assert expanded.invoice_settings.default_payment_method.card.last4 == "4242"


def test_the_default_is_forgotten_with_its_card(shop):
    customer = shop.client.customers.create(
        {"payment_method": "pm_card_visa", "invoice_settings": {"default_payment_method": "pm_card_visa"}}
    )
    shop.client.payment_methods.detach(customer.invoice_settings.default_payment_method)
    assert shop.client.customers.retrieve(customer.id).invoice_settings.default_payment_method is None
    assert shop.events()[-2:] == ["payment_method.detached", "customer.updated"]


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"invoice_settings": {"default_payment_method": "pm_none"}}, "invoice_settings[default_payment_method]"),
        ({"invoice_prefix": "ab"}, "invoice_prefix"),
        ({"payment_method": "pm_none"}, "payment_method"),
        ({"metadata": {"x" * 41: "1"}}, "metadata"),
    ],
)
def test_a_refused_customer_does_not_exist(shop, params, param):
    error = shop.refusal(shop.client.customers.create, params)
    assert (error.http_status, error.param) == (400, param)
    assert shop.client.customers.list().data == []
    assert shop.events() == []


@pytest.mark.parametrize("name", ["source", "test_clock"])
def test_what_a_customer_cannot_have_here_is_refused_by_name(shop, name):
    answer = shop.call("POST", "/v1/customers", f"{name}=x")
    assert (answer.status_code, answer.headers["X-Emulator"]) == (400, "not-emulated")
    assert answer.json()["error"]["param"] == name
