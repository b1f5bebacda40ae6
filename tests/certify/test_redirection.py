"""A till whose Stripe traffic does not come to the run is stopped before its first sale: exit code 3, and the fix."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cardpresent.profile import IntegrationError, load
from tests.certify.running import PAID, Bench

ALONE = Path(__file__).parent / "tills" / "static_till.py"
NAIVE = Path(__file__).parents[2] / "fixtures" / "tills" / "naive_till.py"
# What hands Stripe's address over is taken out, so that it takes a shim.
UNTOLD = ('STRIPE_API_BASE = "{stripe_base}"\nSTRIPE_SECRET_KEY = "{stripe_key}"\n', "")


def static(how: str) -> tuple[str, str]:
    """The naive till's command, as that of a program which no shim gets into."""
    return 'command = ["{python}", "naive_till.py"]', f'command = ["{{python}}", "-I", "-S", "{ALONE}", "{how}"]'


def test_the_naive_till_untold_is_redirected_by_a_shim(bench: Bench, till: Callable[..., Path]) -> None:
    ended = bench.certify("--integration", till("naive_till", UNTOLD), "--select", PAID)

    assert ended.outcomes()[PAID] == "passed", ended.stderr
    assert "redirected by a shim in Python with no SDK" in ended.report["reliance"]["redirection"]


@pytest.mark.parametrize(
    ("how", "seen"),
    [
        ("proxies", "something without a shim asked for api.stripe.com, and was refused"),
        ("past proxies", "without a shim: python"),
    ],
)
def test_a_program_that_ignores_every_shim_is_stopped_before_its_first_sale(
    bench: Bench, till: Callable[..., Path], how: str, seen: str
) -> None:
    ended = bench.certify("--integration", till("naive_till", UNTOLD, static(how)), "--select", PAID)

    assert ended.code == 3
    ended.says("stripe.probe", "made no call", "before its first sale", seen, "no shim said hello", "{stripe_base}")
    assert not (bench.folder / "sold").exists()


def test_without_shims_nothing_is_loaded_into_it(bench: Bench, till: Callable[..., Path]) -> None:
    off = ('ready = "/readers"', 'ready = "/nothing"\nshims = false')

    ended = bench.certify("--integration", till("naive_till", UNTOLD, off), "--select", PAID)

    assert ended.code == 3
    ended.says("stripe.probe", "something without a shim asked for api.stripe.com", "{stripe_base}")


def test_a_till_with_a_live_key_is_stopped_and_the_key_said_nowhere(
    bench: Bench, till: Callable[..., Path]
) -> None:
    canary = "canary0000canary"
    program = bench.folder / "live_till.py"
    naive = NAIVE.read_text(encoding="utf-8")
    live = naive.replace('os.environ.get("STRIPE_SECRET_KEY", "")', f'"sk_" + "live_{canary}"')
    program.write_text(live, encoding="utf-8")
    command = ('command = ["{python}", "naive_till.py"]', f'command = ["{{python}}", "{program}"]')

    ended = bench.certify("--integration", till("naive_till", UNTOLD, command), "--select", PAID)

    assert ended.code == 3
    ended.says("stripe.probe", "a live Stripe key (sk_live_... or rk_live_...)", "give the till a test key")
    told = [path.read_text(encoding="utf-8", errors="replace") for path in ended.out.rglob("*") if path.is_file()]
    assert not [text for text in (*told, ended.stdout, ended.stderr) if canary in text]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('ports = { "4242" = "{port}" }\nshims = false', "process.ports: stands beside shims = false"),
        ('ports = { "0" = "{port}" }', "process.ports"),
        ('ports = { "http" = "{port}" }', "process.ports"),
        ('ports = { "4242" = "{sale}" }', "nothing fills {sale} before a sale"),
        ('shims = "no"', "process.shims"),
    ],
)
def test_a_wrong_line_is_named(till: Callable[..., Path], line: str, problem: str) -> None:
    file = till("naive_till", ('ready = "/readers"', f'ready = "/readers"\n{line}'))

    with pytest.raises(IntegrationError) as refused:
        load(file)

    assert problem in str(refused.value)
