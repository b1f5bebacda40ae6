"""Loaded by every Python that the till starts, through PYTHONPATH: first the redirection, then the till's own."""

import os
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

import cardpresent_redirect  # type: ignore[import-not-found]

HERE = os.path.dirname(os.path.abspath(__file__))


def _own_of_the_till() -> None:
    # Ours stands in front of it on the path, and would hide it.
    path = [folder for folder in sys.path if os.path.abspath(folder or ".") != HERE]
    spec = PathFinder.find_spec("sitecustomize", path)
    if spec is not None and spec.loader is not None:
        module = sys.modules["sitecustomize"] = module_from_spec(spec)
        spec.loader.exec_module(module)


cardpresent_redirect.begin()
_own_of_the_till()
