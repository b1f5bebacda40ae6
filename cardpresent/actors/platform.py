"""For whom a till sells that takes payments for others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Platform:
    """What the till's file says of Connect. `seller` is the connected account (acct_…) that the sales are for.

    `direct`: its payments are made on the seller's account, else on the platform's and handed on. `fee_percent` is the
    platform's share; `seller_bears_refunds`: a refund takes the seller's share back.
    """

    seller: str
    direct: bool
    fee_percent: float
    seller_bears_refunds: bool

    @property
    def account(self) -> str | None:
        """Where the payments are made: the account to name in a call's header, None for the key's own."""
        return self.seller if self.direct else None
