"""Latency over time as a drawing: where every line, tick, goal and fault window goes. The template writes it out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from cardpresent.certificate.load_measures import BY_NAME, milliseconds, shown
from cardpresent.certificate.load_report import LoadRun, Point, Window

LINES: Final = ("p50", "p95", "p99")
# A goal this many times above all that was measured would press the lines flat: it is told, not drawn.
FAR: Final = 2.5
STEPS_S: Final = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800,
)  # fmt: skip
NAMED_ROWS: Final = 3
# More windows than these are numbered only, and named in the list below.
NAMED: Final = 8
# A goal's words stand above its line, unless the names of the windows are there.
ABOVE, BELOW, HEADROOM = -6.0, 15.0, 16.0
ROW: Final = 18
CLOCK_FROM_S: Final = 120
HOURS_FROM_S: Final = 7200


@dataclass(frozen=True, slots=True)
class Frame:
    """How large a drawing is, in its own units; `letter` is about how wide one letter comes out."""

    name: str
    width: int
    left: int
    right: int
    plot: int
    band: int
    x_ticks: int
    letter: float


# A drawing shrinks with its letters, so a phone gets one of its own.
FRAMES: Final = (
    Frame("wide", 900, 62, 12, 240, 76, 9, 8.2),
    Frame("narrow", 360, 58, 10, 210, 60, 4, 7.6),
)


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis, and what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class GoalLine:
    """A goal across the plot. `anchor`: from which end its words begin, so that two do not meet."""

    y: float
    text_y: float
    text: str
    colour: str
    anchor: str
    x: float


@dataclass(frozen=True, slots=True)
class Shade:
    """A fault window. `text` is empty where there is no room to name it; its number is in the list below."""

    x: float
    width: float
    text: str = ""
    label_x: float = 0.0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Chart:
    """One drawing, ready to be written out; `lines` pairs of a percentile's name and its path."""

    frame: Frame
    height: float
    top: float
    bottom: float
    band_top: float
    band_bottom: float
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    lines: tuple[tuple[str, str], ...]
    goals: tuple[GoalLine, ...]
    shades: tuple[Shade, ...]
    started: str
    finished: str
    errors: str
    busiest: str


def charts(load: LoadRun) -> list[Chart]:
    """The same in every frame; nothing where the run kept no series."""
    points = sorted(load.series, key=lambda point: point.t_s)
    return [_chart(load, points, frame) for frame in FRAMES] if points else []


def unit_of_time(load: LoadRun) -> str:
    """What the numbers under the drawing count."""
    end = _end(load, sorted(load.series, key=lambda point: point.t_s))
    return "seconds" if end <= CLOCK_FROM_S else "minutes:seconds" if end <= HOURS_FROM_S else "hours:minutes"


def undrawn_goals(load: LoadRun) -> list[str]:
    """Latency goals so far above everything measured that they are not in the drawing."""
    top = _highest(load.series)
    return [
        f"{name[:-3]} {milliseconds(goal)}" for name, goal, _ in _latency_goals(load) if top is None or goal > FAR * top
    ]


def step_s(points: Sequence[Point], whole_s: float) -> float:
    """How many seconds one point stands for."""
    apart = [b.t_s - a.t_s for a, b in pairwise(points) if b.t_s > a.t_s]
    return min(apart) if apart else max(whole_s, 1.0)


class _Scale:
    """From seconds and milliseconds to places in the drawing."""

    def __init__(self, frame: Frame, end_s: float, top: float, highest: float) -> None:
        self.frame, self.end_s, self.top, self.highest = frame, end_s, top, highest

    def x(self, t_s: float) -> float:
        inner = self.frame.width - self.frame.left - self.frame.right
        return self.frame.left + inner * min(max(t_s / self.end_s, 0.0), 1.0)

    def y(self, value: float) -> float:
        return self.top + self.frame.plot * (1 - min(value / self.highest, 1.0))


def _chart(load: LoadRun, points: Sequence[Point], frame: Frame) -> Chart:
    end = _end(load, points)
    step = step_s(points, load.duration_s)
    shades = list(_shades(load.windows, frame, end))
    rows = max((shade.row for shade in shades if shade.text), default=-1) + 1
    top = 10.0 + ROW * rows
    goals = _latency_goals(load)
    highest = _highest(points)
    drawn = [] if highest is None else [goal for _, goal, _ in goals if goal <= FAR * highest]
    ticks = _nice(max([highest or 1.0, *drawn]))
    scale = _Scale(frame, end, top, ticks[-1])
    bottom = top + frame.plot
    band_top = bottom + 22
    band_bottom = band_top + frame.band
    busiest = max((max(p.started, p.finished, p.errors) for p in points), default=0)

    def band(values: Sequence[int], closed: bool = True) -> str:
        heights = [band_bottom - frame.band * value / max(busiest, 1) for value in values]
        return _steps(points, heights, step, scale, band_bottom, closed)

    return Chart(
        frame=frame,
        height=band_bottom + 24,
        top=top,
        bottom=bottom,
        band_top=band_top,
        band_bottom=band_bottom,
        y_ticks=tuple(Tick(scale.y(value), milliseconds(value)) for value in ticks) if highest is not None else (),
        x_ticks=tuple(_times(end, frame, scale)),
        lines=tuple((name, path) for name in LINES if (path := _line(points, name, step, scale))),
        goals=tuple(_goal_lines(goals, drawn, scale)) if highest is not None else (),
        shades=tuple(shades),
        started=band([p.started for p in points], closed=False),
        finished=band([p.finished for p in points]),
        errors=band([p.errors for p in points]) if any(p.errors for p in points) else "",
        busiest=f"{shown(busiest / step, 'per_s')}/s",
    )


