"""What each step of the suite needs of Stripe that a real one cannot be made to do, read from the code it runs.

A step needs an emulated Stripe where that code reads `around.emulated`, or arms a reader's fault that the gateway
cannot stand in for. Nothing is listed by hand: what an actor starts to use is needed from that moment on. Read from
syntax trees, in doubt for the need: a method called on something of unknown type is every actor's method of that name.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from cardpresent.drivers.stripe.emulated import EmulatedStripe
from cardpresent.drivers.stripe.reader_faults import READER_FAULTS

EMULATED: Final = "emulated"
READER_FAULT: Final = "reader_fault"
UNNAMED: Final = "what only an emulated Stripe can do"
ANY_FAULT: Final = "a reader or a bank that misbehaves"

Key = tuple[str, str]  # (module or class, name)


@dataclass(slots=True)
class _Unit:
    """A function, a method or a module's constant: what it needs itself, and what it leads to."""

    needs: set[str] = field(default_factory=set)
    leads_to: set[Key] = field(default_factory=set)


@dataclass(slots=True)
class _Class:
    """The methods of a class, and the types of what it keeps, as far as they are written down."""

    module: str
    methods: dict[str, ast.FunctionDef] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)


class Needs:
    """Reads the suite at `suite` and the actors at `actors` once; answers by file and function."""

    def __init__(self, suite: Path, actors: Path) -> None:
        self._trees = {f"steps.{p.stem}": ast.parse(p.read_text(encoding="utf-8"))
                       for p in sorted((suite / "steps").rglob("*.py"))}  # fmt: skip
        self._trees |= {f"cardpresent.actors.{p.stem}": ast.parse(p.read_text(encoding="utf-8"))
                        for p in sorted(actors.rglob("*.py"))}  # fmt: skip
        self._names = {module: dict(_names(module, tree)) for module, tree in self._trees.items()}
        self._classes = {name: cls for module, tree in self._trees.items() for name, cls in _classes(module, tree)}

    def of(self, file: str, function: str) -> frozenset[str]:
        """What a step definition needs, in words; `file` as in `steps/reader.py`."""
        key = (f"steps.{Path(file).stem}", function)
        if key not in self._units:
            raise KeyError(f"{file} has no step {function}")
        return self._reached(key)

    def _reached(self, key: Key) -> frozenset[str]:
        found: set[str] = set()
        todo, seen = [key], {key}
        while todo:
            unit = self._units.get(todo.pop())
            if unit is None:
                continue
            found |= unit.needs
            fresh = unit.leads_to - seen
            seen |= fresh
            todo += fresh
        return frozenset(found)

    @cached_property
    def _units(self) -> Mapping[Key, _Unit]:
        units: dict[Key, _Unit] = {}
        for module, tree in self._trees.items():
            for node in tree.body:
                for name in _bound(node):
                    units[module, name] = self._unit(module, None, node)
        for name, cls in self._classes.items():
            for method, node in cls.methods.items():
                units[name, method] = self._unit(cls.module, name, node)
        return units

    def _unit(self, module: str, cls: str | None, node: ast.stmt) -> _Unit:
        unit = _Unit()
        types = _types(cls, node)
        for inner in ast.walk(node):
            match inner:
                case ast.Attribute(value=ast.Attribute(attr="emulated"), attr=method):
                    unit.needs.add(_said_of(method))
                case ast.Call(func=ast.Attribute(attr="reader_fault"), args=[ast.Constant(value=str(fault)), *_]):
                    unit.needs.update(_of_fault(fault))
                case ast.Call(func=ast.Attribute(attr="reader_fault")):
                    unit.needs.add(ANY_FAULT)
                case ast.Name(id=name) if name in self._names[module]:
                    unit.leads_to.add(self._names[module][name])
            if isinstance(inner, ast.Attribute):
                unit.leads_to.update(self._methods(inner, types))
                if inner.attr == EMULATED and not _is_followed(node, inner):
                    unit.needs.add(UNNAMED)
        return unit

    def _methods(self, node: ast.Attribute, types: Mapping[str, str]) -> Iterator[Key]:
        """The methods that `x.name` may be. What a reader's fault needs depends on which, so that is not followed."""
        if node.attr == READER_FAULT:
            return
        known = self._type(node.value, types)
        classes = [known] if known is not None else list(self._classes)
        for name in classes:
            if name in self._classes and node.attr in self._classes[name].methods:
                yield name, node.attr

    def _type(self, node: ast.expr, types: Mapping[str, str]) -> str | None:
        """The class of an expression where an annotation tells it; None where nothing does."""
        match node:
            case ast.Name(id=name):
                return types.get(name)
            case ast.Attribute(value=value, attr=attr):
                owner = self._type(value, types)
                return self._classes[owner].kept.get(attr) if owner in self._classes else None
            case ast.Call(func=ast.Name(id=name)) if name in self._classes:
                return name
            case _:
                return None


