"""Delivering events: in the background, first in first out for each endpoint, retried as Stripe retries.

Documented: any answer but a 2xx is a failure, redirects and time-outs included; in a sandbox a failed delivery is tried
three more times over a few hours (https://docs.stripe.com/webhooks). Assumed: after 1, 2 and 4 hours; the length of the
time-out. The hours pass on the account's clock, so a retry is due only once that clock is advanced.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from cardpresent.gateway import outbox
from cardpresent.gateway.delivery import Delivery, object_of
from cardpresent.gateway.endpoints import Endpoint, Endpoints
from cardpresent.gateway.forgery import Letter
from cardpresent.gateway.quiet import Activity
from cardpresent.gateway.record import Recorder
from cardpresent.gateway.signature import signature_header
from cardpresent.gateway.venue import Venue

RETRY_AFTER_S: Final = (3600, 7200, 14400)


class Router(Protocol):
    """Takes a delivery that has just become due; False when it is to go its ordinary way."""

    def for_delivery(self, delivery: Delivery) -> bool: ...


class Heard:
    """What the endpoint answered: an HTTP status, or why there is none."""

    __slots__ = ("answer", "error", "status")

    def __init__(self, status: int | None, error: str | None, answer: str) -> None:
        self.status = status
        self.error = error
        self.answer = answer

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Postman:
    """Carries events from the venue to the till's endpoints. One task for each endpoint that has something to get."""

    def __init__(
        self, endpoints: Endpoints, venue: Venue, recorder: Recorder, activity: Activity, timeout_s: float
    ) -> None:
        self._endpoints = endpoints
        self._venue = venue
        self._recorder = recorder
        self._activity = activity
        self._timeout_s = timeout_s
        self._client: Any = None
        self._warming: asyncio.Task[None] | None = None
        self._router: Router | None = None
        self._queues: dict[str, deque[Delivery]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._retries: dict[str, list[tuple[int, Delivery]]] = {}
        self._timers: set[asyncio.TimerHandle] = set()
        # The HTTP client takes a while to load; the first delivery must not wait for it.
        endpoints.on_add = self._open_client
        venue.subscribe(self.on_event)
        venue.on_clock(self.on_clock)

    def route_through(self, router: Router) -> None:
        """Show every new delivery to `router` first."""
        self._router = router

    # What the venue tells -------------------------------------------------------------------------------------------

    def on_event(self, account: str, key: str, body: bytes, event: Mapping[str, Any]) -> None:
        """An event has happened: it is due at each endpoint that wants it, once the request behind it was answered."""
        for endpoint in self._endpoints.wanting(key, event["type"]):
            delivery = Delivery(endpoint.id, event["id"], event["type"], object_of(event), body)
            waiting = outbox.current.get()
            if waiting is None:
                self._due(delivery)
            else:
                self._activity.delivery_due()
                waiting.put(lambda delivery=delivery: self._let_out(delivery))  # type: ignore[misc]

    def on_clock(self, key: str) -> None:
        """An account's clock was advanced: attempts that have come due are made."""
        now = self._venue.account_time(key)
        for endpoint in self._endpoints.of(key):
            waiting = self._retries.get(endpoint.id, [])
            due = sorted((entry for entry in waiting if entry[0] <= now), key=lambda entry: entry[0])
            if due:
                self._retries[endpoint.id] = [entry for entry in waiting if entry[0] > now]
                for _, delivery in due:
                    self.send(delivery)

    def _let_out(self, delivery: Delivery) -> None:
        self._due(delivery)
        self._activity.delivery_done()  # the count it was held under; `_due` has counted it anew

    def _due(self, delivery: Delivery) -> None:
        if self._router is None or not self._router.for_delivery(delivery):
            self.send(delivery)

    # Sending --------------------------------------------------------------------------------------------------------

    def send(self, delivery: Delivery) -> None:
        """Queue a delivery at the end of its endpoint's line."""
        self._activity.delivery_due()
        self._queues.setdefault(delivery.endpoint, deque()).append(delivery)
        worker = self._workers.get(delivery.endpoint)
        if worker is None or worker.done():
            self._workers[delivery.endpoint] = asyncio.get_running_loop().create_task(self._work(delivery.endpoint))

    def later(self, delay_s: float, action: Callable[[], None]) -> None:
        """Run `action` in `delay_s` real seconds."""

        def run() -> None:
            self._timers.discard(handle)
            action()

        handle = asyncio.get_running_loop().call_later(delay_s, run)
        self._timers.add(handle)

    async def post(self, url: str, letter: Letter) -> Heard:
        """One HTTP request to an endpoint. Never raises: not reaching it is an answer, too."""
        import httpx

        headers = {"content-type": "application/json; charset=utf-8", "user-agent": "Stripe/1.0 (cardpresent)"}
        if letter.signature is not None:
            headers["stripe-signature"] = letter.signature
        try:
            answer = await self._client.post(url, content=letter.body, headers=headers)
            return Heard(answer.status_code, None, answer.text)
        except httpx.TimeoutException:
            return Heard(None, f"no answer within {self._timeout_s:g} s", "")
        except httpx.ConnectError:
            return Heard(None, "no connection", "")
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            return Heard(None, f"no answer: {type(problem).__name__}", "")

    async def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        for worker in self._workers.values():
            worker.cancel()
        await asyncio.gather(*self._workers.values(), return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    async def _work(self, endpoint_id: str) -> None:
        queue = self._queues[endpoint_id]
        while queue:
            delivery = queue.popleft()
            try:
                endpoint = self._endpoints.get(endpoint_id)
                if endpoint is not None:
                    await self._deliver_copies(endpoint, delivery)
            finally:
                self._activity.delivery_done()

    async def _deliver_copies(self, endpoint: Endpoint, delivery: Delivery) -> None:
        copies = [delivery] + [_duplicate(delivery) for _ in range(delivery.copies - 1)]
        if delivery.concurrent:
            heard = await asyncio.gather(*(self._deliver(endpoint, copy) for copy in copies))
        else:
            heard = [await self._deliver(endpoint, copy) for copy in copies]
        if not any(one.accepted for one in heard):
            self._retry(endpoint, delivery)

    async def _deliver(self, endpoint: Endpoint, delivery: Delivery) -> Heard:
        begin_ms = self._recorder.journal.now_ms()
        signature = signature_header(delivery.body, [endpoint.secret], int(time.time()))
        heard = await self.post(endpoint.url, Letter(delivery.body, signature))
        self._recorder.webhook(
            delivery,
            endpoint.url,
            begin_ms=begin_ms,
            status=heard.status,
            error=heard.error,
            answer=heard.answer,
            genuine=True,
        )
        return heard

    def _retry(self, endpoint: Endpoint, delivery: Delivery) -> None:
        if delivery.attempt > len(RETRY_AFTER_S):
            return
        due = self._venue.account_time(endpoint.account_key) + RETRY_AFTER_S[delivery.attempt - 1]
        again = Delivery(
            delivery.endpoint, delivery.event, delivery.type, delivery.object, delivery.body, delivery.attempt + 1
        )
        self._retries.setdefault(endpoint.id, []).append((due, again))

    def _open_client(self) -> None:
        if self._client is None:
            import anyio
            import httpx

            # httpx opens its connections through anyio, which loads the rest of itself when first awaited.
            self._warming = asyncio.get_running_loop().create_task(anyio.sleep(0))

            # No connection is kept: a till that drops idle ones, or serves one connection at a time, would lose
            # deliveries for a reason that has nothing to do with its payments.
            self._client = httpx.AsyncClient(
                trust_env=False,
                timeout=self._timeout_s,
                follow_redirects=False,
                limits=httpx.Limits(max_keepalive_connections=0),
            )


def _duplicate(delivery: Delivery) -> Delivery:
    return Delivery(
        delivery.endpoint,
        delivery.event,
        delivery.type,
        delivery.object,
        delivery.body,
        delivery.attempt,
        staging="duplicate",
    )
