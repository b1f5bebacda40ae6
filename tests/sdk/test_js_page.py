"""terminal.js in a real Chromium, as a page uses Stripe's script: loading it, and connecting to a reader.

Alone in its file: a browser's tests have a process to themselves.
"""

import pytest

from cardpresent.drivers.pos.chromium import Chromium
from tests.sdk.page_till import Till, registered, site
from tests.waiting import until

# ------------------------------------------------------------------------------------------------------------- loading


@pytest.mark.parametrize("path", ["v1", "v1/", "v1/sdk.js", "v1/?version=2"])
def test_the_script_is_served_wherever_pages_load_it_from(browser: Chromium, page_server: str, path: str) -> None:
    page = browser.run(browser.new_page())
    browser.run(page.goto(f"{page_server}?https://js.stripe.com/terminal/{path}"))

    assert browser.run(page.evaluate("typeof StripeTerminal.create")) == "function"
    browser.run(page.close())


def test_everything_else_at_a_host_of_stripes_is_refused_and_told_without_its_query(till: Till) -> None:
    till.browser.refused.clear()
    asked = ["https://js.stripe.com/v3/?key=1", "https://api.stripe.com/v1/charges", "https://m.stripe.network/6"]

    outcomes = [till.of("fetch(given).then(() => 'answered', () => 'refused')", url) for url in asked]

    assert outcomes == ["refused"] * 3
    assert list(till.browser.refused) == [
        "https://js.stripe.com/v3/", "https://api.stripe.com/v1/charges", "https://m.stripe.network/6",
    ]


def test_the_statuses_stand_on_the_script_and_a_new_terminal_has_no_reader(till: Till) -> None:
    told = till.of(
        "({ c: StripeTerminal.ConnectionStatus, p: StripeTerminal.PaymentStatus, l: StripeTerminal.OutputLogLevel,"
        " now: [terminal.getConnectionStatus(), terminal.getPaymentStatus()] })"
    )

    assert told["c"] == {"CONNECTING": "connecting", "CONNECTED": "connected", "NOT_CONNECTED": "not_connected"}
    assert told["p"] == {
        "NOT_READY": "not_ready", "READY": "ready", "WAITING_FOR_INPUT": "waiting_for_input",
        "PROCESSING": "processing",
    }  # fmt: skip
    assert (told["l"], told["now"]) == ({"NONE": "none", "VERBOSE": "verbose"}, ["not_connected", "not_ready"])


def test_methods_stand_on_the_prototype_where_pages_wrap_them(till: Till) -> None:
    till.does("""
      window.seen = [];
      const proto = Object.getPrototypeOf(terminal);
      for (const name of Object.getOwnPropertyNames(proto).filter((name) => name !== "constructor")) {
        terminal[name] = async function (...args) { window.seen.push(name); return proto[name].apply(this, args); };
      }
    """)

    assert "discoveredReaders" in till.of("terminal.discoverReaders()")
    assert till.of("window.seen") == ["discoverReaders"]
    assert till.of("Object.keys(StripeTerminal.create({ onFetchConnectionToken: () => token() }))") == []


def test_a_terminal_inside_a_proxy_works_as_frameworks_have_it(till: Till) -> None:
    deep = """
      const deep = (value) => typeof value === "object" && value !== null
        ? new Proxy(value, { get: (target, key) => deep(Reflect.get(target, key)) }) : value;
      return await deep(terminal).discoverReaders();
    """

    assert [reader["id"] for reader in till.does(deep)["discoveredReaders"]] == [till.shop.reader]


# ---------------------------------------------------------------------------------------------------- wrong arguments


@pytest.mark.parametrize(("call", "code"), [
    ("terminal.collectPaymentMethod({ client_secret: 'pi_1_secret_2' })", "invalid_payment_intent_client_secret"),
    ("terminal.collectPaymentMethod('pi_1')", "invalid_payment_intent_client_secret"),
    ("terminal.collectPaymentMethod(undefined)", "invalid_payment_intent_client_secret"),
    ("terminal.processPayment('pi_1')", "invalid_payment_intent_input_shape"),
    ("terminal.processPayment({ id: 'pi_1' })", "invalid_payment_intent_input_shape"),
    ("terminal.connectReader('tmr_1')", "invalid_reader_shape"),
    ("terminal.collectRefundPaymentMethod(1, 100, 'cad')", "invalid_charge_id_input_shape"),
    ("terminal.collectRefundPaymentMethod('ch_1', 1.5, 'cad')", "invalid_argument"),
    ("terminal.collectSetupIntentPaymentMethod('seti_1', 'always')", "invalid_argument"),
    ("terminal.collectSetupIntentPaymentMethod('seti_1_secret_2', true)", "invalid_argument"),
    ("terminal.setReaderDisplay({ type: 'cart' })", "invalid_argument"),
    ("terminal.discoverReaders('all')", "invalid_argument"),
])  # fmt: skip
def test_an_argument_of_a_wrong_type_is_refused_before_anything_is_asked(till: Till, call: str, code: str) -> None:
    told = till.of(call)

    assert (list(told), told["error"]["code"]) == (["error"], code)
    assert told["error"]["message"]


