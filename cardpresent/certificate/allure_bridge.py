"""A pytest plugin: Gherkin scenarios as Allure shows them, on top of allure-pytest.

allure-pytest alone knows no Gherkin step and shows a scenario under its function's name, with the feature file's
absolute path as description. The suite registers one bridge: `config.pluginmanager.register(AllureBridge(register))`.
It defines no marker and no step; without --alluredir every call here does nothing.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import allure
import msgspec
import pytest
from allure_commons import plugin_manager
from allure_commons.types import AttachmentType
from pytest_bdd.parser import Feature, Scenario, Step

from cardpresent.certificate.exchange import describe
from cardpresent.model.entry import Entry
from cardpresent.model.requirement import Register

EXCHANGE: Final = 400
SEVERITIES: Final = {"S1": "blocker", "S2": "critical", "S3": "minor"}
FAILED: Final = (AssertionError, pytest.fail.Exception)
# allure-pytest annotates some of these and not others.
_dynamic: Any = allure.dynamic


@dataclass(slots=True)
class _Progress:
    """The steps of a scenario that are still to come, and the one that is open."""

    left: list[Step]
    open: str | None = None


@dataclass(slots=True)
class AllureBridge:
    """Hooks of pytest-bdd. `clean` removes what must not be written from every message; entries come in redacted."""

    register: Register | None = None
    clean: Callable[[str], str] = str
    _progress: pytest.StashKey[_Progress] = field(default_factory=pytest.StashKey[_Progress])

    @pytest.hookimpl(tryfirst=True)
    def pytest_bdd_before_scenario(self, request: pytest.FixtureRequest, feature: Feature, scenario: Scenario) -> None:
        request.node.stash[self._progress] = _Progress(list(scenario.steps))
        _dynamic.title(scenario.name)
        _dynamic.feature(feature.name or "Features")
        _dynamic.description("\n\n".join(filter(None, [feature.description, scenario.description])))
        if scenario.rule:
            _dynamic.story(scenario.rule.name)
        self._requirements(feature.tags | scenario.tags | (scenario.rule.tags if scenario.rule else set()))
        example = getattr(request.node, "callspec", None)
        cells = example.params.get("_pytest_bdd_example") if example else None
        for name, value in (cells or {}).items():
            _dynamic.parameter(name, value)

    def pytest_bdd_before_step(self, request: pytest.FixtureRequest, step: Step) -> None:
        progress = request.node.stash[self._progress]
        progress.open = self._begin(step, progress)
        if step.docstring:
            allure.attach(step.docstring, "text", AttachmentType.TEXT)
        if step.datatable:
            table = "\n".join("\t".join(map(str, row)) for row in step.datatable.raw())
            allure.attach(table, "table", AttachmentType.TSV)

    def pytest_bdd_after_step(self, request: pytest.FixtureRequest) -> None:
        self._end(request.node.stash[self._progress], None)

    def pytest_bdd_step_error(self, request: pytest.FixtureRequest, exception: BaseException) -> None:
        self._end(request.node.stash[self._progress], exception)

    def pytest_bdd_step_func_lookup_error(
        self, request: pytest.FixtureRequest, step: Step, exception: BaseException
    ) -> None:
        progress = request.node.stash[self._progress]
        progress.open = self._begin(step, progress)
        self._end(progress, RuntimeError(f"no definition for this step: {step.keyword} {step.name}"))

    @pytest.hookimpl(trylast=True)
    def pytest_bdd_after_scenario(self, request: pytest.FixtureRequest) -> None:
        progress = request.node.stash[self._progress]
        for step in list(progress.left):
            progress.open = self._begin(step, progress)
            self._end(progress, pytest.skip.Exception("not reached"))

    def _begin(self, step: Step, progress: _Progress) -> str:
        """Show a step once, whatever becomes of it."""
        progress.left = [other for other in progress.left if other is not step]
        identifier = str(uuid.uuid4())
        plugin_manager.hook.start_step(uuid=identifier, title=f"{step.keyword} {step.name}", params={})
        return identifier

    def _end(self, progress: _Progress, exception: BaseException | None) -> None:
        if progress.open is None:
            return
        identifier, progress.open = progress.open, None
        told = None if exception is None else self._told(exception)
        # Without the traceback: it would carry absolute paths, and the message says what there is to say.
        plugin_manager.hook.stop_step(uuid=identifier, exc_type=type(told) if told else None, exc_val=told, exc_tb=None)

    def _told(self, exception: BaseException) -> BaseException:
        """An exception of the kind that gives Allure the right status, holding a clean message."""
        if isinstance(exception, pytest.skip.Exception):
            return pytest.skip.Exception(self.clean(str(exception)))
        if isinstance(exception, FAILED):
            return AssertionError(self.clean(str(exception)))
        return RuntimeError(self.clean(f"{type(exception).__name__}: {exception}"))

    def _requirements(self, tags: Iterable[str]) -> None:
        if self.register is None:
            return
        named = [self.register[tag] for tag in sorted(tags) if tag in self.register]
        for requirement in named:
            _dynamic.label("requirement", requirement.id)
            _dynamic.label("level", requirement.level)
            _dynamic.link(requirement.source, link_type="tms", name=requirement.id)
        if named:
            _dynamic.severity(SEVERITIES[min(requirement.severity for requirement in named)])


def attach_exchange(entries: Iterable[Entry | Mapping[str, Any]], name: str = "exchange") -> None:
    """Attach redacted journal entries to the running scenario, as a person reads them and as they were written.

    At most the last 400; the first line says how many were left out.
    """

    every = [entry if isinstance(entry, Entry) else msgspec.convert(entry, Entry) for entry in entries]
    if not every:
        return
    kept = every[-EXCHANGE:]
    told = [f"{len(every) - len(kept)} earlier entries left out"] if len(kept) < len(every) else []
    start = kept[0].begin_ms
    for entry in kept:
        line = describe(entry, start)
        told.append(f"{line.at_s:9.3f} s  {line.who:<18} {line.text}")
    allure.attach("\n".join(told), name, AttachmentType.TEXT)
    raw = "\n".join(json.dumps(msgspec.to_builtins(entry), ensure_ascii=False) for entry in kept)
    allure.attach(raw, f"{name}, as recorded", "application/x-ndjson", "jsonl")
