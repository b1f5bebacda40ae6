"""What a till has made at Stripe without saying so: for tills whose answers carry no id of the payment."""

from typing import Final, Protocol

# How the id of a payment became known, where the till itself did not return it.
NEWEST: Final = "newest"


class PaymentsMade(Protocol):
    """Reads the books for a driver, which never does so itself. May be asked from several threads at once."""

    def mark(self) -> int:
        """Where the books stand now."""
        ...

    def since(self, mark: int) -> list[str] | None:
        """Ids of the PaymentIntents that this till has made since then, oldest first; None where that is not known."""
        ...


class Nothing:
    """Where nobody reads the books, nothing is known of them."""

    def mark(self) -> int:
        return 0

    def since(self, mark: int) -> list[str] | None:
        return None
