"""And one in another language, on the official stripe-node, key and port in its source: nothing in it is edited."""

from collections.abc import Mapping

from tests.certify_naive.judged import Judged
from tests.clients.clients import INSTALLED, needs


class TestTheNaiveNodeTill(Judged):
    name = "naive_node"

    @classmethod
    def environment(cls) -> Mapping[str, str]:
        packages = INSTALLED / "node" / "node_modules"
        needs(packages / "stripe")
        return {"NODE_PATH": str(packages)}

    def test_it_was_redirected_by_a_shim(self, run) -> None:
        assert "redirected by a shim in Node.js with stripe-node 23." in run[1]["reliance"]["redirection"]
