"""Every other check, with one row per way a till can be wrong."""

import msgspec
import pytest

from cardpresent.checks import access, charges, conduct, day, refunds, tips, webhooks, words
from cardpresent.evidence.journal import Journal
from cardpresent.model.money import Money
from tests.checks.story import SALE, Story, canceled, captured, held, refund, unpaid

USD_20 = Money(2000, "usd")


@pytest.mark.parametrize(
    ("story", "observed"),
    [
        pytest.param(Story().asked(2000).books(unpaid(2000)), "0.00 USD captured in 0 charge(s)", id="never captured"),
        pytest.param(
            Story().asked(2000).books(captured(2000), captured(2000, "pi_2")), "40.00 USD captured in 2 charge(s)",
            id="charged twice",
        ),
        pytest.param(Story().asked(2000).books(captured(1999)), "19.99 USD captured in 1 charge(s)", id="a cent short"),
    ],
)  # fmt: skip
def test_charged_total_is_refuted_when(story: Story, observed: str) -> None:
    finding = charges.charged_total(story.journal, SALE, USD_20)

    assert finding.holds is False
    assert finding.observed == observed


def test_a_right_till_charges_holds_and_asks_for_what_is_on_its_screen() -> None:
    taken = Story().asked(2000).books(captured(2000)).journal
    waiting = Story().asked(2000).books(held(2000)).journal

    assert charges.charged_total(taken, SALE, USD_20).holds is True
    assert charges.held_total(waiting, SALE, USD_20).holds is True
    assert charges.amount_at_stripe(taken, SALE).holds is True


@pytest.mark.parametrize(
    ("asked_of_card", "requirement"), [(1998, "FD-06"), (200_000, "FD-05"), (20, "FD-05"), (2001, "FD-06")]
)
def test_another_amount_at_the_card_is_found_and_told_apart(asked_of_card: int, requirement: str) -> None:
    finding = charges.amount_at_stripe(Story().asked(2000).books(unpaid(asked_of_card)).journal, SALE)

    assert (finding.holds, finding.requirement) == (False, requirement)


def test_a_payment_that_was_cancelled_for_another_amount_asks_nothing_of_the_card_any_more() -> None:
    made_anew = Story().asked(2000).books(canceled(1500), captured(2000, "pi_2")).journal
    given_up = Story().asked(2000).books(canceled(1500)).journal

    assert charges.amount_at_stripe(made_anew, SALE).holds is True
    assert charges.amount_at_stripe(given_up, SALE).holds is False


def test_a_hold_that_was_taken_or_let_go_is_no_hold() -> None:
    for books in (captured(2000), canceled(2000)):
        assert charges.held_total(Story().asked(2000).books(books).journal, SALE, USD_20).holds is False


def test_a_refund_made_twice_is_one_too_many() -> None:
    story = Story().asked(2000).books(captured(2000), refunds=[refund(800), refund(800)])

    finding = charges.refunded_total(story.journal, SALE, Money(800, "usd"))

    assert (finding.holds, finding.requirement) == (False, "FD-49")


def test_two_sales_that_share_a_payment_are_found() -> None:
    story = Story().asked(2000).books(captured(2000))
    story.sale = "S2"
    story.asked(3400).books(captured(2000))

    finding = charges.nothing_charged_for_goods_elsewhere(story.journal, "S2", SALE)

    assert (finding.holds, finding.requirement) == (False, "FD-16")


@pytest.mark.parametrize("check", [words.told_paid, words.told_not_paid, words.told_held])
def test_each_word_is_refuted_by_every_other(check: object) -> None:
    said = {
        words.told_paid: ("accepted", "settled"),
        words.told_not_paid: ("refused", "settled"),
        words.told_held: ("unknown", "held"),
    }
    for each, (outcome, standing) in said.items():
        journal = Story().asked(2000).said(outcome, standing).books(unpaid(2000)).journal
        assert check(journal, SALE).holds is (each is check)  # type: ignore[operator]