@pytest.mark.parametrize("props", ["undefined", "{}", "{ onFetchConnectionToken: 'pst_test' }",
                                   "{ onFetchConnectionToken: () => token(), onPaymentStatusChange: 1 }"])  # fmt: skip
def test_create_throws_without_the_handlers_it_needs(till: Till, props: str) -> None:
    made = f"try {{ StripeTerminal.create({props}); return 'made'; }} catch (refused) {{ return refused.name; }}"

    assert till.does(made) == "Error"


# ---------------------------------------------------------------------------------------------------------- connecting


def test_registered_readers_are_found_at_their_location_and_the_newest_where_one_is_simulated(till: Till) -> None:
    shop = till.shop
    there = registered(shop, "mill", site(shop))

    found = till.of("terminal.discoverReaders({ location: given })", shop.location)["discoveredReaders"]
    simulated = till.of("terminal.discoverReaders({ simulated: true })")["discoveredReaders"]

    assert [(r["id"], r["object"], r["label"], r["status"]) for r in found] == [
        (shop.reader, "terminal.reader", "front", "online")
    ]
    assert [reader["id"] for reader in simulated] == [there]


def test_a_token_for_one_location_finds_the_readers_of_no_other(till: Till) -> None:
    shop = till.shop
    mill = site(shop)
    there = registered(shop, "mill", mill)
    token = shop.backend.terminal.connection_tokens.create({"location": mill}).secret

    found = till.does(
        "const other = StripeTerminal.create({ onFetchConnectionToken: async () => given });"
        " return await other.discoverReaders();", token
    )  # fmt: skip

    assert [reader["id"] for reader in found["discoveredReaders"]] == [there]


def test_connecting_is_told_step_by_step_with_a_token_of_its_own_and_no_error_in_the_result(till: Till) -> None:
    told = till.does("const told = await connected(); return [told, 'error' in told];")

    assert told[0]["reader"]["id"] == till.shop.reader
    assert told[1] is False
    assert till.of("[terminal.getConnectionStatus(), terminal.getPaymentStatus()]") == ["connected", "ready"]
    assert till.of("heard") == ["connecting", "connected", "ready"]
    assert till.shop.tokens == 2  # one to look for readers, one to connect
    assert till.of("connected()")["error"]["code"] == "already_connected"


def test_a_disconnected_terminal_can_connect_again(connected: Till) -> None:
    assert connected.of("terminal.disconnectReader()") == {}
    assert connected.of("terminal.getConnectionStatus()") == "not_connected"
    assert connected.of("connected()")["reader"]["id"] == connected.shop.reader


def test_a_page_takes_the_reader_over_unless_it_asks_to_fail_where_it_is_in_use(
    connected: Till, browser: Chromium, page_server: str
) -> None:
    other = Till.opened(browser, connected.shop, page_server)
    found = other.of("terminal.discoverReaders()")["discoveredReaders"][0]

    refused = other.of("terminal.connectReader(given, { fail_if_in_use: true })", found)
    taken = other.of("terminal.connectReader(given)", found)

    assert refused["error"]["code"] == "reader_error"
    assert taken["reader"]["id"] == connected.shop.reader
    until(lambda: any(e[0] == "disconnected" for e in connected.of("heard")), "the first page to lose its reader")
    browser.run(other.page.close())


@pytest.mark.parametrize("handler", [
    "() => { throw new Error('no server'); }", "async () => undefined", "async () => ({ secret: 'pst_test_1' })",
])  # fmt: skip
def test_a_handler_that_gives_no_token_is_told_as_one(till: Till, handler: str) -> None:
    told = till.does(
        f"return await StripeTerminal.create({{ onFetchConnectionToken: {handler} }}).discoverReaders();"
    )

    assert told["error"]["code"] == "failed_fetch_connection_token"


def test_the_account_is_switched_by_clearing_what_is_kept_of_the_old_one(connected: Till) -> None:
    connected.of("terminal.disconnectReader()")
    before = connected.shop.tokens

    assert connected.of("terminal.clearCachedCredentials()") == {}
    assert connected.of("connected()")["reader"]["id"] == connected.shop.reader
    assert connected.shop.tokens == before + 2
