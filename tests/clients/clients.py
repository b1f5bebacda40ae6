"""Stripe's own clients, driven alike: a call by its name in the API, an object or a refusal in return.

Whoever cannot run in this process sits at the end of a pipe and speaks JSON, a line for a line; what each of them needs
is installed by `make clients` into the environment's folder.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import stripe

from tests.emulator.inside import flat

HERE = Path(__file__).parent
INSTALLED = Path(sys.prefix) / "clients"
HOW = (
    "Stripe's own clients are not installed: run `make clients`; it needs npm with Node.js 20 or newer, to be had on "
    "Debian and Ubuntu with: apt-get install npm"
)


class Refusal(Exception):
    """Stripe said no, as the client tells it."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(json.dumps(told))
        self.kind, self.code, self.param = told.get("class"), told.get("code"), told.get("param")
        self.decline_code, self.status = told.get("decline_code"), told.get("status")


class Piped:
    """A client in another process."""

    verifies = True

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
        )

    def _ask(self, **order: Any) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline() or '{"error": {"class": "the client ended"}}')
        if "error" in said:
            raise Refusal(said["error"])
        return said["object"]

    def call(self, name: str, /, *ids: str, options: dict[str, str] | None = None, **params: Any) -> Any:
        return self._ask(call=name, ids=ids, params=params, options=options or {})

    def verified(self, body: str, header: str, secret: str) -> Any:
        return self._ask(verify={"body": body, "header": header, "secret": secret})

    def about(self) -> dict[str, str]:
        return self._ask()

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(timeout=10)


def node(url: str, key: str, folder: Path) -> Piped:
    packages = INSTALLED / "node"
    needs(packages / "node_modules" / "stripe")
    return Piped(["node", str(HERE / "node" / "client.mjs"), str(packages), url, key], {"NO_PROXY": "127.0.0.1"})


def python_old(url: str, key: str, folder: Path) -> Piped:
    packages = INSTALLED / "python-old"
    needs(packages / "stripe")
    environment = {"PYTHONPATH": str(packages), "NO_PROXY": "127.0.0.1", "PYTHONWARNINGS": "ignore"}
    return Piped([sys.executable, "-P", str(HERE / "python_old" / "client.py"), url, key], environment)


class PythonNewest:
    """The stripe-python that the project itself uses, in this process."""

    verifies = True

    def __init__(self, url: str, key: str, folder: Path) -> None:
        self._http = stripe.RequestsClient()
        self._client = stripe.StripeClient(
            key, base_addresses={"api": url}, http_client=self._http, max_network_retries=0
        )

    def call(self, name: str, /, *ids: str, options: dict[str, str] | None = None, **params: Any) -> Any:
        found: Any = self._client.v1
        for step in name.split("."):
            found = getattr(found, step)
        given: Any = options or {}
        try:
            return found(*ids, params, given).to_dict()
        except stripe.StripeError as error:
            inner = error.error
            raise Refusal({
                "class": type(error).__name__, "code": error.code, "param": getattr(error, "param", None),
                "decline_code": getattr(inner, "decline_code", None), "status": error.http_status,
            }) from error

    def verified(self, body: str, header: str, secret: str) -> Any:
        try:
            return self._client.construct_event(body, header, secret).to_dict()
        except stripe.SignatureVerificationError as error:
            raise Refusal({"class": type(error).__name__}) from error

    def about(self) -> dict[str, str]:
        return {"name": "stripe-python", "version": stripe.VERSION, "api": stripe.api_version or ""}

    def close(self) -> None:
        self._http.close()


class CommandLine:
    """The Stripe CLI: one process for each call, as a person types it."""

    verifies = False
    _PROGRAM = INSTALLED / "node" / "node_modules" / ".bin" / "stripe"

    def __init__(self, url: str, key: str, folder: Path) -> None:
        needs(self._PROGRAM)
        self._url = url
        self.environment = {
            **os.environ, "STRIPE_API_KEY": key, "STRIPE_CLI_TELEMETRY_OPTOUT": "1", "XDG_CONFIG_HOME": str(folder),
            "NO_PROXY": "127.0.0.1",
        }

    def command(self, *words: str) -> list[str]:
        return [str(self._PROGRAM), *words, "--color", "off"]

    def run(self, *words: str) -> str:
        """What the command prints; its error, if it fails."""
        done = subprocess.run(
            self.command(*words), env=self.environment, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def call(self, name: str, /, *ids: str, options: dict[str, str] | None = None, **params: Any) -> Any:
        *steps, operation = name.split(".")
        if steps[0] == "test_helpers":
            steps = [*steps[1:], steps[0]]  # `stripe terminal readers test_helpers …`
        data = [word for path, text in flat(params) for word in ("-d", f"{path}={text}")]
        given = ["--idempotency", options["idempotency_key"]] if options else []
        confirmed = ["--confirm"] if operation == "delete" else []
        printed = self.run(*steps, operation, *ids, "--api-base", self._url, *data, *given, *confirmed)
        said = json.loads(printed[printed.index("{") :])  # what is to be confirmed is announced first
        if "error" in said:
            error = said["error"]
            raise Refusal({**error, "class": None})
        return said

    def about(self) -> dict[str, str]:
        return {"name": "stripe-cli", "version": self.run("--version").split()[2], "api": ""}

    def close(self) -> None:
        """Nothing runs between two calls."""


def needs(path: Path) -> None:
    assert path.exists(), HOW
