"""Set-ups of a till with a log-in, webhooks, books and a page; they want a browser."""

import pytest

from tests.doctor.conftest import Change, Walk, ill_of

SECRETS = 'STRIPE_WEBHOOK_SECRETS = "{webhook_secret}"'
LOGIN = """[auth.cashier]
login = { method = "POST", path = "/login", json = { pin = "%s" } }
"""

BROKEN: dict[str, tuple[Change, str, str, str]] = {
    "nobody is let in": (
        ('"Bearer {till_token}"', '"Bearer nobody"'), "list readers", "the file", "log-in"
    ),
    "the log-in is refused": (
        ("[auth.cashier]\n", LOGIN % "000000"), "the log-in of the cashier", "the file", "auth.cashier"
    ),
    "webhooks come to the wrong address": (
        ('path = "/webhooks/stripe"', 'path = "/webhooks/strife"'), "webhooks", "the file", "webhooks.path"
    ),
    "the till checks with another secret": (
        (SECRETS, 'STRIPE_WEBHOOK_SECRETS = "whsec_of_last_year"\nUNREAD = "{webhook_secret}"'),
        "webhooks", "the file", "{webhook_secret}",
    ),
    "no event is of the types that are named": (
        ('types = ["payment_intent.*", "charge.*", "refund.*", "terminal.reader.*"]', 'types = ["invoice.*"]'),
        "webhooks", "the file", "webhooks.types",
    ),
    "the books are read in the wrong unit": (
        ('record = { currency = "$.currency"', 'record = { unit = "main", currency = "$.currency"'),
        "the money, at Stripe and in the till's books", "the file", "record.unit",
    ),
    "the page has no such button": (
        ('click = { text = "Charge {amount.string}" }', 'click = { text = "Take the money" }, within_s = 0.5'),
        "a sale at the page", "the file", "page.start_sale[1]",
    ),
    "a cashier asks for what takes a manager": (
        ('refund = "{refund}" }\nrole = "manager"', 'refund = "{refund}" }'), "its money is given back", "the file",
        "operations.refund_sale.role",
    ),
    "the receipt is somewhere else": (
        ('path = "/sales/{sale}/receipt"', 'path = "/receipts/{sale}"'), "its receipt", "the file",
        "operations.receipt",
    ),
    "the log is somewhere else": (
        ("[capabilities]\n", '[logs]\nsource = "no-such.log"\n\n[capabilities]\n'), "its log", "the file",
        "logs.source",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_is_named_with_where_and_how_to_mend_it(what: str, walked: Walk) -> None:
    change, step, place, fix = BROKEN[what]

    found = ill_of(walked("reference_pos", change))

    assert (found.step, found.place) == (step, place), found
    assert fix in found.fix, found


def test_a_machine_without_a_browser_is_told_how_to_get_one_and_walked_on(
    walked: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARDPRESENT_BROWSER", "/nowhere/chromium")

    looks = walked("reference_pos")

    assert ill_of(looks).place == "the machine"
    assert "CARDPRESENT_BROWSER" in ill_of(looks).fix
    assert looks[-1].step == "the till is started again"


def test_a_till_that_is_well_is_walked_through_to_the_end(walked: Walk) -> None:
    looks = walked("reference_pos")

    assert [look for look in looks if look.well is not True] == []
