"""The emulator's handbook, docs/emulator.md: a text written by hand, with tables taken from the code itself.

`python -m cardpresent.emulator --fidelity > docs/emulator.md` writes it anew; a test holds the two together.
"""

import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cardpresent.emulator import fidelity
from cardpresent.emulator.catalogue import OPERATIONS
from cardpresent.emulator.faults.base import Fault
from cardpresent.emulator.faults.registry import FAULTS
from cardpresent.emulator.operations import Operation
from cardpresent.emulator.wire.legacy_params import LEGACY

DOCUMENTED: Final = 109  # operations of Stripe's OpenAPI document that belong to Terminal and what stands around it
BEYOND: Final = frozenset({"reader.print_content"})  # in Stripe's SDKs, not in that document
_TEXT: Final = Path(__file__).with_name("handbook.md")
_OF_SDKS: Final = Path(__file__).parents[1] / "sdk" / "behaviours.toml"


def counts() -> str:
    """One line of text: how many behaviours are known in which way."""
    entries = fidelity.behaviours()
    known = {kind: sum(e.known == kind for e in entries) for kind in ("documented", "observed", "assumed")}
    return f"{len(entries)} behaviours: " + ", ".join(f"{number} {kind}" for kind, number in known.items())


def ledger() -> str:
    """Every behaviour for reading at a terminal: what is only assumed first, for nothing should rest on that unseen."""
    blocks = [counts()]
    for known in ("assumed", "observed", "documented"):
        entries = [e for e in fidelity.behaviours() if e.known == known]
        told = [f"  {e.id}: {e.summary}" + (f"\n      {e.source}" if e.source else "") for e in entries]
        blocks.append("\n".join([f"{known} ({len(entries)})", *told]))
    return "\n\n".join(blocks)


def covered() -> str:
    """One line of text: how much of Stripe's document there is."""
    documented = sum(operation.name not in BEYOND for operation in OPERATIONS)
    return (
        f"{documented} of the {DOCUMENTED} operations of Stripe's OpenAPI document for in-person payments, and "
        f"`{'`, `'.join(sorted(BEYOND))}`, which only its SDKs know"
    )


def handbook() -> str:
    """The whole document as Markdown."""
    text = _TEXT.read_text(encoding="utf-8")
    for name, made in (("counts", counts()), ("covered", covered()), ("operations", _operations()),
                       ("faults", _faults()), ("behaviours", _behaviours()), ("sdk", _of_sdks()),
                       ("benchmarks", _benchmarks())):
        text = text.replace(f"<!-- {name} -->", made)
    return text


def _benchmarks() -> str:
    return _TEXT.with_name("benchmarks.md").read_text(encoding="utf-8").strip()


def _operations() -> str:
    rows = [f"| `{o.method} {o.path}` | `{o.name}` | {_taken(o)} |" for o in OPERATIONS]
    return _table("| call | operation | parameters |", rows)


def _taken(operation: Operation) -> str:
    if operation.params is not None and operation.emulates is None:
        return "all that Stripe's SDK knows"
    names = {*(operation.emulates or "").split(), *LEGACY.get(operation.name, {})}
    return " ".join(f"`{name}`" for name in sorted(names)) or "none"


def _faults() -> str:
    return _table("| fault | parameters | what happens, and when |", [_fault_row(fault) for fault in FAULTS.values()])


def _fault_row(fault: type[Fault]) -> str:
    told = (sys.modules[fault.__module__].__doc__ or "").strip().partition(": ")[2]
    parameters = ", ".join(_parameter(name, *given) for name, given in fault.parameters.items())
    return f"| `{fault.name}` | {parameters or '–'} | {' '.join(told.split())} |"


def _parameter(name: str, kind: type, default: object) -> str:
    return f"`{name}` ({kind.__name__}{', required' if default is None else f', {default!r}'})"


def _of_sdks() -> str:
    """What the stand-ins of Stripe's SDKs do, and how that is known: a table of theirs, read as a file."""
    told = tomllib.loads(_OF_SDKS.read_text(encoding="utf-8"))
    rows = [f"| `{name}` | {e['known']} | {e['summary']} | {_link(e.get('source', ''))} |" for name, e in told.items()]
    return _table("| behaviour | known | what | source |", rows)


def _behaviours() -> str:
    rows = [f"| `{e.id}` | {e.known} | {e.summary} | {_link(e.source)} |" for e in fidelity.behaviours()]
    return _table("| behaviour | known | what the emulator does | source |", rows)


def _link(source: str) -> str:
    return f"[source]({source})" if source else "–"


def _table(heading: str, rows: Iterable[str]) -> str:
    columns = heading.count("|") - 1
    return "\n".join([heading, "|" + "---|" * columns, *rows])
