"""Set-ups with one thing wrong each: the doctor names it, where it has to be mended, and how."""

import subprocess
import sys

import pytest

from cardpresent.launch.ports import free_port
from tests.doctor.conftest import FIXTURES, Change, Walk, ill_of

KEY = 'STRIPE_SECRET_KEY = "{stripe_key}"'
COMMAND = 'command = ["{python}", "naive_till.py"]'
RETRIED = """[operations.retry_sale]
method = "POST"
path = "/process"
json = { payment_intent_id = "{payment_intent}", reader_id = "{reader}" }
"""
LOOKED = """[operations.retry_sale]
method = "GET"
path = "/status"
query = { payment_intent_id = "{payment_intent}" }
"""
PROBED = '[operations.list_readers]\nmethod = "GET"\npath = "/readers"'
HELD = 'refused = ["canceled"], held = ["requires_capture"]'

# What is changed in the file → the step that is ill, where, and what is said of it and of the cure.
BROKEN: dict[str, tuple[Change, str, str, str]] = {
    "the program is not there": (
        (COMMAND, 'command = ["no-such-program-here", "server.js"]'), "its program", "the machine", "install it"
    ),
    "the folder is not there": (
        ('/fixtures/tills"', '/fixtures/no-tills"'), "its folder", "the file", "relative to cardpresent.toml"
    ),
    "the program ends at once": (
        (COMMAND, 'command = ["{python}", "-c", "raise SystemExit(\'no database\')"]'),
        "the till starts", "the till", "start it by hand",
    ),
    "the till does not learn its port": (
        ('port_env = "PORT"', 'port_env = "PROT"\nready_within_s = 0.7'), "the till starts", "the file", "process.ready"
    ),
    "a variable of the file was not set": (
        (KEY, 'STRIPE_SECRET_KEY = "{env.NOBODY_SET_THIS}"'), "the till starts", "the file", "set that variable"
    ),
    "calls to Stripe go elsewhere": (
        ('\n[process.env]\nSTRIPE_API_BASE = "{stripe_base}"\n', "shims = false\n\n[process.env]\n"),
        "its calls to Stripe", "the file", "{stripe_base}",
    ),
    "the till has a key of its own": (
        (KEY, 'STRIPE_SECRET_KEY = "sk_test_ofitsown"'), "its calls to Stripe", "the file", "pass {stripe_key}"
    ),
    "a sale is started at the wrong path": (
        ('path = "/create_payment_intent"', 'path = "/creates"'), "a sale is rung up", "the file", "method or path"
    ),
    "the payment's id is looked for in the wrong place": (
        ('payment_intent = "$.id"', 'payment_intent = "$.identifier"'), "a sale is rung up", "the file", "save"
    ),
    "the amount is sent in the other unit": (
        ('amount = "{amount.string}" }', 'amount = "{amount.minor}" }'), "the amount at Stripe", "the file",
        "another form of amount",
    ),
    "the till sells in another currency": (
        ('currencies = ["usd"]', 'currencies = ["cad"]'), "the amount at Stripe", "the file", "till.currencies"
    ),
    "another capture method is declared": (
        ('capture = "manual"', 'capture = "automatic"'), "the amount at Stripe", "the file", 'write "manual"'
    ),
    "the reader's name is not passed on": (
        ('reader_id = "{reader}"', 'reader_id = "tmr_theirs"'), "a sale is rung up", "the till", "operations.start_sale"
    ),
    "the metadata key is another": (
        ('[reader]\n', '[identity]\nmetadata_key = "order"\n\n[reader]\n'), "whose payment it is", "the file",
        "the till keeps {sale}",
    ),
    "an answer that means paid is in no list": (
        (f'accepted = ["succeeded"], {HELD}', 'refused = ["canceled"], held = ["held"]'),
        "the till says that it is paid", "the file", "operations.sale_state.outcome",
    ),
    "the state is looked for in the wrong place": (
        ('by = "$.status"', 'by = "$.state"'), "the till says that it is paid", "the file", "sale_state.outcome"
    ),
    "the cashier collects, and the file says the till": (
        ('captures = "cashier"', 'captures = "till"'), "the till says that it is paid", "the file",
        'captures = "cashier"',
    ),
    "the file calls every answered question a payment": (
        ('{ by = "$.last_payment_error.code", otherwise = "refused" }', '{ by = "$.id", otherwise = "accepted" }'),
        "a declined card", "the file", "200 is no payment",
    ),
    "the token is not read": (
        ('save = { secret = "$.secret" }', ""), "connection token", "the file", "save = { secret"
    ),
    "a refund is asked for at the wrong path": (
        ('path = "/refund"', 'path = "/refunds"'), "its money is given back", "the file",
        "method or path of operations.refund_sale",
    ),
    "a refund is sent in the other unit": (
        ('amount = "{refund_amount.string}"', 'amount = "2.46"'), "its money is given back", "the file",
        "{refund_amount.minor} is 2460, {refund_amount.decimal} is 24.60",
    ),
    "another card is asked for at the wrong path": (
        (RETRIED, RETRIED.replace("/process", "/again")),
        "another card is asked for", "the file", "operations.retry_sale",
    ),
    "another card is asked for, and no reader is told": (
        (RETRIED, LOOKED),
        "another card is asked for", "the file", "correct operations.retry_sale",
    ),
    "a sale is stopped at the wrong path": (
        ('path = "/cancel"', 'path = "/cancels"'), "a sale is stopped", "the file", "operations.cancel_sale"
    ),
    "what stopping a sale is answered with means nothing to the file": (
        ('path = "/cancel"\njson = { reader_id = "{reader}" }\nwords = "$.error"\n'
         'outcome = [\n  { by = "$.error", otherwise = "refused" },\n  { by = "status", accepted = ["2xx"] },\n]',
         'path = "/cancel"\njson = { reader_id = "{reader}" }\noutcome = { by = "$.state", accepted = ["gone"] }'),
        "a sale is stopped", "the file", "operations.cancel_sale.outcome",
    ),
}  # fmt: skip


