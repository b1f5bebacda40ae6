"""A gateway on another host that outlives the run: `cardpresent gateway` there, `[stripe] gateway` in the file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cardpresent.drivers.suite_door import SuiteDoor
from cardpresent.drivers.wire import Wire, WireError
from cardpresent.launch.gateway_token import GatewayUnusable, token_of
from cardpresent.launch.server import Addresses
from cardpresent.profile import Integration


class RemoteGateway:
    """The gateway that the file names, for one run at a time."""

    def __init__(self, integration: Integration, journal: Path, run: str, secrets: Sequence[str], venue: str) -> None:
        url = str(integration.stripe.gateway).rstrip("/")
        ca = integration.stripe.gateway_ca
        place = (integration.path.parent / ca).resolve() if ca else None
        if place is not None and not place.is_file():
            raise GatewayUnusable(f"{integration.path}: stripe.gateway_ca: {place} is no file")
        self.addresses = Addresses(till=url, suite=url, door=SuiteDoor(url, token_of(integration), place))
        self._journal, self._run, self._where = journal, run, f"{integration.path}: stripe.gateway"
        self.after = self._begin(secrets, venue)

    def _begin(self, secrets: Sequence[str], venue: str) -> int:
        with Wire(self.addresses.door) as wire:
            try:
                about = wire.begin_run(self._run, secrets)
            except WireError as error:
                raise GatewayUnusable(
                    f"{self._where}: {error}; see that `cardpresent gateway` runs there with this token and a "
                    "certificate that stripe.gateway_ca trusts, and that no other run has it"
                ) from None
            if about["venue"] != venue:
                wire.end_run(self._run)
                raise GatewayUnusable(
                    f"{self._where}: the Stripe behind it is {about['venue']}, asked for was {venue}: start it with "
                    f"--stripe {venue}, or certify with --stripe {about['venue']}"
                )
            return int(about["journal"])

    @property
    def alive(self) -> bool:
        """Whether it still answers."""
        try:
            with Wire(self.addresses.door) as wire:
                wire.about()
        except WireError:
            return False
        return True

    def keep_journal(self, wire: Wire) -> None:
        """The run's part of the gateway's journal, brought home."""
        self._journal.parent.mkdir(parents=True, exist_ok=True)
        with self._journal.open("wb") as file:
            file.writelines(line + b"\n" for line in wire.lines(self.after))

    def end(self) -> None:
        """Leave the gateway to whoever comes next; it runs on."""
        try:
            with Wire(self.addresses.door) as wire:
                wire.end_run(self._run)
        except WireError:
            return  # it notices by itself that nobody asks any more


def about_of(integration: Integration) -> dict[str, Any]:
    """Which Stripe is behind the file's gateway: {"venue", "journal", …}. Raises GatewayUnusable."""
    url, ca = str(integration.stripe.gateway).rstrip("/"), integration.stripe.gateway_ca
    door = SuiteDoor(url, token_of(integration), (integration.path.parent / ca).resolve() if ca else None)
    with Wire(door) as wire:
        try:
            about = wire.about()
            if not isinstance(about.get("venue"), str) or not isinstance(about.get("journal"), int):
                raise WireError(f"{url}: what answers there is no gateway of ours")
            return about
        except WireError as error:
            raise GatewayUnusable(
                f"{integration.path}: stripe.gateway: {error}; start `cardpresent gateway` there, see that its token "
                f"stands in {integration.stripe.token_env}, and that stripe.gateway_ca trusts its certificate"
            ) from None
