"""What an app does with connection tokens, from its calls to Stripe."""

from cardpresent.checks.catalogue import check
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding

CREATE = "connection_token.create"


@check
def limited_to_shop(journal: Journal, location: str, requirement: str = "DC-01.5") -> Finding:
    """Every token for a smart reader was made for the shop's own Location.

    Documented: https://docs.stripe.com/api/terminal/connection_tokens/create (location, internet readers only).
    """
    made = journal.till_requests(CREATE)
    if not made:
        return Finding(requirement, "tokens.limited_to_shop", None, "a token made at Stripe", "none was made")
    wide = [e for e in made if _location(e) != location]
    said = _location(wide[0]) or "no Location" if wide else f"{len(made)} token(s) for it"
    return Finding(
        requirement, "tokens.limited_to_shop", not wide, f"every token made for {location}", said,
        tuple(e.n for e in (wide or made)[:3]),
        headline="A token drives readers of other shops, too" if wide else None,
    )  # fmt: skip


@check
def one_each_connection(journal: Journal, requirement: str = "EX-16") -> Finding:
    """Each time a reader was connected the app had asked its server for a token: none was kept for later."""
    connected = journal.till_requests("sdk.activate")
    made = [e for e in journal.till_requests(CREATE) if _answered(journal, e)]
    if len(connected) < 2:
        return Finding(
            requirement, "tokens.one_each_connection", None, "two connections to compare", f"{len(connected)} seen"
        )
    short = [e for number, e in enumerate(connected, start=1) if sum(m.n < e.n for m in made) < number]
    return Finding(
        requirement, "tokens.one_each_connection", not short, "a token from the server before each connection",
        f"{len(made)} token(s) for {len(connected)} connection(s)", tuple(e.n for e in (short or connected)[:3]),
        headline="The app keeps a token for later, and cannot connect with it again" if short else None,
    )  # fmt: skip


def _location(request: Entry) -> str | None:
    location = (request.data.get("params") or {}).get("location")
    return str(location) if location else None


def _answered(journal: Journal, request: Entry) -> bool:
    reply = journal.reply_to(request)
    return bool(reply and reply.data["status"] == 200 and reply.data["delivered"])
