"""What a load run says in sentences, the same on its page, in the terminal and in junit.xml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Any, Final

from cardpresent.certificate.load_measures import flag_of, goal_words, held, judged, seconds, shown
from cardpresent.certificate.load_report import Amount, LoadRun
from cardpresent.certificate.wording import counted, sentence
from cardpresent.model.money import Money
from cardpresent.model.outcome import Exit

# Of one core: above it, whoever measures waits for the processor, and its waiting is in every number.
LIMIT: Final = 0.8
# Of all cores: above it, everybody waits for everybody.
FULL: Final = 0.9
TILL: Final = "till"
DRIVERS: Final = "load"
ARRIVALS: Final = (
    "customers come whether or not the till has answered the one before, and a payment’s time counts from the moment "
    "it was due"
)

Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measuring:
    """Whether the measuring side was in the way (None: nobody knows), and that in one sentence and in a short one."""

    at_limit: bool | None
    words: str
    brief: str


@dataclass(frozen=True, slots=True)
class Sums:
    """The books in one currency. `till` is None where the till's own books were not read."""

    currency: str
    captured: Money
    refunded: Money
    till: Money | None

    @property
    def kept(self) -> Money:
        return self.captured - self.refunded

    @property
    def difference(self) -> Money | None:
        return None if self.till is None else self.till - self.captured


def asked(load: LoadRun) -> str:
    """`3.3 payments a second for 1 min over 20 readers and 20 lanes`."""
    words = f"{shown(load.asked.per_s, 'per_s')} payments a second" if load.asked.per_s is not None else "payments"
    words += f" for {seconds(load.asked_s)}"
    places = [
        counted(number, one)
        for number, one in ((load.asked.readers, "reader"), (load.asked.lanes, "lane")) if number is not None
    ]  # fmt: skip
    workers = load.asked.workers or 1
    driven = f", driven by {counted(workers, 'worker')}" if workers > 1 else ""
    return words + (f" over {' and '.join(places)}" if places else "") + driven


def mix(load: LoadRun) -> str:
    """What customers came for, the largest part first: `sale 80 %, tip 10 %`."""
    whole = sum(load.asked.mix.values())
    parts = sorted(load.asked.mix.items(), key=lambda part: -part[1])
    return ", ".join(f"{name.replace('_', ' ')} {shown(w / whole, 'share')}" for name, w in parts if w) if whole else ""


def payments(load: LoadRun) -> str:
    """`198 started, 198 finished: 180 paid, 18 not paid; 0 unsettled, 0 errors`."""
    told = load.payments
    return (
        f"{told.started:,} started, {told.finished:,} finished: {told.accepted:,} paid, {told.refused:,} not paid; "
        f"{told.unsettled:,} unsettled, {counted(told.errors, 'error')}"
    )


def goals_told(load: LoadRun) -> str:
    """`3 of 4 goals held, 1 missed`; and that no goal was set, where none was."""
    holding, missed, unknown = judged(load)
    if not load.goals:
        return "no goal was set"
    rest = [f"{missed} missed"] * bool(missed) + [f"{unknown} not decided"] * bool(unknown)
    return ", ".join([f"{holding} of {counted(len(load.goals), 'goal')} {held(load.cut_short)}", *rest])


def sums(load: LoadRun) -> list[Sums]:
    """One for each currency that any of the books names, the one most was collected in first."""
    told = load.books
    captured, refunded, till = (_by_currency(side or ()) for side in (told.captured, told.refunded, told.till_paid))
    names = dict.fromkeys([*captured, *refunded, *till])
    found = [
        Sums(
            name,
            captured.get(name, Money.zero(name)),
            refunded.get(name, Money.zero(name)),
            None if told.till_paid is None else till.get(name, Money.zero(name)),
        )
        for name in names
    ]
    return sorted(found, key=lambda each: (-each.captured.minor_units, each.currency))


def agreed(report: Report, load: LoadRun) -> bool:
    """Whether the till's own books were read and hold, in every currency, what was collected at Stripe, and no sale was
    found wrong: sums may agree because one sale's surplus is another's loss."""
    every = sums(load)
    broken = any(finding["holds"] is False for scenario in report["scenarios"] for finding in scenario["findings"])
    return (
        bool(every)
        and not broken
        and not load.books.unclaimed
        and all(each.difference is not None and not each.difference for each in every)
    )


