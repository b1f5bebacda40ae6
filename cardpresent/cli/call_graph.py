"""Which function of the suite leads to which, read from the syntax trees of steps and actors: nothing of it is run.

Two questions are asked of it: what a step needs of Stripe that a real one cannot be made to do (`needs`), and what it
comes to at a till (`doings`). Both read what a step leads to; each takes its own facts from there. They differ in what
they do with doubt. A need that is overlooked stages at a real Stripe what cannot be staged there, so `reached` goes
wherever a step may lead: a name that is only mentioned, and every actor's method of a name that is called on nobody
knows what. A plan would count hundreds of deeds that no run does, so `times` goes where a declared type says so.
"""

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import cardpresent.actors

ACTORS: Final = "cardpresent.actors"
STEPS: Final = "steps"

Key = tuple[str, str]  # (module, name); a method's name is `Class.method`


@dataclass(frozen=True, slots=True)
class Links:
    """Where a function leads: `calls` as often as they are written, `doubts` to what may be meant as well."""

    calls: tuple[Key, ...]
    doubts: frozenset[Key]


@dataclass(slots=True)
class _Module:
    """A file: its functions and constants, and what its names stand for in the suite."""

    bound: dict[str, ast.stmt] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    names: dict[str, Key] = field(default_factory=dict)


@dataclass(slots=True)
class _Class:
    """A class: its methods, and of which class what it keeps is, as far as that is written down."""

    module: str
    methods: Mapping[str, ast.FunctionDef]
    kept: dict[str, str]


@lru_cache(maxsize=1)
def code_of(suite: Path) -> "Code":
    """The suite at `suite` with the actors of this version, read once however many questions are asked."""
    return Code(suite, Path(cardpresent.actors.__file__).parent)


