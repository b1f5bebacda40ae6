"""Holds a way of working a till to its contract, so that an adapter's mistake is never blamed on the till.

A till may answer whatever it likes: that is UNKNOWN, and the checks will have their say. An adapter may not.
"""

from collections.abc import Mapping
from typing import Final

from cardpresent.drivers.pos.port import SUMS, NotOffered, PosDriver, PosReply, TillRecord, TillWorklist, Verb
from cardpresent.model.money import Money
from cardpresent.model.outcome import Outcome, Party, Standing

SEE: Final = "see docs/integrations.md"


class AdapterContractError(TypeError):
    """An adapter broke its contract: `AcmePos.start_sale returned bool, expected PosReply; see …`.

    `party`: whose adapter it is, ours ("harness") or that of the team whose file names it ("configuration").
    """

    def __init__(self, adapter: str, verb: str, got: str, expected: str, party: Party = "harness") -> None:
        self.adapter = adapter
        self.party = party
        self.verb = verb
        super().__init__(f"{adapter}.{verb} {got}, expected {expected}; {SEE}")


class CheckedPos:
    """A PosDriver around another: passes everything through and checks what comes back. `blame`: whose adapter it is.

    Raises AdapterContractError, NotOffered for a verb the inner driver does not offer, and nothing else: an adapter
    that would end the whole run with `sys.exit` is no exception.
    """

    def __init__(self, inner: PosDriver, blame: Party = "harness") -> None:
        self.inner = inner
        self._name = type(inner).__name__
        self._blame: Party = blame

    def _broken(self, verb: str, got: str, expected: str) -> AdapterContractError:
        return AdapterContractError(self._name, verb, got, expected, self._blame)

    def offers(self, verb: Verb) -> bool:
        try:
            offered = self.inner.offers(verb)
        except AdapterContractError:
            raise
        except (Exception, SystemExit) as error:
            raise self._broken("offers", _raised(error), "True or False") from error
        if not isinstance(offered, bool):
            raise self._broken("offers", _returned(offered), "True or False")
        return offered

    def perform(
        self, verb: Verb, values: Mapping[str, object], *, as_role: str = "cashier", insist: bool = False
    ) -> PosReply:
        if not self.offers(verb):
            raise NotOffered(verb)
        try:
            # An adapter that knows one role only need not know this word either.
            pressed = {"insist": True} if insist else {}
            reply = self.inner.perform(verb, values, as_role=as_role, **pressed)
        except AdapterContractError:
            raise
        except (Exception, SystemExit) as error:
            raise self._broken(verb, _raised(error), "a PosReply") from error
        if not isinstance(reply, PosReply):
            raise self._broken(verb, _returned(reply), "PosReply")
        self._check(verb, reply)
        return reply

    def _check(self, verb: Verb, reply: PosReply) -> None:
        kinds: tuple[tuple[str, object, type | tuple[type, ...], str], ...] = (
            ("outcome", reply.outcome, Outcome, "an Outcome"),
            ("standing", reply.standing, Standing, "a Standing"),
            ("words", reply.words, str, "str"),
            ("saved", reply.saved, Mapping, "a mapping of str to str"),
            ("status", reply.status, (int, type(None)), "int or None"),
            ("record", reply.record, (TillRecord, type(None)), "TillRecord or None"),
            ("worklist", reply.worklist, (TillWorklist, type(None)), "TillWorklist or None"),
            ("body", reply.body, str, "str"),
            ("missing", reply.missing, tuple, "a tuple of str"),
            ("found", reply.found, Mapping, "a mapping of str to str"),
        )
        for field, value, kind, expected in kinds:
            if not isinstance(value, kind) or (field == "status" and isinstance(value, bool)):
                raise self._broken(verb, f"put {_kind(value)} into {field}", expected)
        for name, value in reply.saved.items():
            if not isinstance(name, str) or not isinstance(value, str):
                got = f"saved {name!r} as {_kind(value)}"
                raise self._broken(verb, got, "text under a text")
        self._check_record(verb, reply.record)
        if reply.standing is not Standing.SETTLED and reply.outcome is not Outcome.UNKNOWN:
            got = f"said {reply.outcome.value} while the sale is {reply.standing.value}"
            raise self._broken(verb, got, "unknown until the sale is settled")
        if reply.status is None and reply.outcome is not Outcome.UNKNOWN:
            got = f"said {reply.outcome.value} without an answer (status None)"
            raise self._broken(verb, got, "unknown where nobody answered")

    def _check_record(self, verb: Verb, record: TillRecord | None) -> None:
        for name in SUMS:
            value = getattr(record, name, None)
            if value is not None and not isinstance(value, Money):
                got = f"put {_kind(value)} into record.{name}"
                raise self._broken(verb, got, "Money or None")


def _kind(value: object) -> str:
    return type(value).__name__


def _returned(value: object) -> str:
    return f"returned {_kind(value)}"


def _raised(error: BaseException) -> str:
    return f"raised {_kind(error)}: {error}" if str(error) else f"raised {_kind(error)}"
