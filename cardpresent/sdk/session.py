"""Being let in at Stripe: a token from the till's backend, redeemed once, and the session it opened."""

import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from cardpresent.sdk.errors import ErrorCode, TerminalError
from cardpresent.sdk.objects import NetworkStatus
from cardpresent.sdk.stripe_line import Refused, StripeLine, Unanswered

JsonObject = dict[str, Any]
PROVIDER_S = 60.0  # documented for iOS


class Session:
    """The line to Stripe as one account's device. Remembers whether it was reached when last tried."""

    def __init__(
        self, line: StripeLine, token_provider: Callable[[], str], changed: Callable[[], None]
    ) -> None:
        """`changed` is called when the line came or went."""
        self._line, self._provider, self._changed = line, token_provider, changed
        self._secret: str | None = None
        self.account: str | None = None
        self.status = NetworkStatus.UNKNOWN

    @property
    def is_open(self) -> bool:
        return self._secret is not None

    def reach(self) -> bool:
        """Whether Stripe answers now; one small call."""
        reached = self._line.reach()
        self._found(NetworkStatus.ONLINE if reached else NetworkStatus.OFFLINE)
        return reached

    def activate(self, reader: str | None = None, location: str | None = None) -> JsonObject:
        """Redeems a fresh token, for a reader at a location or for nothing but calls. Raises TerminalError."""
        token = self._token()
        form = {"connection_token": token, "reader": reader, "location": location}
        try:
            answer = self._line.post("/activate", token, form, uuid.uuid4().hex)
        except Unanswered:
            self._found(NetworkStatus.OFFLINE)
            raise TerminalError(ErrorCode.STRIPE_API_CONNECTION_ERROR, "Stripe did not answer the activation") from None
        except Refused as refused:
            raise TerminalError(ErrorCode.STRIPE_API_ERROR, str(refused), api_error=refused.error) from None
        self._secret, self.account = answer["session"], answer["account"]
        self._found(NetworkStatus.ONLINE)
        return answer

    def get(self, path: str, query: Mapping[str, str]) -> JsonObject:
        return self._asked(lambda secret: self._line.get(path, secret, query))

    def post(self, path: str, form: Mapping[str, Any], key: str) -> JsonObject:
        """Raises Unanswered, Refused, and TerminalError where no session can be had."""
        return self._asked(lambda secret: self._line.post(path, secret, form, key))

    def _asked(self, ask: Callable[[str], JsonObject]) -> JsonObject:
        """Stripe's answer; a session that is over is replaced by another once."""
        for is_last in (False, True):
            if self._secret is None:
                self.activate()
            assert self._secret is not None
            try:
                answer = ask(self._secret)
            except Unanswered:
                self._found(NetworkStatus.OFFLINE)
                raise
            except Refused as refused:
                self._found(NetworkStatus.ONLINE)
                if refused.status != 401 or is_last:
                    raise
                self._secret = None
                continue
            self._found(NetworkStatus.ONLINE)
            return answer
        raise AssertionError("unreachable")

    def _token(self) -> str:
        """What the till's backend gives. Never kept: a token works once."""
        given: list[Any] = []

        def ask() -> None:
            try:
                given.append(self._provider())
            except Exception as error:  # whatever the till's own code raises
                given.append(error)

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(PROVIDER_S)
        if not given:
            raise TerminalError(
                ErrorCode.CONNECTION_TOKEN_PROVIDER_TIMED_OUT, f"no token within {PROVIDER_S:.0f} seconds"
            )
        if not isinstance(given[0], str) or not given[0]:
            raise TerminalError(ErrorCode.CONNECTION_TOKEN_PROVIDER_ERROR, f"no connection token: {given[0]!r:.200}")
        return given[0]

    def _found(self, status: NetworkStatus) -> None:
        if status is not self.status:
            self.status = status
            self._changed()
