"""What a step of the suite may come to do at a till, read from the code it calls: nothing of it is imported or run.

A step calls one actor, which calls others, and somewhere down there a verb is performed, the till is killed, or one of
its declared bounds is waited out. Following the calls by their declared types finds all of it, so what is said of a run
beforehand cannot grow old. What a branch may or may not do counts as done, what a loop repeats as done once.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cardpresent.profile import VERBS

WAITS: Final = ("settle_s", "late_s", "unknown_within_s", "deadline_s")
# Calls that do something to the till itself and are no verb of its file, by the attribute they are made on.
DEEDS: Final = {("till", "kill"): "kill", ("till", "restart"): "restart", ("around", "advance_till"): "clock"}
DOES: Final = {"makes_reader": "reader", "_new_sale": "sale"}
PACKAGE: Final = "cardpresent.actors"


@dataclass(frozen=True, slots=True)
class Reach:
    """How often each verb, deed and wait (by its key in `[timing]`) is come to, calls within calls included."""

    verbs: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Reach") -> "Reach":
        return Reach(self.verbs + other.verbs, self.deeds + other.deeds, self.waits + other.waits)


NOTHING: Final = Reach()


@dataclass(frozen=True, slots=True)
class _Class:
    """A class of the actors: its methods, and of which class its attributes are."""

    module: str
    methods: Mapping[str, ast.FunctionDef]
    attributes: Mapping[str, str]


@dataclass(slots=True)
class _Module:
    """A file: its functions, and what the names it imports stand for (a module, or a function or class in one)."""

    name: str
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    constants: dict[str, float] = field(default_factory=dict)
    tables: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Code:
    """The suite's steps and actors, as they are written."""

    def __init__(self, suite: Path, actors: Path) -> None:
        files = {f"steps.{p.stem}": p for p in sorted((suite / "steps").glob("*.py"))}
        files |= {f"{PACKAGE}.{p.stem}": p for p in sorted(actors.glob("*.py"))}
        self._modules = {name: _read(name, path) for name, path in files.items()}
        self._classes: dict[str, _Class] = {}
        for module in self._modules.values():
            for name, node in module.classes.items():
                self._classes[name] = _class(module.name, node)
        self._known: dict[tuple[str, str], Reach] = {}
        self._under_way: list[tuple[str, str]] = []
        self._met: set[tuple[str, str]] = set()

    def step(self, file: str, function: str) -> Reach:
        """What a step definition, a function of `file` (as steps/sale.py), may come to do."""
        return self.function(file.removesuffix(".py").replace("/", "."), function)

    def function(self, module: str, name: str) -> Reach:
        """What one function, or method (`Stage.await_final`), may come to do."""
        key = module, name
        if key in self._known:
            return self._known[key]
        if key in self._under_way:
            # A function that calls itself adds nothing by that.
            self._met.add(key)
            return NOTHING
        self._under_way.append(key)
        node = self._node(module, name)
        found = self._reach(module, name, node) if node else NOTHING
        self._under_way.pop()
        self._met.discard(key)
        if not self._met.intersection(self._under_way):
            # What was found on the way through a circle is less than what the function comes to by itself.
            self._known[key] = found
        return found

    def constant(self, module: str, name: str) -> float:
        """A number that a module names."""
        return self._modules[module].constants[name]

    def _node(self, module: str, name: str) -> ast.FunctionDef | None:
        owner, _, method = name.rpartition(".")
        if owner:
            return self._classes[owner].methods.get(method) if owner in self._classes else None
        found = self._modules.get(module)
        return found.functions.get(name) if found else None

    def _reach(self, module: str, name: str, node: ast.FunctionDef) -> Reach:
        types = self._types(name, node)
        found = Reach()
        for each in ast.walk(node):
            if isinstance(each, ast.Call):
                found += _own(each, self._modules[module].tables)
                if target := self._target(module, each.func, types):
                    found += self.function(*target)
            elif isinstance(each, ast.Attribute):
                found += _waited(each)
                # A property does its work without a call.
                if (target := self._method(each, types)) and _is_property(self._node(*target)):
                    found += self.function(*target)
        return found

    def _types(self, name: str, node: ast.FunctionDef) -> dict[str, str]:
        """Of which class the names in a function are, as far as it says so."""
        owner = name.rpartition(".")[0]
        types = {"self": owner} if owner else {}
        for argument in node.args.args + node.args.kwonlyargs:
            if (named := _annotated(argument.annotation)) in self._classes:
                types[argument.arg] = named
        for each in ast.walk(node):
            for target, value in _assigned(each):
                if kind := self._type_of(value, types):
                    types.setdefault(target, kind)
        return types

    def _type_of(self, value: ast.expr, types: Mapping[str, str]) -> str | None:
        match value:
            case ast.Name(id=name):
                return types.get(name)
            case ast.Attribute(value=inner, attr=attribute):
                owner = self._type_of(inner, types)
                return self._classes[owner].attributes.get(attribute) if owner in self._classes else None
            case ast.Call(func=ast.Name(id=name)) if name in self._classes:
                return name
            case _:
                return None

    def _target(self, module: str, func: ast.expr, types: Mapping[str, str]) -> tuple[str, str] | None:
        """Which function a call is made to, where that can be told."""
        match func:
            case ast.Name(id=name):
                return self._named(module, name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in self._modules[module].imports:
                return self._modules[module].imports[name], attribute
            case ast.Attribute():
                return self._method(func, types)
            case _:
                return None

    def _named(self, module: str, name: str) -> tuple[str, str]:
        imported = self._modules[module].imports.get(name)
        if imported is None:
            return module, name
        where, _, what = imported.rpartition(".")
        return where, what

    def _method(self, func: ast.Attribute, types: Mapping[str, str]) -> tuple[str, str] | None:
        owner = self._type_of(func.value, types)
        if owner is None or owner not in self._classes:
            return None
        return self._classes[owner].module, f"{owner}.{func.attr}"


def _read(name: str, path: Path) -> _Module:
    tree, module = ast.parse(path.read_text(encoding="utf-8")), _Module(name)
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=function):
                module.functions[function] = node
            case ast.ClassDef(name=kind):
                module.classes[kind] = node
            case ast.ImportFrom(module=str(source)) if source.startswith(("steps", PACKAGE)):
                for alias in node.names:
                    module.imports[alias.asname or alias.name] = f"{source}.{alias.name}"
            case ast.Assign(targets=[ast.Name(id=table)], value=ast.Dict(values=values)) | ast.AnnAssign(
                target=ast.Name(id=table), value=ast.Dict(values=values)
            ):
                module.tables[table] = tuple(_verbs(values, {}))
            case ast.AnnAssign(target=ast.Name(id=constant), value=ast.Constant(value=int() | float() as number)):
                module.constants[constant] = float(number)
    return module


