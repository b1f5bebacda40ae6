"""Lunch: 200 customers a minute at twenty readers. Is every one of them charged once?"""

from cardpresent.loadgen.profile import Profile

PROFILE = Profile(
    question="Lunch: 200 customers a minute at twenty readers. Is every one of them charged once?",
    per_s=200 / 60,
    readers=20,
    duration_s=600,
    mix={
        "sale": 75, "tip": 8, "double_press": 5, "decline": 3, "second_card": 3, "cancel": 3, "refund": 1,
        "part_refund": 2,
    },
    goals={"p95_ms": 2_500, "error_rate": 0.01},
)  # fmt: skip
