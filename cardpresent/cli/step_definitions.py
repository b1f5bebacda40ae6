"""What the step definitions of a suite say, read from their syntax trees: nothing of the suite is imported or run."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, cast

from pytest_bdd import parsers

Keyword = Literal["given", "when", "then"]

DECORATORS: Final = ("given", "when", "then", "step")
PARSERS: Final = ("parse", "cfparse", "re", "string")
# The one-letter types `parse` knows by itself; any other name in a pattern is one of the suite's own types.
PARSE_TYPES: Final = frozenset("lwWdDsSnbofFeegx%") | {"t" + kind for kind in ("i", "g", "a", "e", "h", "c", "t", "s")}
OWN_TYPE: Final = re.compile(r"\{[^{}:]*:([A-Za-z]\w+)[?*+]?\}")


@dataclass(frozen=True, slots=True)
class StepDefinition:
    """One `@given`, `@when`, `@then` or `@step` over a function. `keyword` is None for `@step`: it serves all three."""

    keyword: Keyword | None
    pattern: str
    parser: parsers.StepParser
    file: str
    line: int
    function: str
    is_async: bool

    def matches(self, keyword: str, text: str) -> bool:
        return self.keyword in {None, keyword} and self.parser.is_matching(text)

    def __str__(self) -> str:
        return f"{self.function} ({self.file}:{self.line})"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A step definition whose pattern cannot be told without running it."""

    file: str
    line: int
    why: str


