"""approve_less: the issuer approves only a part (extension partial_authorization).

amount: the most it approves, in the smallest unit.
Fires: when the issuer approves and the asked amount, tip included, is more than that.
"""

from typing import ClassVar

from cardpresent.emulator.errors import JsonObject
from cardpresent.emulator.faults.base import Fault, FaultRefused
from cardpresent.emulator.paying import partial_authorization


class ApproveLess(Fault):
    name = "approve_less"
    parameters: ClassVar = {"amount": (int, None)}

    def _checked(self, given: JsonObject) -> JsonObject:
        if not partial_authorization.enabled(self.account):
            message = "approve_less needs an account with the extension partial_authorization"
            raise FaultRefused(f"{message}; POST /_emulator/account {{\"extensions\": [...]}} names it")
        return super()._checked(given)

    def approved_amount(self, amount: int) -> int:
        most: int = self.settings["amount"]
        if amount <= most:
            return amount
        self.fire()
        return most
