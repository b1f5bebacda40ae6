"""A till that answers a start only when the sale is over: its request is open while a customer stands at the reader."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from cardpresent.actors.screen_entry import screen_entry
from cardpresent.drivers.pos.port import PosReply, Verb
from cardpresent.model.outcome import Outcome, Standing

if TYPE_CHECKING:
    from cardpresent.actors.sale import Sale
    from cardpresent.actors.stage import Stage

# What a cashier sees until the answer comes: the page waits, and so does the reader.
WAITING: Final = PosReply(
    outcome=Outcome.UNKNOWN, standing=Standing.COLLECTING, words="", saved=MappingProxyType({}), status=None,
    record=None, body="",
)  # fmt: skip


@dataclass(slots=True)
class OpenRequest:
    """One request without an answer yet: what was asked, and how it is sent, in a thread of its own.

    The thread ends with the answer, at the latest after the till's own answer_within_s; it keeps nobody from leaving.
    """

    verb: Verb
    given: Mapping[str, object]
    role: str
    ask: Callable[[], PosReply]
    _reply: PosReply | None = None
    _trouble: BaseException | None = None
    _over: threading.Event = field(default_factory=threading.Event)

    def send(self) -> "OpenRequest":
        threading.Thread(target=self._run, name=f"open request: {self.verb}", daemon=True).start()
        return self

    @property
    def answered(self) -> bool:
        return self._over.is_set()

    def answer(self) -> PosReply:
        """What came of it, once it is answered. Raises what the driver raised."""
        if self._trouble is not None:
            raise self._trouble
        assert self._reply is not None
        return self._reply

    def _run(self) -> None:
        try:
            self._reply = self.ask()
        except BaseException as trouble:
            self._trouble = trouble
        finally:
            self._over.set()


def press_at_once(stage: "Stage", verb: Verb, sale: "Sale", each: Sequence[Mapping[str, object]]) -> None:
    """Ask for the same thing several times in one moment, each time with values of its own."""
    if verb in stage.around.blocks:
        hold(stage, sale, [request(stage, verb, sale, stage.values_for(sale, values)) for values in each])
        return
    with ThreadPoolExecutor(len(each)) as hands:
        for pressed in [hands.submit(stage.perform, verb, sale, values) for values in each]:
            pressed.result()


def request(
    stage: "Stage", verb: Verb, sale: "Sale", given: Mapping[str, object], role: str = "cashier"
) -> OpenRequest:
    driver = stage.driver_of(sale)
    return OpenRequest(verb, given, role, lambda: driver.perform(verb, given, as_role=role))


def hold(stage: "Stage", sale: "Sale", requests: Sequence[OpenRequest]) -> PosReply:
    """Send them, and wait for the reader to ask for a card, or for the answers where none is asked for."""
    sale.word = WAITING
    for request in requests:
        data = screen_entry(
            request.verb, WAITING, request.given, stage.around.secrets, role=request.role, of_sale=True
        )
        stage.around.wire.note("screen", data, sale=sale.id, wire="till")
        sale.line.append(request.send())
    stage.until(lambda: stage.prompting() or answered(stage, sale), stage.around.bounds.settle_s)
    return sale.word


def answered(stage: "Stage", sale: "Sale") -> bool:
    """Take in what open requests of the sale have been answered by now; whether none is open any more."""
    for request in [r for r in sale.line if r.answered]:
        sale.line.remove(request)
        stage.heard(request.verb, sale, request.given, request.role, request.answer())
    return not sale.line
