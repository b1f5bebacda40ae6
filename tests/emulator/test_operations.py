"""Every operation of Stripe's document is put to use once, and a table says so."""

from pathlib import Path

import pytest

from tests.emulator import document
from tests.emulator.inside import Inside
from tests.emulator.stories import ONLY_REFUSED, STORIES, Shop

PENDING = {
    "POST /v1/charges", "POST /v1/charges/{charge}", "POST /v1/charges/{charge}/capture",
    "GET /v1/charges/{charge}/dispute", "POST /v1/charges/{charge}/dispute", "POST /v1/charges/{charge}/dispute/close",
    "POST /v1/charges/{charge}/refund", "GET /v1/charges/{charge}/refunds", "POST /v1/charges/{charge}/refunds",
    "GET /v1/charges/{charge}/refunds/{refund}", "POST /v1/charges/{charge}/refunds/{refund}",
    "GET /v1/payment_intents/{intent}/amount_details_line_items",
    "POST /v1/payment_intents/{intent}/apply_customer_balance", "POST /v1/payment_intents/{intent}/confirm",
    "POST /v1/payment_intents/{intent}/increment_authorization",
    "POST /v1/payment_intents/{intent}/verify_microdeposits", "POST /v1/refunds/{refund}/cancel",
}
TABLE = Path(__file__).parents[2] / "reports" / "out" / "operations.md"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_story_ends_well_and_every_answer_is_as_documented(story):
    with Inside() as account:
        story(Shop(account))
        assert account.judged.settle() == []


def test_the_stories_put_every_operation_to_use():
    used: dict[str, str] = {}
    for story in STORIES:
        with Inside() as account:
            story(Shop(account))
            for operation in account.judged.exercised:
                used.setdefault(str(operation), story.__name__)
    used.update({operation: f"refused: {reason}" for operation, reason in ONLY_REFUSED.items()})
    everything = [str(operation) for operation in document.OPERATIONS]
    missing = [operation for operation in everything if operation not in used]

    rows = [f"| `{operation}` | {used.get(operation, '**not exercised**')} |" for operation in everything]
    heading = f"{len(everything) - len(missing)} of {len(everything)} operations exercised"
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text("\n".join([heading, "", "| operation | story |", "|---|---|", *rows, ""]), encoding="utf-8")

    assert [operation for operation in missing if operation not in PENDING] == []
