"""A till on another host, reached by its URL, and its Stripe traffic through a gateway that stands there."""

import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from cardpresent.drivers.suite_door import SuiteDoor
from cardpresent.drivers.wire import Wire, WireError
from cardpresent.launch.gateway_token import derived
from tests.certify.running import PAID, Bench
from tests.staging.conftest import ROOT, TOKEN, Authority, Standing, clean_environment
from tests.testmode.conftest import remote_stripe

DOUBLE = "A sale submitted twice at once is charged once"
WITH_TOKEN = {"CARDPRESENT_GATEWAY_TOKEN": TOKEN}


@pytest.fixture
def file(bench: Bench, authority: Authority) -> Callable[..., Path]:
    """The naive till's integration file, as of a till that somebody else runs."""

    def written(till: str, gateway: str, ca: Path | None = None) -> Path:
        text = (ROOT / "fixtures" / "integrations" / "naive_till.toml").read_text(encoding="utf-8")
        a, b = text.index("[process]"), text.index("[reader]")
        trusted = f'gateway_ca = "{ca}"\n' if ca else ""
        text = (
            f'{text[:a]}[process]\nbase_url = "{till}"\nready = "/readers"\n\n'
            f'[stripe]\nprobe = "list_readers"\ngateway = "{gateway}"\n{trusted}\n{text[b:]}'
        )
        tomllib.loads(text)
        path = bench.folder / "staging.toml"
        path.write_text(text.replace("restart = true", "restart = false"), encoding="utf-8")
        return path

    return written


def test_a_till_elsewhere_is_certified_over_tls_as_it_is_here(
    bench: Bench, gateway: Callable[..., Standing], till: Callable[[str], str], file: Callable[..., Path],
    authority: Authority,
) -> None:  # fmt: skip
    standing = gateway("--cert", authority.cert, "--key-file", authority.key)
    where = file(till(standing.url), standing.url, authority.ca)

    first = bench.certify("--integration", where, "--select", PAID, env=WITH_TOKEN, out=bench.folder / "first")
    again = bench.certify("--integration", where, "--select", PAID, "--select", DOUBLE, env=WITH_TOKEN)

    assert standing.url.startswith("https://")
    assert first.outcomes() == {PAID: "passed"}, first.stderr
    assert again.outcomes() == {PAID: "passed", DOUBLE: "failed"}, again.stderr
    assert again.code == 1
    assert "At the till: 1 sale stays in its books" in first.stderr
    assert "At the till: 2 sales stay in its books" in again.stderr
    assert len(again.report["reliance"]["sales_left"]) == 2
    assert any('"kind":"request"' in line for line in (bench.out / "journal.jsonl").read_text().splitlines())
    # The till is nobody's to end, and neither is the gateway.
    assert standing.process.poll() is None
    for path in bench.out.rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes(), path


def test_a_till_elsewhere_can_be_put_to_stripes_test_mode(
    bench: Bench, gateway: Callable[..., Standing], till: Callable[[str], str], file: Callable[..., Path]
) -> None:
    """The user's key is known to the gateway alone; what the run made in the account goes when the run ends."""
    with remote_stripe() as remote:
        standing = gateway("--stripe", "test", STRIPE_SECRET_KEY=remote.key, CARDPRESENT_STRIPE_UPSTREAM=remote.url)
        where = file(till(standing.url), standing.url)

        ended = bench.certify("--integration", where, "--stripe", "test", "--select", PAID, env=WITH_TOKEN)

        assert ended.outcomes() == {PAID: "passed"}, ended.stderr
        assert (ended.report["venue"], remote.ids("terminal/readers")) == ("test", [])
        assert len(remote.ids("payment_intents")) == 1


def test_what_takes_a_restart_is_not_demonstrated(
    bench: Bench, gateway: Callable[..., Standing], till: Callable[[str], str], file: Callable[..., Path]
) -> None:
    standing = gateway()
    where = file(till(standing.url), standing.url)

    ended = bench.certify("--integration", where, "--select", "FD-80", env=WITH_TOKEN)

    outcomes = set(ended.outcomes().values())
    assert "not_demonstrated" in outcomes
    assert not outcomes & {"failed", "harness_error", "config_error"}, ended.stderr


