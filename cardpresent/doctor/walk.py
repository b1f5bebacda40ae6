"""The walk through one till, in the order in which things have to stand."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cardpresent.actors.errors import TillGone
from cardpresent.doctor.afterwards import Afterwards
from cardpresent.doctor.answers import Answers
from cardpresent.doctor.look import Look, ill, left_out, well
from cardpresent.doctor.news import of_log, of_webhooks
from cardpresent.doctor.sale import DECLINED, OneSale
from cardpresent.drivers.pos.port import Verb
from cardpresent.launch.browser import find_browser, install_command
from cardpresent.launch.ports import PortTaken
from cardpresent.launch.proof import NotRedirected
from cardpresent.launch.run import Run, opened
from cardpresent.launch.till import TillDidNotStart
from cardpresent.model.outcome import Outcome
from cardpresent.profile import Integration
from cardpresent.profile.placeholders import MissingValue

# What may be asked without a sale, and what the file should find in the answer.
QUESTIONS: Final[tuple[Verb, ...]] = ("list_readers", "connection_token")


def walk(integration: Integration, out: Path, seed: int, port: int | None = None) -> Iterator[Look]:
    """Every look, in order, as it is done; ends at the first that keeps all others from being done.

    Starts and ends the till like a run; `out` takes what a run writes. Raises what a fault of the suite raises.
    """
    yield well("the file", f"{integration.path.name}: {integration.till.name}, {integration.till.kind}, "
               f"{integration.till.country}, {', '.join(integration.till.currencies)}")  # fmt: skip
    ready = True
    for look in _machine(integration):
        yield look
        ready = ready and not (look.well is False and look.gate)
    if not ready:
        return
    try:
        with opened(integration, out, seed, port) as run:
            yield well("the till starts", f"answers at {run.till.base_url}")
            yield well("its calls to Stripe", run.redirection)
            yield from _worked(run)
    except TillDidNotStart as error:
        problem, _, fix = str(error).rpartition("; ")
        yield ill("the till starts", "the till" if error.by_itself else "the file", problem, fix)
    except NotRedirected as error:
        problem, _, fix = str(error).partition("; ")
        yield ill("its calls to Stripe", "the file", problem, fix)
    except PortTaken as error:
        yield ill("the till starts", "the machine", str(error), "end what listens there, or give another --port")
    except MissingValue as error:
        yield ill("the till starts", "the file", str(error), "set that variable, or write what it stands for")


def _machine(integration: Integration) -> Iterator[Look]:
    """What has to be there before anything is started."""
    command = integration.process.command
    if command and "{" not in command[0]:
        found = shutil.which(command[0], path=os.environ.get("PATH")) or shutil.which(str(integration.cwd / command[0]))
        if found is None:
            yield ill("its program", "the machine", f"process.command: there is no {command[0]} here",
                      "install it, or correct process.command")  # fmt: skip
        else:
            yield well("its program", found)
    if not integration.cwd.is_dir():
        yield ill("its folder", "the file", f"process.cwd: there is no folder {integration.process.cwd}",
                  f"write it relative to {integration.path.name}")  # fmt: skip
    if integration.page:
        browser = find_browser()
        if browser is None:
            yield ill("a browser for its page", "the machine", "none was found", install_command(), gate=False)
        else:
            yield well("a browser for its page", str(browser))


def _worked(run: Run) -> Iterator[Look]:
    """Everything that is done at a till that is up."""
    for look in _log_ins(run):
        yield look
        if look.well is False:
            return
    for look in _questions(run):
        yield look
        if look.well is False and look.gate:
            return
    sale = OneSale(run, 1)
    paid = True
    for look in sale.looks():
        yield look
        paid = paid and look.well is not False
    if not paid:
        return
    declined = OneSale(run, 2, DECLINED)
    yield from declined.decline()
    yield from Afterwards(Answers(run.integration, run.secrets.all()), sale, declined, OneSale(run, 3)).looks()
    yield _repeats(run)
    yield from of_webhooks(run)
    yield from of_log(run)
    yield from _page(run)
    yield _restart(run)


def _log_ins(run: Run) -> Iterator[Look]:
    answers = Answers(run.integration, run.secrets.all())
    for role in run.integration.auth.roles:
        reply = run.pos.tries_login(role)
        if reply is None:
            continue
        step, key = f"the log-in of the {role.replace('_', ' ')}", f"auth.{role}.login"
        trouble = answers.trouble(step, key, reply)
        if trouble is None and reply.outcome is not Outcome.ACCEPTED:
            trouble = ill(step, "the file", f"refused: {answers.quoted(reply)}",
                          f"correct what {key} sends, or hand the till {{pin}} or {{till_token}}")  # fmt: skip
        yield trouble or well(step, f"status {reply.status}")


def _questions(run: Run) -> Iterator[Look]:
    answers = Answers(run.integration, run.secrets.all())
    for verb in QUESTIONS:
        step = verb.replace("_", " ")
        if not run.pos.offers(verb):
            yield left_out(step, f"the file has no [operations.{verb}]")
            continue
        operation = run.integration.operations[verb]
        # What is saved of one reader is there once there is a reader.
        reply = run.pos.perform(verb, {"register": run.integration.reader.register})
        look_at = answers.trouble if verb != "list_readers" else answers.by_status
        trouble = look_at(step, f"operations.{verb}", reply)
        if trouble is None and reply.outcome is not Outcome.ACCEPTED:
            trouble = ill(step, "the file", f"not answered as expected: {answers.quoted(reply)}",
                          f"correct operations.{verb}, or its outcome", gate=False)  # fmt: skip
        if trouble is None and verb == "connection_token" and "secret" not in operation.save:
            trouble = ill(step, "the file", "the token is not read",
                          'write save = { secret = "$.secret" }, or where it stands', gate=False)  # fmt: skip
        yield trouble or well(step, f"status {reply.status}")


def _repeats(run: Run) -> Look:
    """How often the till's client repeats a call that failed: worth knowing, and never wrong."""
    step, verb = "how often it repeats a call", QUESTIONS[0]
    if not run.pos.offers(verb):
        return left_out(step, f"the file has no [operations.{verb}]")
    wire = run.around.wire
    wire.follow()
    before = wire.journal.last_n
    fault = wire.arm("server_error", "*")
    try:
        run.pos.perform(verb, {"register": run.integration.reader.register})
    finally:
        wire.release(fault)
    wire.follow()
    paths = Counter(e.data["path"] for e in wire.journal.since(before).till_requests() if e.data["method"] == "GET")
    if not paths:
        return left_out(step, "it asked Stripe nothing")
    tries = max(paths.values())
    return well(step, f"{tries} attempts when Stripe answers 500" if tries > 1 else "once: what fails stays failed")