def _said_of(method: str) -> str:
    said = getattr(getattr(EmulatedStripe, method, None), "only_emulated", None)
    return said if isinstance(said, str) else UNNAMED


def _of_fault(fault: str) -> Iterator[str]:
    if fault not in READER_FAULTS:
        yield ANY_FAULT
    elif (why := READER_FAULTS[fault]) is not None:
        yield why


def _is_followed(whole: ast.AST, node: ast.Attribute) -> bool:
    """Whether `….emulated` is only there for what comes after its next dot."""
    return any(isinstance(other, ast.Attribute) and other.value is node for other in ast.walk(whole))


def _bound(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def _names(module: str, tree: ast.Module) -> Iterator[tuple[str, Key]]:
    """What a module's names stand for: its own, and those it imports from another part of the suite or the actors."""
    for node in tree.body:
        for name in _bound(node):
            yield name, (module, name)
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if f"{node.module}.{alias.name}".startswith(("steps.", "cardpresent.actors.")):
                    yield alias.asname or alias.name, (node.module, alias.name)


def _classes(module: str, tree: ast.Module) -> Iterator[tuple[str, _Class]]:
    for node in tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        found = _Class(module)
        for inner in node.body:
            match inner:
                case ast.FunctionDef(name=name):
                    found.methods[name] = inner
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                    found.kept[name] = _written(annotation)
        found.kept |= dict(_kept_by(found.methods.get("__init__")))
        found.kept |= {name: _written(method.returns) for name, method in found.methods.items()
                       if method.returns is not None and _is_property(method)}  # fmt: skip
        yield node.name, found


def _kept_by(init: ast.FunctionDef | None) -> Iterator[tuple[str, str]]:
    """What `__init__` keeps under `self`, by the annotations of its parameters and the classes it calls."""
    if init is None:
        return
    types = _types(None, init)
    for node in ast.walk(init):
        match node:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
                pairs = list(zip(targets, values, strict=True))
            case ast.Assign(targets=[target], value=value):
                pairs = [(target, value)]
            case _:
                continue
        for target, value in pairs:
            match target, value:
                case ast.Attribute(value=ast.Name(id="self"), attr=attr), ast.Name(id=name) if name in types:
                    yield attr, types[name]
                case ast.Attribute(value=ast.Name(id="self"), attr=attr), ast.Call(func=ast.Name(id=name)):
                    yield attr, name


def _types(cls: str | None, node: ast.AST) -> dict[str, str]:
    """Parameters and annotated variables by the name of their class; `self` by its own."""
    types = {"self": cls} if cls else {}
    for inner in ast.walk(node):
        match inner:
            case ast.arg(arg=name, annotation=annotation) if annotation is not None:
                types[name] = _written(annotation)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                types[name] = _written(annotation)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=called))):
                types[name] = called
    # A local name for something of another class: `stage = self._stage`.
    return types


def _written(annotation: ast.expr) -> str:
    """The class that an annotation names: the first one that is not None."""
    match annotation:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str(text)):
            return text.split("|")[0].strip()
        case ast.BinOp(left=left):
            return _written(left)
        case _:
            return ""


def _is_property(method: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "property" for one in method.decorator_list)
