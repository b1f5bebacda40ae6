"""Test cards by what they do, in the words of the features.

Documented: https://docs.stripe.com/terminal/references/testing ("Simulated test cards").
"""

from typing import Final

APPROVED: Final = "4242424242424242"

DECLINED_FOR: Final[dict[str, str]] = {
    "generic_decline": "4000000000000002",
    "insufficient_funds": "4000000000009995",
    "lost_card": "4000000000009987",
    "stolen_card": "4000000000009979",
    "expired_card": "4000000000000069",
    "processing_error": "4000000000000119",
}

# A name that a feature uses → the number that shows the behaviour.
NAMED: Final[dict[str, str]] = {
    "approved": APPROVED,
    "Visa debit": "4000056655665556",
    "Mastercard": "5555555555554444",
    "American Express": "378282246310005",
    "Discover": "6011111111111117",
    "Diners Club": "3056930009020004",
    "JCB": "3566002020360505",
    "UnionPay": "6200000000000005",
    "online PIN": "4001000360000005",
    "chip and PIN": "4001007020000002",
    "PIN on second try": "4000002760000008",
    "of a brand that cannot be kept": "3566002020360505",
    "refund fails later": "4000000000005126",
    "Interac": "4506445006931933",
    "eftpos": "6280000360000978",
    "eftpos and Visa": "4000050360000001",
    "eftpos and Mastercard": "5555050360000080",
    "girocard": "4711009900000316877",
}

INTERAC: Final = frozenset({NAMED["Interac"]})
# Which sample merchants present beside those.
ABROAD: Final = frozenset({"4000008260000075"})
NUMBERS: Final = frozenset(NAMED.values()) | frozenset(DECLINED_FOR.values()) | ABROAD


def number_of(name: str) -> str:
    """The number of a named card, or of one declined for a reason; KeyError names what is known."""
    number = NAMED.get(name) or DECLINED_FOR.get(name)
    if number is None:
        raise KeyError(f'no test card "{name}"; known: {", ".join([*NAMED, *DECLINED_FOR])}')
    return number
