"""Every documented simulated card and every amount ending."""

import pytest

from cardpresent.emulator.paying.cards import CARDS

_APPROVED = """4242424242424242 4000056655665556 5555555555554444 5200828282828210 5105105105105100 378282246310005
    371449635398431 6011111111111117 6011000990139424 3056930009020004 36227206271667 3566002020360505
    6200000000000005 4000002500001001 5555552500001001 4711009900000316877 4001007020000002 4001000360000005
    4000000000005126"""
APPROVED = _APPROVED.split()
DECLINED = {
    "4000000000000002": ("card_declined", "generic_decline"),
    "4000000000009995": ("card_declined", "insufficient_funds"),
    "4000000000009987": ("card_declined", "lost_card"),
    "4000000000009979": ("card_declined", "stolen_card"),
    "4000000000000069": ("expired_card", None),
    "4000000000000119": ("processing_error", None),
}
SCA_RETRY = {
    "4000008260000075": ("offline_pin_required", "offline_pin", "contact_emv"),
    "4000002760000008": ("online_or_offline_pin_required", "online_pin", "contactless_emv"),
}
DOMESTIC = {"4506445006931933", "6280000360000978", "4000050360000001", "5555050360000080"}


def test_the_tables_name_every_card():
    assert set(CARDS) == {*APPROVED, *DECLINED, *SCA_RETRY, *DOMESTIC}


@pytest.mark.parametrize("number", APPROVED)
def test_an_approved_card_is_held_for_capture(shop, number):
    payment = shop.authorized(2000, number=number)
    assert payment.status == "requires_capture"
    details = payment.latest_charge.payment_method_details.card_present
    assert (details.last4, details.amount_authorized) == (number[-4:], 2000)


@pytest.mark.parametrize(("number", "codes"), DECLINED.items())
def test_a_declined_card_says_why(shop, number, codes):
    payment = shop.authorized(2000, number=number)
    error = payment.last_payment_error
    assert payment.status == "requires_payment_method"
    assert (error.code, getattr(error, "decline_code", None), error.type) == (*codes, "card_error")
    assert shop.action().failure_code == codes[0]
    assert payment.latest_charge.failure_code == codes[0]
    assert payment.amount_capturable == 0


@pytest.mark.parametrize(("number", "expected"), SCA_RETRY.items())
def test_a_card_that_needs_a_pin_leaves_two_charges_on_one_payment(shop, number, expected):
    reason, verification, read_method = expected
    payment = shop.authorized(2000, number=number)

    first, second = shop.charges(payment)

    assert payment.status == "requires_capture"
    assert (first.status, first.failure_code) == ("failed", reason)
    assert first.payment_method_details.card_present.read_method == "contactless_emv"
    assert (second.status, second.amount) == ("succeeded", 2000)
    assert second.payment_method_details.card_present.read_method == read_method
    assert second.payment_method_details.card_present.receipt.cardholder_verification_method == verification
    assert shop.action().status == "succeeded"


@pytest.mark.parametrize(
    ("number", "verification"), [("4001007020000002", "offline_pin"), ("4001000360000005", "online_pin")]
)
def test_a_pin_card_is_verified_by_its_pin(shop, number, verification):
    details = shop.authorized(2000, number=number).latest_charge.payment_method_details.card_present
    assert details.receipt.cardholder_verification_method == verification


@pytest.mark.parametrize(
    ("ending", "codes"),
    [
        (0, None), (1, ("card_declined", "call_issuer")), (2, ("offline_pin_required",) * 2),
        (3, ("online_or_offline_pin_required",) * 2), (5, ("card_declined", "generic_decline")), (4, None), (50, None),
        (55, ("card_declined", "incorrect_pin")), (65, ("card_declined", "withdrawal_count_limit_exceeded")),
        (75, ("card_declined", "pin_try_exceeded")), (99, None),
    ],
)
def test_the_ending_of_the_amount_decides(shop, ending, codes):
    payment = shop.authorized(2000 + ending)
    if codes is None:
        assert payment.status == "requires_capture"
    else:
        assert (payment.last_payment_error.code, payment.last_payment_error.decline_code) == codes


