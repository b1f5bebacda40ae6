"""What an integration file may say, and what is said when it may not."""

import re
from pathlib import Path

import pytest

from cardpresent.profile import IntegrationError, load

GOOD = """\
[till]
name = "corner shop"
kind = "server-driven"
country = "US"
currencies = ["usd"]
capture = "automatic"
captures = "till"

[process]
command = ["node", "server.js"]
env = { STRIPE = "{stripe_base}", KEY = "{stripe_key}", HOOK = "{webhook_secret}" }

[stripe]
probe = "startup"

[reader]
chosen = "per_sale"

[timing]
settle_s = 5
unknown_within_s = 2.5
deadline_s = 60

[operations.start_sale]
method = "POST"
path = "/pay"
json = { amount = "{amount.minor}", reader = "{reader}" }
save = { payment_intent = "$.id" }
outcome = { by = "$.state", accepted = ["paid"] }

[operations.sale_state]
method = "GET"
path = "/pay/{payment_intent}"
outcome = { by = "$.state", accepted = ["paid"] }
"""


@pytest.fixture
def written(tmp_path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "cardpresent.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def refused(written):
    """The sentence that a file is refused with, without the folder it lies in."""

    def sentence(text: str | bytes) -> str:
        path = written(text)
        with pytest.raises(IntegrationError) as caught:
            load(path)
        return str(caught.value).replace(str(path), "cardpresent.toml")

    return sentence


def test_a_sound_file_becomes_an_integration(written):
    path = written(GOOD)

    shop = load(path)

    assert shop.till.name == "corner shop"
    assert shop.timing.unknown_within_s == 2.5
    assert shop.timing.late_s == 0
    assert shop.operations["start_sale"].requests[0].method == "POST"
    assert shop.cwd == path.parent
    assert shop.names_stripe_base


@pytest.mark.parametrize(
    ("name", "probe"),
    [("reference_pos", "list_readers"), ("naive_till", "list_readers"), ("js_sdk_page", "connection_token")],
)
def test_the_tills_that_come_with_the_suite_are_described_by_a_file_and_nothing_else(name, probe):
    till = load(Path(__file__).parents[2] / "fixtures" / "integrations" / f"{name}.toml")

    assert till.names_stripe_base
    assert till.stripe.probe == probe


def test_a_capability_is_present_absent_or_not_applicable_with_its_reason(written):
    shop = load(written(GOOD + '\n[capabilities]\nlogs = true\noffline = false\nmoto = "no telephone orders"\n'))

    assert shop.capability("logs").state == "present"
    assert (shop.capability("offline").state, shop.capability("offline").reason) == ("absent", None)
    assert (shop.capability("moto").state, shop.capability("moto").reason) == ("not_applicable", "no telephone orders")
    assert shop.capability("refund").reason == "not declared in the integration file"
    with pytest.raises(KeyError):
        shop.capability("teleport")


def test_a_live_key_is_refused_before_anything_else_and_never_echoed(refused):
    key = "rk_" + "live_" + "51Secret"
    broken = f'[till\nname = "{key}"\n'

    sentence = refused(broken)

    assert sentence == (
        "cardpresent.toml:2: holds a live Stripe key (sk_live_… or rk_live_…); remove it: a run mints a test key"
    )
    assert "Secret" not in sentence


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(IntegrationError, match=r"there is no such file; give its path, or write one with"):
        load(tmp_path / "nowhere.toml")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(IntegrationError, match=r"cannot be read \(is a directory\)"):
        load(tmp_path)


def _but(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


@pytest.mark.parametrize(
    "text, sentence",
    [
        pytest.param(
            "[till]\nname = \n",
            "cardpresent.toml:2: is no valid TOML: Invalid value; mend the syntax there",
            id="syntax",
        ),
        pytest.param(
            b'[till]\nname = "\xff"', "cardpresent.toml:2: is not UTF-8 text; save it as UTF-8", id="encoding"
        ),
        pytest.param("", "cardpresent.toml: till: missing; add it as docs/integrations.md shows", id="empty"),
        pytest.param(
            _but('path = "/pay"', 'pth = "/pay"'),
            'cardpresent.toml:26: operations.start_sale.pth: unknown key; did you mean "path"?',
            id="unknown key in a table",
        ),
        pytest.param(
            _but("[timing]", "[timings]"),
            'cardpresent.toml:19: timings: unknown key; did you mean "timing"?',
            id="unknown table",
        ),
        pytest.param(
            _but("settle_s = 5", 'settle_s = "5"'),
            'cardpresent.toml:20: timing.settle_s: is "5"; write a number',
            id="text for a number",
        ),
        pytest.param(
            _but("settle_s = 5", "settle_s = -1"),
            "cardpresent.toml:20: timing.settle_s: is -1; mend it: Expected `float` > 0.0",
            id="out of bounds",
        ),
        pytest.param(
            _but('currencies = ["usd"]', 'currencies = ["usd", "EUR"]'),
            "cardpresent.toml:5: till.currencies[1]: is \"EUR\"; mend it: Expected `str` matching regex '^[a-z]{3}$'",
            id="pattern inside a list",
        ),
        pytest.param(
            _but('captures = "till"', 'captures = "tills"'),
            'cardpresent.toml:7: till.captures: "tills" is no answer here; did you mean "till"?',
            id="no such answer",
        ),
        pytest.param(
            _but('save = { payment_intent = "$.id" }', "save = { payment_intent = 3 }"),
            "cardpresent.toml:28: operations.start_sale.save.payment_intent: is 3; write a text",
            id="wrong type under a free name",
        ),
        pytest.param(
            _but('save = { payment_intent = "$.id" }', 'save = { payment_intent = { jsonpat = "$.id" } }'),
            "cardpresent.toml:28: operations.start_sale.save.payment_intent.jsonpat: unknown key; "
            'did you mean "jsonpath"?',
            id="unknown key in an extraction",
        ),
        pytest.param(
            GOOD + '\n[operations.refund_sales]\nmethod = "POST"\npath = "/x"\n',
            'cardpresent.toml:36: operations.refund_sales: unknown verb; did you mean "refund_sale"?',
            id="unknown verb",
        ),
        pytest.param(
            GOOD + "\n[capabilities]\nrefunds = true\n",
            'cardpresent.toml:37: capabilities.refunds: unknown capability; did you mean "refund"?',
            id="unknown capability",
        ),
        pytest.param(
            GOOD + "\n[capabilities]\nrefund = true\n",
            "cardpresent.toml:37: capabilities.refund: is true but [operations.refund_sale] is missing; "
            "describe it, or write false or why it does not apply",
            id="capability without its operation",
        ),
        pytest.param(
            _but("{amount.minor}", "{amount.minors}"),
            "cardpresent.toml:27: operations.start_sale.json.amount: nothing fills {amount.minors}; "
            'did you mean "amount.minor"? (or write {{ for a brace)',
            id="placeholder nobody fills",
        ),
        pytest.param(
            _but("{webhook_secret}", "{sale}"),
            "cardpresent.toml:11: process.env.HOOK: nothing fills {sale} before a sale; "
            "use one of connected_account, location, manager_token, other_token, pin, port, python, run.salt, scratch, "
            "stripe_base, stripe_key, till, till_token, webhook_secret (or write {{ for a brace)",
            id="placeholder of a sale before there is one",
        ),
        pytest.param(
            _but('save = { payment_intent = "$.id" }', 'save = { payment_intent = "id" }'),
            'cardpresent.toml:28: operations.start_sale.save.payment_intent: "id" is no extraction; '
            "write a JSONPath like $.id, or {css=…}, {regex=…}, {header=…}, {cookie=…}, {redirect=…}",
            id="no extraction",
        ),
        pytest.param(
            _but('{ payment_intent = "$.id" }', '{ payment_intent = { regex = "(a)(b)" } }'),
            "cardpresent.toml:28: operations.start_sale.save.payment_intent.regex: has 2 groups; "
            "keep one: what it matches is the value",
            id="two groups",
        ),
        pytest.param(
            _but('[process]\ncommand = ["node", "server.js"]\n', "[process]\n"),
            "cardpresent.toml:9: process: neither command nor base_url is given; "
            "write command for a till to be started, base_url for one that runs already",
            id="no process",
        ),
        pytest.param(
            _but('probe = "startup"', 'probe = "list_readers"'),
            'cardpresent.toml:14: stripe.probe: [operations.list_readers] is missing; describe it, or write "startup"',
            id="probe that is not described",
        ),
        pytest.param(
            _but('probe = "startup"', 'probe = "start_sale"'),
            "cardpresent.toml:14: stripe.probe: start_sale moves money or readers before the till is known to be "
            "redirected; name connection_token or list_readers or startup",
            id="probe that sells",
        ),
        pytest.param(
            _but('chosen = "per_sale"', 'chosen = "bound"'),
            'cardpresent.toml:17: reader.chosen: "bound" needs [operations.bind_reader]; '
            "describe how a reader is bound",
            id="bound without the verb",
        ),
        pytest.param(
            _but(
                'path = "/pay/{payment_intent}"\noutcome = { by = "$.state", accepted = ["paid"] }', 'path = "/pay/1"'
            ),
            "cardpresent.toml:31: operations.sale_state.outcome: missing; "
            "say which answers mean what: an HTTP status alone is no verdict on money",
            id="money without an outcome table",
        ),
        pytest.param(
            _but('json = { amount = "{amount.minor}", reader = "{reader}" }', "json = {}\nform = {}"),
            "cardpresent.toml:28: operations.start_sale.form: stands beside json; keep one kind of body",
            id="two bodies",
        ),
        pytest.param(
            GOOD + '\n[page]\n[page.outcome]\nat = { label = "x", text = "y" }\n',
            "cardpresent.toml:38: page.outcome.at: points by label and text; give one of role, label, text, test_id",
            id="two ways to point",
        ),
    ],
)
def test_a_file_is_refused_with_its_name_line_key_fault_and_fix(refused, text, sentence):
    assert refused(text) == sentence


def test_a_till_that_never_learns_the_signing_secret_is_refused(refused):
    text = _but(', HOOK = "{webhook_secret}"', "") + '\n[webhooks]\npath = "/hooks"\n'

    assert "webhooks.secret_env: the till never learns the signing secret" in refused(text)


def test_a_fault_in_one_of_several_steps_is_named_by_its_number(refused):
    steps = '\n[[operations.retry_sale.steps]]\nmethod = "GET"\npath = "/a"\n' * 2
    text = GOOD + steps + 'outcome = { by = "$.x", acepted = ["1"] }\n'

    assert re.match(
        r"cardpresent\.toml:\d+: operations\.retry_sale\.steps\[1\]\.outcome\.acepted: unknown key; "
        r'did you mean "accepted"\?',
        refused(text),
    )


def test_braces_that_are_no_placeholder_may_be_doubled(written):
    assert load(written(_but("{reader}", "{{reader_of_tomorrow}} {reader}")))
