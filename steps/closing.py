"""How a scenario ends: everything released, the till at rest, the invariants judged, the stage swept.

What the suite cleans up is written down as its own doing, and only after everything was judged.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import stripe

from cardpresent.actors.errors import TillGone, Undecided
from cardpresent.actors.network import Network
from cardpresent.actors.sale import Sale
from cardpresent.actors.stage import Stage
from cardpresent.checks import access, invariants
from cardpresent.drivers.pos.contract import AdapterContractError
from cardpresent.drivers.stripe.books import Snapshot
from cardpresent.launch.till import TillDidNotStart
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome, Standing


def close(stage: Stage, network: Network, log_since: int) -> list[BaseException]:
    """End the epoch. Findings go to the stage; what keeps the scenario from deciding is returned, not raised.

    `log_since` is the number in the journal after which the till's log lines have not been looked at: lines written
    between two scenarios belong to nobody's sale, and are judged all the same.
    """
    troubles: list[BaseException] = []
    for act in (network.ends, lambda: _come_to_rest(stage), lambda: _judge(stage, log_since), lambda: sweep(stage)):
        trouble = _attempt(act)
        if trouble is not None:
            troubles.append(trouble)
        if isinstance(trouble, TillGone | TillDidNotStart):
            break
    return troubles


def clear(stage: Stage, network: Network) -> None:
    """While a till is down: nothing is judged, and nothing is left for the next scenario, or the till, to meet."""
    for act in (network.ends, lambda: _sweep_stripe(stage)):
        _attempt(act)


def log_judged(stage: Stage, log_since: int) -> list[Finding]:
    """What is wrong with the till's log lines after `log_since`."""
    finding = access.no_secret_in_log(stage.around.wire.journal.since(log_since))
    return [finding] if finding else []


def _attempt(act: Callable[[], None]) -> BaseException | None:
    try:
        act()
    except (Undecided, TillGone, TillDidNotStart, AdapterContractError) as trouble:
        return trouble
    return None


def _come_to_rest(stage: Stage) -> None:
    for sale in stage.sales:
        stage.await_final(sale)


def _judge(stage: Stage, log_since: int) -> None:
    journal = stage.followed()
    known = {(f.requirement, f.check, f.sale) for f in stage.findings if f.holds is False}
    for sale in stage.sales:
        _keep(stage, invariants.judged(journal, sale.id), known)
    answers = access.no_secret_in_answers(journal)
    _keep(stage, log_judged(stage, log_since) + ([answers] if answers else []), known)


def _keep(stage: Stage, findings: list[Finding], known: set[tuple[str, str, str | None]]) -> None:
    stage.findings.extend(f for f in findings if (f.requirement, f.check, f.sale) not in known)


def sweep(stage: Stage) -> None:
    """Leave nothing behind that could answer for the next scenario's sale."""
    _sweep_stripe(stage)
    unfinished = [s for s in stage.sales if not _ended(s) and not s.contradicted]
    if unfinished:
        _bring_till_to_rest(stage, unfinished)


def _sweep_stripe(stage: Stage) -> None:
    books = stage.books_now()
    for reader in (books.reader or {}, *books.others):
        if (reader.get("action") or {}).get("status") == "in_progress":
            stage.control("cleanup", did="cancel_action")
            stage.around.stripe.v1.terminal.readers.cancel_action(reader["id"])
    for intent in books.payment_intents:
        if intent["status"] in {"requires_payment_method", "requires_confirmation", "requires_capture"}:
            sale = next((s for s in stage.sales if intent["id"] in s.payment_intents), None)
            stage.control("cleanup", sale, did="cancel_payment_intent", id=intent["id"])
            # A till that ends the payment in the same moment has left nothing to sweep.
            with suppress(stripe.InvalidRequestError):
                stage.around.stripe.v1.payment_intents.cancel(intent["id"])
            if sale:
                sale.cleaned = True


def _bring_till_to_rest(stage: Stage, unfinished: list[Sale]) -> None:
    """What was left open at the till: it may notice by itself; else its machine is started again."""
    for sale in unfinished:
        sale.cleaned = True
        stage.until(lambda sale=sale: _heard_end(stage, sale), within_s=1.0)  # type: ignore[misc]
    if any(not _ended(s) for s in unfinished) and stage.around.till.restartable:
        stage.control("cleanup", did="restart")
        stage.around.till.kill()
        stage.around.till.restart()


def _heard_end(stage: Stage, sale: Sale) -> bool:
    stage.hear(sale)
    return _ended(sale)


def _ended(sale: Sale) -> bool:
    word = sale.word
    return word is not None and word.standing is Standing.SETTLED and word.outcome is not Outcome.UNKNOWN


def judge_again(stage: Stage, everything: Snapshot) -> list[Finding]:
    """The invariants of every sale once more at the end of the run, when whatever comes late has come.

    `everything` is the books of the whole run. Of a sale that the suite itself cleaned up one thing is still to be
    seen: nobody can have paid it, so no till may say that it is paid.
    """
    # A sale worked at the page was heard there; the page shows another one by now.
    sales = [s for s in stage.sales if s.driver is None]
    if not sales:
        return []
    known = {f"{p['id']}" for s in sales for p in _booked(stage, s.id)}
    key = stage.around.metadata_key
    names = {s.id for s in sales}
    mine = tuple(
        p for p in everything.payment_intents
        if p["id"] in known or (key and (p.get("metadata") or {}).get(key) in names)
    )  # fmt: skip
    for sale in sales:
        stage.hear(sale)
    stage.keep_books(Snapshot(mine, everything.charges, everything.refunds, None))
    return [f for s in sales for f in invariants.judged(stage.journal, s.id) if f.holds is False and _counts(s, f)]


def _counts(sale: Sale, finding: Finding) -> bool:
    if not sale.cleaned:
        return True
    says_paid = _ended(sale) and sale.word is not None and sale.word.outcome is Outcome.ACCEPTED
    return says_paid and finding.check == "invariants.captured_as_told"


def _booked(stage: Stage, sale: str) -> list[dict[str, Any]]:
    ledger = stage.journal.last_ledger(sale)
    return list(ledger.data["payment_intents"]) if ledger else []
