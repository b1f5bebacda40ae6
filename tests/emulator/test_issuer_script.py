"""Scripted issuers: what an account was told to answer comes before what card and amount would bring."""

import pytest

from cardpresent.emulator import issuer
from cardpresent.emulator.issuer import ScriptedAnswer


def _script(shop, *answers):
    issuer.script(shop.server.app._backend.find_account(shop.key), list(answers))


@pytest.fixture
def scripted(shop):
    return lambda *answers: _script(shop, *answers)


def _tried(shop, payment, number=None):
    shop.process(payment)
    shop.present(number)
    return shop.read(payment)


def test_answers_are_given_in_order_and_then_the_card_speaks_again(shop, scripted):
    scripted(ScriptedAnswer("decline", decline_code="do_not_honor"), ScriptedAnswer("approve"))
    payment = shop.payment(2000)

    first = _tried(shop, payment, "4242424242424242")
    second = _tried(shop, payment, "4000000000000002")

    assert (first.status, first.last_payment_error.decline_code) == ("requires_payment_method", "do_not_honor")
    assert second.status == "requires_capture"
    assert _tried(shop, shop.payment(2000), "4000000000000002").status == "requires_payment_method"


@pytest.mark.parametrize(
    ("code", "decline_code"),
    [("card_declined", "generic_decline"), ("card_declined", "pickup_card"), ("expired_card", None),
     ("processing_error", None), ("card_decline_rate_limit_exceeded", None)],
)
def test_a_scripted_decline_carries_stripes_codes(shop, scripted, code, decline_code):
    scripted(ScriptedAnswer("decline", code, decline_code))
    error = _tried(shop, shop.payment(2000)).last_payment_error
    assert (error.code, getattr(error, "decline_code", None)) == (code, decline_code)
    assert shop.action().failure_code == code


def test_a_card_the_payment_does_not_take_uses_up_no_answer(shop_in):
    shop = shop_in("CA")
    _script(shop, ScriptedAnswer("decline", decline_code="lost_card"))
    payment = shop.payment(2000, "cad", payment_method_types=["card_present"])
    shop.process(payment)
    shop.present(type="interac_present", interac_present={"number": "4506445006931933"})
    assert shop.read(payment).last_payment_error.decline_code == "card_not_supported"
    assert _tried(shop, payment).last_payment_error.decline_code == "lost_card"


def test_an_issuer_approves_less_where_the_extension_allows_it(shop, scripted):
    less = ScriptedAnswer("approve_less", amount=1500)
    with pytest.raises(ValueError, match="partial_authorization"):
        scripted(less)
    shop.control("POST", "account", extensions=["partial_authorization"])
    scripted(less, less)
    assert _tried(shop, shop.payment(2000)).amount_capturable == 1500
    assert _tried(shop, shop.payment(1400)).amount_capturable == 1400


@pytest.mark.parametrize(
    "answer",
    [{"kind": "maybe"}, {"kind": "decline", "code": "bored"}, {"kind": "decline", "decline_code": "bored"},
     {"kind": "decline", "code": "expired_card", "decline_code": "lost_card"}, {"kind": "approve", "amount": 5},
     {"kind": "approve_less"}, {"kind": "approve_less", "amount": 0}],
)
def test_an_answer_no_issuer_gives_is_refused(answer):
    with pytest.raises(ValueError, match=r"approve|Stripe knows"):
        ScriptedAnswer(**answer)
