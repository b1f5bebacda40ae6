"""Who works the till: its HTTP side alone, or something that stands before it."""

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from cardpresent.drivers.pos.adapter import adapter_of
from cardpresent.drivers.pos.http import HttpPos
from cardpresent.drivers.pos.port import PosDriver
from cardpresent.profile import Integration

# Below the till's own folder: what the suite's app keeps on its device.
DEVICE: Final = "app"


def worked_by(stack: ExitStack, integration: Integration, pos: HttpPos, stripe_base: str, scratch: Path) -> PosDriver:
    """The driver that scenarios work the till with; `stack` ends it."""
    if integration.plays_app:
        # The stand-in is imported for tills that need it only.
        from cardpresent.drivers.pos.sdk_app import SdkApp

        app = SdkApp(pos, stripe_base, scratch / DEVICE)
        stack.callback(app.close)
        return app
    if integration.adapter is not None:
        own = adapter_of(integration, pos, pos.values)
        stack.callback(own.close)
        return own
    return pos
