"""What the reader asks a customer comes back as it was answered, skipped or left."""

import itertools

from tests.waiting import until

NUMBERS = itertools.count(1)


def _ask(shop):
    register, reader = shop.register()
    name = f"F-{next(NUMBERS)}"
    assert shop.done("POST", f"/forms/{name}", register=register)["state"] == "waiting"
    return name, register, reader


def _end(shop, reader, how, **more):
    shop.venue.call("POST", f"/v1/test_helpers/terminal/readers/{reader}/{how}_input_collection", **more)


def _comes_to(shop, name, state):
    def told():
        return shop.done("GET", f"/forms/{name}")

    until(lambda: told()["state"] == state, f"form {name} to be {state}", 5.0)
    return told()["answers"]


def test_every_answer_comes_back(shop):
    name, _, reader = _ask(shop)

    _end(shop, reader, "succeed")

    answers = [(one["question"], one["answer"]) for one in _comes_to(shop, name, "answered")]
    assert answers == [
        ("Name for the order", "A customer's words"), ("Telephone for the pickup", "+15555550100"),
        ("How shall we wrap it?", "paper"),
    ]


def test_a_skipped_question_has_no_answer_and_the_others_have(shop):
    name, _, reader = _ask(shop)

    _end(shop, reader, "succeed", skip_non_required_inputs="all")

    answers = _comes_to(shop, name, "answered")
    assert [one["skipped"] for one in answers] == [False, True, False]
    assert answers[1]["answer"] is None
    assert answers[2]["answer"] == "paper"


def test_a_customer_who_leaves_has_not_answered_and_the_next_one_can_pay(shop):
    name, register, reader = _ask(shop)

    _end(shop, reader, "timeout")

    assert _comes_to(shop, name, "not_answered") == []
    assert shop.paid(1200, register=register)["captured"] == 1200


def test_a_form_nobody_touches_is_taken_off_at_the_tills_own_deadline(open_shop):
    shop = open_shop(POS_DEADLINE_S="0.2")
    name, register, _ = _ask(shop)

    _comes_to(shop, name, "not_answered")

    assert shop.paid(1200, register=register)["captured"] == 1200


def test_a_form_is_not_put_over_a_payment(shop):
    register, _ = shop.register()
    sale = shop.sell(1500, register=register)

    assert shop.ask("POST", "/forms/F-over", register=register).status_code == 409
    shop.venue.tap(sale["reader"])
    assert shop.sees(sale, "paid")["captured"] == 1500


def test_a_till_that_was_killed_still_learns_the_answers(open_shop):
    shop = open_shop()
    name, _, reader = _ask(shop)
    shop.kill()
    _end(shop, reader, "succeed")

    shop.start()

    assert len(_comes_to(shop, name, "answered")) == 3
