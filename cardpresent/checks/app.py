"""What an app with Stripe's SDK in it does for its reader: place it, show for it, update it, look for it."""

from cardpresent.checks.catalogue import check
from cardpresent.evidence.journal import Journal
from cardpresent.model.entry import Entry
from cardpresent.model.finding import Finding
from cardpresent.model.outcome import Outcome


@check
def placed_at_shop(journal: Journal, location: str, requirement: str = "DC-07.4") -> Finding:
    """A mobile reader belongs to the shop's Location once the app has connected it, wherever it was before."""
    name, expected = "app.placed_at_shop", f"the reader at {location}"
    placed = journal.controls("reader_placed")
    if not placed:
        return Finding(requirement, name, None, expected, "nobody looked")
    found = placed[-1].data["location"]
    return Finding(
        requirement, name, found == location, expected, f"at {found or 'no Location'}", (placed[-1].n,),
        headline=None if found == location else "A mobile reader is used in one shop and booked to another",
    )  # fmt: skip


@check
def card_asked_for_again(journal: Journal, sale: str, requirement: str = "EX-33") -> Finding:
    """A reader without a screen could not read the card, and the app's screen says something else than before."""
    name, expected = "app.card_asked_for_again", "the app asking for the card once more"
    unread = [e.n for e in journal.controls("card_not_read") if e.sale == sale]
    words = [e for e in journal.kind("screen", sale) if e.data.get("of_sale")]
    before = [e for e in words if unread and e.n < unread[0]]
    looked = [e.n for e in journal.kind("ledger", sale) if unread and e.n > unread[0]]
    # A word that says what the last one said is not written down again.
    after = [e for e in words if unread and e.n > unread[0]] or (before[-1:] if looked else [])
    if not before or not after:
        return Finding(requirement, name, None, expected, "not heard before and after", sale=sale)
    said = str(after[-1].data.get("words") or "")
    holds = bool(said.strip()) and said != before[-1].data.get("words")
    return Finding(
        requirement, name, holds, expected, f"“{said[:120]}”", (before[-1].n, after[-1].n), sale,
        headline=None if holds else "The reader could not read the card, and nobody is told to present it again",
    )  # fmt: skip


@check
def update_announced(journal: Journal, requirement: str = "DC-05.1") -> Finding:
    """The app says that new software waits for the reader."""
    return _last_shown(journal, requirement, "app.update_announced", "the app saying that new software waits", "words",
                       "New software waits for the reader, and the app does not say so")


@check
def update_estimated(journal: Journal, requirement: str = "DC-05.2") -> Finding:
    """The app says how long the update will take."""
    return _last_shown(journal, requirement, "app.update_estimated", "how long the update takes", "update_estimate",
                       "Nobody can tell whether the update takes a minute or the whole lunch hour")


@check
def update_explained(journal: Journal, requirement: str = "DC-05.5") -> Finding:
    """While a required update keeps the reader from being used, the app's words say something about it."""
    return _last_shown(journal, requirement, "app.update_explained", "the reason why connecting takes so long", "words",
                       "The reader is not there, and nobody is told that it is being updated")


def _last_shown(journal: Journal, requirement: str, name: str, expected: str, what: str, headline: str) -> Finding:
    shown = journal.controls("reader_shown")
    if not shown:
        return Finding(requirement, name, None, expected, "nobody looked at the app")
    said = str(shown[-1].data[what]).strip()
    return Finding(
        requirement, name, bool(said), expected, f"“{said[:120]}”" if said else "nothing", (shown[-1].n,),
        headline=None if said else headline,
    )  # fmt: skip


@check
def progress_shown(journal: Journal, requirement: str = "DC-05.4") -> Finding:
    """The app shows how far the update has come: another, larger number once half of it is through."""
    name, expected = "app.progress_shown", "a progress that grows"
    shown = journal.controls("reader_shown")
    if len(shown) < 2:
        return Finding(requirement, name, None, expected, "not looked at twice")
    first, last = _progress(shown[0]), _progress(shown[-1])
    holds = first is not None and last is not None and last > first
    said = " then ".join(str(e.data["update_progress"]) or "nothing" for e in (shown[0], shown[-1]))
    return Finding(
        requirement, name, holds, expected, said, (shown[0].n, shown[-1].n),
        headline=None if holds else "Nobody sees how far the update is, and somebody breaks it off",
    )  # fmt: skip


@check
def not_left(journal: Journal, requirement: str = "DC-05.3") -> Finding:
    """The app keeps its user while the reader's software is being installed."""
    name, expected = "app.not_left", "the app not left during the update"
    left = [e for e in journal.kind("screen") if e.data["verb"] == "log_out"]
    if not left:
        return Finding(requirement, name, None, expected, "nobody tried")
    holds = left[-1].data["outcome"] == Outcome.REFUSED.value
    said = f"{left[-1].data['outcome']} “{str(left[-1].data.get('words') or '')[:120]}”"
    return Finding(
        requirement, name, holds, expected, said, (left[-1].n,),
        headline=None if holds else "The app lets its user go in the middle of a reader's update",
    )  # fmt: skip


@check
def search_ended(journal: Journal, requirement: str = "DC-08.3") -> Finding:
    """A search that was broken off is over: the next one is not refused because of it."""
    name, expected = "app.search_ended", "the search over, and another one begun"
    stopped = [e for e in journal.kind("screen") if e.data["verb"] == "stop_finding"]
    again = [e for e in journal.kind("screen") if e.data["verb"] == "find_readers" and stopped and e.n > stopped[-1].n]
    if not again:
        return Finding(requirement, name, None, expected, "no search was broken off and tried again")
    done = Outcome.ACCEPTED.value
    holds = stopped[-1].data["outcome"] == done and again[-1].data["outcome"] == done
    said = f"stopping {stopped[-1].data['outcome']}, the next search {again[-1].data['outcome']}"
    return Finding(
        requirement, name, holds, expected, said, (stopped[-1].n, again[-1].n),
        headline=None if holds else "A search for readers cannot be broken off, and nobody can search again",
    )  # fmt: skip


def _progress(shown: Entry) -> float | None:
    try:
        return float(str(shown.data["update_progress"]).strip().rstrip("%"))
    except ValueError:
        return None
