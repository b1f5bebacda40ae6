"""Doors that must be shut and secrets that must not travel."""

from cardpresent.checks.catalogue import check
from cardpresent.checks.facts import SaleFacts
from cardpresent.evidence.journal import Journal
from cardpresent.evidence.leaks import PERSONAL
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome, Standing


@check
def token_given(journal: Journal, requirement: str = "DC-01.1") -> Finding:
    """Who belongs to the shop gets a connection token."""
    asked = _tokens(journal, "cashier")
    if not asked:
        return Finding(requirement, "access.token_given", None, "a request for a token", "none was made")
    holds = all(e.data.get("secret_digest") for e in asked)
    return Finding(
        requirement, "access.token_given", holds, "a connection token for the shop's own device",
        f"{sum(bool(e.data.get('secret_digest')) for e in asked)} of {len(asked)} requests answered with a token",
        tuple(e.n for e in asked),
    )  # fmt: skip


@check
def tokens_fresh(journal: Journal, requirement: str = "DC-01.4") -> Finding:
    """Every request for a connection token gets a new one: none is cached or hard-coded."""
    digests = [str(e.data["secret_digest"]) for e in _tokens(journal, "cashier") if e.data.get("secret_digest")]
    if len(digests) < 2:
        return Finding(requirement, "access.tokens_fresh", None, "two tokens to compare", f"{len(digests)} token(s)")
    holds = len(set(digests)) == len(digests)
    return Finding(
        requirement=requirement,
        check="access.tokens_fresh",
        holds=holds,
        expected="a new connection token for every request",
        observed="every token new" if holds else "the same token twice",
        evidence=tuple(e.n for e in _tokens(journal, "cashier")),
        headline=None if holds else "Connection tokens are reused: a reader cannot reconnect with one",
    )


@check
def strangers_get_no_token(journal: Journal, requirement: str = "DC-01.3") -> Finding:
    """Whoever does not belong to the shop gets no connection token."""
    asked = _tokens(journal, "stranger")
    if not asked:
        return Finding(requirement, "access.strangers_get_no_token", None, "a stranger's request", "none was made")
    given = [e for e in asked if e.data.get("secret_digest")]
    return Finding(
        requirement=requirement,
        check="access.strangers_get_no_token",
        holds=not given,
        expected="no connection token without credentials",
        observed="a token was handed out" if given else "no token was handed out",
        evidence=tuple(e.n for e in given or asked),
        headline="Anyone on the network can get a token that drives the shop's readers" if given else None,
    )


def _tokens(journal: Journal, role: str) -> list[Entry]:
    return [
        e
        for e in journal.kind("screen")
        if e.data["verb"] == "connection_token" and e.data.get("role") == role and e.data.get("outcome") != "unheard"
    ]


@check
def no_secret_in_log(journal: Journal) -> Finding | None:
    """I7: no key, client secret, card number or cardholder's name in the till's log. None where no log is read."""
    lines = journal.kind("log")
    if not lines:
        return None
    leaking = [e for e in lines if e.data.get("leaks")]
    kinds = sorted({str(kind) for e in leaking for kind in e.data["leaks"]})
    personal = set(kinds) & PERSONAL
    return Finding(
        requirement="FD-65" if personal else "FD-64",
        check="access.no_secret_in_log",
        holds=not leaking,
        expected="a log without secrets",
        observed=f"{', '.join(kinds)} in {len(leaking)} line(s)" if leaking else f"{len(lines)} line(s), no secret",
        evidence=tuple(e.n for e in leaking[:6]),
        headline=f"The till writes {', '.join(kinds)} into its log" if leaking else None,
    )


@check
def no_secret_in_answers(journal: Journal) -> Finding | None:
    """No answer of the till to its cashier carries an API key, a webhook secret or a full card number."""
    answers = [e for e in journal.kind("screen") if e.wire == "till"]
    if not answers:
        return None
    leaking = [e for e in answers if e.data.get("leaks")]
    kinds = sorted({str(kind) for e in leaking for kind in e.data["leaks"]})
    return Finding(
        requirement="FD-64",
        check="access.no_secret_in_answers",
        holds=not leaking,
        expected="answers without keys or card numbers",
        observed=f"{', '.join(kinds)} in {len(leaking)} answer(s)"
        if leaking
        else f"{len(answers)} answer(s), no secret",
        evidence=tuple(e.n for e in leaking[:6]),
        headline=f"The till hands {', '.join(kinds)} to whoever is at the counter" if leaking else None,
    )


@check
def refused(journal: Journal, verb: str, sale: str, requirement: str, check: str) -> Finding:
    """The last answer to `verb` on the sale was a refusal."""
    said = [e for e in journal.kind("screen", sale) if e.data["verb"] == verb]
    if not said:
        return Finding(requirement, check, None, "an answer to the cashier", "the cashier never asked", sale=sale)
    holds = said[-1].data["outcome"] == Outcome.REFUSED.value
    words = str(said[-1].data.get("words") or "")[:120]
    return Finding(
        requirement, check, holds, "a refusal the cashier can read",
        f"{said[-1].data['outcome']} “{words}”", (said[-1].n,), sale,
    )  # fmt: skip


@check
def other_shop_told_nothing(journal: Journal, sale: str, requirement: str = "FD-66") -> Finding:
    """Staff of another shop, logged in at theirs, do not learn how this shop's sale stands."""
    check = "access.other_shop_told_nothing"
    said = [e for e in journal.kind("screen", sale) if e.data["role"] == "other_shop"]
    if not said:
        return Finding(requirement, check, None, "a question of another shop's staff", "nobody asked", sale=sale)
    last = said[-1]
    told = last.data["outcome"] == Outcome.ACCEPTED.value or last.data["standing"] != Standing.SETTLED.value
    record = {name: value for name, value in (last.data.get("record") or {}).items() if value}
    holds = not told and not record
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected="nothing of another shop's sale",
        observed=f"{last.data['outcome']}, {last.data['standing']} “{str(last.data.get('words') or '')[:120]}”",
        evidence=(last.n,),
        sale=sale,
        headline=None if holds else "Staff of one shop see the sales of another",
    )


@check
def untouched(journal: Journal, sale: str, requirement: str = "FD-66") -> Finding:
    """Whoever may not have done it changed nothing: no refund was made, no payment taken off its reader."""
    facts, check = SaleFacts(journal, sale), "access.untouched"
    asked = [e for e in journal.controls("asked_by") if e.sale == sale]
    if not asked:
        return Finding(requirement, check, None, "somebody who asks for what they may not", "nobody did", sale=sale)
    was_asking = bool(asked[-1].data.get("reader_asks"))
    disturbed = was_asking and not facts.on_reader and not facts.captured
    holds = not facts.refunds and not disturbed
    who = str(asked[-1].data["role"]).replace("_", " ")
    return Finding(
        requirement=requirement,
        check=check,
        holds=holds,
        expected="the sale as its own shop left it",
        observed=f"{facts.books}; the {who} asked for {asked[-1].data['verb']}",
        evidence=(asked[-1].n, facts.ledger.n),
        sale=sale,
        headline=None if holds else f"The till lets the {who} do what they may not: {facts.books}",
    )
