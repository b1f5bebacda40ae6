"""What must hold of the goals in `[load]`, beyond the shape of each."""

from cardpresent.profile.schema import Load
from cardpresent.profile.shape import ShapeError


def check_goals(goals: Load) -> None:
    """Raise ShapeError for a goal that nothing could hold, or nothing could miss."""
    if goals.error_rate is not None and goals.error_rate >= 1:
        raise ShapeError(
            "load.error_rate", f"is {goals.error_rate:g}, so every payment could fail",
            "write a share: 0.01 is one payment in a hundred",
        )  # fmt: skip
    if goals.p95_ms is not None and goals.p99_ms is not None and goals.p99_ms < goals.p95_ms:
        raise ShapeError(
            "load.p99_ms", "is below p95_ms, which no payment could then miss",
            "give p99_ms the larger of the two, or drop p95_ms",
        )  # fmt: skip
