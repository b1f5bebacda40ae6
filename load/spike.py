"""The doors open: five times as many customers for a fifth of the time. Does the till recover, and is it right?"""

from cardpresent.loadgen.profile import Phase, Profile

PROFILE = Profile(
    question="The doors open: five times as many customers for a while. Does the till recover, and is it right?",
    per_s=2,
    readers=30,
    duration_s=300,
    mix={"sale": 88, "tip": 5, "decline": 3, "cancel": 2, "refund": 2},
    phases=(Phase(until=0.4, times=1), Phase(until=0.6, times=5), Phase(until=1, times=1)),
    goals={"error_rate": 0.01},
)