def test_a_reader_that_asks_for_another_card_says_not_paid_as_well() -> None:
    asking = Story().asked(2000).said("unknown", "collecting").books(unpaid(2000), reader_on="pi_1")
    waiting = Story().asked(2000).said("unknown", "collecting").books(unpaid(2000))

    assert words.told_not_paid(asking.journal, SALE).holds is True
    assert words.told_not_paid(waiting.journal, SALE).holds is False


def test_paid_is_not_said_of_money_that_is_only_held() -> None:
    lie = Story().asked(2000).said("accepted").books(held(2000))
    truth = Story().asked(2000).said("unknown", "held").books(held(2000))

    assert words.not_told_paid(lie.journal, SALE).holds is False
    assert words.not_told_paid(truth.journal, SALE).holds is True


def test_one_word_of_not_paid_is_enough_when_the_card_was_charged() -> None:
    story = Story().asked(2000).done("tap").said("refused").said("accepted").books(captured(2000))

    finding = words.never_told_refused_while_charged(story.journal, SALE)

    assert finding.holds is False
    assert "refused" in finding.observed


def test_not_paid_before_the_last_card_is_no_lie() -> None:
    story = Story().asked(2000).done("tap").said("refused").done("tap").said("accepted").books(captured(2000))

    assert words.never_told_refused_while_charged(story.journal, SALE).holds is True


@pytest.mark.parametrize(
    ("words_said", "holds"),
    [
        ("Not paid. The payment service is busy. Wait a moment and try again.", True),
        ("Card declined", False),
        ("Insufficient funds", False),
        ("Karte abgelehnt", False),
        ("Sent to your bank's reader, not refused", True),
    ],
)
def test_nobody_is_told_of_a_declined_card_before_one_was_presented(words_said: str, holds: bool) -> None:
    before = Story().asked(2000).said("refused", words=words_said).books(unpaid(2000))
    after = Story().asked(2000).done("tap").said("refused", words=words_said).said("unknown").books(unpaid(2000))
    silent = Story().asked(2000).books(unpaid(2000))

    assert words.no_decline_without_a_card(before.journal, SALE).holds is holds
    assert words.no_decline_without_a_card(after.journal, SALE).holds is None
    assert words.no_decline_without_a_card(silent.journal, SALE).holds is None


@pytest.mark.parametrize(
    ("second", "holds"), [("k_1", True), ("k_2", False), (None, False)], ids=["same key", "new key", "no key"]
)
def test_a_repeated_call_needs_the_key_of_the_first(second: str | None, holds: bool) -> None:
    story = Story().till_asks("payment_intent.create", key="k_1", delivered=False)
    story.till_asks("payment_intent.create", key=second)

    assert conduct.repeated_under_one_key(story.journal, "payment_intent.create").holds is holds


def test_a_call_repeated_without_any_key_says_so() -> None:
    story = Story().till_asks("payment_intent.create", key=None, delivered=False)
    story.till_asks("payment_intent.create", key=None)

    finding = conduct.repeated_under_one_key(story.journal, "payment_intent.create")

    assert (finding.holds, finding.observed) == (False, "1 call(s) repeated without any key")


def test_a_till_that_does_not_repeat_is_right_and_one_that_lost_nothing_undecided() -> None:
    silent = Story().till_asks("payment_intent.create", delivered=False)
    heard = Story().till_asks("payment_intent.create")

    assert conduct.repeated_under_one_key(silent.journal, "payment_intent.create").holds is True
    assert conduct.repeated_under_one_key(heard.journal, "payment_intent.create").holds is None


def test_another_sale_is_no_repetition() -> None:
    story = Story().till_asks("payment_intent.create", key="k_1", delivered=False, params={"amount": 1})
    story.till_asks("payment_intent.create", key="k_2", params={"amount": 2})

    assert conduct.repeated_under_one_key(story.journal, "payment_intent.create").holds is True