def _page(run: Run) -> Iterator[Look]:
    """A sale at the page, as far as the reader's question."""
    step, browser = "a sale at the page", find_browser()
    if run.integration.page is None:
        yield left_out(step, "the file has no [page]")
        return
    if run.page is not None:
        yield left_out(step, "every sale above was made at it")
        return
    if browser is None:
        yield left_out(step, "there is no browser")
        return
    with run.opens_page(browser) as page:
        amount = run.around.merchant.sale
        sale = {"sale": f"S{run.secrets.salt}-page", "amount": amount, "reader": "", "register": ""}
        for verb, steps in (("start_sale", "page.start_sale"), ("sale_state", "page.outcome")):
            if not page.offers(verb):  # type: ignore[arg-type]
                continue
            reply = page.perform(verb, sale)  # type: ignore[arg-type]
            if reply.missing:
                place = reply.missing[0]
                yield ill(step, "the file", f"cannot be done or found: {place}",
                          f"correct {place if place.startswith('page') else steps}", gate=False)  # fmt: skip
                return
        yield well(step, f"it says “{reply.words}”")
        if page.offers("cancel_sale"):
            page.perform("cancel_sale", sale)


def _restart(run: Run) -> Look:
    step = "the till is started again"
    if not run.till.restartable:
        return left_out(step, "process.restart is false, or somebody else starts it")
    try:
        run.till.restart()
    except (TillDidNotStart, TillGone) as error:
        problem, _, fix = str(error).rpartition("; ")
        return ill(step, "the till", problem, fix or "see its log, or write restart = false under [process]")
    return well(step, "on the data it left")
