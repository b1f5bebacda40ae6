"""Two answers to one request, held against each other: what an official client could tell them apart by.

Compared: status, keys, types, enum-like values, amounts, booleans, and which object an id means. Not compared beyond
being there: what is another at every call (ids, times, secrets, addresses) and what is meant for people (messages).
"""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.fidelity.pairs import Pairs, prefix
from tests.fidelity.staging import TIMES_BEGIN

TAG = "cardpresent_fidelity"  # the metadata key by which our objects at Stripe are known

# Under these names only the type counts.
OPAQUE = frozenset({
    "message", "failure_message", "seller_message", "doc_url", "request_log_url",
    "client_secret", "secret", "next_page", "fingerprint", "network_transaction_id",
    "serial_number", "ip_address", "invoice_prefix", "device_sw_version", "receipt_number",
    "authorization_code", "application_cryptogram", "terminal_verification_results", "transaction_status_information",
    "authorization_response_code", "statement_descriptor", "calculated_statement_descriptor",
})  # fmt: skip
# What says how the two were asked, not how they answer: a replay gives every POST a key; endpoints are the account's.
NOT_COMPARED = frozenset({"idempotency_key", "pending_webhooks"})
SECRETS = frozenset({"client_secret", "secret"})
# These tell of the account as a whole, whose name, capabilities and money are its own: only their keys and types count.
OF_THE_ACCOUNT = frozenset({"account", "balance"})
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_INDEX = re.compile(r"\[\d+\]")