def test_the_ending_of_the_total_with_tip_decides(shop):
    payment = shop.payment(2000)
    shop.process(payment)
    shop.present(amount_tip=305)
    assert shop.read(payment).last_payment_error.decline_code == "generic_decline"
    assert shop.read(payment).amount == 2000


@pytest.mark.parametrize(
    ("amount", "tip", "decline_code"),
    [(105, None, "generic_decline"), (100, 5, "generic_decline"), (1075, None, "pin_try_exceeded"), (105, 5, None),
     (110, None, None)],
)
def test_without_decimals_the_same_two_digits_decide(shop, amount, tip, decline_code):
    shop.control("POST", "account", country="JP")
    shop.reader = shop.client.terminal.readers.create({"registration_code": "simulated-wpe"}).id
    payment = shop.payment(amount, "jpy")
    shop.process(payment)
    shop.present(**({} if tip is None else {"amount_tip": tip}))
    after = shop.read(payment)
    assert (after.last_payment_error and after.last_payment_error.decline_code) == decline_code
    assert after.amount_capturable == (0 if decline_code else amount + (tip or 0))


# ---------------------------------------------------------------------------------------------------- single messages


def interac(shop, **params):
    given = {"payment_method_types": ["card_present", "interac_present"], "capture_method": "manual", **params}
    payment = shop.payment(2000, "cad", **given)
    shop.process(payment)
    shop.present(type="interac_present", interac_present={"number": "4506445006931933"})
    return shop.read(payment)


@pytest.mark.parametrize(
    "params",
    [
        {"capture_method": "automatic"},
        {"payment_method_options": {"card_present": {"capture_method": "manual_preferred"}}},
    ],
    ids=["automatic", "manual_preferred"],
)
def test_interac_is_captured_at_once(shop_in, params):
    shop = shop_in("CA")
    payment = interac(shop, **params)
    details = payment.latest_charge.payment_method_details
    assert payment.status == "succeeded"
    assert details.type == "interac_present"
    assert (details.interac_present.network, details.interac_present.receipt.account_type) == ("interac", "checking")
    assert "amount_authorized" not in details.interac_present
    refusal = shop.refusal(shop.client.refunds.create, {"payment_intent": payment.id})
    assert refusal.type == "invalid_request_error"


def test_interac_is_declined_under_manual_capture(shop_in):
    assert interac(shop_in("CA")).status == "requires_payment_method"


def test_interac_is_captured_at_once_under_manual_capture_before_basil(shop_in):
    shop = shop_in("CA")
    body = "amount=2000&currency=cad&capture_method=manual" + "".join(
        f"&payment_method_types[]={kind}" for kind in ("card_present", "interac_present"))
    for card, status in (("4506445006931933", "succeeded"), ("4242424242424242", "requires_capture")):
        made = shop.call("POST", "/v1/payment_intents", body, **{"Stripe-Version": "2025-02-24.acacia"}).json()
        payment = shop.client.payment_intents.retrieve(made["id"])
        shop.process(payment)
        shop.present(card)
        assert shop.read(payment).status == status


def test_interac_is_declined_where_the_payment_does_not_allow_it(shop_in):
    payment = interac(shop_in("CA"), payment_method_types=["card_present"], capture_method="automatic")
    assert payment.last_payment_error.decline_code == "card_not_supported"


def test_a_payment_for_interac_alone_is_tapped_with_interac(shop_in):
    shop = shop_in("CA")
    payment = shop.payment(2000, "cad", payment_method_types=["interac_present"], capture_method="automatic")
    shop.process(payment)
    shop.present()
    assert shop.read(payment).latest_charge.payment_method_details.type == "interac_present"


