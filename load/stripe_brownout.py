"""Stripe has a bad hour: lost answers, limits, errors, slow banks. Does every cent still add up?"""

from cardpresent.loadgen.profile import Profile, Window

PROFILE = Profile(
    question="Stripe has a bad hour: lost answers, limits, errors, slow banks. Does every cent still add up?",
    per_s=2,
    readers=20,
    duration_s=240,
    patience_s=20,
    mix={"sale": 85, "decline": 5, "cancel": 5, "refund": 5},
    windows=(
        Window(what="one answer in ten is lost", fault="answer_lost", begins=0.1, ends=0.9, params={"chance": 0.1}),
        Window(what="one call in ten is refused with 429", fault="rate_limited", begins=0.2, ends=0.8,
               params={"chance": 0.1}),
        Window(what="one call in twenty fails with 500", fault="server_error", begins=0.4, ends=0.6,
               params={"chance": 0.05}),
        Window(what="banks take two seconds to answer", fault="slow_issuer", begins=0.5, ends=0.7, at="reader",
               params={"hold_s": 2}),
    ),
)  # fmt: skip
