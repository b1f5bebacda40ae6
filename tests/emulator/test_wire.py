"""Stripe's habits on the wire: forms, lists, expansion, versions, errors, keys."""

import pytest

from cardpresent.emulator.wire.form import parse_form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("", {}),
        ("a=1&b=x+y%26z", {"a": "1", "b": "x y&z"}),
        ("a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        ("a[]=x&a[]=y", {"a": {"0": "x", "1": "y"}}),
        ("a%5B0%5D=x&a%5B1%5D=y", {"a": {"0": "x", "1": "y"}}),
        ("a[][n]=1&a[][m]=2&a[][n]=3", {"a": {"0": {"n": "1", "m": "2"}, "1": {"n": "3"}}}),
        ("a[0][n]=1&a[0][m]=2", {"a": {"0": {"n": "1", "m": "2"}}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("metadata[caf%C3%A9]=1", {"metadata": {"café": "1"}}),
    ],
)
def test_bracketed_forms_nest(text, form):
    assert parse_form(text) == form


# ---------------------------------------------------------------------------------------------------------- expansion


def test_expansion_follows_dots_and_leaves_ids_otherwise(shop):
    payment = shop.captured()
    assert isinstance(shop.client.payment_intents.retrieve(payment.id).latest_charge, str)
    expand = ["latest_charge.balance_transaction", "payment_method"]
    full = shop.client.payment_intents.retrieve(payment.id, {"expand": expand})
    assert full.latest_charge.balance_transaction.amount == 2000
    assert full.payment_method.type == "card_present"
    listed = shop.client.refunds.create({"payment_intent": payment.id, "expand": ["charge.payment_intent"]})
    assert listed.charge.payment_intent.id == payment.id


@pytest.mark.parametrize("path", ["nothing", "amount", "latest_charge.nothing", "a.b.c.d.e", "metadata.x"])
def test_what_cannot_be_expanded_is_refused(shop, path):
    payment = shop.authorized()
    error = shop.refusal(shop.client.payment_intents.retrieve, payment.id, {"expand": [path]})
    assert (error.http_status, error.type) == (400, "invalid_request_error")


@pytest.mark.parametrize("path", ["nothing", "latest_charge.nothing", "charges", "metadata.x", "a.b.c.d.e"])
def test_a_call_that_names_what_cannot_be_expanded_has_no_effect(shop, path):
    """Otherwise the till is told 400, repeats, and the money moves twice."""
    held, paid = shop.authorized(), shop.captured()
    calls = shop.client
    for refused in (
        lambda: calls.payment_intents.create({"amount": 900, "currency": "usd", "expand": [path]}),
        lambda: calls.payment_intents.capture(held.id, {"expand": [path]}),
        lambda: calls.refunds.create({"payment_intent": paid.id, "expand": [path]}),
        lambda: calls.terminal.readers.process_payment_intent(
            shop.reader, {"payment_intent": shop.payment().id, "expand": [path]}),
    ):
        error = shop.refusal(refused)
        assert (error.http_status, error.param) == (400, "expand")
    assert [payment.amount for payment in calls.payment_intents.list().data] == [2000, 2000, 2000]
    assert (shop.read(held).status, shop.read(held).amount_received) == ("requires_capture", 0)
    assert calls.refunds.list().data == []
    assert shop.action().status == "succeeded"


@pytest.mark.parametrize(
    ("method", "path", "expand"),
    [
        ("capture", "payment_intents/{held}/capture", "latest_charge.balance_transaction.source"),
        ("refund", "refunds?payment_intent={paid}", "charge.payment_intent.latest_charge"),
        ("process", "terminal/readers/{reader}/process_payment_intent?payment_intent={new}",
         "action.process_payment_intent.payment_intent.customer"),
        ("cancel", "terminal/readers/{reader}/cancel_action", "action.process_payment_intent.payment_intent"),
        ("display", "terminal/readers/{reader}/set_reader_display?type=cart&cart[currency]=usd&cart[total]=0"
         "&cart[line_items][0][amount]=0&cart[line_items][0][description]=a&cart[line_items][0][quantity]=1",
         "action.process_payment_intent.payment_intent"),
    ],
)  # fmt: skip
def test_a_call_that_changes_something_expands_what_can_be(shop, method, path, expand):
    held, paid, new = shop.authorized(), shop.captured(), shop.payment()
    if method == "cancel":
        shop.process(new)
    url, _, body = path.format(held=held.id, paid=paid.id, new=new.id, reader=shop.reader).partition("?")
    answer = shop.call("POST", f"/v1/{url}", f"{body}&expand[]={expand}")
    assert answer.status_code == 200, answer.text


def test_an_old_version_expands_the_charges_of_a_payment_it_captures(shop):
    held = shop.authorized()
    path = f"/v1/payment_intents/{held.id}/capture"
    answer = shop.call("POST", path, "expand[]=charges.data.balance_transaction", **{"Stripe-Version": "2020-08-27"})
    assert answer.json()["charges"]["data"][0]["balance_transaction"]["amount"] == 2000


def test_null_stays_null_when_expanded(shop):
    payment = shop.client.payment_intents.retrieve(shop.payment().id, {"expand": ["latest_charge", "customer"]})
    assert (payment.latest_charge, payment.customer) == (None, None)


# -------------------------------------------------------------------------------------------------------------- lists


def test_lists_are_newest_first_and_walked_both_ways(shop):
    ids = [shop.payment(1000 + n).id for n in range(25)][::-1]
    lists = shop.client.payment_intents.list

    first = lists()
    assert ([p.id for p in first.data], first.has_more, first.url) == (ids[:10], True, "/v1/payment_intents")
    assert [p.id for p in lists({"limit": 100}).data] == ids
    after = lists({"limit": 5, "starting_after": ids[9]})
    assert ([p.id for p in after.data], after.has_more) == (ids[10:15], True)
    before = lists({"limit": 5, "ending_before": ids[9]})
    assert ([p.id for p in before.data], before.has_more) == (ids[4:9], True)
    assert lists({"starting_after": ids[-1]}).data == []
    assert [p.id for p in lists({"limit": 10}).auto_paging_iter()] == ids


def test_lists_are_cut_by_creation_time(shop):
    early = shop.payment()
    shop.advance(100)
    late = shop.payment()
    lists = shop.client.payment_intents.list
    assert [p.id for p in lists({"created": {"gt": early.created}}).data] == [late.id]
    assert [p.id for p in lists({"created": {"lte": early.created}}).data] == [early.id]
    assert [p.id for p in lists({"created": late.created}).data] == [late.id]


@pytest.mark.parametrize(
    ("params", "param"),
    [({"limit": 101}, "limit"), ({"limit": 0}, "limit"), ({"starting_after": "pi_none"}, "starting_after")],
)
def test_a_bad_page_is_refused(shop, params, param):
    assert shop.refusal(shop.client.payment_intents.list, params).param == param


def test_both_cursors_exclude_each_other(shop):
    id = shop.payment().id
    error = shop.refusal(shop.client.payment_intents.list, {"starting_after": id, "ending_before": id})
    assert error.code == "parameters_exclusive"


def test_events_are_listed_by_type_and_pattern(shop):
    shop.captured()

    def found(**params):
        return [event.type for event in shop.client.events.list(params).data]

    assert found(type="charge.captured") == ["charge.captured"]
    assert found(type="charge.*") == ["charge.captured", "charge.succeeded"]
    assert len(found(types=["charge.captured", "payment_intent.created"])) == 2


# ----------------------------------------------------------------------------------------------------------- versions


def test_old_versions_embed_the_charges_of_a_payment(shop):
    payment = shop.captured()
    path = f"/v1/payment_intents/{payment.id}"
    old = shop.call("GET", path, **{"Stripe-Version": "2022-08-01"}).json()
    new = shop.call("GET", path, **{"Stripe-Version": "2022-11-15"}).json()
    assert [charge["id"] for charge in old["charges"]["data"]] == [new["latest_charge"]]
    assert old["charges"]["data"][0]["refunds"]["data"] == []
    assert "charges" not in new
    assert "latest_charge" not in old


def test_an_unknown_version_is_refused_and_a_future_one_loudly(shop):
    unknown = shop.call("GET", "/v1/payment_intents", **{"Stripe-Version": "2024-01-01"})
    future = shop.call("GET", "/v1/payment_intents", **{"Stripe-Version": "2027-03-31.fig"})
    assert (unknown.status_code, future.status_code) == (400, 400)
    assert "X-Emulator" not in unknown.headers
    assert future.headers["X-Emulator"] == "not-emulated"


# -------------------------------------------------------------------------------------------------- errors and accounts


def test_an_unknown_id_answers_404_with_the_name_of_its_place(shop):
    answer = shop.call("GET", "/v1/payment_intents/pi_none")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (404, "resource_missing", "intent")
    assert set(error) == {"code", "doc_url", "message", "param", "type"}
    assert answer.headers["Request-Id"].startswith("req_")


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/products"), ("POST", "/v1/x"), ("PUT", "/v1/events")])
def test_what_is_not_emulated_is_refused_loudly(shop, method, path):
    answer = shop.call(method, path)
    assert (answer.status_code, answer.headers["X-Emulator"]) == (404, "not-emulated")
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "key", ["sk_live_0123456789", "rk_live_0123456789", "pk_test_0123456789", "nonsense", "sk_test_", ""]
)
def test_no_other_key_than_a_test_key_is_let_in(server, key):
    for path in ("/v1/payment_intents", "/_emulator/clock"):
        answer = server.http.get(path, headers={"Authorization": f"Bearer {key}"} if key else {})
        assert answer.status_code == 401
        assert key == "" or key not in answer.text


def test_basic_and_bearer_open_the_same_account(shop):
    payment = shop.payment()
    answer = shop.server.http.get(f"/v1/payment_intents/{payment.id}", auth=(shop.key, ""))
    assert answer.status_code == 200


def test_accounts_share_nothing(shop):
    path = f"/v1/payment_intents/{shop.payment().id}"
    assert shop.call("GET", path, Authorization=f"Bearer {shop.key}other").status_code == 404
    connected = shop.call("GET", "/v1/payment_intents", **{"Stripe-Account": "acct_1Other"})
    assert connected.json()["data"] == []


def test_a_reset_forgets_one_account(shop):
    shop.captured()
    shop.control("POST", "reset")
    assert shop.client.payment_intents.list().data == []
    assert shop.client.events.list().data == []
