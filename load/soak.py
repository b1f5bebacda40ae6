"""A long day: a customer every two seconds, eight hours. Does anything grow, leak or drift?"""

from cardpresent.loadgen.profile import Profile

PROFILE = Profile(
    question="A long day: a customer every two seconds, eight hours. Does anything grow, leak or drift?",
    per_s=0.5,
    readers=8,
    duration_s=8 * 3600,
    mix={"sale": 80, "tip": 8, "decline": 3, "second_card": 3, "cancel": 3, "refund": 1, "part_refund": 2},
    goals={"p95_ms": 2_000, "error_rate": 0.001},
)
