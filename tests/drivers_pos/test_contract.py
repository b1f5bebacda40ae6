"""The wrapper blames whoever did wrong: the adapter for its replies, never the till for being odd."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from cardpresent.drivers.pos import AdapterContractError, CheckedPos, NotOffered, PosReply, TillRecord
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing

GOOD = PosReply(
    outcome=Outcome.ACCEPTED,
    standing=Standing.SETTLED,
    words="Paid",
    saved=MappingProxyType({"payment_intent": "pi_1"}),
    status=200,
    record=TillRecord(paid=Money(100, "usd")),
    body="{}",
)


class AcmePos:
    """An adapter that returns what a test hands it, or raises it."""

    def __init__(self, reply, offered=True):
        self.reply = reply
        self.offered = offered

    def offers(self, verb):
        return self.offered

    def perform(self, verb, values, *, as_role="cashier"):
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


def test_a_sound_reply_passes_through_untouched():
    assert CheckedPos(AcmePos(GOOD)).perform("start_sale", {}) is GOOD


@pytest.mark.parametrize(
    "reply, said",
    [
        pytest.param(True, "AcmePos.start_sale returned bool, expected PosReply", id="a bool"),
        pytest.param(None, "AcmePos.start_sale returned NoneType, expected PosReply", id="nothing"),
        pytest.param(
            KeyError("id"), "AcmePos.start_sale raised KeyError: 'id', expected a PosReply", id="an exception"
        ),
        pytest.param(replace(GOOD, outcome="accepted"), "put str into outcome, expected an Outcome", id="outcome text"),
        pytest.param(replace(GOOD, standing=None), "put NoneType into standing, expected a Standing", id="no standing"),
        pytest.param(replace(GOOD, words=None), "put NoneType into words, expected str", id="no words"),
        pytest.param(replace(GOOD, status="200"), "put str into status, expected int or None", id="status text"),
        pytest.param(replace(GOOD, status=True), "put bool into status, expected int or None", id="status bool"),
        pytest.param(replace(GOOD, body=b"{}"), "put bytes into body, expected str", id="body bytes"),
        pytest.param(replace(GOOD, saved={"n": 1}), "saved 'n' as int, expected text under a text", id="saved int"),
        pytest.param(replace(GOOD, saved=[]), "put list into saved, expected a mapping", id="saved list"),
        pytest.param(
            replace(GOOD, record=TillRecord(paid=100)),
            "put int into record.paid, expected Money or None",
            id="bare money",
        ),
        pytest.param(
            replace(GOOD, standing=Standing.COLLECTING), "said accepted while the sale is collecting", id="too early"
        ),
        pytest.param(replace(GOOD, status=None), "said accepted without an answer", id="a guess about a dead till"),
    ],
)
def test_an_adapter_is_blamed_by_name_verb_and_fault_when_it_gives(reply, said):
    with pytest.raises(AdapterContractError) as caught:
        CheckedPos(AcmePos(reply)).perform("start_sale", {})

    assert said in str(caught.value)
    assert str(caught.value).startswith("AcmePos.start_sale ")
    assert str(caught.value).endswith("see docs/integrations.md")


def test_an_adapter_that_cannot_say_what_it_offers_is_blamed_too():
    with pytest.raises(AdapterContractError, match=r"AcmePos\.offers returned str, expected True or False"):
        CheckedPos(AcmePos(GOOD, offered="yes")).offers("start_sale")


def test_asking_for_a_verb_that_is_not_offered_is_the_callers_mistake():
    with pytest.raises(NotOffered):
        CheckedPos(AcmePos(GOOD, offered=False)).perform("start_sale", {})


def test_a_till_that_answers_nonsense_is_unknown_and_blames_no_adapter(pos, till):
    from odd_till import Answer

    till.answers["POST /pay"] = Answer("}{ Segmentation fault", 200)

    reply = pos().perform("start_sale", {"sale": "s1", "amount": Money(100, "usd")})

    assert (reply.outcome, reply.missing) == (Outcome.UNKNOWN, ("outcome",))