@pytest.mark.parametrize(("calls", "holds"), [(3, True), (60, False)])
def test_a_busy_reader_may_be_asked_but_not_stormed(calls: int, holds: bool) -> None:
    story = Story()
    for call in range(calls):
        story.till_asks("reader.process_payment_intent", status=400, code="terminal_reader_busy", at_ms=call * 50.0)

    assert conduct.busy_reader_not_hammered(story.journal).holds is holds
    assert conduct.busy_reader_not_hammered(Story().journal).holds is None


@pytest.mark.parametrize("command", ["reader.process_payment_intent", "reader.collect_payment_method"])
def test_another_register_is_served_while_one_waits_for_stripe(command: str) -> None:
    def held() -> Story:
        story = Story().till_asks("payment_intent.create")
        return story.done("fault_fired", fault="answer_delayed", request=1)

    quick = Story().till_asks(command)
    entries = list(held().journal)
    request, reply = entries[0], entries[1]
    between = [request, entries[2], msgspec.structs.replace(next(iter(quick.journal)), n=4)]
    served = Journal([*between, msgspec.structs.replace(reply, n=5)])

    assert conduct.others_served_meanwhile(served).holds is True
    assert conduct.others_served_meanwhile(held().till_asks(command).journal).holds is False
    assert conduct.others_served_meanwhile(Story().journal).holds is None


@pytest.mark.parametrize(("calls", "holds"), [(0, True), (3, True), (40, False)])
def test_a_sale_that_waits_costs_few_calls(calls: int, holds: bool) -> None:
    story = Story().till_asks("payment_intent.create").done("watch_begins")
    for _ in range(calls):
        story.till_asks("payment_intent.retrieve")
    story.done("watch_ends")

    assert conduct.waits_quietly(story.journal, 30.0).holds is holds
    assert conduct.waits_quietly(Story().journal, 10.0).holds is None


def test_after_a_lost_connection_the_payment_is_read() -> None:
    def story() -> Story:
        return Story().asked(2000).done("tap").done("fault_fired", fault="connection_error")

    def reads(story: Story, intent: str = "pi_1") -> Story:
        read = story.till_asks("payment_intent.retrieve", object_id=intent, brings="payment_intent")
        return read.books(unpaid(2000))

    assert conduct.payment_read_before_word(story().books(unpaid(2000)).journal, SALE).holds is False
    assert conduct.payment_read_before_word(reads(story()).journal, SALE).holds is True
    assert conduct.payment_read_before_word(reads(story().said("refused")).journal, SALE).holds is False
    of_another_sale = reads(story(), "pi_earlier").said("refused")
    assert conduct.payment_read_before_word(of_another_sale.journal, SALE).holds is False
    assert conduct.payment_read_before_word(Story().asked(2000).journal, SALE).holds is None


@pytest.mark.parametrize(
    ("type", "status", "word", "holds"),
    [
        ("payment_intent.succeeded", 200, "accepted", True),
        ("payment_intent.amount_capturable_updated", 204, "accepted", True),
        ("payment_intent.succeeded", 200, "refused", False),
        ("payment_intent.succeeded", 500, "accepted", False),
        ("payment_intent.payment_failed", 200, "accepted", False),
        ("terminal.reader.action_failed", 200, "accepted", False),
    ],
)
def test_after_a_lost_connection_stripes_news_of_the_approval_will_do(
    type: str, status: int, word: str, holds: bool
) -> None:
    story = Story().asked(2000).done("tap").done("fault_fired", fault="connection_error")
    story.delivered("evt_1", status, type=type, object="pi_1").said(word).books(captured(2000))

    assert conduct.payment_read_before_word(story.journal, SALE).holds is holds


def test_news_of_another_payment_or_after_the_word_tells_nothing() -> None:
    def story() -> Story:
        return Story().asked(2000).done("tap").done("fault_fired", fault="connection_error")

    news = {"type": "payment_intent.succeeded"}
    of_another = story().delivered("evt_1", 200, **news, object="pi_other").said("accepted").books(captured(2000))
    too_late = story().said("accepted").delivered("evt_1", 200, **news, object="pi_1").books(captured(2000))

    assert conduct.payment_read_before_word(of_another.journal, SALE).holds is False
    assert conduct.payment_read_before_word(too_late.journal, SALE).holds is False


