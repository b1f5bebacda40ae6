"""An even day: one customer a second at eight readers. What does an ordinary payment take?"""

from cardpresent.loadgen.profile import Profile

PROFILE = Profile(
    question="An even day: one customer a second at eight readers. What does an ordinary payment take?",
    per_s=1,
    readers=8,
    duration_s=300,
    mix={"sale": 90, "tip": 5, "decline": 3, "cancel": 2},
    goals={"p95_ms": 2_000, "error_rate": 0.01},
)
