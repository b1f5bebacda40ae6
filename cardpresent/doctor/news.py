"""What Stripe brings the till, and what the till writes down."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cardpresent.doctor.look import Look, ill, left_out, well
from cardpresent.launch.run import Run

TAKEN: Final = range(200, 300)
UNSIGNED: Final = (400, 401, 403, 422)
NOT_THERE: Final = (404, 405)


def of_webhooks(run: Run) -> Iterator[Look]:
    """How the till answered the events of the sales before."""
    step, hooks = "webhooks", run.integration.webhooks
    if hooks is None:
        yield left_out(step, "the file has no [webhooks]")
        return
    run.around.wire.quiet(50, int(run.around.bounds.settle_s * 1000))
    run.around.wire.follow()
    brought = run.around.wire.journal.deliveries()
    if not brought:
        yield ill(step, "the file", f"none of the sales' events is of the types {', '.join(hooks.types)}",
                  "correct webhooks.types", gate=False)  # fmt: skip
        return
    answers = Counter(entry.data["status"] for entry in brought)
    worst = next((status for status, _ in answers.most_common() if status not in TAKEN), None)
    if all(status in TAKEN for status in answers):
        yield well(step, f"{len(brought)} brought, all taken")
        return
    said = next(str(e.data.get("answer") or e.data.get("error") or "") for e in brought if e.data["status"] == worst)
    seen = f"{hooks.path} answers {worst or 'nothing'} to {answers[worst]} of {len(brought)} events: “{said[:120]}”"
    yield _ill_answer(step, worst, seen)


def _ill_answer(step: str, status: int | None, seen: str) -> Look:
    if status in NOT_THERE:
        return ill(step, "the file", seen, "correct webhooks.path", gate=False)
    if status in UNSIGNED:
        return ill(step, "the file", seen,
                   "have the till check signatures with {webhook_secret}, or name the secret it has in "
                   "webhooks.secret_env", gate=False)  # fmt: skip
    if status is None:
        return ill(step, "the till", seen, "see why it takes no connection there, or correct webhooks.path", gate=False)
    return ill(step, "the till", seen, "see its log: events that are not answered with 2xx come again", gate=False)


def of_log(run: Run) -> Iterator[Look]:
    """Whether there is a log to look through."""
    step, source = "its log", run.integration.logs.source
    if source != "stdout":
        path = Path(source) if Path(source).is_absolute() else run.integration.cwd / source
        if not path.is_file():
            yield ill(step, "the file", f"logs.source: there is no {source}", "correct logs.source", gate=False)
            return
        yield well(step, source)
        return
    lines = run.around.wire.journal.kind("log")
    if not lines and run.integration.capability("logs").state == "present":
        yield ill(step, "the file", "the till prints nothing",
                  "say under [logs] where its log is, or write logs = false", gate=False)  # fmt: skip
        return
    yield well(step, f"{len(lines)} lines on its standard output")
