"""What two answers may differ in, and what is a difference."""

import pytest

from tests.fidelity.accepted import Accepted
from tests.fidelity.comparing import TAG, differences
from tests.fidelity.pairs import Pairs

PI, THEIR_PI = "pi_3OurPaymentIntent0001", "pi_3TheirPaymentIntent02"
OTHER_PI = "pi_3AnotherOfTheirs00003"
UUID, THEIR_UUID = "11111111-2222-3333-4444-555555555555", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"


def told(ours, theirs, pairs=None):
    return [(one.path, repr(one.emulator), repr(one.stripe)) for one in differences(ours, theirs, pairs or Pairs())]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        pytest.param({"id": PI}, {"id": THEIR_PI}, id="ids"),
        pytest.param({"created": 1_700_000_000}, {"created": 1_800_000_000}, id="times"),
        pytest.param({"message": "No such intent"}, {"message": "There is none"}, id="messages"),
        pytest.param({"client_secret": f"{PI}_secret_a1"}, {"client_secret": f"{THEIR_PI}_secret_b2"}, id="secrets"),
        pytest.param({"receipt_url": "https://a"}, {"receipt_url": "https://b"}, id="addresses"),
        pytest.param({"label": f"simulated-wpe-{UUID}"}, {"label": f"simulated-wpe-{THEIR_UUID}"}, id="uuids"),
        pytest.param({"fingerprint": "abc"}, {"fingerprint": "def"}, id="fingerprints"),
        pytest.param({"metadata": {"a": "1"}}, {"metadata": {"a": "1", TAG: "fid1"}}, id="the tag of a run"),
        pytest.param({"object": "account", "email": None, "charges_enabled": True, "limits": [1]},
                     {"object": "account", "email": "x@y.z", "charges_enabled": False, "limits": [1, 2]},
                     id="what an account is"),
        pytest.param({"id": PI, "url": f"/v1/payment_intents/{PI}"},
                     {"id": THEIR_PI, "url": f"/v1/payment_intents/{THEIR_PI}"}, id="an id within a path"),
    ],
)
def test_what_differs_at_every_call_is_no_difference(ours, theirs):
    assert told(ours, theirs) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        pytest.param({"a": 1}, {}, ("a", "1", "(absent)"), id="a key that Stripe does not send"),
        pytest.param({}, {"a": None}, ("a", "(absent)", "None"), id="a null that the emulator does not send"),
        pytest.param({"a": None}, {"a": {}}, ("a", "None", "{}"), id="null and object"),
        pytest.param({"a": 1}, {"a": "1"}, ("a", "1", "'1'"), id="number and text"),
        pytest.param({"a": 0}, {"a": False}, ("a", "0", "False"), id="number and boolean"),
        pytest.param({"a": True}, {"a": False}, ("a", "True", "False"), id="booleans"),
        pytest.param({"a": {"b": 2000}}, {"a": {"b": 2001}}, ("a.b", "2000", "2001"), id="amounts"),
        pytest.param({"a": "open"}, {"a": "done"}, ("a", "'open'", "'done'"), id="words"),
        pytest.param({"a": ["x"]}, {"a": ["x", "y"]}, ("a[1]", "(absent)", "'y'"), id="a longer list"),
        pytest.param({"id": PI}, {"id": "ch_3NotAnIntentAtAll01"}, ("id", f"'{PI}'", "'ch_3NotAnIntentAtAll01'"),
                     id="ids of two kinds"),
        pytest.param({"id": PI, "again": PI}, {"id": THEIR_PI, "again": OTHER_PI},
                     ("again", f"'{PI}'", f"'{OTHER_PI}'"), id="an id that means another object"),
        pytest.param({"message": "x"}, {"message": None}, ("message", "'x'", "None"), id="a message that is not there"),
        pytest.param({"client_secret": "pi_3x_secret_a"}, {"client_secret": None},
                     ("client_secret", "'str'", "'null'"), id="a secret that is not there, and not shown"),
        pytest.param({"object": "account", "settings": {}}, {"object": "account", "settings": {"branding": {}}},
                     ("settings.branding", "(absent)", "{}"), id="a key of an account"),
        pytest.param({"a": {"object": "balance"}, "b": 1}, {"a": {"object": "balance"}, "b": 2}, ("b", "1", "2"),
                     id="an amount beside what tells of the account"),
        pytest.param({"metadata": {"a": "1"}}, {"metadata": {"a": "2"}}, ("metadata.a", "'1'", "'2'"), id="metadata"),
    ],
)
def test_a_difference_is_told_by_its_place_and_both_values(ours, theirs, found):
    assert told(ours, theirs) == [found]


