"""What keeps a run from going on, as one sentence with an exit code."""

import contextlib
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stripe import StripeError

from cardpresent.certificate.report import write_whole
from cardpresent.cli.stop import Stop
from cardpresent.drivers.pos.contract import AdapterContractError
from cardpresent.drivers.wire import WireError
from cardpresent.evidence.redaction import Redactor
from cardpresent.launch.emptying import NotConsented, NotEmptied
from cardpresent.launch.pages import NoBrowser
from cardpresent.launch.ports import PortTaken
from cardpresent.launch.proof import NotRedirected
from cardpresent.launch.server import ServerDidNotStart
from cardpresent.launch.staging import GatewayUnusable
from cardpresent.launch.till import TillDidNotStart
from cardpresent.model.outcome import Exit, Party
from cardpresent.profile import IntegrationError
from cardpresent.profile.placeholders import MissingValue

PARTIES: dict[int, Party] = {Exit.CONFIGURATION.value: "configuration", Exit.HARNESS.value: "harness"}


@contextmanager
def as_sentences(out: Path, secrets: tuple[str, ...]) -> Iterator[None]:
    """Raises Stop for whatever goes wrong below. What nobody foresaw is written out in full beside the report."""
    try:
        yield
    except (
        TillDidNotStart, NotRedirected, NoBrowser, NotConsented, NotEmptied, PortTaken, IntegrationError,
        GatewayUnusable,
    ) as error:  # fmt: skip
        raise Stop(str(error), Exit.CONFIGURATION) from None
    except MissingValue as error:
        sentence = f"integration file: {error}; set that variable, or write what it stands for"
        raise Stop(sentence, Exit.CONFIGURATION) from None
    except AdapterContractError as error:
        raise Stop(str(error), Exit.CONFIGURATION if error.party == "configuration" else Exit.HARNESS) from None
    except (ServerDidNotStart, WireError, StripeError) as error:
        raise Stop(str(error), Exit.HARNESS) from None
    except OSError as error:
        raise Stop(f"the run cannot go on: {error}; see to that and run it again", Exit.HARNESS) from None
    except Stop:
        raise
    except Exception as error:
        path = out / "harness-error.txt"
        with contextlib.suppress(OSError):
            write_whole(path, Redactor(secrets).clean_text(traceback.format_exc()))
        said = f"the suite itself failed ({type(error).__name__}); report it with {path}"
        raise Stop(said, Exit.HARNESS) from None
