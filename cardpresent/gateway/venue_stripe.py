"""Stripe's test mode as a venue: a reverse proxy to the user's own account, which nobody else must notice.

The till has a key of the run's, and the user's takes its place only on the way out. What the run makes is marked and
taken back; what it did not make is neither shown, changed nor delivered.
"""

import asyncio
import time
from collections.abc import Callable
from random import Random
from typing import Any, Final

import msgspec

from cardpresent.gateway import endpoints as hooks
from cardpresent.gateway import own_lists
from cardpresent.gateway.call import Call, holds_live, read_call
from cardpresent.gateway.delivery import Address, Delivery, object_of
from cardpresent.gateway.endpoints import Endpoints
from cardpresent.gateway.event_feed import Event, EventFeed
from cardpresent.gateway.leavings import Leavings
from cardpresent.gateway.made import Made, read
from cardpresent.gateway.refusals import Refusals
from cardpresent.gateway.tag import Tag
from cardpresent.gateway.token import token
from cardpresent.gateway.upstream import Upstream
from cardpresent.gateway.venue import Answer, DeliveryListener, Question, VenueSilent

TAGGED: Final = frozenset({"reader.create", "location.create", "configuration.create"})
CLEANED_WITHIN_S: Final = 60.0
_HERE: Final = "in Stripe's test mode"


