"""Whether a till may be driven at all: one that holds somebody's rows is not, unless its file consents to it."""

from cardpresent.profile.integration import Integration


def why_not_driven(till: Integration) -> str | None:
    """Why this till is not driven, in one sentence with the way out; None where it may be.

    `[data] holds_rows` says that rows of somebody's lie in it; `consent`, that a run may add to them and change them.
    """
    if not holds_rows(till) or consent_of(till):
        return None
    return (
        f"{till.path}: data.consent: this till holds rows (data.holds_rows), and nobody has consented to a run that "
        "rings up sales there; let the file start one of its own, or have whoever owns the data say so in data.consent"
    )


def holds_rows(till: Integration) -> bool:
    """Whether the file says that the till's data is somebody's."""
    return till.data.holds_rows


def consent_of(till: Integration) -> str | None:
    """Who lets a run add to that data, "its owner" where the file names nobody; None where nobody does."""
    said = till.data.consent
    return said if isinstance(said, str) else "its owner" if said else None
