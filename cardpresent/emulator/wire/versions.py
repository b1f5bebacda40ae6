"""Stripe-Version: which ones exist, and how answers to older ones differ from the newest.

Objects are kept in the newest shape. A view turns one kind of object into what versions before a date returned.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cardpresent.emulator.errors import JsonObject, StripeError, invalid
from cardpresent.emulator.fidelity import API, declare

if TYPE_CHECKING:
    from cardpresent.emulator.account import Account

NEWEST: Final = "2026-10-28.endive"

declare(
    "versions.accepted", "documented", f"{API}/versioning",
    "Dated versions (2024-06-20) and named ones (2026-10-28.endive) are taken and echoed in Stripe-Version.",
)
declare(
    "versions.unknown", "assumed", "",
    "A Stripe-Version that does not exist answers 400 invalid_request_error.",
)

_DATED: Final = (
    "2011-01-01 2011-06-21 2011-06-28 2011-08-01 2011-09-15 2011-11-17 2012-02-23 2012-03-25 2012-06-18 2012-06-28 "
    "2012-07-09 2012-09-24 2012-10-26 2012-11-07 2013-02-11 2013-02-13 2013-07-05 2013-08-12 2013-08-13 2013-10-29 "
    "2013-12-03 2014-01-31 2014-03-13 2014-03-28 2014-05-19 2014-06-13 2014-06-17 2014-07-22 2014-07-26 2014-08-04 "
    "2014-08-20 2014-09-08 2014-10-07 2014-11-05 2014-11-20 2014-12-08 2014-12-17 2014-12-22 2015-01-11 2015-01-26 "
    "2015-02-10 2015-02-16 2015-02-18 2015-03-24 2015-04-07 2015-06-15 2015-07-07 2015-07-13 2015-07-28 2015-08-07 "
    "2015-08-19 2015-09-03 2015-09-08 2015-09-23 2015-10-01 2015-10-12 2015-10-16 2016-02-03 2016-02-19 2016-02-22 "
    "2016-02-23 2016-02-29 2016-03-07 2016-06-15 2016-07-06 2016-10-19 2017-01-27 2017-02-14 2017-04-06 2017-05-25 "
    "2017-06-05 2017-08-15 2017-12-14 2018-01-23 2018-02-05 2018-02-06 2018-02-28 2018-05-21 2018-07-27 2018-08-23 "
    "2018-09-06 2018-09-24 2018-10-31 2018-11-08 2019-02-11 2019-02-19 2019-03-14 2019-05-16 2019-08-14 2019-09-09 "
    "2019-10-08 2019-10-17 2019-11-05 2019-12-03 2020-03-02 2020-08-27 2022-08-01 2022-11-15 2023-08-16 2023-10-16 "
    "2024-04-10 2024-06-20"
)
_NAMED: Final = {
    "acacia": "2024-09-30 2024-10-28 2024-11-20 2024-12-18 2025-01-27 2025-02-24",
    "basil": "2025-03-31 2025-04-30 2025-05-28 2025-06-30 2025-07-30 2025-08-27",
    "clover": "2025-09-30 2025-10-29 2025-11-17 2025-12-15 2026-01-28 2026-02-25",
    "dahlia": "2026-03-25 2026-04-22 2026-05-27 2026-06-24 2026-07-29 2026-08-26",
    "endive": "2026-09-30 2026-10-28",
}
VERSIONS: Final = frozenset(_DATED.split()) | {
    f"{date}.{name}" for name, dates in _NAMED.items() for date in dates.split()
}
_FORM: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(\.[a-z]+)?")

View = Callable[[JsonObject, "Account"], JsonObject]
_views: dict[str, list[tuple[str, View]]] = {}


@lru_cache(maxsize=256)
def known_version(header: str) -> str:
    """The version asked for; beta flags behind `;` are dropped. Raises Stripe's 400 for one that does not exist."""
    version = header.split(";", maxsplit=1)[0].strip()
    if version in VERSIONS:
        return version
    form = _FORM.fullmatch(version)
    if form and form[2] == ".preview" and form[1] <= NEWEST[:10]:
        return version
    if form and form[1] > NEWEST[:10]:
        raise StripeError(
            400,
            {"message": f"emulator: Stripe-Version {version} is newer than {NEWEST}", "type": "invalid_request_error"},
            kept=False,
            headers=((b"x-emulator", b"not-emulated"),),
        )
    raise invalid(f"Invalid Stripe API version: {version}", log_url=False)


def before(date: str, kind: str) -> Callable[[View], View]:
    """Registers how versions older than `date` return objects of `kind`."""

    def register(view: View) -> View:
        _views.setdefault(kind, []).append((date, view))
        _views[kind].sort(key=lambda entry: entry[0], reverse=True)
        return view

    return register


def as_of(obj: JsonObject, version: str, account: "Account") -> JsonObject:
    """`obj` as `version` returns it; the object itself is left as it is."""
    date = version[:10]
    for since, view in _views.get(obj.get("object", ""), ()):
        if date < since:
            obj = view(obj, account)
    return obj