@pytest.mark.parametrize(
    ("number", "capture", "outcome", "network"),
    [
        ("6280000360000978", "automatic", "succeeded", "eftpos_au"),
        ("6280000360000978", "manual_preferred", "succeeded", "eftpos_au"),
        ("6280000360000978", "manual", "requires_payment_method", "eftpos_au"),
        ("4000050360000001", "automatic", "succeeded", "eftpos_au"),
        ("4000050360000001", "manual_preferred", "requires_capture", "visa"),
        ("5555050360000080", "manual", "requires_capture", "mastercard"),
    ],
)
def test_eftpos_follows_the_capture_method(shop_in, number, capture, outcome, network):
    shop = shop_in("AU")
    if capture == "automatic":
        params = {"capture_method": "automatic"}
    else:
        params = {"payment_method_options": {"card_present": {"capture_method": capture}}}
    payment = shop.authorized(2000, "aud", number, **params)
    assert payment.status == outcome
    assert payment.latest_charge.payment_method_details.card_present.network == network


@pytest.mark.parametrize(
    ("capture", "chosen", "network", "outcome"),
    [
        ("manual_preferred", "domestic", "eftpos_au", "succeeded"),
        ("manual_preferred", "international", "visa", "requires_capture"),
        ("manual", "domestic", "visa", "requires_capture"),
        ("automatic", "international", "visa", "succeeded"),
    ],
)
def test_whoever_inserts_a_co_brand_picks_the_network_on_the_reader(shop_in, capture, chosen, network, outcome):
    shop = shop_in("AU")
    options = {"card_present": {"capture_method": capture}} if capture != "automatic" else {}
    payment = shop.payment(2000, "aud", capture_method="automatic", payment_method_options=options)
    shop.process(payment)

    shop.control("POST", f"readers/{shop.reader}/present", number="4000050360000001", network=chosen)

    payment = shop.read(payment)
    details = payment.latest_charge.payment_method_details.card_present
    assert (payment.status, details.network, details.read_method) == (outcome, network, "contact_emv")


def test_a_network_that_no_reader_offers_is_refused_in_words(shop):
    with pytest.raises(AssertionError, match="domestic or international"):
        shop.control("POST", f"readers/{shop.reader}/present", number="4000050360000001", network="visa")


@pytest.mark.parametrize(
    ("country", "currency", "number", "capture", "priority", "network", "outcome"),
    [
        ("AU", "aud", "4000050360000001", "automatic", "international", "visa", "succeeded"),
        ("AU", "aud", "4000050360000001", "manual_preferred", "domestic", "eftpos_au", "succeeded"),
        ("AU", "aud", "5555050360000080", "manual_preferred", "international", "mastercard", "requires_capture"),
        ("AU", "aud", "6280000360000978", "automatic", "international", "eftpos_au", "succeeded"),
        ("AU", "aud", "4000050360000001", "manual", "domestic", "eftpos_au", "requires_payment_method"),
        ("FR", "eur", "4000002500001001", "manual_preferred", None, "cartes_bancaires", "requires_capture"),
        ("FR", "eur", "4000002500001001", "manual_preferred", "domestic", "cartes_bancaires", "requires_capture"),
        ("FR", "eur", "5555552500001001", "manual_preferred", "international", "mastercard", "requires_capture"),
        ("DE", "eur", "4000002500001001", "manual", None, "visa", "requires_capture"),
        ("US", "usd", "5555552500001001", "manual", None, "mastercard", "requires_capture"),
    ],
)
def test_a_co_brand_takes_the_network_that_was_asked_for(
    shop_in, country, currency, number, capture, priority, network, outcome
):
    shop = shop_in(country)
    options = {"routing": {"requested_priority": priority}} if priority else {}
    if capture != "automatic":
        options["capture_method"] = capture
    payment = shop.authorized(2000, currency, number, capture_method="automatic",
                              payment_method_options={"card_present": options})
    details = payment.latest_charge.payment_method_details.card_present
    assert (details.network, payment.status) == (network, outcome)
