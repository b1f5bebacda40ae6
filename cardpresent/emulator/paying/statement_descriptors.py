"""What a cardholder reads on the bank's statement: which texts are allowed, and how they are put together."""

from typing import Any, Final

from cardpresent.emulator.errors import JsonObject, invalid
from cardpresent.emulator.fidelity import declare
from cardpresent.emulator.wire.params import UNSET

_PAGE: Final = "https://docs.stripe.com/get-started/account/statement-descriptors"

declare(
    "statement_descriptor.text", "documented", _PAGE,
    "A statement descriptor has 5 to 22 characters, a letter among them, and none of < > \\ ' \" *.",
)
declare(
    "statement_descriptor.card", "documented", "https://docs.stripe.com/api/payment_intents/create",
    "A payment that takes online cards refuses statement_descriptor; it takes statement_descriptor_suffix.",
)
declare(
    "statement_descriptor.card_present", "assumed", "",
    "A payment taken in person keeps its statement_descriptor, and its charge shows it.",
)
declare(
    "statement_descriptor.suffix", "documented", _PAGE,
    "A suffix has at most 22 characters; the account's prefix, an asterisk and a space come before it.",
)
declare(
    "statement_descriptor.too_long", "assumed", _PAGE, "Prefix and suffix together are cut off after 22 characters.",
)

LENGTH_MIN: Final = 5
LENGTH_MAX: Final = 22
_FORBIDDEN: Final = frozenset("<>\\'\"*")
_ACCOUNT: Final = "CARDPRESENT EMULATOR"
_PREFIX: Final = "CARDPRES"


def check(params: JsonObject, types: list[str]) -> None:
    """Raises unless both texts may be used by a payment of these types."""
    whole, suffix = params.get("statement_descriptor"), params.get("statement_descriptor_suffix")
    if isinstance(whole, str):
        if "card" in types:
            message = "statement_descriptor is not supported for cards. Use statement_descriptor_suffix instead."
            raise invalid(message, param="statement_descriptor")
        if not LENGTH_MIN <= len(whole) <= LENGTH_MAX:
            message = f"The statement descriptor must have {LENGTH_MIN} to {LENGTH_MAX} characters."
            raise invalid(message, param="statement_descriptor")
        _check_characters(whole, "statement_descriptor")
    if isinstance(suffix, str):
        if len(suffix) > LENGTH_MAX:
            message = f"The statement descriptor suffix must have at most {LENGTH_MAX} characters."
            raise invalid(message, param="statement_descriptor_suffix")
        _check_characters(suffix, "statement_descriptor_suffix")


def _check_characters(text: str, param: str) -> None:
    if not text.isascii() or _FORBIDDEN.intersection(text):
        message = "Statement descriptors hold Latin characters without < > \\ ' \" and *."
        raise invalid(message, code="invalid_characters", param=param)
    if not any(letter.isalpha() for letter in text):
        raise invalid("Statement descriptors need at least one letter.", param=param)


def calculated(whole: Any, suffix: Any) -> str:
    """The line on the statement."""
    if isinstance(whole, str):
        return whole
    if suffix in (None, UNSET):
        return _ACCOUNT
    return f"{_PREFIX}* {suffix}"[:LENGTH_MAX]
