"""What is said of extractions, log-ins and amounts that cannot be meant."""

import re

import pytest

from cardpresent.profile import IntegrationError, load
from tests.profile.test_loading import GOOD

SAVE = 'save = { payment_intent = "$.id" }'


@pytest.fixture
def refused(tmp_path):
    """The sentence that GOOD is refused with once `old` is `new` in it, without file and line."""

    def sentence(old: str, new: str, *more: tuple[str, str]) -> str:
        text = GOOD
        for before, after in ((old, new), *more):
            assert text.count(before) == 1
            text = text.replace(before, after)
        path = tmp_path / "cardpresent.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(IntegrationError) as caught:
            load(path)
        assert caught.value.line, "a fault without its line"
        return re.sub(r"^.*?:\d+: ", "", str(caught.value))

    return sentence


@pytest.mark.parametrize(
    "saved, key, said",
    [
        (
            'payment_intent = { css = "div[" }', "payment_intent.css",
            '"div[" is no CSS selector (Malformed attribute selector at position 3); mend it',
        ),
        (
            'payment_intent = { header = "X-Id", attribute = "value" }', "payment_intent.attribute",
            "stands without css; say in css which element's attribute it is",
        ),
        (
            "payment_intent = { redirect = false }", "payment_intent.redirect",
            "is false; write true, or a regular expression for a part of the address",
        ),
        (
            "payment_intent = { redirect = 'a(b' }", "payment_intent.redirect",
            "is no regular expression (missing ), unterminated subpattern at position 1); mend it",
        ),
        (
            'order = { newest = "payment_intent" }, payment_intent = "$.id"', "order.newest",
            "looks for a payment_intent that is not saved as one; "
            'write it as save = { payment_intent = { newest = "payment_intent" } }',
        ),
        (
            'payment_intent = { css = "b", regex = "c" }', "payment_intent",
            "gives regex and css; give exactly one of jsonpath, regex, css, header, cookie, redirect, newest, constant",
        ),
    ],
)  # fmt: skip
def test_an_extraction_that_cannot_be_meant_is_named_with_its_fix(refused, saved, key, said):
    assert refused(SAVE, f"save = {{ {saved} }}") == f"operations.start_sale.save.{key}: {said}"


def test_the_book_is_looked_into_for_a_payment_and_for_nothing_else(refused):
    said = refused('outcome = { by = "$.state", accepted = ["paid"] }\n\n[operations.sale_state]',
                   'words = { newest = "payment_intent" }\noutcome = { by = "$.state", accepted = ["paid"] }\n\n'
                   "[operations.sale_state]")  # fmt: skip

    assert said.startswith("operations.start_sale.words.newest: looks for a payment_intent that is not saved as one")


@pytest.mark.parametrize(
    "amount, currency, said",
    [
        (1905, "usd", "ends in 05, which a simulated bank declines; price what the suite buys at an amount that does "
         "not end in 01, 02, 03, 05, 55, 65 or 75"),
        (1000, "czk", "is below the smallest charge in CZK; price what the suite buys at 1500 or more"),
    ],
)  # fmt: skip
def test_a_price_that_cannot_be_paid_is_refused(refused, amount, currency, said):
    table = f'currencies = ["{currency}"]\nfixed_amount = {amount}'

    assert refused('currencies = ["usd"]', table) == f"till.fixed_amount: {said}"


def test_a_price_that_cannot_be_chosen_cannot_be_edited(refused):
    edit = '[capabilities]\nedit_sale = true\n\n[operations.edit_sale]\nmethod = "PATCH"\npath = "/x"\n'
    edit += 'outcome = { by = "$.x", accepted = ["1"] }\n\n[timing]'

    said = refused('currencies = ["usd"]', 'currencies = ["usd"]\nfixed_amount = 1900', ("[timing]", edit))

    assert said.startswith("capabilities.edit_sale: is true beside till.fixed_amount; drop fixed_amount")


@pytest.mark.parametrize(
    "old, new, said",
    [
        (
            SAVE, f"{SAVE}\nblocks = true",
            "operations.start_sale.blocks: its answer may take as long as a customer does, "
            "and timing.answer_within_s is 30; write more than deadline_s, which is 60",
        ),
        (
            "[operations.sale_state]", "[operations.sale_state]\nblocks = true",
            "operations.sale_state.blocks: waits for no customer; "
            "only charge_saved_card, retry_sale, start_sale may block",
        ),
    ],
)  # fmt: skip
def test_only_what_waits_for_a_customer_may_block_and_is_waited_for(refused, old, new, said):
    assert refused(old, new) == said


def test_a_till_that_answers_at_the_end_need_not_be_asked_how_a_sale_stands(tmp_path):
    at_the_end = GOOD[: GOOD.index("[operations.sale_state]")].replace(SAVE, f"{SAVE}\nblocks = true")
    path = tmp_path / "cardpresent.toml"
    path.write_text(at_the_end.replace("deadline_s = 60", "deadline_s = 20"), encoding="utf-8")

    assert load(path).operations["start_sale"].blocks


APP = (('kind = "server-driven"', 'kind = "sdk"'), (SAVE, 'save = { payment_intent = "$.id", client_secret = "$.s" }'))
TOKEN = '[operations.connection_token]\nmethod = "POST"\npath = "/token"\nSAVE\n[timing]'


@pytest.mark.parametrize(
    "changes, said",
    [
        (APP, 'till.kind: "sdk" needs [operations.connection_token]; describe it: an app cannot do without'),
        ((*APP, ("[timing]", TOKEN.replace("SAVE", ""))),
         "operations.connection_token.save: has no secret; save it: the suite's app works with it"),
        ((APP[0], ("[timing]", TOKEN.replace("SAVE", 'save = { secret = "$.secret" }'))),
         "operations.start_sale.save: has no client_secret; save it: the suite's app works with it"),
    ],
)  # fmt: skip
def test_a_backend_gives_its_app_what_an_app_needs(refused, changes, said):
    first, *more = changes

    assert refused(*first, *more) == said


def test_a_log_in_of_steps_is_held_to_the_rules_of_steps(refused):
    login = '[auth.cashier.login]\npath = "/login"\n[[auth.cashier.login.steps]]\npath = "/login"\n\n[timing]'

    assert refused("[timing]", login) == (
        "auth.cashier.login.path: stands beside steps; move it into one of the steps"
    )
