"""Whoever sets the shop's readers up: registers new ones, gives them to registers, looks at the list."""

from typing import Any, Final

from cardpresent.actors.stage import Stage
from cardpresent.drivers.pos.port import PosReply

# Stripe gives no more objects than this in one page of a list, and 10 unless more are asked for.
# Documented: https://docs.stripe.com/api/pagination
PAGE_MAX: Final = 100
GOOD_CODE: Final = "simulated-wpe"
WRONG_CODE: Final = "puppies-plug-could"
SITE: Final[Any] = {
    "display_name": "cardpresent, another site",
    "address": {
        "line1": "3 Mill Lane", "city": "Bangor", "state": "ME", "postal_code": "04401", "country": "US",
    },
}  # fmt: skip


class Installer:
    """Works the till with the manager's rights; the reader in hand is the last one that was set up."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.reader = ""
        self._site = ""

    # Registering from the till

    def registers(self, *, code: str = GOOD_CODE, role: str = "manager") -> PosReply:
        """Type a code in at the till, and see what Stripe knows of it afterwards."""
        stage, location = self._stage, self._site or self._stage.around.location
        before = {reader["id"] for reader in self._readers_at_stripe()}
        label = f"cardpresent {stage.number} registered"
        stage.intend("register_reader", None, label=label, location=location, wrong_code=code != GOOD_CODE)
        given = {"registration_code": code, "label": label, "location": location}
        reply = stage.perform("register_reader", None, given, role=role)
        new = [reader for reader in self._readers_at_stripe() if reader["id"] not in before]
        stage.control("readers_added", readers=new)
        self.reader = str(new[0]["id"]) if new else ""
        return reply

    def opens_site(self) -> None:
        """A second site of the merchant's, with a Location of its own at Stripe."""
        self._site = str(self._stage.around.stripe.v1.terminal.locations.create(SITE).id)

    def _readers_at_stripe(self) -> list[dict[str, Any]]:
        found = self._stage.around.stripe.v1.terminal.readers.list({"limit": PAGE_MAX}).data
        return [{"id": r.id, "label": r.label, "location": r.location, "status": r.status} for r in found]

    # Giving readers to registers

    def binds(self) -> None:
        """Give the reader in hand to the till's register; from now on the scenario is about that reader."""
        if not self.reader:
            # None came of the registration: what the till sells on meanwhile is the reader it has.
            return
        self._stage.binds_reader(self._stage.register, self.reader)
        self._stage.reader = self.reader

    def binds_misplaced(self) -> None:
        """Give the register a reader that stands at another site of the merchant's."""
        self.opens_site()
        self._binds_elsewhere()

    def binds_unplaced(self) -> None:
        """Give the register a reader of which nobody ever said where it stands."""
        self._site = ""
        self._binds_elsewhere()

    def _binds_elsewhere(self) -> None:
        stage = self._stage
        place = {"location": self._site} if self._site else {}
        device: Any = {"registration_code": GOOD_CODE, "label": f"cardpresent {stage.number} elsewhere", **place}
        self.reader = str(stage.around.stripe.v1.terminal.readers.create(device).id)
        stage.control("reader_misplaced", reader=self.reader, location=self._site or None)
        stage.perform("bind_reader", None, {"reader": self.reader}, role="manager")

    # The list

    def fills_a_page(self) -> None:
        """So many newer readers that the till's own stands beyond the first page of the longest list; it is in hand."""
        stage = self._stage
        stage.around.emulated.add_readers(PAGE_MAX, f"cardpresent {stage.number} lane", stage.around.location)
        self.reader = stage.reader
        stage.control("fleet_grown", newer=PAGE_MAX, reader=self.reader)

    def looks_at_list(self) -> PosReply:
        """Look for one reader in the till's list; what Stripe says of it is written down beside."""
        stage, looked = self._stage, self.reader or self._stage.reader
        at_stripe: Any = stage.around.stripe.v1.terminal.readers.retrieve(looked)
        stage.control("reader_at_stripe", reader=looked, label=at_stripe.label, status=at_stripe.status)
        stage.intend("list_readers", None, reader=looked)
        return stage.perform("list_readers", None, {"reader": looked})
