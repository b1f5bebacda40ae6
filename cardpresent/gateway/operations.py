"""Which logical operation a request is: `POST /v1/payment_intents/pi_1/capture` is payment_intent.capture on pi_1.

Faults and checks speak of operations, never of paths. The table is Stripe's API reference as far as in-person payments
touch it (documented: https://docs.stripe.com/api), and the SDK stand-in's own calls. `{}` stands for an object's id, of
which the last one in a path counts.
"""

from typing import Any, Final

_TABLE: Final = """
POST   /v1/payment_intents                                      payment_intent.create
GET    /v1/payment_intents                                      payment_intent.list
GET    /v1/payment_intents/search                               payment_intent.search
GET    /v1/payment_intents/{}                                   payment_intent.retrieve
POST   /v1/payment_intents/{}                                   payment_intent.update
POST   /v1/payment_intents/{}/confirm                           payment_intent.confirm
POST   /v1/payment_intents/{}/capture                           payment_intent.capture
POST   /v1/payment_intents/{}/cancel                            payment_intent.cancel
POST   /v1/payment_intents/{}/increment_authorization           payment_intent.increment_authorization
GET    /v1/payment_intents/{}/amount_details_line_items         payment_intent.list_line_items
POST   /v1/setup_intents                                        setup_intent.create
GET    /v1/setup_intents                                        setup_intent.list
GET    /v1/setup_intents/{}                                     setup_intent.retrieve
POST   /v1/setup_intents/{}                                     setup_intent.update
POST   /v1/setup_intents/{}/confirm                             setup_intent.confirm
POST   /v1/setup_intents/{}/cancel                              setup_intent.cancel
GET    /v1/charges                                              charge.list
GET    /v1/charges/search                                       charge.search
GET    /v1/charges/{}                                           charge.retrieve
POST   /v1/charges/{}                                           charge.update
POST   /v1/charges/{}/capture                                   charge.capture
POST   /v1/refunds                                              refund.create
GET    /v1/refunds                                              refund.list
GET    /v1/refunds/{}                                           refund.retrieve
POST   /v1/refunds/{}                                           refund.update
POST   /v1/refunds/{}/cancel                                    refund.cancel
POST   /v1/customers                                            customer.create
GET    /v1/customers                                            customer.list
GET    /v1/customers/{}                                         customer.retrieve
POST   /v1/customers/{}                                         customer.update
DELETE /v1/customers/{}                                         customer.delete
POST   /v1/payment_methods                                      payment_method.create
GET    /v1/payment_methods                                      payment_method.list
GET    /v1/payment_methods/{}                                   payment_method.retrieve
POST   /v1/payment_methods/{}/attach                            payment_method.attach
POST   /v1/payment_methods/{}/detach                            payment_method.detach
GET    /v1/balance_transactions                                 balance_transaction.list
GET    /v1/balance_transactions/{}                              balance_transaction.retrieve
GET    /v1/events                                               event.list
GET    /v1/events/{}                                            event.retrieve
POST   /v1/events/{}/retry                                      event.retry
GET    /v1/account                                              account.retrieve
GET    /v1/accounts/{}                                          account.retrieve
POST   /v1/webhook_endpoints                                    webhook_endpoint.create
GET    /v1/webhook_endpoints                                    webhook_endpoint.list
GET    /v1/webhook_endpoints/{}                                 webhook_endpoint.retrieve
POST   /v1/webhook_endpoints/{}                                 webhook_endpoint.update
DELETE /v1/webhook_endpoints/{}                                 webhook_endpoint.delete
POST   /v1/stripecli/sessions                                   cli_session.create
POST   /v1/terminal/connection_tokens                           connection_token.create
POST   /v1/terminal/locations                                   location.create
GET    /v1/terminal/locations                                   location.list
GET    /v1/terminal/locations/{}                                location.retrieve
POST   /v1/terminal/locations/{}                                location.update
DELETE /v1/terminal/locations/{}                                location.delete
POST   /v1/terminal/configurations                              configuration.create
GET    /v1/terminal/configurations                              configuration.list
GET    /v1/terminal/configurations/{}                           configuration.retrieve
POST   /v1/terminal/configurations/{}                           configuration.update
DELETE /v1/terminal/configurations/{}                           configuration.delete
POST   /v1/terminal/readers                                     reader.create
GET    /v1/terminal/readers                                     reader.list
GET    /v1/terminal/readers/{}                                  reader.retrieve
POST   /v1/terminal/readers/{}                                  reader.update
DELETE /v1/terminal/readers/{}                                  reader.delete
POST   /v1/terminal/readers/{}/process_payment_intent           reader.process_payment_intent
POST   /v1/terminal/readers/{}/process_setup_intent             reader.process_setup_intent
POST   /v1/terminal/readers/{}/collect_payment_method           reader.collect_payment_method
POST   /v1/terminal/readers/{}/confirm_payment_intent           reader.confirm_payment_intent
POST   /v1/terminal/readers/{}/collect_inputs                   reader.collect_inputs
POST   /v1/terminal/readers/{}/cancel_action                    reader.cancel_action
POST   /v1/terminal/readers/{}/set_reader_display               reader.set_reader_display
POST   /v1/terminal/readers/{}/refund_payment                   reader.refund_payment
GET    /v1/terminal/sdk/reach                                   sdk.reach
POST   /v1/terminal/sdk/activate                                sdk.activate
POST   /v1/terminal/sdk/payment_intents                         sdk.create_payment_intent
GET    /v1/terminal/sdk/payment_intents/{}                      sdk.retrieve_payment_intent
POST   /v1/terminal/sdk/payment_intents/{}/confirm              sdk.confirm_payment_intent
POST   /v1/terminal/sdk/payment_intents/{}/cancel               sdk.cancel_payment_intent
POST   /v1/terminal/sdk/forward                                 sdk.forward
GET    /v1/terminal/sdk/readers                                 sdk.discover_readers
GET    /v1/terminal/sdk/setup_intents/{}                        sdk.retrieve_setup_intent
POST   /v1/terminal/sdk/setup_intents/{}/confirm                sdk.confirm_setup_intent
POST   /v1/terminal/sdk/refunds                                 sdk.create_refund
POST   /v1/test_helpers/terminal/readers/{}/present_payment_method     reader.present_payment_method
POST   /v1/test_helpers/terminal/readers/{}/succeed_input_collection   reader.succeed_input_collection
POST   /v1/test_helpers/terminal/readers/{}/timeout_input_collection   reader.timeout_input_collection
"""