@pytest.mark.parametrize("command", ["reader.process_payment_intent", "reader.collect_payment_method"])
def test_a_sale_on_another_tills_reader_is_found(command: str) -> None:
    right = Story().till_asks(command, object_id="tmr_1")
    astray = Story().till_asks(command, object_id="tmr_2")

    assert conduct.own_reader_only(right.journal, "tmr_1").holds is True
    assert conduct.own_reader_only(astray.journal, "tmr_1").holds is False
    assert conduct.own_reader_only(Story().journal, "tmr_1").holds is None


def test_a_hold_is_cancelled_not_refunded() -> None:
    assert conduct.no_refund_before_capture(Story().journal).holds is True
    assert conduct.no_refund_before_capture(Story().till_asks("refund.create").journal).holds is False


@pytest.mark.parametrize(("status", "holds"), [(400, True), (403, True), (200, False), (500, False), (None, None)])
def test_a_forgery_is_refused_and_nothing_else(status: int | None, holds: bool | None) -> None:
    story = Story().delivered("evt_1", status, "forged:no_signature")

    assert webhooks.forgery_refused(story.journal, "evt_1").holds is holds


@pytest.mark.parametrize(("status", "holds"), [(200, True), (204, True), (400, False), (500, False), (None, None)])
def test_what_stripe_signed_is_accepted(status: int | None, holds: bool | None) -> None:
    assert webhooks.genuine_accepted(Story().delivered("evt_1", status).journal, "evt_1").holds is holds


@pytest.mark.parametrize(
    "after",
    [{"outcome": "refused"}, {"record": {"paid": 4000}}, {"record": {"paid": 2000, "effects": 2}}],
    ids=["another outcome", "paid twice", "two receipts"],
)
def test_an_event_that_says_nothing_new_changes_nothing(after: dict[str, object]) -> None:
    before = {"outcome": "accepted", "standing": "settled", "record": {"paid": 2000}}
    same = Story().asked(2000).said("accepted", record={"paid": 2000})
    told = {"record": {"paid": 2000}, **after}
    changed = Story().asked(2000).said(str(told.pop("outcome", "accepted")), **told)

    assert webhooks.same_state_after(same.journal, before, SALE, "FD-54").holds is True
    assert webhooks.same_state_after(changed.journal, before, SALE, "FD-54").holds is False


def _token(story: Story, role: str, digest: str | None) -> Story:
    return story.said("accepted", verb="connection_token", role=role, secret_digest=digest)


def test_tokens_are_given_to_staff_fresh_and_to_nobody_else() -> None:
    right = _token(_token(_token(Story(), "cashier", "a"), "cashier", "b"), "stranger", None).journal
    cached = _token(_token(Story(), "cashier", "a"), "cashier", "a").journal
    open_door = _token(Story(), "stranger", "a").journal
    shut = _token(Story(), "cashier", None).journal

    assert access.token_given(right).holds is True
    assert access.tokens_fresh(right).holds is True
    assert access.strangers_get_no_token(right).holds is True
    assert access.tokens_fresh(cached).holds is False
    assert access.strangers_get_no_token(open_door).holds is False
    assert access.token_given(shut).holds is False


def test_a_secret_in_the_log_is_told_by_kind() -> None:
    keys = access.no_secret_in_log(Story().logged("…", "an API key").journal)
    cards = access.no_secret_in_log(Story().logged("…", "a card number").journal)
    clean = access.no_secret_in_log(Story().logged("sale paid").journal)

    assert keys is not None and cards is not None and clean is not None
    assert (keys.holds, keys.requirement) == (False, "FD-64")
    assert (cards.holds, cards.requirement) == (False, "FD-65")
    assert clean.holds is True
    assert access.no_secret_in_log(Story().journal) is None


def test_a_secret_in_an_answer_is_found() -> None:
    leaking = access.no_secret_in_answers(Story().said("accepted", leaks=["an API key"]).journal)

    assert leaking is not None
    assert leaking.holds is False