@dataclass(slots=True)
class _Vocabulary:
    """Names that patterns lean on, gathered over all files first, for steps import them from one another."""

    texts: dict[str, str] = field(default_factory=dict)
    type_regexes: dict[str, str] = field(default_factory=dict)
    type_functions: dict[str, str] = field(default_factory=dict)

    def learn(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str(text))):
                    self.texts[name] = text
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str(text))):
                    self.texts[name] = text
                case ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id=function), attr="pattern")],
                    value=ast.Constant(value=str(text)),
                ):
                    self.type_regexes[function] = text
                case ast.FunctionDef(name=function):
                    self._learn_with_pattern(function, node)
                case ast.Dict():
                    self._learn_types(node)

    def _learn_with_pattern(self, function: str, node: ast.FunctionDef) -> None:
        for decorator in node.decorator_list:
            match decorator:
                case ast.Call(func=func, args=[ast.Constant(value=str(text)), *_]) if _last(func) == "with_pattern":
                    self.type_regexes[function] = text

    def _learn_types(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            match key, value:
                case ast.Constant(value=str(name)), ast.Name(id=function) | ast.Attribute(attr=function):
                    self.type_functions[name] = function

    def text(self, node: ast.expr | None) -> str | None:
        """The text an expression stands for, None where only running it would tell."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self.texts.get(name)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._joined([left, right])
            case ast.JoinedStr(values=values):
                return self._joined(values)
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self.text(value)
            case _:
                return None

    def _joined(self, nodes: list[ast.expr]) -> str | None:
        parts = [self.text(node) for node in nodes]
        return "".join(part for part in parts if part is not None) if None not in parts else None

    def types_in(self, pattern: str) -> dict[str, Callable[[str], str]]:
        """Stand-ins for the suite's own types in a `parse` pattern: they match what the real ones match."""
        names = {name for name in OWN_TYPE.findall(pattern) if name not in PARSE_TYPES or name in self.type_functions}
        return {name: self._stand_in(self.type_functions.get(name, name)) for name in names}

    def _stand_in(self, function: str) -> Callable[[str], str]:
        def as_written(text: str) -> str:
            return text

        as_written.pattern = self.type_regexes.get(function, ".+?")  # type: ignore[attr-defined]
        return as_written


def read(root: Path) -> tuple[list[StepDefinition], list[Unreadable]]:
    """All step definitions of the suite at `root`, from `steps/` and `conftest.py`, in the order of files and lines."""
    files = [*sorted((root / "steps").rglob("*.py")), *(path for path in [root / "conftest.py"] if path.is_file())]
    vocabulary = _Vocabulary()
    trees: dict[str, ast.Module] = {}
    unreadable = []
    for path in files:
        name = path.relative_to(root).as_posix()
        try:
            trees[name] = ast.parse(path.read_text(encoding="utf-8"), filename=name)
        except SyntaxError as error:
            unreadable.append(Unreadable(name, error.lineno or 1, f"not Python: {error.msg}"))
            continue
        vocabulary.learn(trees[name])
    definitions = []
    for name, tree in trees.items():
        for found in _definitions(_Module(name, _imported(tree), vocabulary), tree):
            if isinstance(found, StepDefinition):
                definitions.append(found)
            else:
                unreadable.append(found)
    return definitions, unreadable


@dataclass(frozen=True, slots=True)
class _Module:
    """Where a definition is being read: its file, what that calls pytest-bdd's names, and the words of all files."""

    file: str
    names: Mapping[str, str]
    vocabulary: _Vocabulary


def _definitions(module: _Module, tree: ast.Module) -> Iterator[StepDefinition | Unreadable]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and (keyword := _decorator(decorator.func, module.names)):
                yield _definition(module, node, keyword, decorator)


def _imported(tree: ast.Module) -> dict[str, str]:
    """Local name -> name in pytest-bdd, for hypothesis has a `given` too."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in {"pytest_bdd", "pytest_bdd.parsers"}:
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name == "pytest_bdd"}
    return names


def _decorator(func: ast.expr, names: Mapping[str, str]) -> str | None:
    match func:
        case ast.Name(id=local):
            name = names.get(local)
        case ast.Attribute(value=ast.Name(id=module), attr=attribute) if names.get(module) == "pytest_bdd":
            name = attribute
        case _:
            name = None
    return name if name in DECORATORS else None


def _definition(
    module: _Module, node: ast.FunctionDef | ast.AsyncFunctionDef, keyword: str, decorator: ast.Call
) -> StepDefinition | Unreadable:
    named = decorator.args[0] if decorator.args else _keyword_argument(decorator, "name")
    kind, pattern = "string", module.vocabulary.text(named)
    if isinstance(named, ast.Call):
        kind = module.names.get(_last(named.func), _last(named.func))
        pattern = module.vocabulary.text(named.args[0] if named.args else _keyword_argument(named, "name"))
    if pattern is None or kind not in PARSERS:
        why = f"the pattern of {node.name} is not a plain text; write it as one"
        return Unreadable(module.file, decorator.lineno, why)
    try:
        parser = _parser(kind, pattern, named, module.vocabulary)
    except (ValueError, KeyError, re.error) as error:
        why = f"the pattern {pattern!r} of {node.name} is malformed: {error}"
        return Unreadable(module.file, decorator.lineno, why)
    return StepDefinition(
        keyword=None if keyword == "step" else cast(Keyword, keyword),
        pattern=pattern,
        parser=parser,
        file=module.file,
        line=decorator.lineno,
        function=node.name,
        is_async=isinstance(node, ast.AsyncFunctionDef),
    )


def _parser(kind: str, pattern: str, named: ast.expr | None, vocabulary: _Vocabulary) -> parsers.StepParser:
    match kind:
        case "parse":
            return parsers.parse(pattern, extra_types=vocabulary.types_in(pattern))
        case "cfparse":
            return parsers.cfparse(pattern, extra_types=vocabulary.types_in(pattern))
        case "re":
            return parsers.re(pattern, *_flags(named))
        case _:
            return parsers.string(pattern)


def _flags(named: ast.expr | None) -> list[re.RegexFlag]:
    if not isinstance(named, ast.Call):
        return []
    given = [*named.args[1:], *(keyword.value for keyword in named.keywords if keyword.arg == "flags")]
    known: dict[str, Any] = dict(re.RegexFlag.__members__)
    return [known[_last(node)] for node in given]


def _keyword_argument(call: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in call.keywords if keyword.arg == name), None)


def _last(node: ast.expr) -> str:
    """The last word of a dotted name: `parsers.re` -> `re`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