# -------------------------------------------------------------------------------------------------------------- lists


def row(id, **more):
    return {"id": id, "object": "payment_intent", **more}


def page(*rows, more=False):
    return {"object": "list", "data": list(rows), "has_more": more, "url": "/v1/payment_intents"}


@pytest.fixture
def pairs():
    met = Pairs()
    for n in range(3):
        met.learn(f"pi_3Ours0000000{n}", f"pi_3Theirs00000{n}")
    return met


def ours(n, **more):
    return row(f"pi_3Ours0000000{n}", **more)


def theirs(n, **more):
    return row(f"pi_3Theirs00000{n}", **more)


def test_rows_of_others_and_whether_more_follow_are_passed_over(pairs):
    assert told(page(ours(1), ours(0)), page(row("pi_3Somebodys00001"), theirs(1), theirs(0), more=True), pairs) == []


@pytest.mark.parametrize(
    ("mine", "stripes", "found"),
    [
        pytest.param([ours(1), ours(0)], [theirs(1)], ("data[1]", "'payment_intent'", "(absent)"), id="a row less"),
        pytest.param([ours(1)], [theirs(1), theirs(0)], ("data[]", "(absent)", "'payment_intent'"), id="a row more"),
        pytest.param([ours(1), ours(0)], [theirs(0), theirs(1)], ("data[]", "'in this order'", "'in another order'"),
                     id="another order"),
        pytest.param([ours(1, amount=1)], [theirs(1, amount=2)], ("data[0].amount", "1", "2"), id="within a row"),
    ],
)
def test_rows_of_the_test_are_held_against_each_other(pairs, mine, stripes, found):
    assert told(page(*mine), page(*stripes), pairs) == [found]


def test_a_row_first_met_in_a_list_is_known_by_what_it_speaks_of(pairs):
    mine = page({"id": "ch_3Ours000000001", "object": "charge", "payment_intent": "pi_3Ours00000001"})
    stripes = page(
        {"id": "ch_3Somebodys0001", "object": "charge", "payment_intent": "pi_3Somebodys0001"},
        {"id": "ch_3Theirs0000001", "object": "charge", "payment_intent": "pi_3Theirs000001"},
    )
    assert told(mine, stripes, pairs) == []
    assert pairs.theirs("ch_3Ours000000001") == "ch_3Theirs0000001"


# -------------------------------------------------------------------------------------------------------- translation


def test_requests_are_said_in_stripes_ids_wherever_they_stand():
    pairs = Pairs()
    pairs.learn(PI, THEIR_PI)
    pairs.learn(f"{PI}_secret_a1", f"{THEIR_PI}_secret_b2")

    text = f"/v1/payment_intents/{PI}?starting_after={PI}&client_secret={PI}_secret_a1&note=x{PI}&type=card_present"

    assert pairs.to_stripe(text) == (
        f"/v1/payment_intents/{THEIR_PI}?starting_after={THEIR_PI}&client_secret={THEIR_PI}_secret_b2&note=x{PI}"
        "&type=card_present"
    )


def test_an_id_given_out_and_never_matched_is_a_stranger():
    pairs = Pairs()
    pairs.issued({"id": PI, "status": "requires_payment_method"})

    assert pairs.strangers(f"/v1/payment_intents/{PI}") == [PI]
    assert pairs.strangers("/v1/payment_intents/pi_none") == []
    pairs.learn(PI, THEIR_PI)
    assert pairs.strangers(f"/v1/payment_intents/{PI}") == []


# ----------------------------------------------------------------------------------------------------------- accepted


def test_what_is_accepted_is_accepted_in_every_row_and_nowhere_else(tmp_path):
    file = tmp_path / "accepted.toml"
    file.write_text('[[accepted]]\noperation = "charge.*"\npath = "data[].fee"\nreason = "No fees."\n')
    accepted = Accepted(file)
    found = differences({"data": [{"fee": 0, "net": 1}], "object": "x"},
                        {"data": [{"fee": 30, "net": 2}], "object": "x"}, Pairs())

    assert found != []
    assert accepted.sift("refund.list", found) == found
    assert [one.path for one in accepted.sift("charge.list", found)] == [
        one.path for one in found if one.leaf != "fee"
    ]


def test_every_shipped_entry_has_its_reason():
    assert all(len(entry.reason) > 20 for entry in Accepted().entries)


def test_an_entry_without_a_reason_is_refused(tmp_path):
    file = tmp_path / "accepted.toml"
    file.write_text('[[accepted]]\noperation = "*"\npath = "*"\nreason = " "\n')
    with pytest.raises(ValueError, match="each with a text"):
        Accepted(file)
