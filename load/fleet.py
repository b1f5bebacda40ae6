"""A large shop: 120 readers, more than a page of Stripe's lists holds. Does the till work every one of them?"""

from cardpresent.loadgen.profile import Profile

PROFILE = Profile(
    question="A large shop: 120 readers, more than a page of Stripe's lists. Does the till work every one of them?",
    per_s=6,
    readers=120,
    duration_s=180,
    mix={"sale": 92, "decline": 4, "cancel": 4},
    goals={"p95_ms": 2_500, "error_rate": 0.01},
)
