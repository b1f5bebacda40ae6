"""What is wrong with an answer of the till, or with how the file reads it."""

from collections.abc import Sequence
from typing import Final

from cardpresent.doctor.look import Look, ill
from cardpresent.drivers.pos.http import UNSENDABLE
from cardpresent.drivers.pos.port import PosReply, Verb
from cardpresent.evidence.journal import Journal
from cardpresent.evidence.redaction import Redactor
from cardpresent.model.outcome import Outcome, Standing
from cardpresent.profile import Integration

SHOWN: Final = 120
NOT_THERE: Final = (404, 405)
NOT_LET_IN: Final = (401, 403)
REDIRECTS: Final = range(300, 400)
SERVER_FAULT: Final = 500


class Answers:
    """Reads replies with the eyes of whoever wrote the file; quotes the till without its secrets."""

    def __init__(self, integration: Integration, secrets: Sequence[str]) -> None:
        self._integration = integration
        self._clean = Redactor(tuple(secrets)).clean_text

    def described(self, verb: Verb) -> bool:
        """Whether the file says how the till is asked for it."""
        return verb in self._integration.operations

    def trouble(self, step: str, key: str, reply: PosReply, *, final: bool = True) -> Look | None:
        """Why a reply is of no use, None where it can be read. `key`: the operation's place in the file.

        `final` is False for a reply that may well say no more than that the reader is waiting.
        """
        if UNSENDABLE in reply.missing:
            return ill(step, "the file", f"what {key} sends cannot be written as a request: an address or a header in "
                       "it holds what neither can",
                       f"see what {key} names, and what earlier answers of the till gave for it")  # fmt: skip
        if not reply.asked:
            named = ", ".join(f"{{{name}}}" for name in reply.missing)
            return ill(step, "the file", f"{key} names {named}, and no answer of the till gave it",
                       f"save it from an earlier answer, or take it out of {key}")  # fmt: skip
        if reply.status is None:
            within = self._integration.timing.answer_within_s
            return ill(step, "the till", f"no answer within {within:g} s to what {key} sends",
                       "see why it hangs; if it answers only once the customer has paid, raise "
                       "timing.answer_within_s")  # fmt: skip
        return self.by_status(step, key, reply) or self._by_words(step, key, reply, final=final)

    def quoted(self, reply: PosReply) -> str:
        """The beginning of an answer, on one line."""
        return f"{reply.status} “{self._shown(reply.body)}”"

    def _shown(self, said: str) -> str:
        said = self._clean(" ".join(said.split()))
        return f"{said[:SHOWN]}…" if len(said) > SHOWN else said

    def told(self, reply: PosReply) -> str:
        """What the cashier is told, on one line; or the answer itself where the file reads no words in it."""
        return f"“{self._shown(reply.words)}”" if reply.words else self.quoted(reply)

    def by_status(self, step: str, key: str, reply: PosReply) -> Look | None:
        """What is wrong by the status alone, whatever the answer says."""
        status = reply.status or 0
        if status in NOT_THERE:
            asked = self._asked(key)
            return ill(step, "the file", f"the till answers {status} to {asked}", f"correct method or path of {key}")
        if status in NOT_LET_IN:
            role = self._role(key)
            return ill(step, "the file", f"the till does not let the {role} in: {self.quoted(reply)}",
                       f"describe the log-in under [auth.{role}], or correct it; "
                       f"or say who may, as {key}.role")  # fmt: skip
        if status >= SERVER_FAULT and reply.outcome is Outcome.UNKNOWN:
            return ill(step, "the till", f"the till fails at what {key} sends: {self.quoted(reply)}",
                       "see its log; if it misses something in the request, add it to the operation")  # fmt: skip
        return None

    def _by_words(self, step: str, key: str, reply: PosReply, *, final: bool) -> Look | None:
        missed = [name for name in reply.missing if name not in {"outcome", "words"}]
        if missed and reply.body.lstrip().startswith("<"):
            return ill(step, "the file", f"a page, where the file looks for {', '.join(missed)}: {self.quoted(reply)}",
                       f"read pages by css or regex in {key}, or ask for JSON with headers = "
                       '{ Accept = "application/json" }')  # fmt: skip
        if missed and reply.outcome is not Outcome.REFUSED:
            return ill(step, "the file", f"{', '.join(missed)} not found in {self.quoted(reply)}",
                       f"correct {key}.save, .record or .worklist, wherever it stands")  # fmt: skip
        unclear = reply.standing is Standing.SETTLED and reply.outcome is Outcome.UNKNOWN
        if unclear and reply.status in REDIRECTS:
            return ill(step, "the file", f"a redirect, which is not followed by itself: {self.quoted(reply)}",
                       f'give the step of {key} that gets it outcome = {{ by = "status", accepted = ["3xx"] }}, and '
                       "write the request that comes after it as the next step")  # fmt: skip
        if unclear and (final or "outcome" in reply.missing):
            what = "nothing there that outcome looks at" if "outcome" in reply.missing else "no list of outcome has it"
            return ill(step, "the file", f"{what}: {self.quoted(reply)}",
                       f"say in {key}.outcome what this answer means")  # fmt: skip
        return None

    def _role(self, key: str) -> str:
        """Who asks, where the file says so; a cashier asks for everything else."""
        operation = self._integration.operations.get(key.removeprefix("operations."))  # type: ignore[call-overload]
        return str((operation and operation.requests[-1].role) or "cashier")

    def _asked(self, key: str) -> str:
        operation = self._integration.operations.get(key.removeprefix("operations."))  # type: ignore[call-overload]
        request = operation.requests[-1] if operation else None
        return f"{request.method} {request.path}" if request else key


def stripe_said(journal: Journal) -> str:
    """The last error that Stripe answered the till with; empty where there was none."""
    for reply in reversed(journal.kind("reply")):
        body = reply.data.get("body")
        error = body.get("error") if isinstance(body, dict) else None
        if isinstance(error, dict):
            return str(error.get("message") or error.get("code") or "")
    return ""
