"""Onboarding links: where a merchant accepts Apple's terms for Tap to Pay on iPhone."""

from typing import Final

from cardpresent.emulator.errors import JsonObject, missing
from cardpresent.emulator.fidelity import API, declare
from cardpresent.emulator.operations import Call, Operation
from cardpresent.emulator.wire.params import absent

_CREATE = f"{API}/terminal/onboarding-link/create"

declare(
    "onboarding_link.shape", "documented", _CREATE,
    "A link repeats its options and brings the address to send the merchant to.",
)
declare("onboarding_link.url", "assumed", _CREATE, "The address is one of connect.stripe.com and leads nowhere.")
declare("onboarding_link.on_behalf_of", "assumed", _CREATE, "on_behalf_of must be the id of an account.")


def create(call: Call) -> JsonObject:
    account, params = call.account, call.params
    apple = params["link_options"].get(params["link_type"])
    if apple is None:
        raise absent(f"link_options[{params['link_type']}]")
    on_behalf_of = params.get("on_behalf_of")
    if on_behalf_of is not None and not on_behalf_of.startswith("acct_"):
        raise missing("account", on_behalf_of, "on_behalf_of", in_url=False)
    return {
        "link_options": {
            "apple_terms_and_conditions": {
                "allow_relinking": apple.get("allow_relinking"),
                "merchant_display_name": apple["merchant_display_name"],
            },
        },
        "link_type": params["link_type"], "object": "terminal.onboarding_link", "on_behalf_of": on_behalf_of,
        "redirect_url": f"https://connect.stripe.com/terminal/onboarding/{account.ids.letters(24)}",
    }


OPERATIONS: Final = [
    Operation("onboarding_link.create", "POST", "/v1/terminal/onboarding_links", create,
              "terminal.onboarding_link_create"),
]