# Steps that a till may ask for by more calls than one, by the name a fault is armed with: a payment's card is asked for
# and charged at once, or read first and confirmed afterwards.
STEPS: Final[dict[str, frozenset[str]]] = {
    "reader.ask_for_card": frozenset({"reader.process_payment_intent", "reader.collect_payment_method"}),
}


def _tree() -> dict[str, Any]:
    root: dict[str, Any] = {}
    for line in _TABLE.strip().splitlines():
        method, path, operation = line.split()
        node = root
        for part in path.strip("/").split("/"):
            node = node.setdefault(part, {})
        node[method.lower() + " "] = operation  # a key no path segment can have
    return root


_TREE: Final = _tree()
OPERATIONS: Final = frozenset(line.split()[2] for line in _TABLE.strip().splitlines())


def operation_of(method: str, path: str) -> tuple[str, str | None]:
    """The logical operation and the id of the object it is about, or None: ("payment_intent.capture", "pi_1").

    What the table does not know keeps its own name, "POST /v1/unheard_of", so that `*` still matches it.
    """
    node: dict[str, Any] | None = _TREE
    object_id = None
    for part in path.strip("/").split("/"):
        if node is None:
            break
        if part in node:
            node = node[part]
        else:
            node = node.get("{}")
            object_id = part
    operation = node.get(method.lower() + " ") if node else None
    return (operation, object_id) if operation else (f"{method} {path}", None)
