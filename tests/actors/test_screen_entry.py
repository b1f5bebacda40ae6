"""What of a till's answer counts as a secret in the wrong hands, and in whose."""

from types import MappingProxyType
from typing import Any

import pytest

from cardpresent.actors.screen_entry import screen_entry
from cardpresent.drivers.pos.port import PosReply
from cardpresent.model.outcome import Outcome, Standing

CHARGE = '{"cardholder_name": "CARDHOLDER/VISA", "email": "ada@cardholder.example"}'
HOLDER = ["a cardholder's name", "a cardholder's e-mail"]


def leaks(body: str, role: str, verb: Any = "sale_state") -> list[str]:
    reply = PosReply(Outcome.ACCEPTED, Standing.SETTLED, "", MappingProxyType({}), 200, None, body)
    return list(screen_entry(verb, reply, {}, (), role=role, of_sale=False)["leaks"])


@pytest.mark.parametrize(
    ("role", "found"), [("cashier", []), ("manager", []), ("stranger", HOLDER), ("other_shop", HOLDER)]
)
def test_who_paid_is_no_secret_to_the_staff_of_the_shop_and_one_to_everybody_else(role: str, found: list[str]) -> None:
    assert leaks(CHARGE, role) == found


def test_a_card_number_and_a_key_are_nobodys_to_read() -> None:
    assert leaks("4242424242424242", "cashier", "receipt") == ["a card number"]
    assert leaks("sk_test_0123456789abcdef", "manager") == ["an API key"]
