"""A team's own way of working its till: a class beside the integration file, and what the file describes behind it."""

import importlib.util
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from cardpresent.drivers.pos.contract import AdapterContractError, CheckedPos
from cardpresent.drivers.pos.port import PosDriver, PosReply, Verb
from cardpresent.profile.errors import IntegrationError
from cardpresent.profile.integration import Integration

KEY = "adapter.python"


class AdapterPos:
    """A PosDriver: what the team's class offers is done by it, everything else as the file describes."""

    def __init__(self, own: Any, described: PosDriver) -> None:
        self._own = CheckedPos(own, blame="configuration")
        self._described = described
        self._close: Callable[[], object] = getattr(own, "close", lambda: None)

    def close(self) -> None:
        """Let the team's class end what it began. Raises AdapterContractError for whatever that raises."""
        try:
            self._close()
        except (Exception, SystemExit) as error:
            name = type(self._own.inner).__name__
            raise AdapterContractError(name, "close", f"raised {error!r}", "an end", "configuration") from error

    def offers(self, verb: Verb) -> bool:
        return self._own.offers(verb) or self._described.offers(verb)

    def perform(
        self, verb: Verb, values: Mapping[str, object], *, as_role: str = "cashier", insist: bool = False
    ) -> PosReply:
        worker: PosDriver = self._own if self._own.offers(verb) else self._described
        return worker.perform(verb, values, as_role=as_role, insist=insist)


def adapter_of(integration: Integration, described: PosDriver, run: Mapping[str, object]) -> AdapterPos:
    """The class that the file names, made with what the file describes and the values of the run.

    Raises IntegrationError where it cannot be loaded or made: whatever is wrong with it is no fault of the till.
    """
    assert integration.adapter is not None
    name, _, wanted = integration.adapter.python.rpartition(":")
    path = integration.path.parent / name
    if not path.is_file():
        raise _unusable(integration, f"there is no {name} beside the file", "correct the name, or put it there")
    try:
        made = getattr(_module(path), wanted)(described, dict(run))
    except AttributeError as error:
        raise _unusable(integration, f"{name}: {error}", f"define class {wanted} in it") from error
    except (Exception, SystemExit) as error:
        problem = f"{name}: {type(error).__name__}: {error}"
        raise _unusable(integration, problem, "correct it: docs/integrations.md shows an example") from error
    return AdapterPos(made, described)


def _unusable(integration: Integration, problem: str, fix: str) -> IntegrationError:
    return IntegrationError(integration.path, KEY, problem, fix)


def _module(path: Path) -> ModuleType:
    """The file as a module of its own; what lies beside it can be imported from it."""
    spec = importlib.util.spec_from_file_location(f"adapter_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module
