"""A length of time as people type it."""

import re
from typing import Any, Final

import click

UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0}
_TYPED: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([smh]?)")


class Duration(click.ParamType[float]):
    """90s, 10m, 8h, or a number of seconds; as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = _TYPED.fullmatch(str(value).strip())
        if found is None or not float(found[1]):
            self.fail(f"{value!r} is no length of time, as 90s, 10m or 8h are", param, ctx)
        return float(found[1]) * UNITS[found[2] or "s"]
