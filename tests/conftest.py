"""In which order the tests of the project are dealt to their processes; none depends on it."""

from typing import Final

import pytest

# Each of these begins with a whole certification of a till: begun last, everybody else would wait for it.
FIRST: Final = "tests/certify_naive/"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))
