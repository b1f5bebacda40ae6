"""What is written into the journal about each exchange."""

from typing import Any

from cardpresent.evidence.redaction import key_fingerprint
from cardpresent.evidence.writer import JournalWriter
from cardpresent.gateway.call import Call
from cardpresent.gateway.delivery import Delivery
from cardpresent.gateway.venue import Answer

ANSWER_CHARS = 500


class Recorder:
    """Turns what the gateway sees into journal entries."""

    def __init__(self, journal: JournalWriter) -> None:
        self.journal = journal

    def request(self, call: Call, begin_ms: float) -> int:
        """A request that has arrived completely; the number its reply refers to."""
        data = {
            "method": call.question.method,
            "path": call.question.path,
            "operation": call.operation,
            "object": call.object_id,
            "params": call.params,
            "idempotency_key": key_fingerprint(call.idempotency_key) if call.idempotency_key else None,
            "account": call.account,
            "stripe_version": call.stripe_version,
        }
        return self.journal.write("request", "stripe", call.actor, data, begin_ms=begin_ms, end_ms=begin_ms)

    def reply(
        self,
        call: Call,
        request: int,
        begin_ms: float,
        *,
        sent: Answer | None,
        venue_answer: Answer | None,
        fault: str | None,
        delivered: bool,
    ) -> int:
        """How the request ended.

        `status` and `body` are what the caller got; for an answer that never reached it, what Stripe said, with
        `delivered` false. `committed`: Stripe did what was asked (answered 2xx), whatever the caller was told.
        """
        shown = sent or venue_answer
        data: dict[str, Any] = {
            "request": request,
            "status": shown.status if shown else None,
            "body": None,
            "fault": fault,
            "delivered": delivered,
            "committed": bool(venue_answer and venue_answer.executed),
        }
        if shown:
            replayed = [value for name, value in shown.headers if name.lower() == b"idempotent-replayed"]
            if replayed:
                data["replayed"] = True
            if any(name.lower() == b"x-emulator" for name, _ in shown.headers):
                data["not_emulated"] = True
        documents = {"body": shown.body} if shown and shown.body else None
        return self.journal.write("reply", "stripe", call.actor, data, begin_ms=begin_ms, documents=documents)

    def webhook(
        self,
        delivery: Delivery,
        url: str,
        *,
        begin_ms: float,
        status: int | None,
        error: str | None,
        answer: str,
        genuine: bool,
    ) -> int:
        """One delivery and what the endpoint said to it."""
        data = {
            "event": delivery.event,
            "type": delivery.type,
            "object": delivery.object,
            "url": url,
            "attempt": delivery.attempt,
            "status": status,
            "error": error,
            "genuine": genuine,
            "staging": delivery.staging,
            "body": None,
            "answer": self.journal.redactor.clean_text(answer)[:ANSWER_CHARS],
        }
        documents = {"body": delivery.body}
        return self.journal.write("webhook", "webhook", "gateway", data, begin_ms=begin_ms, documents=documents)

    def control(self, data: dict[str, Any]) -> None:
        """Something done to the world rather than said in it."""
        self.journal.write("control", "none", "gateway", data)