def measuring(load: LoadRun) -> Measuring:
    """Whether gateway and emulator, or what drove the load, had no room left."""
    sides = [part for part in load.machine.parts if part.part != TILL and part.share is not None]
    if not sides:
        words = "CPU time was not recorded, so whether the measuring side was in the way is not known."
        return Measuring(None, words, "CPU time was not recorded: whose the numbers are is not known.")
    # What drives the load is as many processes as there are workers, and each may use a core.
    busy = [p for p in sides if (p.share or 0) > LIMIT * (max(1, len(load.workers)) if p.part == DRIVERS else 1)]
    if busy:
        names = " and ".join(f"{part.part} ({shown(part.share, 'number')} of a core)" for part in busy)
        words = f"The measuring side was at its limit: {names}. These numbers are the harness’s, not the till’s."
        return Measuring(True, words, "The measuring side was at its limit: these numbers are the harness’s.")
    total = sum(part.share or 0 for part in load.machine.parts)
    if load.machine.cores and total > FULL * load.machine.cores:
        words = (
            f"The machine was full: {shown(total, 'number')} of {counted(load.machine.cores, 'core')} in use, so till "
            "and harness waited for each other. Times and rates would be better with more room."
        )
        return Measuring(True, words, "The machine was full: till and harness waited for each other.")
    busiest = max(sides, key=lambda part: part.share or 0)
    words = f"The measuring side was not in the way: its busiest part, {busiest.part}, used "
    return Measuring(False, f"{words}{shown(busiest.share, 'number')} of a core.", "The measuring side had room.")


def stopped(load: LoadRun) -> str | None:
    """That a run ended before its time, in words; None for one that did not."""
    if not load.cut_short:
        return None
    return f"this one was stopped after {seconds(load.duration_s)} of {seconds(load.asked_s)}"


def turn(report: Report, load: LoadRun) -> str:
    """The first thing an incomplete verdict says: who has to move."""
    if report["exit_code"] == Exit.HARNESS:
        return "It is the suite’s turn: it failed before it could judge the till."
    if report["exit_code"] == Exit.CONFIGURATION:
        return "It is the integration file’s turn: the suite could not work the till as described."
    if load.lost:
        return f"Another run’s turn: in this one {lost(load)}."
    if cut := stopped(load):
        return f"Another run’s turn: {cut}."
    if not load.payments.finished:
        return "Another run’s turn: no payment finished in this one."
    return "Another run’s turn: this one left something undecided."


def lost(load: LoadRun) -> str:
    """`worker w2 was lost`."""
    names, one = ", ".join(load.lost), len(load.lost) == 1
    return f"worker {names} was lost" if one else f"workers {names} were lost"


def lead(report: Report, load: LoadRun, faults: int) -> str:
    """The verdict in one or two sentences; `faults`: how many causes have a card."""
    if report["verdict"] == "incomplete":
        return turn(report, load)
    _, missed, _ = judged(load)
    if report["verdict"] == "refused":
        told = [counted(faults, "fault") + " found"] * bool(faults)
        told += [f"{missed} of {counted(len(load.goals), 'goal')} missed"] * bool(missed)
        text = sentence("; ".join(told) or "see the reasons")
        text += "" if faults else " No fault was found in what became of the money."
        return text + (f" Beside that, {stopped(load)}." if load.cut_short else "")
    text = sentence(goals_told(load))
    if agreed(report, load):
        every = [each.captured for each in sums(load)]
        text += f" Till and Stripe agree to the cent: {' and '.join(map(str, every))} collected"
        return f"{text} in {counted(load.books.sales, 'sale')}."
    return f"{text} No fault was found in what became of the money."


def reasons(report: Report, load: LoadRun) -> list[str]:
    """Why a run is incomplete, in sentences, the run's own faults first."""
    told = [sentence(str(fault["problem"])) for fault in report.get("faults") or ()]
    told += [sentence(lost(load))] * bool(load.lost)
    told += [f"It ended after {seconds(load.duration_s)} of {seconds(load.asked_s)}."] * load.cut_short
    told += [f"Not decided, for there was nothing to measure by: {words}." for words in goal_words(load.goals, None)]
    return list(dict.fromkeys(told))


def command(report: Report, load: LoadRun) -> str:
    """What asks the same of the till once more: rate, readers and goals are given, wherever they came from."""
    words = ["cardpresent load", quote(load.profile or load.name)]
    if report.get("integration"):
        words.append(f"--integration {quote(str(report['integration']))}")
    words.append(f"--duration {load.asked_s:.10g}s")
    for flag, number in (("--rate", load.asked.per_s), ("--readers", load.asked.readers)):
        words += [f"{flag} {number:.10g}"] if number else []
    words += [f"--processes {load.asked.workers}"] if (load.asked.workers or 1) > 1 else []
    words += [" ".join(map(quote, flag_of(goal).split())) for goal in load.goals]
    if report.get("seed"):
        words.append(f"--seed {quote(str(report['seed']))}")
    return " ".join(words)


def _by_currency(amounts: Sequence[Amount]) -> dict[str, Money]:
    found: dict[str, Money] = {}
    for amount in amounts:
        money = amount.money
        found[money.currency] = found.get(money.currency, Money.zero(money.currency)) + money
    return found
