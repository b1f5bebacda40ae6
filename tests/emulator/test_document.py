"""Stripe's document judges every answer of every test; here the judge itself is shown to find what is wrong."""

import pytest

from cardpresent.emulator.catalogue import OPERATIONS
from cardpresent.emulator.handbook import BEYOND, DOCUMENTED, covered
from tests.emulator import document
from tests.emulator.document import NEWEST, PINNED


def judged(monkeypatch, shop, name, change, **headers):
    """What the judge says when the operation `name` answers its object with `change` made to it."""
    [operation] = [one for one in OPERATIONS if one.name == name]
    run = operation.run
    monkeypatch.setattr(operation, "run", lambda call: change(dict(run(call))))
    path = operation.path.format(reader=shop.reader, location=shop.location)
    assert shop.call(operation.method, path, **headers).status_code == 200
    return shop.server.judged.settle()


def without(key):
    return lambda obj: {k: v for k, v in obj.items() if k != key}


def having(**keys):
    return lambda obj: {**obj, **keys}


_PROCESS = {"process_payment_intent": {"payment_intent": "pi_1"}, "status": "in_progress",
            "type": "process_payment_intent"}


@pytest.mark.parametrize(
    ("change", "breach"),
    [
        pytest.param(without("action"), "$.action: missing", id="a null that is not sent"),
        pytest.param(without("label"), "$.label: missing", id="a required key"),
        pytest.param(having(label=7), '$.label: 7 is not of type "string"', id="a wrong type"),
        pytest.param(having(lable=""), "$.lable: not in the document", id="a key of nobody's"),
        pytest.param(having(status="up"), "$.status: ", id="a value outside its enum"),
        pytest.param(having(action={**_PROCESS, "failure_code": None, "failure_message": None}),
                     "$.action.api_error: missing", id="a null below, in an object that may be null"),
        pytest.param(having(location={"id": "tml_1", "object": "terminal.location"}),
                     "$.location.address: missing", id="a key of an expanded object"),
        pytest.param(having(location={"id": "tml_1", "object": "terminal.location", "deleted": 1}),
                     "$.location.deleted: ", id="a key of the one alternative that was meant"),
    ],
)
def test_an_answer_that_is_not_as_documented_is_named_by_operation_and_path(monkeypatch, shop, change, breach):
    found = judged(monkeypatch, shop, "reader.retrieve", change)
    where = f"GET /v1/terminal/readers/{{reader}} at {NEWEST} (200): "
    assert any(sentence.startswith(where + breach) for sentence in found), found


def test_each_item_of_a_list_is_judged(monkeypatch, shop):
    def change(page):
        return {**page, "data": [without("action")(reader) for reader in page["data"]]}

    found = judged(monkeypatch, shop, "reader.list", change)
    assert found == [f"GET /v1/terminal/readers at {NEWEST} (200): $.data[0].action: missing"]


def test_what_a_version_does_not_know_is_not_sent_to_it(monkeypatch, shop):
    refund = shop.client.refunds.create({"payment_intent": shop.captured().id})
    newest = document.SCHEMAS["refund"]["properties"]
    assert "payment_method" in refund and "payment_method" not in newest
    pinned = document.breaches(document.Described("GET", "/v1/refunds/{refund}"), PINNED, refund.to_dict())
    assert "$.payment_method: not in the document" in pinned


@pytest.mark.parametrize("version", [PINNED, "2022-08-01", "2024-06-20", "2025-03-31.basil"])
def test_a_sale_is_as_documented_at_other_versions(shop, version):
    payment = shop.captured()
    refund = shop.client.refunds.create({"payment_intent": payment.id})
    paths = [f"payment_intents/{payment.id}", f"charges/{payment.latest_charge}", f"refunds/{refund.id}",
             f"payment_methods/{payment.payment_method}", f"terminal/readers/{shop.reader}",
             f"terminal/locations/{shop.location}", "terminal/configurations"]
    for path in paths:
        assert shop.call("GET", f"/v1/{path}", **{"Stripe-Version": version}).status_code == 200


def test_to_an_older_version_only_types_are_judged(monkeypatch, shop):
    def change(reader):
        return {**without("action")(reader), "label": 7}

    found = judged(monkeypatch, shop, "reader.retrieve", change, **{"Stripe-Version": "2022-08-01"})
    assert [sentence.partition(": ")[2] for sentence in found] == ['$.label: 7 is not of type "string"']


@pytest.mark.parametrize(
    ("error", "breach"),
    [
        ({"type": "api_error", "message": "x", "code": "nonsense", "doc_url": "x"}, "'nonsense' is no error code"),
        ({"type": "odd_error", "message": "x"}, "$.error.type: "),
        ({"type": "api_error", "message": "x", "parm": "y"}, "$.error.parm: not in the document"),
        ({"type": "api_error"}, "$.error.message: missing"),
        ({"type": "api_error", "message": "x", "code": "lock_timeout"}, "$.error.doc_url: missing"),
        ({"message": "x"}, "$.error.type: missing"),
    ],
)
def test_an_error_that_is_not_as_documented_is_found(error, breach):
    [found] = document.error_breaches(NEWEST, {"error": error})
    assert breach in found


def test_an_event_is_judged_with_the_object_inside(shop):
    shop.captured()
    event = shop.server.events[shop.key][-1]
    assert document.event_breaches(event) == []
    obj = event["data"]["object"]
    broken = {**event, "type": "charge.taken", "data": {"object": without("currency")(without("review")(obj)),
                                                        "previous_attributes": {"nothing": 1}}}
    assert document.event_breaches(broken) == [
        "$.type: 'charge.taken' is no event of Stripe's", *document.event_breaches(broken)[1:-1],
        f"$.data.previous_attributes.nothing: no key of the {obj['object']}",
    ]
    assert "$.data.object.review: missing" in document.event_breaches(broken)


def test_the_document_holds_the_operations_it_is_known_by():
    assert len(document.OPERATIONS) == DOCUMENTED == 109
    in_document = [o for o in OPERATIONS if o.name not in BEYOND]
    assert {document.described(o.method, o.path) is None for o in in_document} == {False}
    assert covered().startswith(f"{len(in_document)} of the 109 operations")
    assert str(document.described("GET", "/v1/charges/search")) == "GET /v1/charges/search"
    assert str(document.described("GET", "/v1/charges/ch_1")) == "GET /v1/charges/{charge}"
    assert document.described("PUT", "/v1/charges") is None


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_of_the_catalogue_stands_in_the_document(operation):
    assert document.described(operation.method, operation.path) is not None
