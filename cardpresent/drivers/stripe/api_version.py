"""The version of Stripe's API that the suite speaks: that of the client library it is locked to."""

from typing import Final

STRIPE_API: Final = "2026-10-28.endive"
