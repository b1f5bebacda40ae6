"""Delivering events: in the background, first in first out for each endpoint.

What is due where, and when again after a failure, is the venue's to say. Documented: any answer but a 2xx is a failure,
redirects and time-outs included (https://docs.stripe.com/webhooks). Assumed: the length of the time-out.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec

from cardpresent.gateway import outbox
from cardpresent.gateway.cli_channel import CliChannel
from cardpresent.gateway.delivery import Address, Delivery
from cardpresent.gateway.forgery import Letter, headers_of
from cardpresent.gateway.quiet import Activity
from cardpresent.gateway.record import Recorder
from cardpresent.gateway.signature import signature_header
from cardpresent.gateway.venue import Venue

_READ_BYTES: Final = 64 * 1024  # of an endpoint's answer


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
    """Carries deliveries from the venue to the till. One task for each endpoint that has something to get."""

    def __init__(
        self, venue: Venue, cli: CliChannel, recorder: Recorder, activity: Activity, timeout_s: float
    ) -> None:
        self._venue = venue
        self._cli = cli
        self._recorder = recorder
        self._activity = activity
        self._timeout_s = timeout_s
        self._client: Any = None
        self._warming: asyncio.Task[None] | None = None
        self._router: Router | None = None
        self._queues: dict[str, deque[Delivery]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    def route_through(self, router: Router) -> None:
        """Show every new delivery to `router` first."""
        self._router = router

    def begin(self) -> None:
        """Take what the venue has to deliver, from now on and from before. Needs the running loop."""
        self._venue.on_delivery(self.on_due)

    # What the venue tells -------------------------------------------------------------------------------------------

    def on_due(self, delivery: Delivery) -> None:
        """A delivery has come due: it is let out once the request behind it, if there is one, was answered."""
        waiting = outbox.current.get()
        if waiting is None:
            self._due(delivery)
        else:
            self._activity.delivery_due()
            waiting.put(lambda: self._let_out(delivery))

    def _let_out(self, delivery: Delivery) -> None:
        self._due(delivery)
        self._activity.delivery_done()  # the count it was held under; `_due` has counted it anew

    def _due(self, delivery: Delivery) -> None:
        # A repetition comes as it comes: the fault was armed for what happened, not for what happened hours ago.
        if delivery.attempt > 1 or self._router is None or not self._router.for_delivery(delivery):
            self.send(delivery)

    # Sending --------------------------------------------------------------------------------------------------------

    def send(self, delivery: Delivery) -> None:
        """Queue a delivery at the end of its endpoint's line."""
        self._activity.delivery_due()
        self._queues.setdefault(delivery.endpoint, deque()).append(delivery)
        worker = self._workers.get(delivery.endpoint)
        if worker is None or worker.done():
            self._workers[delivery.endpoint] = asyncio.get_running_loop().create_task(self._work(delivery.endpoint))

    async def drained(self) -> None:
        """Wait until every endpoint has answered what is queued for it now."""
        await asyncio.gather(*(asyncio.shield(worker) for worker in self._workers.values()), return_exceptions=True)

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

        self.warm()
        headers = headers_of(letter)
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._client.stream("POST", url, content=letter.body, headers=headers) as answer,
            ):
                return Heard(answer.status_code, None, await _beginning(answer))
        except (httpx.TimeoutException, TimeoutError):
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
                address = self._venue.address(endpoint_id)
                accepted = address is not None and address.enabled and await self._deliver_copies(address, delivery)
                self._venue.delivery_ended(delivery.id, accepted)
            finally:
                self._activity.delivery_done()

    async def _deliver_copies(self, address: Address, delivery: Delivery) -> bool:
        """Whether any copy was accepted; none that was sent, none that failed."""
        if not delivery.copies:
            return True
        for secret in address.secrets:
            self._recorder.journal.redactor.add(secret)
        copies = [delivery] + [_duplicate(delivery) for _ in range(delivery.copies - 1)]
        deliver = self._cli.deliver if address.kind == "cli" else self._deliver
        if delivery.concurrent:
            return any(await asyncio.gather(*(deliver(address, copy) for copy in copies)))
        return any([await deliver(address, copy) for copy in copies])

    async def _deliver(self, address: Address, delivery: Delivery) -> bool:
        begin_ms = self._recorder.journal.now_ms()
        signature = signature_header(delivery.body, address.secrets, int(time.time()))
        heard = await self.post(address.url, Letter(delivery.body, signature))
        self._recorder.webhook(
            delivery,
            address.url,
            begin_ms=begin_ms,
            status=heard.status,
            error=heard.error,
            answer=heard.answer,
            genuine=True,
        )
        return heard.accepted

    def warm(self) -> None:
        """Load the HTTP client: that takes a while, and the first delivery should not wait for it."""
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
                headers={"Accept-Encoding": "identity"},
            )


async def _beginning(answer: Any) -> str:
    """What an endpoint says, as far as anybody reads it: not a hundred megabytes, nor what they unpack to."""
    said = b""
    async for part in answer.aiter_raw():
        said += part
        if len(said) >= _READ_BYTES:
            break
    return said[:_READ_BYTES].decode("utf-8", "replace")


def _duplicate(delivery: Delivery) -> Delivery:
    return msgspec.structs.replace(delivery, staging="duplicate", copies=1, concurrent=False)
