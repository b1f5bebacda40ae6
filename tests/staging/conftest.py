"""A gateway and a till that somebody else started, as on another host: two processes, TLS, a CA of the test's."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from cardpresent.launch.gateway_token import derived
from tests.certify.running import Bench
from tests.waiting import until

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-of-the-staging-host-0123456789"


@dataclass(frozen=True)
class Authority:
    """A certificate for this machine, its key, and the CA that vouches for it."""

    ca: Path
    cert: Path
    key: Path


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    assert shutil.which("openssl"), "these tests make certificates with openssl; install it"
    folder = tmp_path_factory.mktemp("ca")
    made = Authority(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder, timeout=30)

    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    openssl("req", "-x509", *ec, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=staging CA",
            "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
    openssl("req", *ec[:-2], "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "cert.pem")  # fmt: skip
    return made


@dataclass
class Standing:
    """A gateway that outlives its runs."""

    url: str
    process: "subprocess.Popen[str]"
    told: str

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)


def clean_environment(**added: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "CARDPRESENT_"))}
    return {**kept, **added}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Callable[..., Standing]]:
    """Starts `cardpresent gateway` with the words and variables given."""
    started: list[Standing] = []

    def start(*words: str | Path, **env: str) -> Standing:
        errors = tmp_path / f"gateway{len(started)}.err"
        with errors.open("w") as told:
            process = subprocess.Popen(
                [sys.executable, "-m", "cardpresent", "gateway", "--listen", "127.0.0.1:0",
                 "--journal", str(tmp_path / f"gateway{len(started)}.jsonl"), *map(str, words)],
                env=clean_environment(**{"CARDPRESENT_GATEWAY_TOKEN": TOKEN, **env}), stdout=subprocess.PIPE,
                stderr=told, stdin=subprocess.DEVNULL, text=True,
            )  # fmt: skip
        assert process.stdout
        line = process.stdout.readline()
        assert line, errors.read_text()
        started.append(Standing(json.loads(line)["url"], process, errors.read_text()))
        return started[-1]

    yield start
    for one in started:
        one.end()
        if one.process.stdout:
            one.process.stdout.close()


@pytest.fixture
def till(tmp_path: Path, authority: Authority) -> Iterator[Callable[[str], str]]:
    """Starts the naive till as its owners would on their host, told of a gateway; its address."""
    started: list[subprocess.Popen[bytes]] = []

    def start(gateway: str) -> str:
        from cardpresent.launch.ports import free_port

        port = free_port(None)
        env = clean_environment(
            PORT=str(port), STRIPE_API_BASE=gateway, STRIPE_SECRET_KEY=f"sk_test_{derived(TOKEN, 'till key')}",
            SSL_CERT_FILE=str(authority.ca),
        )  # fmt: skip
        started.append(subprocess.Popen(
            [sys.executable, str(ROOT / "fixtures" / "tills" / "naive_till.py")], env=env,
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ))  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        until(lambda: _answers(url), "the till")
        return url

    yield start
    for one in started:
        one.terminate()
        one.wait(10)
        if one.stdin:
            one.stdin.close()


def _answers(url: str) -> bool:
    try:
        httpx.get(f"{url}/", trust_env=False, timeout=1)
    except httpx.HTTPError:
        return False
    return True


@pytest.fixture
def bench(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench(tmp_path, tmp_path_factory.getbasetemp() / "compiled")
    yield made
    made.close()
