"""What a customer does at the reader."""

from pytest_bdd import given, parsers, when

from cardpresent.actors.customer import Customer


@given("the customer has paid with an approved card")
@when("the customer presents an approved card")
def approved_card(customer: Customer) -> None:
    customer.presents("approved")


@when("the customer presents an approved card and the till's deadline passes")
def approved_card_past_deadline(customer: Customer) -> None:
    customer.presents_and_outwaits("approved")


@given("a customer whose card the reader has swallowed in silence")
@given("the customer has tapped and the till's deadline has passed")
def tapped_past_deadline(customer: Customer) -> None:
    customer.taps_and_outwaits("approved")


@given(parsers.parse("the customer's first card is declined for {code}"))
@when(parsers.parse("the customer presents a card declined for {code}"))
def declined_card(customer: Customer, code: str) -> None:
    customer.presents(code)


@given(parsers.parse("the customer's next card is declined for {code}"))
def next_declined_card(customer: Customer, code: str) -> None:
    customer.presents_after_retry(code)


@when(parsers.parse("the customer presents a card with {card}"))
def named_card(customer: Customer, card: str) -> None:
    customer.presents(card)


@given("the customer has paid with a card whose refunds fail later")
def card_with_failing_refunds(customer: Customer) -> None:
    customer.presents("refund fails later")


@when("the customer presents an approved card if the reader asks for one")
def approved_card_if_asked(customer: Customer) -> None:
    customer.presents_if_asked("approved")


@given("the customer has tapped an approved card")
def tapped(customer: Customer) -> None:
    customer.taps("approved")


@given(parsers.parse("the customer has tapped a card declined for {code}"))
def tapped_declined(customer: Customer, code: str) -> None:
    customer.taps(code)


@given("the customer has cancelled on the reader")
@when("the customer cancels on the reader")
def customer_cancels(customer: Customer) -> None:
    customer.cancels_on_reader()


@given("the customer has paid with an Interac card")
@when("the customer presents an Interac card")
def interac_card(customer: Customer) -> None:
    customer.presents("Interac")


@when("the customer presents an eftpos card")
def eftpos_card(customer: Customer) -> None:
    customer.presents("eftpos")


@when("the customer presents the debit card that is usual there")
def usual_debit_card(customer: Customer) -> None:
    customer.presents_own("usual debit card", otherwise="approved")


@when("the customer inserts an eftpos and Visa card and picks eftpos")
def picks_eftpos(customer: Customer) -> None:
    customer.inserts("eftpos and Visa", "domestic")


@when("the customer presents the card that wants its PIN after the tap")
@given("the customer has paid with a card that wants its PIN after the tap")
def pin_after_tap(customer: Customer) -> None:
    customer.presents_own("PIN after the tap", otherwise="PIN on second try")


@given("the customer has paid with chip and PIN")
def chip_and_pin(customer: Customer) -> None:
    customer.presents("chip and PIN")


@when("the customer taps an approved card and nobody looks at the till")
def tapped_unwatched(customer: Customer) -> None:
    customer.taps_unwatched("approved")


@when("nobody presents a card")
def nobody(customer: Customer) -> None:
    customer.walks_away()


@when("the customer presents a card of a brand that cannot be kept")
def unkeepable_card(customer: Customer) -> None:
    customer.presents("of a brand that cannot be kept")
