"""Whoever should not be there: forges events, replays old ones, asks for tokens without being staff."""

import time
from typing import Any, Final

from cardpresent.actors import cards
from cardpresent.actors.errors import NotDemonstrated, Undecided
from cardpresent.actors.sale import Sale
from cardpresent.actors.screen_entry import knock_entry
from cardpresent.actors.stage import Stage
from cardpresent.checks import webhooks
from cardpresent.drivers.pos.transport import TillAnswer
from cardpresent.drivers.stripe.api_version import STRIPE_API
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome

SCRIPTS: Final = "letters of other scripts"

# What a feature calls a flaw → how the delivery is staged; cardpresent/gateway/forgery.py knows each.
STAGINGS: Final[dict[str, str]] = {
    "no signature": "none",
    "a garbage signature": "garbage",
    "another secret": "wrong_secret",
    "an altered body": "tampered_body",
    "a signature two hours old": "stale",
    "its body written anew": "reserialized",
    "two signatures": "two_secrets",
    SCRIPTS: "valid",
    "a good signature": "valid",
}


# A delivery that nobody answers is given up a little before this.
GIVEN_UP_AFTER_S: Final = 11.0

# Shapes of an event's `data`, or of the object in it, that Stripe never sends and a careless handler trips over.
BROKEN: Final[tuple[Any, ...]] = (None, [], "pi_1", 7, {"id": ["pi_1"]}, {"id": {}}, {"object": "payment_intent"}, {})
# Whatever an error makes of an event, these belong in no log.
CANARIES: Final[dict[str, Any]] = {
    "billing_details": {"name": "CARDHOLDER/CANARY", "email": "canary@cardholder.example"},
    "number": cards.APPROVED,
}