class Code:
    """The steps of the suite at `suite` and the actors at `actors`, as they are written."""

    def __init__(self, suite: Path, actors: Path) -> None:
        self._modules = dict([*_read(STEPS, suite / "steps"), *_read(ACTORS, actors)])
        self._classes = {
            name: _class(module, node) for module, one in self._modules.items() for name, node in one.classes.items()
        }
        for cls in self._classes.values():
            cls.kept |= self._kept_by(cls.methods.get("__init__"))
        self._nodes: dict[Key, ast.stmt] = {
            (module, name): node for module, one in self._modules.items() for name, node in one.bound.items()
        }
        for name, cls in self._classes.items():
            self._nodes |= {(cls.module, f"{name}.{method}"): node for method, node in cls.methods.items()}
        self._links: dict[Key, Links] = {}
        self._times: dict[Key, Counter[Key]] = {}
        self._under_way: list[Key] = []
        self._met: set[Key] = set()

    def step(self, file: str, function: str) -> Key:
        """A step definition; `file` as in `steps/reader.py`. Raises KeyError where there is none."""
        key = file.removesuffix(".py").replace("/", "."), function
        if key not in self._nodes:
            raise KeyError(f"{file} has no step {function}")
        return key

    def every(self) -> Collection[Key]:
        """Every function, method and constant of steps and actors."""
        return self._nodes.keys()

    def node(self, key: Key) -> ast.stmt:
        """The function, method or constant as it is written."""
        return self._nodes[key]

    def bound(self, module: str, name: str) -> ast.expr | None:
        """The expression that a module gives a name to; None where it does not."""
        found = self._nodes.get((module, name))
        return found.value if isinstance(found, ast.Assign | ast.AnnAssign) else None

    def reached(self, start: Key, *, closed: Collection[str] = ()) -> frozenset[Key]:
        """`start` and all that it may lead to, in doubt more. Methods with a name of `closed` are not gone into."""
        seen, todo = {start}, [start]
        while todo:
            links = self.links(todo.pop())
            fresh = {key for key in links.doubts.union(links.calls) - seen if key[1].rpartition(".")[2] not in closed}
            seen |= fresh
            todo += fresh
        return frozenset(seen)

    def times(self, start: Key) -> Mapping[Key, int]:
        """`start`, and how often it comes to each function, calls within calls included.

        What a branch may or may not do counts as done, what a loop repeats as done once.
        """
        known = self._times.get(start)
        if known is not None and known.keys().isdisjoint(self._under_way):
            return known
        if start in self._under_way:
            # A function that calls itself adds nothing by that.
            self._met.add(start)
            return {}
        self._under_way.append(start)
        found = Counter([start])
        for called in self.links(start).calls:
            found.update(self.times(called))
        self._under_way.pop()
        self._met.discard(start)
        if not self._met.intersection(self._under_way):
            # What was found on the way through a circle is less than what the function comes to by itself.
            self._times[start] = found
        return found

    def links(self, key: Key) -> Links:
        """Where a function leads by itself."""
        if key not in self._links:
            self._links[key] = self._linked(key)
        return self._links[key]

    def _linked(self, key: Key) -> Links:
        (module, name), node = key, self._nodes[key]
        types = self._types(name.rpartition(".")[0], node)
        calls: list[Key] = []
        doubts: set[Key] = set()
        for inner in ast.walk(node):
            match inner:
                case ast.Call(func=func):
                    calls += self._methods(func, types) or self._named(module, func) or self._made(module, func)
                case ast.Name():
                    doubts.update(self._named(module, inner))
                case ast.Attribute():
                    sure = self._methods(inner, types)
                    # A property does its work without a call.
                    calls += (each for each in sure if _is_property(self._nodes[each]))
                    doubts.update(sure or [*self._named(module, inner), *self._any_of(inner, types)])
        return Links(tuple(calls), frozenset(doubts))

    def _named(self, module: str, node: ast.expr) -> list[Key]:
        """What `name` or `module.name` stands for, if it is a function or constant of the suite."""
        names = self._modules[module].names
        match node:
            case ast.Name(id=name) if name in names:
                key = names[name]
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in names:
                key = ".".join(names[owner]), name
            case _:
                return []
        return [key] if key in self._nodes else []

    def _made(self, module: str, func: ast.expr) -> list[Key]:
        """How an instance begins, where a class is called."""
        found = self._modules[module].names.get(func.id) if isinstance(func, ast.Name) else None
        key = (found[0], f"{found[1]}.__init__") if found else None
        return [key] if key in self._nodes else []

    def _methods(self, node: ast.expr, types: Mapping[str, str]) -> list[Key]:
        """The method that `x.name` is, where the type of `x` is known."""
        owner = self._type(node.value, types) if isinstance(node, ast.Attribute) else None
        if not isinstance(node, ast.Attribute) or owner not in self._classes:
            return []
        key = self._classes[owner].module, f"{owner}.{node.attr}"
        return [key] if key in self._nodes else []

    def _any_of(self, node: ast.Attribute, types: Mapping[str, str]) -> Iterator[Key]:
        """Every class's method of that name, where nothing tells whose it is."""
        if self._type(node.value, types) is None:
            for name, cls in self._classes.items():
                if node.attr in cls.methods:
                    yield cls.module, f"{name}.{node.attr}"

    def _types(self, owner: str, node: ast.AST) -> dict[str, str]:
        """Of which class the names in a function are, as far as it says so; not only of classes of the suite."""
        types = {"self": owner} if owner else {}
        for inner in ast.walk(node):
            match inner:
                case ast.arg(arg=name, annotation=ast.expr() as annotation):
                    types[name] = _written(annotation)
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                    types[name] = _written(annotation)
        types = {name: kind for name, kind in types.items() if kind}
        for inner in ast.walk(node):
            for target, value in _assigned(inner):
                if isinstance(target, ast.Name) and (kind := self._type(value, types)):
                    types.setdefault(target.id, kind)
        return types

    def _type(self, node: ast.expr, types: Mapping[str, str]) -> str | None:
        """The class of an expression where a declaration tells it; None where nothing does."""
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

    def _kept_by(self, init: ast.FunctionDef | None) -> Iterator[tuple[str, str]]:
        """What `__init__` keeps under `self`, by the annotations of its parameters and the classes it calls."""
        if init is None:
            return
        types = self._types("", init)
        for node in ast.walk(init):
            for target, value in _assigned(node):
                match target:
                    case ast.Attribute(value=ast.Name(id="self"), attr=attr) if kind := self._type(value, types):
                        yield attr, kind


def _read(package: str, folder: Path) -> Iterator[tuple[str, _Module]]:
    for path in sorted(folder.rglob("*.py")):
        name = ".".join([package, *path.relative_to(folder).with_suffix("").parts])
        module = _Module()
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            match node:
                case ast.ClassDef(name=cls):
                    module.classes[cls] = node
                    module.names[cls] = name, cls
                case ast.ImportFrom(module=str(source)) if source.startswith((STEPS, ACTORS)):
                    module.names |= {alias.asname or alias.name: (source, alias.name) for alias in node.names}
                case _:
                    for own in _bound(node):
                        module.bound[own] = node
                        module.names[own] = name, own
        yield name, module


def _bound(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def _class(module: str, node: ast.ClassDef) -> _Class:
    methods = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
    kept = {
        each.target.id: _written(each.annotation)
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    kept |= {name: _written(each.returns) for name, each in methods.items() if each.returns and _is_property(each)}
    return _Class(module, methods, {name: kind for name, kind in kept.items() if kind})


def _assigned(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            yield from zip(targets, values, strict=False)
        case ast.Assign(targets=[target], value=value):
            yield target, value


def _written(annotation: ast.expr) -> str:
    """The class that an annotation names first: `Stage`, `"Stage"`, `Sale | None`; empty where it names none."""
    match annotation:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str(text)):
            return text.split("|")[0].strip()
        case ast.BinOp(left=left):
            return _written(left)
        case _:
            return ""


def _is_property(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and any(
        isinstance(one, ast.Name) and one.id == "property" for one in node.decorator_list
    )
