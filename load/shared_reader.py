"""Two lanes, one reader: both cashiers want it at the same moment. Does each customer pay for their own sale only?"""

from cardpresent.loadgen.profile import Profile

PROFILE = Profile(
    question="Two lanes, one reader: both want it at the same moment. Does each customer pay their own sale only?",
    per_s=1.2,
    readers=4,
    lanes_per_reader=2,
    duration_s=180,
    mix={"sale": 90, "decline": 5, "cancel": 5},
    goals={"error_rate": 0.05},
)