class Attacker:
    """Speaks to the till's webhook address and token endpoint as a stranger would."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._count = 0
        self.last_event = ""

    def sends_paid_event(self, sale: Sale, flaw: str) -> str:
        """Tell the till that the sale was paid, in a delivery with a flaw; returns the event's id."""
        event = self._paid_event(sale)
        self._mark("unsigned_event", sale, flaw)
        self.delivers(event, STAGINGS[flaw])
        return str(event["id"])

    def sends_foreign_event(self, sale: Sale, *, livemode: bool = False, account: str | None = None) -> str:
        """A well-signed event of live mode, or of somebody else's account, about this sale."""
        event = self._paid_event(sale)
        event["livemode"] = livemode
        event["data"]["object"]["livemode"] = livemode
        if account:
            event["account"] = account
        self._mark("wrong_environment_event", sale, "live mode" if livemode else "another account")
        self.delivers(event, "valid")
        return str(event["id"])

    def sends_event_of_account(self, sale: Sale, whose: str) -> None:
        """A well-signed event about this sale, of another seller's account or of the platform's own."""
        event = self._paid_event(sale)
        if whose == "another seller's":
            event["account"] = f"{event['account']}x"
        else:
            del event["account"]
        self._stage.remember_word()
        self._mark("wrong_environment_event", sale, f"{whose} account")
        self.delivers(event, "valid")

    def sends_event_of(self, sale: Sale, other: dict[str, Any], amount: Money | None = None) -> str:
        """A well-signed event whose PaymentIntent is another's but whose metadata names this sale."""
        event = self._event("payment_intent.succeeded", other)
        intent = event["data"]["object"]
        key = self._stage.around.metadata_key
        if key:
            intent["metadata"] = {**(intent.get("metadata") or {}), key: sale.id}
        if amount is not None:
            intent["amount"] = intent["amount_received"] = amount.minor_units
        self._mark("foreign_event", sale, "another payment")
        self.delivers(event, "valid")
        return str(event["id"])

    def claims_payment_of(self, other: Sale, sale: Sale) -> None:
        """Say that the payment of `other` was for `sale`."""
        paid = [p for p in self._stage.read_books().payment_intents if p["id"] in other.payment_intents]
        if not paid:
            raise Undecided("the earlier sale has no PaymentIntent that an event could name")
        self.sends_event_of(sale, dict(paid[-1]))

    def claims_amount(self, sale: Sale, amount: Money) -> None:
        """Say that `sale` was paid, with another amount."""
        self.sends_event_of(sale, self._paid_event(sale)["data"]["object"], amount)

    def repeats_last_event(self, sale: Sale, flaw: str) -> None:
        """Deliver the last genuine event of the sale once more, in another form that Stripe may use."""
        self._repeat(self._delivered()[-1], flaw)

    def repeats_every_event(self) -> None:
        """Deliver every event of the scenario once more, in order, as Stripe may."""
        self._stage.settle()
        self._stage.remember_word()
        self._stage.control("webhook_repeated")
        for event in self._delivered():
            self._repeat(event, "a good signature")

    def repeats_news_if_any(self) -> None:
        """Deliver every event so far once more, where Stripe had any to tell; a sale that is over stays as it was."""
        stage, sale = self._stage, self._stage.sales[-1]
        stage.await_final(sale)
        before = stage.followed().last_word(sale.id)
        try:
            self.repeats_every_event()
        except Undecided:
            return
        # What the till did not know it may learn from news, however old.
        told = {str(e.data["outcome"]) for e in stage.followed().kind("screen", sale.id) if not e.data["of_sale"]}
        if before is not None and sale.final and Outcome.UNKNOWN.value not in told:
            stage.settle()
            stage.hear(sale)
            stage.keep_books(stage.settle())
            stage.findings.append(webhooks.same_state_after(stage.journal, dict(before.data), sale.id, "FD-54"))

    def awaits_deliveries(self) -> None:
        """Wait until the till has answered all news of what the customer did, or the postman has given it up."""

        def answered() -> bool:
            journal = self._stage.followed()
            tap = max((e.n for e in journal.controls("tap")), default=0)
            told = any(e.data["genuine"] and e.n > tap for e in journal.deliveries())
            return told and not self._stage.around.wire.deliveries_due()

        self._stage.until(answered, GIVEN_UP_AFTER_S)

    def _delivered(self) -> list[str]:
        self._stage.around.wire.follow()
        seen = [str(e.data["event"]) for e in self._stage.journal.deliveries() if e.data["genuine"]]
        if not seen:
            raise Undecided("Stripe had nothing to tell the till in this scenario", "configuration")
        return list(dict.fromkeys(seen))

    def _repeat(self, event: str, flaw: str) -> None:
        # Read at Stripe, not from the journal: there the secrets are gone, and the body would differ.
        genuine = self._stage.around.stripe.v1.events.retrieve(event).to_dict()
        if flaw == SCRIPTS:
            genuine["data"]["object"]["description"] = "Käse, 寿司 и чай \u2028 🙂"
        self.delivers(genuine, STAGINGS[flaw])

    def asks_token(self) -> None:
        """Ask for a connection token without credentials."""
        self._stage.intend("connection_token", None)
        self._stage.perform("connection_token", None, role="stranger")

    def sends_nonsense(self, sale: Sale) -> None:
        """Ask the till, at its own operations and beside them, what makes no sense; every answer is looked through."""
        around = self._stage.around
        known = {"sale": sale.id, "register": self._stage.register, **sale.saved}
        around.wire.note_all(
            [_knock(f"{k.what}: {k.method} {k.path[:80]}", answer, around.secrets)
             for k, answer in around.door.answers_to_nonsense(known)]
        )  # fmt: skip
        self._stage.staged.append("injected: requests that make no sense")
        self._stage.check_till()
        self._frees_reader()

    def _frees_reader(self) -> None:
        """What is nonsense to us may be enough for a till to ask its reader for something: that is taken off again."""
        stage = self._stage
        stage.settle()
        if stage.asked_for() is not None:
            stage.control("cleanup", did="cancel_action")
            stage.around.stripe.v1.terminal.readers.cancel_action(stage.reader)
            stage.settle()

    def looks_through_pages(self) -> None:
        """Get the till's pages and all they are made of, as a stranger and as staff, and look for what is secret."""
        around = self._stage.around
        found = around.door.pages()
        around.wire.note_all([_knock(f"page {path[:80]}", answer, around.secrets) for path, answer in found])

    def sends_broken_events(self, sale: Sale) -> None:
        """Well-signed events that no handler expects, each carrying what may stand in no log."""
        for index, thing in enumerate(BROKEN):
            event = self._event("payment_intent.succeeded", {})
            event["data"] = thing if index % 2 else {"object": thing}
            self.delivers({**event, **CANARIES}, "valid")
        self._mark("broken_events", sale, "a shape that no handler expects")
        self._stage.settle()
        self._stage.flush_log()

    def delivers(self, event: dict[str, Any], signing: str) -> dict[str, Any]:
        endpoint = self._stage.around.endpoint
        if endpoint is None:
            raise NotDemonstrated("the till takes no webhooks")
        self.last_event = str(event["id"])
        answer = self._stage.around.wire.deliver(endpoint, event, signing)
        self._stage.around.wire.follow()
        return answer

    def _mark(self, what: str, sale: Sale, flaw: str) -> None:
        self._stage.control(what, sale, flaw=flaw)
        self._stage.staged.append(f"injected: event with {flaw}")

    def _paid_event(self, sale: Sale) -> dict[str, Any]:
        """What Stripe would send had the sale's PaymentIntent been captured; it was not."""
        found = [p for p in self._stage.read_books().payment_intents if p["id"] in sale.payment_intents]
        if not found:
            mine = self._stage.read_books().payment_intents
            found = [p for p in mine if len(self._stage.sales) == 1]
        if not found:
            raise Undecided("the sale has no PaymentIntent that an event could name")
        intent = dict(found[-1])
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "amount_capturable": 0}
        return self._event("payment_intent.succeeded", intent)

    def _event(self, kind: str, thing: dict[str, Any]) -> dict[str, Any]:
        self._count += 1
        salt = self._stage.around.salt
        return {
            "id": f"evt_{salt}{self._stage.number}x{self._count}",
            "object": "event",
            "api_version": STRIPE_API,
            "created": int(time.time()),
            "data": {"object": dict(thing)},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
            **self._where(),
        }

    def _where(self) -> dict[str, str]:
        """Events of a connected account name it."""
        platform = self._stage.around.platform
        return {"account": platform.account} if platform and platform.account else {}


def _knock(what: str, answer: TillAnswer | None, secrets: tuple[str, ...]) -> dict[str, Any]:
    data = knock_entry(what, answer, secrets)
    return {"kind": "screen", "wire": "till", "actor": "suite", "sale": None, "data": data}