class _Absent:
    def __repr__(self) -> str:
        return "(absent)"


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the two answers part."""

    path: str
    emulator: Any
    stripe: Any

    @property
    def place(self) -> str:
        """The path without positions: the same place in every row of a list."""
        return _INDEX.sub("[]", self.path)

    @property
    def leaf(self) -> str:
        return self.place.rpartition(".")[2].removesuffix("[]")


def differences(ours: Any, theirs: Any, pairs: Pairs) -> list[Difference]:
    """Where the emulator's answer and Stripe's part. Learns which ids stand for each other on the way."""
    comparison = _Comparison(pairs)
    comparison.compare("", ours, theirs)
    return comparison.found


@dataclass(slots=True)
class _Comparison:
    pairs: Pairs
    found: list[Difference] = field(default_factory=list)
    loosely: bool = False

    def _part(self, path: str, ours: Any, theirs: Any) -> None:
        if path.rpartition(".")[2] in SECRETS:
            ours, theirs = _kind(ours), _kind(theirs)
        self.found.append(Difference(path, ours, theirs))

    def compare(self, path: str, ours: Any, theirs: Any) -> None:
        if self.loosely and not (isinstance(ours, dict) and isinstance(theirs, dict)):
            if None not in (ours, theirs) and _kind(ours) != _kind(theirs):
                self._part(path, ours, theirs)
        elif isinstance(ours, dict) and isinstance(theirs, dict):
            if isinstance(ours.get("data"), list) and isinstance(theirs.get("data"), list):
                self._lists(path, ours, theirs)
            else:
                self._objects(path, ours, theirs, set(ours) | set(theirs))
        elif isinstance(ours, list) and isinstance(theirs, list):
            self._arrays(path, ours, theirs)
        elif _kind(ours) != _kind(theirs):
            self._part(path, ours, theirs)
        elif isinstance(ours, str):
            self._texts(path, ours, theirs)
        elif not _are_times(ours, theirs) and ours != theirs and path.rpartition(".")[2] not in OPAQUE:
            self._part(path, ours, theirs)

    def _objects(self, path: str, ours: Any, theirs: Any, names: set[str]) -> None:
        before, self.loosely = self.loosely, self.loosely or str(ours.get("object")) in OF_THE_ACCOUNT
        # the object's own id first: what lies deeper may refer to it
        for name in sorted(names, key=lambda name: (name != "id", name)):
            if name in NOT_COMPARED or (path.rpartition(".")[2] == "metadata" and name == TAG):
                continue
            place = f"{path}.{name}" if path else name
            one, other = ours.get(name, ABSENT), theirs.get(name, ABSENT)
            if one is ABSENT or other is ABSENT:
                self._part(place, one, other)
            else:
                self.compare(place, one, other)
        self.loosely = before

    def _arrays(self, path: str, ours: list[Any], theirs: list[Any]) -> None:
        for n in range(max(len(ours), len(theirs))):
            one = ours[n] if n < len(ours) else ABSENT
            other = theirs[n] if n < len(theirs) else ABSENT
            if one is ABSENT or other is ABSENT:
                self._part(f"{path}[{n}]", one, other)
            else:
                self.compare(f"{path}[{n}]", one, other)

    def _texts(self, path: str, ours: str, theirs: str) -> None:
        if path.rpartition(".")[2] in OPAQUE:
            if prefix(ours):
                self.pairs.learn(ours, theirs)
            return
        if prefix(ours) or prefix(theirs):
            same = self.pairs.learn(ours, theirs)
        elif ours.startswith("https://"):
            same = theirs.startswith("https://")
        else:
            same = _UUID.sub("-", self.pairs.to_stripe(ours)) == _UUID.sub("-", theirs)
        if not same:
            self._part(path, ours, theirs)

    # ----------------------------------------------------------------------------------------------------------- lists

    def _lists(self, path: str, ours: Any, theirs: Any) -> None:
        """A page of a list. The account at Stripe is older than this test: rows of others are passed over."""
        self._objects(path, ours, theirs, (set(ours) | set(theirs)) - {"data", "has_more", "total_count"})
        data = f"{path}.data" if path else "data"
        own = [row for row in theirs["data"] if self._counts(row)]
        partners = [self._partner(row, own) for row in ours["data"]]
        for n, (row, partner) in enumerate(zip(ours["data"], partners, strict=True)):
            if partner is None:
                self._part(f"{data}[{n}]", _named(row), ABSENT)
            else:
                self.compare(f"{data}[{n}]", row, partner)
        met = [partner for partner in partners if partner is not None]
        for row in own:
            if not any(row is partner for partner in met):
                self._part(f"{data}[]", ABSENT, _named(row))
        if not all(isinstance(row, dict) and row.get("object") == "event" for row in met):  # these share their second
            order = [n for row in met for n, other in enumerate(own) if other is row]
            if order != sorted(order):
                self._part(f"{data}[]", "in this order", "in another order")
        if len(own) == len(theirs["data"]) and ours.get("has_more") and not theirs.get("has_more"):
            self._part(f"{path}.has_more" if path else "has_more", True, False)

    def _counts(self, row: Any) -> bool:
        return self.pairs.is_of_this_test(row) or (isinstance(row, dict) and row.get("is_account_default") is True)

    def _partner(self, row: Any, own: list[Any]) -> Any:
        known = self.pairs.theirs(row["id"]) if isinstance(row, dict) and isinstance(row.get("id"), str) else None
        if known is not None:
            return next((other for other in own if other.get("id") == known), None)
        mark = self._mark(row, ours=True)
        for other in own:
            if not self.pairs.has_met(str(other.get("id"))) and self._mark(other, ours=False) == mark:
                if isinstance(row.get("id"), str):
                    self.pairs.learn(row["id"], other["id"])
                return other
        return None

    def _mark(self, row: Any, *, ours: bool) -> tuple[Any, ...]:
        """What two rows that were never met before must share to be the same row."""
        if not isinstance(row, dict):
            return (row,)
        about = row.get("data", {}).get("object", {}).get("id") if row.get("object") == "event" else None
        if ours and isinstance(about, str):
            about = self.pairs.theirs(about)
        return row.get("object"), row.get("type"), about, row.get("is_account_default")


def _kind(value: Any) -> str:
    """The JSON type. Whole numbers and decimals are two."""
    return "null" if value is None else type(value).__name__


def _are_times(ours: Any, theirs: Any) -> bool:
    return type(ours) is int and type(theirs) is int and ours >= TIMES_BEGIN and theirs >= TIMES_BEGIN


def _named(row: Any) -> str:
    if not isinstance(row, dict):
        return repr(row)
    return " ".join(str(row[name]) for name in ("object", "type", "status") if row.get(name))