def _end(load: LoadRun, points: Sequence[Point]) -> float:
    last = points[-1].t_s + step_s(points, load.duration_s) if len(points) > 1 else points[0].t_s + 1 if points else 1
    return max(load.duration_s, last, 1.0)


def _highest(points: Sequence[Point]) -> float | None:
    values = [value for p in points for value in (p.p50, p.p95, p.p99) if value is not None]
    return max(*values, 1.0) if values else None


def _latency_goals(load: LoadRun) -> list[tuple[str, float, bool | None]]:
    return [(g.name, g.goal, g.holds) for g in load.goals if g.name in BY_NAME and BY_NAME[g.name].unit == "ms"]


def _goal_lines(
    goals: Sequence[tuple[str, float, bool | None]], drawn: Sequence[float], scale: _Scale
) -> Iterator[GoalLine]:
    frame = scale.frame
    places = (("start", frame.left + 6.0), ("end", frame.width - frame.right - 6.0), ("middle", frame.width / 2))
    for k, (name, goal, holds) in enumerate(one for one in goals if one[1] in drawn):
        word, colour = {True: (", held", "good"), False: (", missed", "bad"), None: ("", "soft")}[holds]
        anchor, x = places[k % len(places)]
        y = scale.y(goal)
        text_y = y + (ABOVE if y - scale.top > HEADROOM else BELOW)
        yield GoalLine(y, text_y, f"goal {name[:-3]} {milliseconds(goal)}{word}", colour, anchor, x)


def _shades(windows: Sequence[Window], frame: Frame, end: float) -> Iterator[Shade]:
    """Names stand above their windows, in rows where they would meet, and are left out where nothing fits."""
    scale = _Scale(frame, end, 0, 1)
    free = [float(frame.left)] * NAMED_ROWS
    for number, window in enumerate(windows, start=1):
        if window.to_s <= window.from_s or window.from_s >= end:
            continue
        x, to = scale.x(window.from_s), scale.x(window.to_s)
        names = [f"{number} {window.fault.replace('_', ' ')}"] if len(windows) <= NAMED else []
        for text in (*names, str(number)):
            needed = frame.letter * len(text) + 8
            start = max(min(x, frame.width - frame.right - needed), float(frame.left))
            row = next((row for row, taken in enumerate(free) if taken <= start), None)
            if row is not None and needed <= frame.width * 0.6:
                free[row] = start + needed
                yield Shade(x, max(to - x, 1.0), text, start + 2, row)
                break
        else:
            yield Shade(x, max(to - x, 1.0))


def _line(points: Sequence[Point], name: str, step: float, scale: _Scale) -> str:
    """A path that breaks where nothing finished; a point alone is a dot."""
    words: list[str] = []
    before: float | None = None
    for point in points:
        value = getattr(point, name)
        if value is None:
            before = None
            continue
        joined = before is not None and point.t_s - before <= 1.5 * step
        # The nothing after a move is what a round cap makes a dot of.
        words.append(f"{'L' if joined else 'M'}{_at(scale.x(point.t_s + step / 2))} {_at(scale.y(value))}")
        words += [] if joined else ["h0"]
        before = point.t_s
    return "".join(words)


def _steps(
    points: Sequence[Point], heights: Sequence[float], step: float, scale: _Scale, base: float, closed: bool
) -> str:
    words: list[str] = []
    reached: float | None = None
    for point, height in zip(points, heights, strict=True):
        x, to = scale.x(point.t_s), scale.x(point.t_s + step)
        if reached is None or x - reached > 0.5:
            words += [f"V{_at(base)}"] if closed and words else []
            words.append(f"M{_at(x)} {_at(base)}" if closed else f"M{_at(x)} {_at(height)}")
        words.append(f"V{_at(height)}H{_at(to)}")
        reached = to
    return "".join(words) + (f"V{_at(base)}" if closed and words else "")


def _nice(highest: float) -> list[float]:
    """From 0 to the first round number not below `highest`, in 3 to 6 steps."""
    size = 1.0
    while size * 10 < highest:
        size *= 10
    while size > highest:
        size /= 10
    unit = next((part * size for part in (0.2, 0.5, 1, 2) if highest <= part * size * 5), 2 * size)
    count = 1
    while unit * count < highest - 1e-9:
        count += 1
    return [unit * k for k in range(count + 1)]


def _times(end: float, frame: Frame, scale: _Scale) -> Iterator[Tick]:
    step = next((s for s in STEPS_S if end / s <= frame.x_ticks), STEPS_S[-1])
    t = 0
    while t <= end:
        yield Tick(scale.x(t), _clock(t, end))
        t += step


def _clock(t: int, end: float) -> str:
    if end <= CLOCK_FROM_S:
        return f"{t} s"
    if end <= HOURS_FROM_S:
        return f"{t // 60}:{t % 60:02}"
    return f"{t // 3600}:{t % 3600 // 60:02}"


def _at(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")
