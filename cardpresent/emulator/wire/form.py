"""Stripe's bracketed form bodies and query strings: text in, nested dictionaries of text out.

`a[b]=1` nests; `a[]=1` and `a[0]=1` are lists and come out as dictionaries keyed "0", "1", …, which only the
parameter's own type can tell from a hash (see params.py). A later value of the same name wins. A name that nests
deeper than anything at Stripe is taken as the text it is, and so is unknown to every operation.
"""

import re
from typing import Any, Final
from urllib.parse import unquote_plus

Form = dict[str, Any]

_SEGMENTS: Final = re.compile(r"\[([^\[\]]*)\]")
_CACHE_SIZE: Final = 4096
_CACHED_CHARS: Final = 200
_DEPTH_MAX: Final = 32
_paths: dict[str, tuple[str, ...]] = {}


def parse_form(text: str) -> Form:
    """`a=1&b[c]=2` -> {"a": "1", "b": {"c": "2"}}."""
    form: Form = {}
    if not text:
        return form
    known = _paths.get
    for pair in text.split("&"):
        key, _, value = pair.partition("=")
        if "%" in value or "+" in value:
            value = unquote_plus(value)
        path = known(key) or _path(key)
        if len(path) == 1:
            form[path[0]] = value
        elif len(path) == 2 and path[1]:
            # the usual depth, metadata[order]: spared the walk of `_insert`
            below = form.get(path[0])
            if type(below) is not dict:
                below = form[path[0]] = {}
            below[path[1]] = value
        else:
            _insert(form, path, value)
    form.pop("", None)
    return form


def _path(key: str) -> tuple[str, ...]:
    name = unquote_plus(key)
    head, bracket, _ = name.partition("[")
    path = (name,) if not bracket or not name.endswith("]") else (head, *_SEGMENTS.findall(name[len(head) :]))
    if len(path) > _DEPTH_MAX:
        path = (name,)
    if len(key) <= _CACHED_CHARS:
        if len(_paths) >= _CACHE_SIZE:
            _paths.clear()
        _paths[key] = path
    return path


def _insert(form: Form, path: tuple[str, ...], value: str) -> None:
    node = form
    last = len(path) - 1
    for depth, segment in enumerate(path):
        if segment == "":
            # `x[][a]=1&x[][b]=2` fills one element until a name repeats
            index = len(node)
            before = node.get(str(index - 1))
            if depth < last and isinstance(before, dict) and path[depth + 1] not in before:
                index -= 1
            else:
                while str(index) in node:  # `x[1]=a&x[]=b`: nothing is overwritten
                    index += 1
            segment = str(index)  # noqa: PLW2901
        if depth == last:
            node[segment] = value
            return
        below = node.get(segment)
        if not isinstance(below, dict):
            below = node[segment] = {}
        node = below
