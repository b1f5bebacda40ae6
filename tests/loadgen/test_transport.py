"""Requests to the till on Locust's client, which is not imported here: it replaces parts of the standard library."""

from types import SimpleNamespace
from typing import Any

from cardpresent.loadgen.transport import LocustTransport


def test_a_till_is_given_as_long_for_an_answer_as_its_file_says():
    patience: dict[str, Any] = {"network_timeout": 30.0}
    agent = SimpleNamespace(clientpool=SimpleNamespace(client_args=patience), cookiejar=None)

    LocustTransport(SimpleNamespace(client=agent), answer_within_s=90.0)

    assert patience["network_timeout"] == 90.0
