"""Feature files are the tests: collected as they are, no test file beside them, and a scenario's id is its own."""

import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import scenarios

from cardpresent.launch.plan import scenario_of
from cardpresent.model.requirement import Register

REQUIREMENT = re.compile(r"^(?:DC-\d\d\.\d+|(?:EX|FD)-\d\d)$")
SUITE = Path(__file__).resolve().parent.parent


class FeatureFile(pytest.Module):
    """A `.feature` file seen as a module whose tests pytest-bdd makes."""

    def _getobj(self) -> types.ModuleType:
        module = types.ModuleType(re.sub(r"\W", "_", self.path.stem))
        module.__file__ = str(self.path)
        # pytest-bdd writes the tests into the module that calls `scenarios`, so the call is made from inside it.
        module.__dict__.update(scenarios=scenarios, path=str(self.path), base=str(SUITE))
        exec(compile("scenarios(path, features_base_dir=base)", str(self.path), "exec"), module.__dict__)
        return module


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> FeatureFile | None:
    if file_path.suffix != ".feature":
        return None
    return FeatureFile.from_parent(parent, path=file_path)


def tags_in(folder: Path) -> set[str]:
    """Every tag that a feature file below `folder` carries."""
    found: set[str] = set()
    for path in folder.rglob("*.feature"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.lstrip().startswith("@"):
                found.update(part[1:] for part in line.split())
    return found


def pytest_configure(config: pytest.Config) -> None:
    for tag in sorted(tags_in(SUITE / "features")):
        config.addinivalue_line("markers", f"{tag}: a tag of the features")


def pytest_bdd_apply_tag(tag: str, function: Any) -> bool:
    """Tags become markers under their own name; the docstring goes, for it would carry the file's path into reports."""
    getattr(pytest.mark, tag)(function)
    function.__doc__ = None
    return True


def register() -> Register:
    """The register of requirements that the suite ships."""
    return Register.load(SUITE / "features" / "requirements.toml")


def tags_of(item: pytest.Item) -> set[str]:
    """Tags of the scenario, its rule and its feature."""
    scenario = scenario_of(item)
    rule = getattr(scenario, "rule", None)
    return set(scenario.tags) | set(scenario.feature.tags) | (set(rule.tags) if rule else set())


def texts_of(item: pytest.Item) -> list[str]:
    """The steps of a scenario as this row of it reads."""
    row = getattr(item, "callspec", None)
    cells = row.params.get("_pytest_bdd_example") if row else None
    return [step.name for step in scenario_of(item).render(cells or {}).steps]


def requirements_of(item: pytest.Item) -> list[str]:
    """The requirement tags in the order in which the scenario's own line names them, the feature's after it."""
    scenario = scenario_of(item)
    own = [tag for tag in _in_order(item) if REQUIREMENT.match(tag)]
    rest = sorted(tag for tag in tags_of(item) if REQUIREMENT.match(tag) and tag not in own)
    return own + rest if scenario else []


def _in_order(item: pytest.Item) -> Iterator[str]:
    """pytest-bdd keeps tags as a set; the first tag is the scenario's subject, so the source line is read again."""
    scenario = scenario_of(item)
    lines = Path(item.path).read_text(encoding="utf-8").splitlines()
    number = scenario.line_number - 2
    found: list[str] = []
    while number >= 0 and lines[number].lstrip().startswith("@"):
        found[:0] = [part[1:] for part in lines[number].split()]
        number -= 1
    yield from found
