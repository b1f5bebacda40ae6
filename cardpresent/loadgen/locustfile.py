"""What Locust is started with. One process alone, or a master and its workers.

A process alone and a master read the brief from a file; a worker is sent its share of it. What happens is told on the
standard output, one JSON object a line behind a mark: counts each second, the steps' figures at the end.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import gevent
import locust.runners
from gevent.os import make_nonblocking, nb_read
from locust import events
from locust.runners import (
    STATE_CLEANUP,
    STATE_STOPPED,
    STATE_STOPPING,
    LocalRunner,
    MasterRunner,
    WorkerRunner,
)

from cardpresent.loadgen.brief import BRIEF, decoded, encoded, take_brief
from cardpresent.loadgen.customers import SHARE, STEP, TALLY, Customers

__all__ = ["Customers"]

SPOKEN: Final = "\x1e"
EVERY_S: Final = 1.0
SHARES: Final = "cardpresent_share"
READY: Final = "cardpresent_ready"
BEGUN: Final = "cardpresent_begun"
CLOSE: Final = "cardpresent_close"
STDIN: Final = 0
ENDING: Final = frozenset({STATE_STOPPING, STATE_STOPPED, STATE_CLEANUP})
PERCENTILES: Final = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def say(what: str, **said: Any) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(f"{SPOKEN}{json.dumps({'what': what, **said})}\n")
    sys.stdout.flush()


@dataclass(slots=True)
class Heard:
    """What the master knows of each worker: its share, its last counts, and whether it is gone; of those it sent away;
    and whether nobody else is to come."""

    shares: dict[str, int] = field(default_factory=dict)
    counts: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    strangers: set[str] = field(default_factory=set)
    closing: bool = False


# A run's windows and its end are judged by what workers tell; every three seconds would be too seldom.
locust.runners.WORKER_REPORT_INTERVAL = EVERY_S


@events.init.add_listener
def on_init(environment: Any, **_: Any) -> None:
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        runner.register_message(SHARES, _take_share)
        runner.register_message(CLOSE, lambda **_: _close())
        SHARE.on_begin = lambda: runner.send_message(BEGUN)
        gevent.spawn(_ask_for_share, runner)
        if BRIEF in os.environ:
            # A worker of this machine ends with whoever started it, even one that was cut off while it did.
            gevent.spawn(_listen, lambda: None, runner.quit)
        events.report_to_master.add_listener(lambda client_id, data: data.update(cardpresent=TALLY.told()))
    elif isinstance(runner, MasterRunner):
        _lead(environment)
    elif isinstance(runner, LocalRunner):
        SHARE.on_begin = lambda: say("begun")
        SHARE.given(take_brief(Path(os.environ[BRIEF])), 0)
        gevent.spawn(_tell_alone, environment)
        gevent.spawn(_listen, _close)


def _close() -> None:
    SHARE.closing = True


def _listen(close: Callable[[], Any], left_alone: Callable[[], Any] = lambda: None) -> None:
    """Whoever started this process says on its standard input when nobody else is to come; it ends with them."""
    make_nonblocking(STDIN)
    if nb_read(STDIN, 1):
        close()
    else:
        left_alone()


def _ask_for_share(runner: Any) -> None:
    """Until it is there: what the lead says before this worker can listen is lost, and the other way round."""
    while not SHARE.here.is_set():
        runner.send_message(READY)
        gevent.sleep(EVERY_S)


def _take_share(environment: Any, msg: Any, **_: Any) -> None:
    SHARE.given(decoded(msg.data["brief"]), int(msg.data["share"]))


def _tell_alone(environment: Any) -> None:
    """Tell each second how far it is, and end when everybody has been served."""
    while True:
        gevent.sleep(EVERY_S)
        told = TALLY.told()
        say("counts", share=0, **told)
        if told["over"]:
            environment.runner.quit()
            return


def _lead(environment: Any) -> None:
    """The master: each worker that comes gets a share, what they tell is passed on, and who falls silent is missed."""
    brief, heard = take_brief(Path(os.environ[BRIEF])), Heard()

    def ready(environment: Any, msg: Any, **_: Any) -> None:
        client_id = msg.node_id
        if client_id not in heard.shares:
            if len(heard.shares) == brief.shares:
                # Nothing is left for it to do; and Locust must not count on it.
                if client_id not in heard.strangers:
                    heard.strangers.add(client_id)
                    say("stranger", name=client_id)
                environment.runner.send_message("quit", None, client_id)
                return
            heard.shares[client_id] = len(heard.shares)
            say("worker", share=heard.shares[client_id], name=client_id)
        share = {"brief": encoded(brief), "share": heard.shares[client_id]}
        environment.runner.send_message(SHARES, share, client_id)

    def told(client_id: str, data: Mapping[str, Any]) -> None:
        if "cardpresent" in data and client_id in heard.shares:
            share = heard.shares[client_id]
            heard.counts[share] = data["cardpresent"]
            say("counts", share=share, **data["cardpresent"])

    environment.runner.register_message(READY, ready)
    environment.runner.register_message(BEGUN, lambda **_: say("begun"))
    events.worker_report.add_listener(told)
    gevent.spawn(_watch, environment, heard, brief.shares)
    gevent.spawn(_listen, lambda: setattr(heard, "closing", True))


def _watch(environment: Any, heard: Heard, shares: int) -> None:
    while True:
        gevent.sleep(EVERY_S)
        if environment.runner.state in ENDING and heard.counts:
            return
        if heard.closing:
            # Again and again: a worker that could not listen yet must not go on alone.
            environment.runner.send_message(CLOSE)
        clients = environment.runner.clients
        for client_id, share in heard.shares.items():
            node = clients.get(client_id)
            gone = node is None or node.state == "missing"
            if gone and share not in heard.lost and not heard.counts.get(share, {}).get("over"):
                heard.lost.add(share)
                say("lost", share=share, name=client_id)
        over = {share for share, counts in heard.counts.items() if counts["over"]} | heard.lost
        if len(over) >= shares:
            environment.runner.quit()
            return


@events.quitting.add_listener
def on_quitting(environment: Any, **_: Any) -> None:
    if isinstance(environment.runner, WorkerRunner):
        return
    if isinstance(environment.runner, LocalRunner):
        say("counts", share=0, **TALLY.told())
    say("steps", steps=list(_steps(environment)))
    environment.process_exit_code = 0


def _steps(environment: Any) -> Iterator[dict[str, Any]]:
    for (name, kind), entry in sorted(environment.stats.entries.items(), key=lambda item: item[1].start_time):
        if kind in {STEP, "payment"}:
            figures = {told: entry.get_response_time_percentile(part) for told, part in PERCENTILES.items()}
            yield {"name": name, "count": entry.num_requests, "failures": entry.num_failures, **figures}
