"""The books at Stripe as the suite reads them, with the official SDK, through its own port."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import stripe

# Enough for one scenario; a scenario that makes more objects is read in pages.
PAGE = 100


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every PaymentIntent, charge and refund made since an epoch began, and the readers, as Stripe shows them now.

    `reader` is the one in hand, `others` those that stand at other registers.
    """

    payment_intents: tuple[dict[str, Any], ...] = ()
    charges: tuple[dict[str, Any], ...] = ()
    refunds: tuple[dict[str, Any], ...] = ()
    reader: dict[str, Any] | None = field(default=None, compare=False)
    others: tuple[dict[str, Any], ...] = field(default=(), compare=False)

    @property
    def signature(self) -> tuple[Any, ...]:
        """What must agree between two reads for the books to count as settled."""
        actions = [(seen or {}).get("action") or {} for seen in (self.reader, *self.others)]
        actions.append({"status": (self.reader or {}).get("asking")})
        return (
            tuple(
                (p["id"], p["status"], p["amount"], p["amount_received"], p["latest_charge"])
                for p in self.payment_intents
            ),
            tuple((r["id"], r["status"]) for r in self.refunds),
            *((action.get("type"), action.get("status")) for action in actions),
        )

    def reader_on(self, intents: set[str]) -> dict[str, Any] | None:
        """The reader that asks for one of these PaymentIntents; the one in hand where none does."""
        return next((seen for seen in self.others if asks_for(seen) in intents), self.reader)


def asks_for(reader: dict[str, Any]) -> str | None:
    """The PaymentIntent that a reader asks somebody to pay now."""
    action = reader.get("action") or {}
    about = action.get(str(action.get("type"))) or {}
    return about.get("payment_intent") if action.get("status") == "in_progress" else None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The newest objects when an epoch began; what is newer belongs to it."""

    payment_intent: str | None
    charge: str | None
    refund: str | None


class Books:
    """Reads only; nothing here changes an object.

    The answers are taken as they come: a certification reads thousands of objects, and the client's own classes for
    them would cost it more than all its requests.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        self._client = client

    def cursor(self) -> Cursor:
        return Cursor(self._newest("payment_intents"), self._newest("charges"), self._newest("refunds"))

    def read(self, since: Cursor, reader: str | None, others: Sequence[str] = ()) -> Snapshot:
        """All that is newer than `since`, oldest first, and the readers."""
        intents = self._newer("payment_intents", since.payment_intent)
        charges = self._newer("charges", since.charge) if intents else ()
        refunds = self._newer("refunds", since.refund) if charges else ()
        seen = self.reader(reader) if reader else None
        return Snapshot(intents, charges, refunds, seen, tuple(self.reader(other) for other in others))

    def reader(self, reader: str) -> dict[str, Any]:
        """A reader as Stripe shows it now."""
        return self._got(f"terminal/readers/{reader}")

    def _newest(self, what: str) -> str | None:
        page = self._got(what, limit=1)["data"]
        return str(page[0]["id"]) if page else None

    def _newer(self, what: str, cursor: str | None) -> tuple[dict[str, Any], ...]:
        page = self._got(what, limit=PAGE, **({"ending_before": cursor} if cursor else {}))
        pages = [page["data"]]
        while page["has_more"]:
            turn = {"ending_before": page["data"][0]["id"]} if cursor else {"starting_after": page["data"][-1]["id"]}
            page = self._got(what, limit=PAGE, **turn)
            pages.append(page["data"])
        if cursor:
            pages.reverse()
        return tuple(reversed([each for page in pages for each in page]))

    def _got(self, path: str, **params: Any) -> dict[str, Any]:
        return dict(self._client.raw_request("get", f"/v1/{path}", **params).data)
