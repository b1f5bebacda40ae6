"""What of a till's answer is written into the journal: what a cashier reads, the till's own books, and no secret."""

from collections.abc import Mapping
from typing import Any

from cardpresent.actors.cards import NUMBERS
from cardpresent.drivers.pos.port import SUMS, PosReply, TillRecord, TillWorklist, Verb
from cardpresent.drivers.pos.transport import TillAnswer
from cardpresent.evidence.leaks import CLIENT_SECRET, EMAIL, NAME, TOKEN, leaks_in
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Standing

WORDS_KEPT = 400
RECEIPT_KEPT = 4000
DIFFERENCES_KEPT = 20_000
STAFF = frozenset({"cashier", "manager"})
# What an integration file may save beside the words of a sale.
GUIDANCE = ("support_reference", "next_step")
# What an integration file may save from the list of readers, of the reader that {reader} names.
LISTED = ("label", "status")


def screen_entry(
    verb: Verb, reply: PosReply, given: Mapping[str, object], secrets: tuple[str, ...], *, role: str, of_sale: bool
) -> dict[str, Any]:
    """The data of a `screen` entry. `of_sale`: it says where the sale stands, not only what became of `verb`."""
    data: dict[str, Any] = {
        "verb": verb,
        "role": role,
        "outcome": reply.outcome.value,
        "standing": reply.standing.value,
        "words": reply.words[:WORDS_KEPT],
        "status": reply.status,
        "of_sale": of_sale,
        "record": _record(reply.record) if reply.record else None,
        "leaks": leaks_in(reply.body, secrets, allowed=_may_be_answered(verb, role), cards=NUMBERS),
    }
    if reply.found:
        data["found"] = dict(reply.found)
    if reply.worklist is not None:
        data["worklist"] = _worklist(reply.worklist)
    if of_sale:
        data |= {name: reply.saved.get(name) for name in GUIDANCE}
    if verb in {"start_sale", "retry_sale"}:
        data["register"] = given.get("register")
        data["missing"] = [name for name in reply.missing if name not in {"words", "outcome"}]
    if verb in {"refund_sale", "refund_state"}:
        data["refund"] = given.get("refund")
    if verb == "input_answers":
        data["answers"] = reply.saved.get("answers", reply.body)[:RECEIPT_KEPT]
    if verb == "end_of_day":
        named = reply.saved.get("differences")
        data["differences"] = None if named is None else named[:DIFFERENCES_KEPT]
    if verb == "receipt":
        # The text that the file points at, as it is printed, and whatever else came with it.
        data["receipt"] = "\n".join(filter(None, (reply.words, reply.body)))[:RECEIPT_KEPT]
    if verb == "bind_reader":
        data["reader"] = given.get("reader")
    if verb == "list_readers":
        data["listed"] = _listed(reply)
    if verb == "connection_token":
        # Two tokens are compared by digest: the token itself is a secret and is not written down.
        data["secret_digest"] = reply.saved.get("secret_digest")
    return data


def _listed(reply: PosReply) -> dict[str, str | None] | None:
    """What the list shows of the one reader it was searched for; None where the file does not say how to search it."""
    named = [name for name in LISTED if name in reply.saved or name in reply.missing]
    return {name: reply.saved.get(name) for name in named} if named else None


def knock_entry(what: str, answer: TillAnswer | None, secrets: tuple[str, ...]) -> dict[str, Any]:
    """The data of a `screen` entry for an answer that no cashier waits for: to nonsense, or to whoever asks for a page.

    A client secret is for the client of a sale: a refusal or an error page has none to give.
    """
    fine = answer is not None and answer.status < 400
    text = answer.text if answer else ""
    return {
        "verb": "knock", "role": "stranger", "outcome": Outcome.UNKNOWN.value, "standing": Standing.SETTLED.value,
        "words": what[:WORDS_KEPT], "status": answer.status if answer else None, "of_sale": False, "record": None,
        "leaks": leaks_in(text, secrets, allowed={CLIENT_SECRET} if fine else (), cards=NUMBERS),
    }  # fmt: skip


def _record(record: TillRecord) -> dict[str, int | str | None]:
    sums: dict[str, Money | None] = {name: getattr(record, name) for name in SUMS}
    minor = {name: None if money is None else money.minor_units for name, money in sums.items()}
    return {**minor, "effects": record.effects, "tip_rule": record.tip_rule}


def _worklist(worklist: TillWorklist) -> dict[str, Any]:
    sums = {"sum_stored": worklist.sum_stored, "sum_lost": worklist.sum_lost}
    minor = {name: None if money is None else money.minor_units for name, money in sums.items()}
    told = {"listed": worklist.listed, "owner": worklist.owner, "overdue": worklist.overdue, "count": worklist.count}
    return {**told, **minor}


def _may_be_answered(verb: Verb, role: str) -> frozenset[str]:
    """A client secret is made for the client, and a token endpoint gives out tokens. Who paid is no secret to the staff
    of the shop: the name stands in every charge that is passed on, and on many a receipt.

    Documented: https://docs.stripe.com/api/payment_intents/object ("client_secret": not to be stored or logged),
    https://docs.stripe.com/api/charges/object (cardholder_name of a payment in person).
    """
    tokens = {TOKEN} if verb == "connection_token" else set()
    return frozenset({CLIENT_SECRET, *tokens, *((NAME, EMAIL) if role in STAFF else ())})
