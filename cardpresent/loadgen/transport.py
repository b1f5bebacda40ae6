"""Requests to the till through Locust's own client, so that each stands in Locust's statistics, too."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

from cardpresent.drivers.pos.transport import NoAnswer, TillAnswer, TillRequest

UNNAMED = "other"


class LocustTransport:
    """A Transport on a FastHttpSession. Each request is counted under the step of the payment it belongs to.

    `answer_within_s`: how long the till may take for an answer, as its file says. A refusal is an answer; what counts
    as a failure of a request is that nobody answered, or a status from 500 up.
    """

    def __init__(self, client: Any, answer_within_s: float) -> None:
        self._client = client
        # Connections are made as they are needed, and each is as patient as the till's file says.
        client.client.clientpool.client_args["network_timeout"] = answer_within_s
        # Cookies belong to roles, and the driver keeps them.
        client.client.cookiejar = CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        self._here = threading.local()

    @contextmanager
    def named(self, step: str) -> Iterator[None]:
        """What this greenlet sends now belongs to that step."""
        before = getattr(self._here, "step", UNNAMED)
        self._here.step = step
        try:
            yield
        finally:
            self._here.step = before

    def send(self, request: TillRequest) -> TillAnswer:
        with self._client.request(
            request.method, request.url, headers=dict(request.headers), data=request.body, allow_redirects=False,
            name=getattr(self._here, "step", UNNAMED), catch_response=True,
        ) as answer:  # fmt: skip
            if not answer.status_code:
                answer.failure(f"no answer: {answer.error}")
                raise NoAnswer(str(answer.error))
            if answer.status_code < 500:
                answer.success()
            else:
                answer.failure(f"status {answer.status_code}")
            headers = tuple((name.lower(), value) for name, value in answer.headers.items())
            return TillAnswer(answer.status_code, headers, answer.content or b"")

    def close(self) -> None:
        """Locust's client goes with its user."""