class StripeVenue:
    """One run in one account. `key`: the run's own, the only one that is let in."""

    def __init__(
        self, upstream: Upstream, key: str, tag: Tag, seed: int, note: Callable[[dict[str, Any]], None]
    ) -> None:
        rng = Random(f"stripe venue {seed}")
        self._upstream, self._key, self._tag, self._note = upstream, key, tag, note
        self._rng = rng
        self._refusals = Refusals(rng)
        self._endpoints = Endpoints(key, rng, self._refusals)
        self._made = Made()
        self._payments: dict[str, None] = {}
        self._feed = EventFeed(upstream, self._made, note)
        self._listener: DeliveryListener = lambda delivery: None
        self._began = time.time()
        self._account: dict[str, Any] = {}
        self._found: dict[str, Any] = {}
        self._left: dict[str, Any] | None = None

    # The course of a run --------------------------------------------------------------------------------------------

    async def begin(self) -> None:
        """See whose account it is, take back what runs that are over left in it, and find where its events stand."""
        answer = await self._upstream.own("GET", "/v1/account")
        account = read(answer.body)
        if not answer.executed or account is None:
            raise VenueSilent(f"Stripe does not take the key in STRIPE_SECRET_KEY ({answer.status}): see that it is a "
                              "secret key of your test mode, and not revoked")  # fmt: skip
        self._account = {"id": account.get("id"), "country": account.get("country")}
        earlier = Leavings(self._upstream, self._tag)
        await earlier.of_runs_that_are_over()
        self._found = earlier.told()
        await self._feed.begin()

    async def end(self) -> None:
        """Take back what is left, if nobody has said so before; then close the line."""
        await self._feed.end()
        try:
            if self._left is None:
                async with asyncio.timeout(CLEANED_WITHIN_S):
                    await self.clean_up()
        except (VenueSilent, TimeoutError):
            pass  # the next run on this machine finds it by its mark
        finally:
            await self._upstream.close()
            self._tag.close()

    def about(self) -> dict[str, Any]:
        return {"venue": "test", "account": self._account, "found": self._found}

    def news_due_s(self) -> float:
        return self._feed.due_s() if self._endpoints.listen else 0.0

    async def clean_up(self) -> dict[str, Any]:
        own = Leavings(self._upstream, self._tag)
        await own.of_this_run(self._payments, self._began)
        self._endpoints.forget()
        self._left = own.told()
        return self._left

    # Calls ----------------------------------------------------------------------------------------------------------

    async def ask(self, question: Question) -> Answer:
        path = question.path
        if path.startswith(hooks.CONTROL):
            return self._endpoints.control(question)
        if not path.startswith("/v1/"):
            told = {"error": f"{path} is a control of the emulator; there is none {_HERE}"}
            return Answer(404, [(b"content-type", b"application/json")], msgspec.json.encode(told))
        if holds_live(question):
            # It would leave this machine: not even to Stripe itself, in a note or under a header's name.
            self._note({"what": "live_key_refused"})
            return self._refusals.live_key()
        call = read_call(question.method, path, question.query, question.headers, question.body, "till")
        return self._answered_here(call) or await self._passed_on(call, question)

    def _answered_here(self, call: Call) -> Answer | None:
        """What goes no further: other keys, endpoints, what there is not, and what is somebody else's."""
        path = call.question.path
        if call.key != self._key:
            return self._refusals.error(401, "Invalid API Key provided.", type="invalid_request_error")
        if path.startswith(hooks.PATH):
            return self._endpoints.answer(call)
        if path.startswith(("/v1/stripecli/", "/v1/terminal/sdk/")):
            sentence = f"Unrecognized request URL ({path}): not covered {_HERE}."
            return self._refusals.error(404, sentence, type="invalid_request_error")
        foreign = self._made.foreign_in(call)
        return self._hands_off(call, foreign) if foreign else None

    async def _passed_on(self, call: Call, question: Question) -> Answer:
        changes = question.method != "GET"
        if question.method == "GET" and question.path in own_lists.LISTS:
            return await own_lists.listed(self._upstream, self._made, question, self._began)
        if question.method == "GET" and question.path in own_lists.SEARCHES:
            return await own_lists.searched(self._upstream, self._made, question)
        if changes:
            self._left = None
        if call.idempotency_key:
            self._made.asks(self._upstream.key_at_stripe(call.idempotency_key))
        try:
            answer = await self._upstream.ask(self._marked(call, question))
        finally:
            if changes:
                self._feed.expect()
        self._made.learn(call, answer)
        if call.operation == "payment_intent.create":
            self._remember_payment(answer)
        return answer

    def _marked(self, call: Call, question: Question) -> Question:
        """Devices and places carry the run's mark, or nobody could take them back after a crash."""
        if call.operation not in TAGGED:
            return question
        body = b"&".join(part for part in (question.body, self._tag.form) if part)
        headers = question.headers
        if not any(name.lower() == b"content-type" for name, _ in headers):
            headers = [*headers, (b"content-type", b"application/x-www-form-urlencoded")]
        return Question(question.method, question.path, question.query, headers, body, question.actor)

    def _remember_payment(self, answer: Answer) -> None:
        document = read(answer.body) or {}
        error = document.get("error")
        intent = error.get("payment_intent") if isinstance(error, dict) else document
        if isinstance(intent, dict) and isinstance(intent.get("id"), str):
            self._payments[intent["id"]] = None

    def _hands_off(self, call: Call, foreign: str) -> Answer:
        self._note({"what": "foreign_object_refused", "object": foreign, "operation": call.operation})
        return self._refusals.error(
            404, f"No such object: '{foreign}' (this run did not make it, so it is left alone)",
            type="invalid_request_error", code="resource_missing", param="id",
        )  # fmt: skip

    # Events ---------------------------------------------------------------------------------------------------------

    def on_delivery(self, listener: DeliveryListener) -> None:
        self._listener = listener
        self._feed.follow(self._is_listed)

    def _is_listed(self, event: Event) -> None:
        intent = object_of(event)
        if event.get("type") == "payment_intent.created" and intent:
            # Known even where the answer to its creation never came.
            self._payments[intent] = None
        for endpoint in self._endpoints.wanting(str(event["type"])):
            self._listener(Delivery(
                f"dlv_{token(self._rng, 16)}", endpoint, str(event["id"]), str(event["type"]), intent,
                msgspec.json.format(msgspec.json.encode(event), indent=2),
            ))  # fmt: skip

    def delivery_ended(self, delivery: str, accepted: bool) -> None:
        """A sandbox delivers again after hours, when the run is long over (https://docs.stripe.com/webhooks)."""

    def cli_connected(self, session: str, is_connected: bool) -> None:
        """There are no sessions of Stripe's command line client in this venue."""

    def address(self, endpoint: str) -> Address | None:
        return self._endpoints.address(endpoint)