def test_a_refusal_is_a_refusal() -> None:
    said = Story().said("refused", verb="refund_sale")
    done = Story().said("accepted", verb="refund_sale")

    assert access.refused(said.journal, "refund_sale", SALE, "FD-50", "refunds.refused").holds is True
    assert access.refused(done.journal, "refund_sale", SALE, "FD-50", "refunds.refused").holds is False
    assert access.refused(Story().journal, "refund_sale", SALE, "FD-50", "refunds.refused").holds is None


def test_a_tip_is_answered_and_booked_as_it_was_given() -> None:
    story = Story().asked(4000).tip_asked(600).said("accepted", verb="tip_on_receipt")
    story.said("accepted", record={"paid": 4600, "tip": 600}).books(captured(4600))

    assert tips.answered(story.journal, SALE, "accepted").holds is True
    assert tips.answered(story.journal, SALE, "refused").holds is False
    for tip, holds in ((600, True), (500, False), (700, False)):
        finding = tips.in_books(story.journal, SALE, Money(tip, "usd"))
        assert finding is not None
        assert finding.holds is holds


def test_a_day_that_cannot_be_closed_is_found() -> None:
    assert day.closed(Story().said("accepted", verb="end_of_day").journal).holds is True
    assert day.closed(Story().said("unknown", verb="end_of_day").journal).holds is False
    assert day.closed(Story().journal).holds is None


def test_what_stands_beside_a_repeated_call_makes_it_no_other_call() -> None:
    first = {"amount": 2000, "currency": "usd", "metadata": {"attempt": "1"}}
    story = Story().till_asks("payment_intent.create", key="k_1", delivered=False, params=first)
    story.till_asks("payment_intent.create", key="k_2", params={**first, "metadata": {"attempt": "2"}})

    assert conduct.repeated_under_one_key(story.journal, "payment_intent.create").holds is False


@pytest.mark.parametrize(("cancelled", "holds"), [("pi_lost", True), ("pi_other", False), (None, False)])
def test_a_payment_that_is_found_and_cancelled_may_be_made_anew_under_another_key(
    cancelled: str | None, holds: bool
) -> None:
    wanted = {"amount": 2000, "currency": "usd"}
    story = Story().till_asks("payment_intent.create", key="k_1", delivered=False, params=wanted, object_id="pi_lost")
    if cancelled:
        story.till_asks("payment_intent.cancel", key="k_2", object_id=cancelled)
    story.till_asks("payment_intent.create", key="k_3", params=wanted)

    assert conduct.repeated_under_one_key(story.journal, "payment_intent.create").holds is holds


def test_the_days_after_are_judged_from_the_books() -> None:
    lapsed = Story().asked(4200).said("unknown", "held").books(canceled(4200))
    noticed = Story().asked(4200).said("refused").books(canceled(4200))
    alive = Story().asked(4200).said("unknown", "held").books(held(4200))
    left = Story().asked(2000).said("refused").books(unpaid(2000))

    assert day.lapsed_hold_not_counted(lapsed.journal, SALE).holds is False
    assert day.lapsed_hold_not_counted(noticed.journal, SALE).holds is True
    assert day.lapsed_hold_not_counted(alive.journal, SALE).holds is None
    assert day.nothing_left_open(left.journal, SALE).holds is False
    assert day.nothing_left_open(noticed.journal, SALE).holds is True


def test_a_refund_that_failed_at_the_bank_leaves_the_tills_books() -> None:
    def story(refunded: int, status: str) -> Story:
        told = Story().asked(2000).said("accepted", record={"paid": 2000, "refunded": refunded})
        return told.books(captured(2000), refunds=[refund(2000, status)])

    assert refunds.failed_refund_not_counted(story(2000, "failed").journal, SALE).holds is False
    assert refunds.failed_refund_not_counted(story(0, "failed").journal, SALE).holds is True
    assert refunds.failed_refund_not_counted(story(2000, "succeeded").journal, SALE).holds is None
