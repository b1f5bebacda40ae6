"""What runs leave in a Stripe account, and taking it back: only what carries a run's mark or was seen made by it."""

import asyncio
from collections.abc import Collection
from typing import Any, Final

from cardpresent.gateway.made import read
from cardpresent.gateway.tag import Tag
from cardpresent.gateway.upstream import Upstream
from cardpresent.gateway.venue import VenueSilent

PAGE: Final = 100
AT_ONCE: Final = 6
# Stripe's clock and ours may differ by this much.
SLACK_S: Final = 300
# In this order: a Location goes after its readers, a configuration after the Locations that name it.
KINDS: Final = ("readers", "locations", "configurations")
OPEN: Final = frozenset({"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"})

Document = dict[str, Any]


class Leavings:
    """Cleans up for one run. What cannot be taken back is told, never hidden."""

    def __init__(self, upstream: Upstream, tag: Tag) -> None:
        self._upstream, self._tag = upstream, tag
        self.cleaned: list[Document] = []
        self.left: list[Document] = []

    def told(self) -> dict[str, Any]:
        return {"cleaned": self.cleaned, "left": self.left}

    async def of_runs_that_are_over(self) -> None:
        """Readers, Locations and configurations of earlier runs: of those that are over they go, others are told."""
        await self._devices("a run that is over")
        for kind in KINDS:
            for one in await self._listed(kind):
                if self._tag.whose(one) == "a run that may be going on":
                    self.left.append({"id": one["id"], "why": f"of a run that may be going on ({_run_of(one)})"})

    async def of_this_run(self, payments: Collection[str], since: float) -> None:
        """Payments that are open, then the devices. `since`: Unix seconds before which the run made nothing."""
        query = f"&created[gte]={int(since) - SLACK_S}"
        listed = await self._listed("/v1/payment_intents", query) if payments else []
        mine = [one["id"] for one in listed if one["id"] in payments and one.get("status") in OPEN]
        await self._each([self._cancel(id) for id in mine])
        await self._devices("this run")

    async def _devices(self, whose: str) -> None:
        # Also what a till registered itself, at a Location of the run's.
        places: set[str] = {one["id"] for one in await self._listed("locations") if self._tag.whose(one) == whose}
        for kind in KINDS:
            listed = await self._listed(kind)
            placed = {one["id"] for one in listed if kind == "readers" and one.get("location") in places}
            mine = [one["id"] for one in listed if one["id"] in placed or self._tag.whose(one) == whose]
            await self._each([self._delete(kind, id) for id in mine])

    async def _delete(self, kind: str, id: str) -> None:
        answer = await self._upstream.own("DELETE", f"/v1/terminal/{kind}/{id}")
        if answer.executed or answer.status == 404:
            self.cleaned.append({"id": id, "did": "deleted"})
        else:
            self.left.append({"id": id, "why": _message(answer.body)})

    async def _cancel(self, id: str) -> None:
        answer = await self._upstream.own("POST", f"/v1/payment_intents/{id}/cancel")
        if answer.executed:
            self.cleaned.append({"id": id, "did": "cancelled"})
        else:
            self.left.append({"id": id, "why": _message(answer.body)})

    async def _listed(self, kind: str, query: str = "") -> list[Document]:
        path = kind if kind.startswith("/") else f"/v1/terminal/{kind}"
        found: list[Document] = []
        after = ""
        while True:
            answer = await self._upstream.own("GET", path, f"limit={PAGE}{query}{after}")
            page = read(answer.body) or {}
            data = page.get("data")
            if not answer.executed or not isinstance(data, list):
                raise VenueSilent(f"GET {path}: {_message(answer.body)}")
            found += data
            if not data or not page.get("has_more"):
                return found
            after = f"&starting_after={data[-1]['id']}"

    async def _each(self, tasks: list[Any]) -> None:
        """A few at a time; one that Stripe does not answer must not keep the others from being done."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def through(task: Any) -> None:
            async with gate:
                try:
                    await task
                except VenueSilent as silent:
                    self.left.append({"id": "?", "why": str(silent)})

        await asyncio.gather(*(through(task) for task in tasks))


def _run_of(one: Document) -> str:
    return str(one["metadata"]["cardpresent"]).split(" ", 1)[0]


def _message(body: bytes) -> str:
    error = (read(body) or {}).get("error")
    return str(error.get("message") if isinstance(error, dict) else "no reason was given")[:200]
