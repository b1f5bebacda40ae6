"""Fills what an integration file sends to a till: texts, queries, forms, JSON bodies.

A JSON value that is exactly one placeholder keeps its own type: `"{amount.minor}"` becomes 1234, `"{amount.decimal}"`
the number 12.34, `"{tip_on_receipt}"` true. Inside a longer text everything is text.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from cardpresent.model.money import Money
from cardpresent.profile import placeholders
from cardpresent.profile.placeholders import MissingValue

# What an actor need not say: a sale is plain until somebody wants more of it.
PLAIN_SALE: Final[Mapping[str, object]] = {
    **{"tip_on_receipt": False, "skip_tipping": False, "eligible": None},
    **{"moto": False, "collect_first": False, "customer": None, "consent": None},
}
# A comma is taken for nothing but a thousands separator: "15,30" is no amount rather than a hundred times too much.
_AMOUNT: Final = re.compile(
    r"(?:[A-Za-z]{3}\s?|[$€£¥]\s?)?(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(?:\s?[A-Za-z]{3}|\s?[$€£¥])?",
)
# More than any shop takes; a till may answer figures without end, which nobody can reckon with.
AMOUNT_CHARS_MAX: Final = 40
_JSON: Final = msgspec.json.Encoder(decimal_format="number")


class Values:
    """Every value a template of one sale may name. Later mappings win over earlier ones."""

    def __init__(self, *layers: Mapping[str, object]) -> None:
        self._all: dict[str, object] = dict(PLAIN_SALE)
        for layer in layers:
            self._all.update(layer)

    def of(self, name: str) -> object:
        """The value of `name` in its own type. Raises MissingValue."""
        if name in self._all:
            value = self._all[name]
            if isinstance(value, Money):
                raise MissingValue(name)
            return value
        base, dot, form = name.rpartition(".")
        if dot and base in self._all and form in placeholders.MONEY_FORMS:
            return _money(self._all[base], form, name)
        return placeholders.from_environment(name)

    @property
    def patience_s(self) -> float | None:
        """How long whoever asks waits for an answer; None: as long as one may take."""
        given = self._all.get("patience_s")
        return float(given) if isinstance(given, int | float) else None

    def text(self, template: str) -> str:
        """`template` with its placeholders filled. Raises MissingValue."""
        return placeholders.fill(template, self.of)

    def texts(self, templates: Mapping[str, str]) -> dict[str, str]:
        return {name: self.text(template) for name, template in templates.items()}

    def json(self, template: object) -> bytes:
        """The JSON text of a template of any shape. Raises MissingValue."""
        return _JSON.encode(self._typed(template))

    def _typed(self, template: object) -> object:
        if isinstance(template, str):
            placeholder = placeholders.whole(template)
            return self.of(placeholder.name) if placeholder and placeholder.yes is None else self.text(template)
        if isinstance(template, Mapping):
            return {self.text(str(name)): self._typed(item) for name, item in template.items()}
        if isinstance(template, list | tuple):
            return [self._typed(item) for item in template]
        return template


def _money(value: object, form: str, name: str) -> object:
    if value is None:
        return None
    if not isinstance(value, Money):
        raise MissingValue(name)
    forms: dict[str, object] = {
        "minor": value.minor_units,
        "decimal": value.decimal,
        "string": f"{value.decimal:f}",
        "currency": value.currency,
    }
    return forms[form]


def parse_amount(text: str, currency: str, unit: str) -> Money | None:
    """An amount as a till writes it: `unit` "minor" → "1234", "main" → "12.34" or "$1,234.50"; else None."""
    written = text.strip()
    found = _AMOUNT.fullmatch(written) if len(written) <= AMOUNT_CHARS_MAX else None
    if not found:
        return None
    number = Decimal(found[1].replace(",", ""))
    if unit == "main":
        one = Money(1, currency).decimal
        number = number / one
    return Money(int(number), currency) if number == number.to_integral_value() else None
