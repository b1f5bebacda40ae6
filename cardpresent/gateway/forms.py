"""Stripe's bracketed forms: `metadata[sale]=7&expand[]=charges` → {"metadata": {"sale": "7"}, "expand": ["charges"]}.

Only for reading along: the gateway records and matches parameters, the venue decides about them.
"""

from typing import Any, Final
from urllib.parse import parse_qsl

_DEPTH_MAX: Final = 32
_DIGITS_MAX: Final = 18


def parse_form(text: str) -> dict[str, Any]:
    """A form body or query string as nested values; leaves are strings. Positions (`items[0][id]=…`) make a list,
    in their order. Contradictory names never raise; the later one wins. A name deeper than any at Stripe stays flat."""
    params: dict[str, Any] = {}
    if not text:
        return params
    nested = False
    for name, value in parse_qsl(text, keep_blank_values=True):
        if "[" not in name or name.count("[") > _DEPTH_MAX:
            params[name] = value
        else:
            nested = True
            _place(params, name, value)
    return {name: _listed(value) for name, value in params.items()} if nested else params


def _place(params: dict[str, Any], name: str, value: str) -> None:
    head, *rest = name.replace("]", "").split("[")
    here: dict[str, Any] = params
    key = head
    for step in rest:
        if step == "":
            there = here.get(key)
            if not isinstance(there, list):
                there = here[key] = []
            there.append(value)
            return
        there = here.get(key)
        if not isinstance(there, dict):
            there = here[key] = {}
        here, key = there, step
    here[key] = value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(one) for key, one in value.items()}
    if inner and all(key.isdecimal() and len(key) <= _DIGITS_MAX for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
