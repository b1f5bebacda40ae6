"""Lists with nobody else's objects in them: a shared account must look to this run as if it were alone in it.

A till that closes its day looks at every payment of the account; one that it did not take would be a difference, and a
hold of a colleague's might be swept away. So its lists hold what this run made, in Stripe's order and Stripe's pages.
"""

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import msgspec

from cardpresent.gateway.made import Made, read
from cardpresent.gateway.upstream import Upstream
from cardpresent.gateway.venue import Answer, Question

LISTS: Final = frozenset(
    {"/v1/payment_intents", "/v1/charges", "/v1/refunds", "/v1/setup_intents", "/v1/balance_transactions",
     "/v1/customers", "/v1/events", "/v1/terminal/readers", "/v1/terminal/locations", "/v1/terminal/configurations"}
)  # fmt: skip
SEARCHES: Final = frozenset({"/v1/payment_intents/search", "/v1/charges/search", "/v1/customers/search"})
PAGE: Final = 100
USUAL: Final = 10
# Stripe's clock and ours may differ by this much.
SLACK_S: Final = 300

Pairs = list[tuple[str, str]]


async def listed(upstream: Upstream, made: Made, question: Question, since: float) -> Answer:
    """One page of the run's own objects. `since`: Unix seconds before which the run made nothing."""
    pairs = parse_qsl(question.query.decode("latin-1"), keep_blank_values=True)
    asked = dict(pairs)
    limit = asked.get("limit", str(USUAL))
    cursors = {"starting_after", "ending_before"} & asked.keys()
    if not limit.isdecimal() or not 1 <= int(limit) <= PAGE or len(cursors) > 1:
        return await upstream.ask(question)  # Stripe says what is wrong with it
    backwards = "ending_before" in asked
    kept: Pairs = [pair for pair in pairs if pair[0] not in ("limit", "starting_after", "ending_before")]
    cursor = asked.get("ending_before") or asked.get("starting_after")
    is_own = made.caused if question.path == "/v1/events" else made.absorb
    found: list[dict[str, Any]] = []
    while True:
        turn = [("ending_before" if backwards else "starting_after", cursor)] if cursor else []
        query = urlencode([*kept, ("limit", str(PAGE)), *turn]).encode()
        answer = await upstream.ask(_with(question, query))
        page = read(answer.body)
        if not answer.executed or page is None or not isinstance(page.get("data"), list):
            return answer
        data: list[dict[str, Any]] = page["data"]
        own = [one for one in data if is_own(one)]
        found = [*own, *found] if backwards else [*found, *own]
        over = not data or not page.get("has_more") or (not backwards and _is_older(data[-1], since))
        if over or len(found) > int(limit):
            break
        cursor = data[0 if backwards else -1]["id"]
    cut = found[-int(limit) :] if backwards else found[: int(limit)]
    body = msgspec.json.encode({**page, "data": cut, "has_more": len(found) > len(cut)})
    return Answer(answer.status, answer.headers, body)


async def searched(upstream: Upstream, made: Made, question: Question) -> Answer:
    """One page of a search without what is not the run's own."""
    answer = await upstream.ask(question)
    page = read(answer.body)
    if not answer.executed or page is None or not isinstance(page.get("data"), list):
        return answer
    page["data"] = [one for one in page["data"] if made.absorb(one)]
    return Answer(answer.status, answer.headers, msgspec.json.encode(page))


def _is_older(one: dict[str, Any], since: float) -> bool:
    created = one.get("created")
    return isinstance(created, int | float) and created < since - SLACK_S


def _with(question: Question, query: bytes) -> Question:
    return Question(question.method, question.path, query, question.headers, question.body, question.actor)