def test_the_amount_that_was_rung_up_is_shown_in_every_form_it_can_be_sent_in(walked: Walk) -> None:
    change, *_ = BROKEN["the amount is sent in the other unit"]

    found = ill_of(walked("naive_till", change))

    assert "24.60 USD was rung up, and 2,460.00 USD asked of the card" in found.seen
    assert '{amount.minor} is 2460, {amount.decimal} is 24.60, {amount.string} is "24.60"' in found.fix


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_wrong_is_named_with_where_and_how_to_mend_it(what: str, walked: Walk) -> None:
    change, step, place, fix = BROKEN[what]

    looks = walked("naive_till", change)

    found = ill_of(looks)
    assert (found.step, found.place) == (step, place), found
    assert fix in found.fix, found
    assert not found.gate or looks[-1] is found, "nothing can be said of what comes after"


TILLS: dict[str, tuple[Change | None, str, str, str]] = {
    "taps_by_itself": (None, "the reader asks for a card", "the file", 'taps = "till"'),
    "any_reader": (None, "the reader asks for a card", "the file", "{reader}"),
    "hangs": (("deadline_s = 4", "deadline_s = 4\nanswer_within_s = 2"), "a sale is rung up", "the till", "hangs"),
    "dies": (None, "the till stays up", "the till", "see its log"),
    "answers_html": (None, "connection token", "the file", "read pages by css"),
}


@pytest.mark.parametrize("till", TILLS)
def test_a_till_with_a_habit_of_its_own_is_told_by_it(till: str, walked: Walk) -> None:
    change, step, place, fix = TILLS[till]

    found = walked("naive_till", *([change] if change else []), program=f"{till}.py")[-1]

    assert (found.step, found.place) == (step, place), found
    assert fix in found.fix, found


def test_a_till_that_is_not_started_with_its_one_reader_is_told_where_the_id_belongs(walked: Walk) -> None:
    changes = (
        ('chosen = "per_sale"', 'chosen = "fixed"'), ("several_registers = true", "several_registers = false"),
        ('reader_id = "{reader}"', 'reader_id = "tmr_of_the_shop"'),
    )  # fmt: skip

    found = walked("naive_till", *changes)[-1]

    assert (found.step, found.place) == ("a sale is rung up", "the till"), found
    assert "No such terminal reader" in found.seen
    assert "{reader} in process.env" in found.fix


def test_a_probe_that_the_till_does_not_know_is_told_by_its_answer(walked: Walk) -> None:
    found = ill_of(
        walked("naive_till", ('ready = "/readers"', 'ready = "/"'), (PROBED, PROBED.replace("/readers", "/leaders")))
    )

    assert (found.step, found.place) == ("its calls to Stripe", "the file")
    assert "answers 404" in found.seen
    assert "method, path" in found.fix


def test_a_till_that_runs_already_with_another_stripe_is_told_to_stand_a_gateway_beside_it(walked: Walk) -> None:
    port = free_port()
    env = {"PORT": str(port), "STRIPE_API_BASE": "http://127.0.0.1:9", "STRIPE_SECRET_KEY": "sk_test_ofitsown"}
    program = [sys.executable, str(FIXTURES / "tills" / "naive_till.py")]
    running = (
        (COMMAND, f'base_url = "http://127.0.0.1:{port}"'), ('port_env = "PORT"\n', ""), ("[process.env]\n", ""),
        ('STRIPE_API_BASE = "{stripe_base}"\n', ""), (KEY, ""), ("restart = true", "restart = false"),
        ('ready = "/readers"', 'ready = "/"'),
    )  # fmt: skip

    with subprocess.Popen(program, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as till:
        try:
            found = ill_of(walked("naive_till", *running))
        finally:
            till.terminate()

    assert (found.step, found.place) == ("its calls to Stripe", "the file")
    assert "cardpresent gateway" in found.fix and "stripe.gateway" in found.fix
    assert "process.env" not in found.fix, "nothing is handed to a till that somebody else started"


def test_a_till_that_somebody_else_runs_and_that_is_not_there_is_told_by_its_address(walked: Walk) -> None:
    running = (
        (COMMAND, 'base_url = "http://127.0.0.1:9"\nready_within_s = 0.3'),
        ('port_env = "PORT"\n', ""), ("[process.env]\n", ""), ('STRIPE_API_BASE = "{stripe_base}"\n', ""), (KEY, ""),
        ("restart = true", "restart = false"),
    )  # fmt: skip

    found = ill_of(walked("naive_till", *running))

    assert (found.step, found.place) == ("the till starts", "the file")
    assert "correct the address" in found.fix


def test_a_till_that_is_well_is_walked_through_to_the_end(walked: Walk) -> None:
    looks = walked("naive_till")

    assert [look for look in looks if look.well is False] == []
    assert [look.step for look in looks if look.well is None] == ["its receipt", "webhooks", "a sale at the page"]
    assert {"its money is given back", "a sale is stopped"} <= {look.step for look in looks}
    assert looks[-1].step == "the till is started again"
    assert "once: what fails stays failed" in {look.seen for look in looks}, "raw HTTP repeats nothing"
