"""Search: Stripe's query language over PaymentIntents, charges and customers."""

import pytest

STAFF = {
    "amy": {"email": "amy@rocketrides.io", "name": "Amy Lee One Two Three Four", "metadata": {"till": "7", "a b": "c"}},
    "bob": {"email": "bob@example.com", "name": "Bob", "phone": "+19999999999", "metadata": {"till": "8"}},
    "cleo": {"name": 'The "Sky" and the Sea', "metadata": {"Till": "7"}},
}


@pytest.fixture
def customers(shop):
    """Finds names of STAFF, oldest first."""
    names = {shop.client.customers.create(params).id: name for name, params in STAFF.items()}
    gone = shop.client.customers.create(STAFF["amy"])
    shop.client.customers.delete(gone.id)
    return lambda query: [names[found.id] for found in shop.client.customers.search({"query": query}).data][::-1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('email:"amy@rocketrides.io"', ["amy"]), ("email:'AMY@RocketRides.io'", ["amy"]),
        ('email:"amy"', []), ('email~"rides"', ["amy"]), ('email ~ "EXAMPLE"', ["bob"]),
        ('name:"one two three"', ["amy"]), ('name:"two one"', []), ('name:"amy two"', []),
        (r'name:"the \"sky\" and the sea"', ["cleo"]), ("phone:'+19999999999'", ["bob"]),
        ('metadata["till"]:"7"', ["amy"]), ("metadata['a b']:\"C\"", ["amy"]), ('metadata["Till"]:"7"', ["cleo"]),
        ('metadata["till"]:null', ["cleo"]), ('-metadata["till"]:NULL', ["amy", "bob"]),
        ('-email:"bob@example.com"', ["amy", "cleo"]), ("email:null", ["cleo"]), ("-phone:null", ["bob"]),
        ('metadata["till"]:"7" email~"amy"', ["amy"]), ('metadata["till"]:"7" AND email~"bob"', []),
        ('metadata["till"]:"8" or email~"amy"', ["amy", "bob"]), ('name~"bob" OR name~"lee" OR name~"sea"', [*STAFF]),
        ('name:"Bob"and email~"bob"', ["bob"]), ('-email:null AND -name~"bob"', ["amy"]),
        ("created>1000000000", [*STAFF]), ("created<'1000000000'", []),
    ],
)
def test_customers_are_found(customers, query, found):
    assert customers(query) == found


@pytest.mark.parametrize(
    "query",
    [
        "asdf", "", "email", 'email:"amy', "email:amy", 'email="amy@rocketrides.io"', '"amy"', "AND", 'name:"a" AND',
        '(name:"Bob")', 'metadata[till]:"7"', 'name:"Bob" AND email~"bob" OR name:"Amy"', 'foo:"bar"', 'id:"cus_1"',
        'metadata:"7"', 'email["x"]:"y"', 'email>"a"', 'metadata["till"]~"seven"', 'email~"am"', "created~'100'",
        "created:'soon'", "created>null", "name:true", '--name:"Bob"',
    ],
)
def test_a_query_that_cannot_be_is_refused(shop, query):
    error = shop.refusal(shop.client.customers.search, {"query": query})
    assert (error.http_status, error.type) == (400, "invalid_request_error")
    assert error.param == "query"


def test_charges_are_found_by_money_card_and_what_became_of_them(shop):
    held = shop.authorized(1500).latest_charge.id
    whole, part = (shop.charges(shop.captured(amount))[0].id for amount in (2000, 3000))
    shop.client.refunds.create({"charge": whole})
    shop.client.refunds.create({"charge": part, "amount": 100})
    failed = shop.authorized(4000, number="4000000000000002").latest_charge.id
    everything = {held, whole, part, failed}

    def found(query):
        return {charge.id for charge in shop.client.charges.search({"query": query}).data}

    for query, ids in {
        "amount>2000": {part, failed}, 'amount>="2000" amount<=3000': {whole, part}, "amount:1500": {held},
        "refunded:'true'": {whole}, "refunded:'false'": {part}, "refunded:null": {held, failed},
        "disputed:'true'": set(), "disputed:'FALSE'": everything, "status:'failed'": {failed},
        "payment_method_details.card_present.last4:4242": {held, whole, part},
        "payment_method_details.card_present.last4:'0002'": {failed},
        "payment_method_details.card_present.exp_month:12": everything,
        "-payment_method_details.card_present.brand:'visa'": set(),
        "payment_method_details.card.last4:4242": set(), "customer:null": everything, "-currency:'usd'": set(),
        "billing_details.address.postal_code:12345": set(),
    }.items():
        assert found(query) == ids, query
    for query in ("disputed:'maybe'", "refunded:1"):
        assert shop.refusal(shop.client.charges.search, {"query": query}).param == "query"


def test_payment_intents_are_found_by_status_and_as_they_are_now(shop):
    payment = shop.payment(2000, metadata={"order": "9"})
    search = shop.client.payment_intents.search
    query = 'status:"requires_payment_method" AND metadata["order"]:"9"'
    assert [found.id for found in search({"query": query}).data] == [payment.id]

    shop.client.payment_intents.cancel(payment.id)

    assert search({"query": query}).data == []
    assert [found.id for found in search({"query": "status:'canceled'"}).data] == [payment.id]


def test_what_is_found_comes_in_pages_newest_first(shop):
    ids = [shop.payment(1000 + n).id for n in range(12)][::-1]
    search = shop.client.payment_intents.search
    first = search({"query": "amount<2000", "limit": 5})
    second = search({"query": "amount<2000", "limit": 5, "page": first.next_page})
    third = search({"query": "amount<2000", "limit": 5, "page": second.next_page})

    assert (first.object, first.url, first.has_more) == ("search_result", "/v1/payment_intents/search", True)
    assert [p.id for page in (first, second, third) for p in page.data] == ids
    assert (third.has_more, third.next_page) == (False, None)
    assert [p.id for p in search({"query": "amount<2000"}).auto_paging_iter()] == ids
    assert "total_count" not in first
    counted = search({"query": "amount>=1006", "limit": 2, "expand": ["total_count", "data.customer"]})
    assert (counted.total_count, len(counted.data)) == (6, 2)


@pytest.mark.parametrize("page", ["nonsense", "cGlfbm9uZQ=="])
def test_a_page_nobody_was_given_is_refused(shop, page):
    error = shop.refusal(shop.client.payment_intents.search, {"query": "amount>1", "page": page})
    assert (error.http_status, error.param) == (400, "page")


def test_search_needs_a_query_and_a_version(shop):
    assert shop.call("GET", "/v1/charges/search").json()["error"]["code"] == "parameter_missing"
    old = shop.call("GET", "/v1/charges/search?query=amount%3E1", **{"Stripe-Version": "2020-03-02"})
    assert old.status_code == 400
    assert shop.call("GET", "/v1/charges/search?query=amount%3E1", **{"Stripe-Version": "2020-08-27"}).is_success
    assert shop.refusal(shop.client.charges.search, {"query": "amount>1", "limit": 101}).param == "limit"


def test_accounts_find_only_their_own(shop):
    shop.payment(2000)
    connected = shop.client.payment_intents.search({"query": "amount>1"}, {"stripe_account": "acct_1Elsewhere"})
    assert connected.data == []
