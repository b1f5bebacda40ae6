"""Issuers that answer as they are told to, whatever the card would have brought."""

import pytest


def script(shop, *answers):
    return shop.control("POST", "issuer", answers=list(answers))["answers"]


def refusal(shop, *answers):
    answer = shop.server.http.post(
        "/_emulator/issuer", json={"answers": list(answers)}, headers={"Authorization": f"Bearer {shop.key}"}
    )
    assert answer.status_code == 400
    return answer.json()["error"]


def test_scripted_answers_are_given_in_their_order_and_then_no_more(shop):
    script(shop, {"kind": "decline", "decline_code": "do_not_honor"}, {"kind": "approve"})
    payment = shop.payment()

    shop.process(payment)
    first = shop.present().action
    shop.process(payment)
    second = shop.present("4000000000000002").action

    assert (first.status, first.api_error.decline_code) == ("failed", "do_not_honor")
    assert second.status == "succeeded"
    assert shop.control("GET", "issuer")["answers"] == []
    assert len(shop.charges(payment)) == 2


def test_a_slow_answer_keeps_the_reader_busy_until_it_comes(shop):
    script(shop, {"kind": "approve", "hold_s": 40})
    payment = shop.payment()
    shop.process(payment)
    assert shop.present().action.status == "in_progress"

    shop.advance(39)
    assert shop.charges(payment) == []
    busy = shop.refusal(shop.client.terminal.readers.cancel_action, shop.reader)
    shop.advance(1)

    assert busy.code == "terminal_reader_busy"
    assert shop.read(payment).status == "requires_capture"
    assert shop.action().status == "succeeded"


def test_an_issuer_approves_less_where_the_account_has_that_extension(shop):
    shop.control("POST", "account", extensions=["partial_authorization"])
    script(shop, {"kind": "approve_less", "amount": 1500})
    assert shop.authorized(2000).amount_capturable == 1500


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"kind": "shrug"}, "shrug"),
        ({"kind": "decline", "decline_code": "moody"}, "moody"),
        ({"kind": "approve", "hold_s": -1}, "hold_s"),
        ({"kind": "approve_less", "amount": 100}, "partial_authorization"),
        ({"answer": "approve"}, "kind"),
        ("approve", "object"),
    ],
)
def test_an_answer_no_issuer_gives_is_refused_and_nothing_is_scripted(shop, answer, says):
    assert says in refusal(shop, {"kind": "approve"}, answer)
    assert shop.control("GET", "issuer")["answers"] == []


def test_waiting_answers_can_be_forgotten(shop):
    script(shop, {"kind": "decline"})
    assert len(shop.control("DELETE", "issuer")["answers"]) == 1
    assert shop.authorized().status == "requires_capture"
