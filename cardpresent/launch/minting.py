"""The secrets of a run: fresh ones, beside what the till, its gateway and its file have already."""

import os

from cardpresent.launch.from_shell import tokens_of
from cardpresent.launch.gateway_token import derived, token_of
from cardpresent.launch.keys import Secrets
from cardpresent.profile import Integration, IntegrationError
from cardpresent.profile.placeholders import fill_from, found_in
from cardpresent.profile.schema import Webhooks


def secrets_for(integration: Integration) -> Secrets:
    """Fresh secrets, beside the webhook secret the till has already where its file says so."""
    hooks = integration.webhooks
    told = ""
    if integration.stripe.gateway:
        token = token_of(integration)
        return Secrets.mint(token, *tokens_of(integration)).told(
            f"sk_test_{derived(token, 'till key')}", f"whsec_{derived(token, 'webhook secret')}"
        )
    if hooks is not None:
        told = _till_secret(integration, hooks)
    return Secrets.mint(*([told] if told else []), *tokens_of(integration))


def _till_secret(integration: Integration, hooks: Webhooks) -> str:
    """The signing secret that the till has already; empty where it stands for one of the fresh ones."""
    if hooks.secret_env:
        if not os.environ.get(hooks.secret_env):
            raise IntegrationError(
                integration.path, "webhooks.secret_env", f"the variable {hooks.secret_env} is not set",
                "set it to the signing secret that the till has",
            )  # fmt: skip
        return os.environ[hooks.secret_env]
    written = hooks.secret or ""
    fresh = any(not name.startswith("env.") for _, name in found_in(written))
    return "" if fresh else fill_from(written, {})
