"""What keeps a run from going on, as one sentence with an exit code."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cardpresent.cli.stop import Stop
from cardpresent.model.outcome import Exit, Party

PARTIES: dict[int, Party] = {Exit.CONFIGURATION.value: "configuration", Exit.HARNESS.value: "harness"}


@contextmanager
def as_sentences(out: Path, secrets: tuple[str, ...]) -> Iterator[None]:
    """Raises Stop for whatever goes wrong below. What nobody foresaw is written out in full beside the report."""
    try:
        yield
    except Stop:
        raise
    except Exception as error:
        # Loaded once something has gone wrong: it knows every part of a run, and most runs end well.
        from cardpresent.cli.fault_kinds import stop_for

        raise stop_for(error, out, secrets) from None
