"""Whatever can keep a run from going on, by its class, and the sentence and exit code that it ends with."""

import contextlib
import traceback
from pathlib import Path

from stripe import StripeError

from cardpresent.certificate.report import write_whole
from cardpresent.cli.stop import Stop
from cardpresent.drivers.pos.contract import AdapterContractError
from cardpresent.drivers.wire import WireError
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.emptying import NotConsented, NotEmptied
from cardpresent.launch.gateway_token import GatewayUnusable
from cardpresent.launch.pages import NoBrowser
from cardpresent.launch.ports import PortTaken
from cardpresent.launch.proof import NotRedirected
from cardpresent.launch.server import ServerDidNotStart
from cardpresent.launch.till import TillDidNotStart
from cardpresent.model.outcome import Exit
from cardpresent.profile import IntegrationError
from cardpresent.profile.placeholders import MissingValue

CONFIGURATION = (
    TillDidNotStart, NotRedirected, NoBrowser, NotConsented, NotEmptied, PortTaken, IntegrationError, GatewayUnusable,
)  # fmt: skip
HARNESS = (ServerDidNotStart, WireError, StripeError)


def stop_for(error: Exception, out: Path, secrets: tuple[str, ...]) -> Stop:
    """How the run ends. What nobody foresaw is written out in full beside the report."""
    if isinstance(error, CONFIGURATION):
        return Stop(str(error), Exit.CONFIGURATION)
    if isinstance(error, MissingValue):
        sentence = f"integration file: {error}; set that variable, or write what it stands for"
        return Stop(sentence, Exit.CONFIGURATION)
    if isinstance(error, AdapterContractError):
        return Stop(str(error), Exit.CONFIGURATION if error.party == "configuration" else Exit.HARNESS)
    if isinstance(error, HARNESS):
        return Stop(str(error), Exit.HARNESS)
    if isinstance(error, OSError):
        return Stop(f"the run cannot go on: {error}; see to that and run it again", Exit.HARNESS)
    path = out / "harness-error.txt"
    with contextlib.suppress(OSError):
        write_whole(path, Redactor(secrets).clean_text("".join(traceback.format_exception(error))))
    return Stop(f"the suite itself failed ({type(error).__name__}); report it with {path}", Exit.HARNESS)
