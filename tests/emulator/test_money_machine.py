"""Any order of sales, captures, refunds, cancellations, taps, faults and days gone by: the books always add up."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from cardpresent.emulator.paying import amounts
from cardpresent.emulator.paying.cards import CARDS
from cardpresent.emulator.resources import charges
from tests.emulator.books import Books
from tests.emulator.inside import Inside

AMOUNTS = st.sampled_from([50, 1000, 1001, 1003, 2000, 2055, 40000, 999_999])
CARD_NUMBERS = st.sampled_from(sorted(CARDS))
OPTIONS = st.fixed_dictionaries({}, optional={
    "request_incremental_authorization_support": st.booleans(), "request_extended_authorization": st.booleans(),
})
MORE = {"request_incremental_authorization_support": True}
CONFIG = st.sampled_from([
    {}, {"skip_tipping": True}, {"tipping": {"amount_eligible": 500}}, {"tipping": {"amount_eligible": 0}},
    {"enable_customer_cancellation": True},
])
FAULTS = st.sampled_from([
    {"fault": "stuck_action"}, {"fault": "stuck_action", "approved": True}, {"fault": "timeout_after_send"},
    {"fault": "timeout_not_sent"}, {"fault": "reader_busy"}, {"fault": "slow_issuer", "hold_s": 30},
    {"fault": "connection_error", "approved": True}, {"fault": "connection_error"},
])
HOUR_S = 3600
SHARES = st.sampled_from([None, 1, 50, 100, 101, 250])  # of what was received, in percent


class Money(RuleBasedStateMachine):
    """One account with two readers; what callers were told is kept beside what the books say."""

    payments = Bundle("payments")

    def __init__(self) -> None:
        super().__init__()
        self.account = Inside()
        address = {"line1": "1 Main St", "city": "X", "state": "CA", "postal_code": "94000", "country": "US"}
        place = self.account.ok("POST", "/v1/terminal/locations", {"display_name": "Shop", "address": address})["id"]
        code = {"registration_code": "simulated-wpe", "location": place}
        self.readers = [self.account.ok("POST", "/v1/terminal/readers", code)["id"] for _ in range(2)]
        self.books = Books(self.account)
        self.seen: Books | None = None  # the books as they are now, where somebody has read them already
        self.given_back = 0
        self.faulty = False

    def teardown(self) -> None:
        self.account.close()

    def ask(self, path: str, **params: Any) -> Any:
        """One POST. A refused one must have changed nothing, unless a fault was there to lose the answer."""
        answer = self.account.call("POST", f"/v1/{path}", params)
        assert answer.status < 500, answer.body
        if answer.status == 200:
            self.seen = None
            return answer.body
        self.seen = Books(self.account)
        if not self.faulty:
            assert self.seen == self.books, f"{path} was refused and changed something: {answer.body}"
        return None

    def sell_to(self, reader: int, payment: str) -> None:
        """The customer pays, if the reader and the bank will have it."""
        if self.ask(f"terminal/readers/{self.readers[reader]}/process_payment_intent", payment_intent=payment):
            self.books = Books(self.account)
            self.ask(f"test_helpers/terminal/readers/{self.readers[reader]}/present_payment_method")

    # ----------------------------------------------------------------------------------------------------- the sale

    @rule(target=payments, amount=AMOUNTS, options=OPTIONS,
          method=st.sampled_from(["manual", "automatic", "automatic_async"]))
    def create(self, amount, options, method):
        made = self.ask("payment_intents", amount=amount, currency="usd", payment_method_types=["card_present"],
                        capture_method=method, payment_method_options={"card_present": options})
        return made["id"] if made else multiple()

    @rule(payment=payments, amount=AMOUNTS)
    def edit(self, payment, amount):
        self.ask(f"payment_intents/{payment}", amount=amount)

    @rule(reader=st.integers(0, 1), payment=payments, config=CONFIG)
    def process(self, reader, payment, config):
        path = f"terminal/readers/{self.readers[reader]}/process_payment_intent"
        self.ask(path, payment_intent=payment, process_config=config)

    @rule(reader=st.integers(0, 1), payment=payments, skip_tipping=st.booleans())
    def collect(self, reader, payment, skip_tipping):
        path = f"terminal/readers/{self.readers[reader]}/collect_payment_method"
        self.ask(path, payment_intent=payment, collect_config={"skip_tipping": skip_tipping})

    @rule(reader=st.integers(0, 1), payment=payments)
    def confirm(self, reader, payment):
        self.ask(f"terminal/readers/{self.readers[reader]}/confirm_payment_intent", payment_intent=payment)

    @rule(reader=st.integers(0, 1), number=CARD_NUMBERS, tip=st.sampled_from([None, 0, 1, 250]))
    def present(self, reader, number, tip):
        path = f"test_helpers/terminal/readers/{self.readers[reader]}/present_payment_method"
        self.ask(path, card_present={"number": number}, amount_tip=tip)

    @rule(target=payments, amount=AMOUNTS, reader=st.integers(0, 1), share=st.sampled_from([None, 60, 100, 140, 400]),
          method=st.sampled_from(["manual", "automatic"]), more=st.sampled_from([None, 1.5]),
          back=st.lists(SHARES, max_size=3))
    def sell(self, amount, reader, method, share, more, back):
        """A sale without trouble, so that many runs have money to talk about."""
        made = self.ask("payment_intents", amount=amount, currency="usd", payment_method_types=["card_present"],
                        capture_method=method, payment_method_options={"card_present": MORE} if more else None)
        self.books = Books(self.account)
        self.sell_to(reader, made["id"])
        self.books = Books(self.account)
        if more and self.ask(f"payment_intents/{made['id']}/increment_authorization", amount=int(amount * more)):
            self.books = Books(self.account)
        if share is not None:
            self.capture(made["id"], share)
            self.books = Books(self.account)
        for part in back:
            self.refund(made["id"], part)
            self.books = Books(self.account)
        return made["id"]

    @rule(reader=st.integers(0, 1))
    def cancel_action(self, reader):
        self.ask(f"terminal/readers/{self.readers[reader]}/cancel_action")

    @rule(payment=payments, share=st.sampled_from([None, 1, 50, 100, 130, 400]))
    def capture(self, payment, share):
        """`share` in percent of what may be captured."""
        amount = self.books.payment_intents[payment]["amount_capturable"]
        part = {} if share is None else {"amount_to_capture": max(1, amount * share // 100)}
        self.ask(f"payment_intents/{payment}/capture", **part)

    @rule(payment=payments, amount=AMOUNTS)
    def increment(self, payment, amount):
        self.ask(f"payment_intents/{payment}/increment_authorization", amount=amount)

    @rule(payment=payments)
    def cancel(self, payment):
        self.ask(f"payment_intents/{payment}/cancel")

    @rule(payment=payments, share=SHARES)
    def refund(self, payment, share):
        """`share` in percent of what was received."""
        received = self.books.payment_intents[payment]["amount_received"]
        part = {} if share is None else {"amount": max(1, received * share // 100)}
        made = self.ask("refunds", payment_intent=payment, **part)
        if made:
            self.given_back += made["amount"]

    # -------------------------------------------------------------------------------------------- the world around

    @rule(hours=st.sampled_from([1, 49, 115]))
    def time_passes(self, hours):
        self.seen = None
        self.account.control("POST", "clock", advance_s=hours * HOUR_S)

    @rule(reader=st.integers(0, 1), fault=FAULTS)
    def trouble(self, reader, fault):
        self.faulty = True
        self.account.control("POST", f"readers/{self.readers[reader]}/faults", **fault)

    @rule()
    def trouble_ends(self):
        self.seen = None
        self.account.control("DELETE", "faults")
        self.faulty = False

    # ---------------------------------------------------------------------------------------------- what must hold

    @invariant()
    def the_books_add_up(self):
        before, self.books = self.books, self.seen or Books(self.account)
        self.seen = self.books
        assert self.books.faults() == []
        assert self.account.judged.settle() == []
        for id, charge in before.charges.items():
            now = self.books.charges[id]
            assert now["amount_captured"] >= charge["amount_captured"], f"{id} was captured and is not any more"
        for id, pi in before.payment_intents.items():
            if pi["status"] in ("succeeded", "canceled"):
                assert self.books.payment_intents[id]["status"] == pi["status"], f"{id} moved on after its end"

    @invariant()
    def no_money_comes_from_nowhere(self):
        received = sum(pi["amount_received"] for pi in self.books.payment_intents.values())
        assert self.given_back <= received, f"{self.given_back} given back of {received}"
        assert 0 <= self.books.taken() <= received, f"{self.books.taken()} kept of {received}"


BOUNDED = settings(
    max_examples=100, stateful_step_count=40, derandomize=True, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)


def test_the_books_always_add_up():
    run_state_machine_as_test(Money, settings=BOUNDED)


@pytest.mark.parametrize(
    ("module", "name", "broken", "found"),
    [
        pytest.param(charges, "refundable", lambda charge: 10 * charge["amount"], "gave back|given back|kept of",
                     id="refunds without limit"),
        pytest.param(amounts, "overcapture_limit", lambda amount: 10 * amount, "its card allowed",
                     id="captures without limit"),
        pytest.param(charges, "release", lambda *given: None, "held charge", id="holds that are never let go"),
    ],
)
def test_a_rule_that_is_broken_is_found(monkeypatch, module, name, broken, found):
    monkeypatch.setattr(module, name, broken)
    with pytest.raises(AssertionError, match=found):
        run_state_machine_as_test(Money, settings=settings(BOUNDED, phases=[Phase.generate], print_blob=False))
