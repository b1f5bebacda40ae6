"""Whatever is sent, the answer is one of Stripe's, and nothing that was sent is silently ignored."""

from collections import Counter

import pytest

from cardpresent.emulator.catalogue import OPERATIONS
from cardpresent.emulator.resources import charges
from tests.emulator import document, fuzz
from tests.emulator.document import DELTA
from tests.emulator.drawn import parameters
from tests.emulator.inside import Inside

IDS = [operation.name for operation in OPERATIONS]
# Documented once, and gone from the newest types: refused as unknown.
GONE = {(operation, name) for operation, change in DELTA["requests"].items() for name in change["removed"]}


def fuzzed(requests, seed=1):
    tally = Counter()
    fuzz.rounds(requests, seed, tally, lambda: None)
    return tally


def test_no_request_breaks_the_emulator_its_books_or_the_shape_of_an_answer():
    tally = fuzzed(2000)
    assert tally.total() >= 2000
    assert {status for _, status in tally} >= {200, 400, 404}


def crash(call):
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("name", "broken", "found"),
    [
        pytest.param("reader.retrieve", crash, "internal error", id="a crash"),
        pytest.param("location.list", lambda call: {"object": "list"}, "has_more: missing", id="a list of no shape"),
    ],
)
def test_the_fuzz_finds_what_is_broken(monkeypatch, name, broken, found):
    [operation] = [one for one in OPERATIONS if one.name == name]
    monkeypatch.setattr(operation, "run", broken)
    with pytest.raises(fuzz.Broken, match=found):
        fuzzed(20_000)


def test_the_fuzz_finds_money_that_is_given_back_twice(monkeypatch):
    monkeypatch.setattr(charges, "refundable", lambda charge: 10**9)
    with pytest.raises(fuzz.Broken, match="gave back"):
        fuzzed(20_000)


def test_the_fuzz_finds_a_value_that_does_not_come_back():
    run = fuzz.Run(Counter())
    run.account.close()
    run.echoed({"description": "x", "livemode": "true", "currency": "USD"}, {"description": "x", "currency": "usd"})
    with pytest.raises(AssertionError, match="description='x' came back as None"):
        run.echoed({"description": "x"}, {"description": None})


# ------------------------------------------------------------------------------------------------- nothing is ignored


@pytest.fixture(scope="module")
def inside():
    with Inside() as account:
        yield account


def asked(inside, operation, params):
    path = operation.path
    for name in [step[1:-1] for step in path.split("/") if step.startswith("{")]:
        path = path.replace(f"{{{name}}}", f"{name}_none")
    return inside.call(operation.method, path, params)


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
def test_a_parameter_that_nobody_documented_is_refused_by_name(inside, operation):
    error = asked(inside, operation, {"nonsense": "1"}).body["error"]
    assert (error["code"], error["param"]) == ("parameter_unknown", "nonsense")


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
def test_a_documented_parameter_is_known_or_refused_as_not_emulated(inside, operation):
    described = document.described(operation.method, operation.path)
    for name in parameters(described)[0]:
        if (str(described), name) in GONE:
            continue
        answer = asked(inside, operation, {name: "x"})
        error = answer.body.get("error", {})
        assert error.get("code") != "parameter_unknown", f"{described}: {name} is documented"
        if answer.headers.get("x-emulator") == "not-emulated":
            assert name in error["message"], error


@pytest.mark.parametrize("operation", OPERATIONS, ids=IDS)
def test_what_nobody_documented_inside_a_parameter_is_refused_by_its_whole_name(inside, operation):
    described = document.described(operation.method, operation.path)
    for name, schema in parameters(described)[0].items():
        branches = [schema, *schema.get("anyOf", [])]
        if (str(described), name) in GONE or not any(branch.get("properties") for branch in branches):
            continue
        answer = asked(inside, operation, {name: {"nonsense": "1"}})
        error = answer.body["error"]
        refused_whole = answer.headers.get("x-emulator") == "not-emulated" and name in error["message"]
        assert refused_whole or (error["code"], error["param"]) == ("parameter_unknown", f"{name}[nonsense]"), error
