"""What a report says of the versions it rests on."""

import stripe

from cardpresent.drivers.stripe.api_version import STRIPE_API


def test_the_version_of_stripes_api_is_the_one_that_the_client_speaks() -> None:
    assert stripe.api_version == STRIPE_API