def test_a_certificate_that_nobody_vouches_for_is_refused_with_the_key_to_set(
    bench: Bench, gateway: Callable[..., Standing], file: Callable[..., Path], authority: Authority
) -> None:
    standing = gateway("--cert", authority.cert, "--key-file", authority.key)

    ended = bench.certify("--integration", file("http://127.0.0.1:9", standing.url), "--select", PAID, env=WITH_TOKEN)

    assert ended.code == 3
    ended.says("stripe.gateway", "gateway_ca")
    assert ended.left_nothing


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({}, ("stripe.token_env", "CARDPRESENT_GATEWAY_TOKEN", "holds no token")),
        ({"CARDPRESENT_GATEWAY_TOKEN": "some-other-token-0123456789"}, ("stripe.gateway", "401")),
    ],
)
def test_a_token_that_does_not_fit_is_named_and_nothing_is_begun(
    bench: Bench, gateway: Callable[..., Standing], file: Callable[..., Path], env: dict[str, str],
    says: tuple[str, ...],
) -> None:  # fmt: skip
    where = file("http://127.0.0.1:9", gateway().url)

    ended = bench.certify("--integration", where, "--select", PAID, env={"CARDPRESENT_GATEWAY_TOKEN": "", **env})

    assert ended.code == 3
    ended.says(*says)
    assert ended.left_nothing


def test_another_stripe_than_asked_for_is_named(
    bench: Bench, gateway: Callable[..., Standing], file: Callable[..., Path]
) -> None:
    where = file("http://127.0.0.1:9", gateway().url)

    ended = bench.certify("--integration", where, "--stripe", "test", "--select", PAID, env=WITH_TOKEN)

    assert ended.code == 3
    ended.says("behind it is emulator", "--stripe test")


def test_one_run_at_a_time_has_a_gateway(gateway: Callable[..., Standing]) -> None:
    with Wire(SuiteDoor(gateway().url, TOKEN)) as wire:
        wire.begin_run("first", [])

        with pytest.raises(WireError, match="another run has this gateway"):
            wire.begin_run("second", [])
        wire.end_run("first")
        assert wire.begin_run("second", [])["venue"] == "emulator"


def test_only_the_token_opens_the_suites_door(gateway: Callable[..., Standing]) -> None:
    url = gateway().url
    key = f"sk_test_{derived(TOKEN, 'till key')}"
    asked = {"auth": (key, ""), "trust_env": False}

    def status(path: str, token: str | None) -> int:
        headers = {} if token is None else {"X-Cardpresent-Token": token}
        return httpx.get(f"{url}{path}", headers=headers, **asked).status_code  # type: ignore[arg-type]

    assert [status("/v1/account", None), status("/v1/account", TOKEN)] == [200, 200]
    assert [status("/_gateway/about", None), status("/_emulator/clock", None)] == [404, 404]
    assert [status("/_gateway/about", "guessed"), status("/v1/account", "guessed")] == [401, 401]
    assert status("/_gateway/about", TOKEN) == 200


def test_it_says_where_the_till_and_the_suite_have_to_look(gateway: Callable[..., Standing]) -> None:
    standing = gateway()

    key = f"sk_test_{derived(TOKEN, 'till key')}"
    for said in (standing.url, key, "[stripe]", "gateway =", "CARDPRESENT_GATEWAY_TOKEN"):
        assert said in standing.told
    assert TOKEN not in standing.told


@pytest.mark.parametrize(
    ("words", "env", "says"),
    [
        ([], {"CARDPRESENT_GATEWAY_TOKEN": ""}, "16 characters"),
        ([], {"CARDPRESENT_GATEWAY_TOKEN": "short"}, "16 characters"),
        (["--listen", "0.0.0.0:0"], WITH_TOKEN, "--cert and --key-file"),
        (["--listen", "8443x"], WITH_TOKEN, "no address with a port"),
        (["--listen", "127.0.0.1:0", "--cert", "cert.pem"], WITH_TOKEN, "belong together"),
        (["--listen", "127.0.0.1:0", "--cert", "no.pem", "--key-file", "no.pem"], WITH_TOKEN, "cannot be used"),
        (["--stripe", "test"], WITH_TOKEN, "STRIPE_SECRET_KEY"),
        (["--stripe", "test"], {**WITH_TOKEN, "STRIPE_SECRET_KEY": "sk_" + "live_42424242"}, "live Stripe key"),
    ],
)
def test_what_it_cannot_start_with_is_one_sentence(
    tmp_path: Path, words: list[str], env: dict[str, str], says: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "cardpresent", "gateway", "--journal", str(tmp_path / "j.jsonl"), *words],
        env=clean_environment(**env), cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip

    assert ended.returncode == 3
    assert says in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "42424242" not in ended.stderr


def test_the_suite_speaks_to_a_gateway_whose_certificate_it_can_check_and_to_no_other(
    gateway: Callable[..., Standing], authority: Authority
) -> None:
    standing = gateway("--cert", authority.cert, "--key-file", authority.key)

    with Wire(SuiteDoor(standing.url, TOKEN, authority.ca)) as wire:
        assert wire.about()["venue"] == "emulator"
    with Wire(SuiteDoor(standing.url, TOKEN)) as wire, pytest.raises(WireError, match="no answer"):
        wire.about()