def _class(module: str, node: ast.ClassDef) -> _Class:
    methods = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
    attributes = {
        each.target.id: _annotated(each.annotation)
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    begins = methods.get("__init__")
    given = {a.arg: _annotated(a.annotation) for a in begins.args.args} if begins else {}
    for each in ast.walk(begins) if begins else ():
        for target, value in _assigned(each):
            match value:
                case ast.Name(id=name) if name in given:
                    attributes[target] = given[name]
                case ast.Call(func=ast.Name(id=kind)):
                    attributes[target] = kind
    return _Class(module, methods, attributes)


def _annotated(annotation: ast.expr | None) -> str:
    """The class that an annotation names first: `Stage`, `"Stage"`, `Sale | None`."""
    match annotation:
        case ast.Name(id=name) | ast.Constant(value=str(name)):
            return name
        case ast.BinOp(left=left):
            return _annotated(left)
        case _:
            return ""


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names, and attributes by their own name, with what is assigned to them."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)], value=value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            for target, each in zip(names, values, strict=False):
                if isinstance(target, ast.Name | ast.Attribute):
                    yield target.id if isinstance(target, ast.Name) else target.attr, each


def _own(call: ast.Call, tables: Mapping[str, tuple[str, ...]]) -> Reach:
    """What a call does by itself: it names a verb that is performed, or works the till's process or clock."""
    match call.func:
        case ast.Attribute(attr="intend" | "note" | "control" | "offers"):
            return NOTHING
        case ast.Attribute(value=ast.Attribute(attr=owner) | ast.Name(id=owner), attr=name) if (owner, name) in DEEDS:
            return Reach(deeds=Counter([DEEDS[owner, name]]))
        case ast.Attribute(value=ast.Attribute(attr="door") | ast.Name(id="door")) | ast.Attribute(attr="door"):
            return Reach(deeds=Counter(["knock"]))
        case ast.Attribute(attr=name) if name in DOES:
            return Reach(deeds=Counter([DOES[name]]))
        case ast.Attribute() | ast.Name():
            return Reach(verbs=Counter(_verbs(call.args, tables)))
        case _:
            return NOTHING


def _verbs(arguments: Iterable[ast.expr], tables: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The verbs among what a call is given: by name, or any that a table of the same file holds."""
    for argument in arguments:
        match argument:
            case ast.Constant(value=str(word)) if word in VERBS:
                yield word
            case ast.Subscript(value=ast.Name(id=table)):
                yield from tables.get(table, ())


def _waited(node: ast.Attribute) -> Reach:
    match node:
        case ast.Attribute(value=ast.Attribute(attr="bounds") | ast.Name(id="bounds"), attr=bound) if bound in WAITS:
            return Reach(waits=Counter([bound]))
        case _:
            return NOTHING


def _is_property(node: ast.FunctionDef | None) -> bool:
    return node is not None and any(isinstance(d, ast.Name) and d.id == "property" for d in node.decorator_list)
