"""Stripe's webhooks come a minute late. Does the till settle every sale, and once?"""

from cardpresent.loadgen.profile import Profile, Window

PROFILE = Profile(
    question="Stripe's webhooks come a minute late. Does the till settle every sale, and once?",
    per_s=2,
    readers=20,
    duration_s=240,
    mix={"sale": 85, "decline": 5, "cancel": 5, "refund": 5},
    windows=(
        Window(what="every webhook is a minute late", fault="webhook_late", begins=0.1, ends=0.7,
               params={"delay_ms": 60_000}),
    ),
    goals={"error_rate": 0.01},
)  # fmt: skip
