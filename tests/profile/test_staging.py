"""What a file may say of a gateway on another host."""

from pathlib import Path

import pytest

from cardpresent.profile import IntegrationError, load

ROOT = Path(__file__).resolve().parents[2]
NAIVE = (ROOT / "fixtures" / "integrations" / "naive_till.toml").read_text(encoding="utf-8")
BEFORE = NAIVE.split("[process]")[0]
AFTER = NAIVE[NAIVE.index("[reader]") :].replace("restart = true", "restart = false")
ELSEWHERE = '[process]\nbase_url = "https://pos.example"\n'
HERE = '[process]\ncommand = ["till"]\n'


def loaded(tmp_path: Path, process: str, stripe: str):
    path = tmp_path / "staging.toml"
    path.write_text(f'{BEFORE}{process}\n[stripe]\nprobe = "list_readers"\n{stripe}\n{AFTER}', encoding="utf-8")
    return load(path)


def test_a_gateway_is_taken_with_the_variable_that_holds_its_token(tmp_path: Path) -> None:
    till = loaded(tmp_path, ELSEWHERE, 'gateway = "https://pos.example:8443"\ntoken_env = "OURS"')

    assert (till.stripe.gateway, till.stripe.token_env) == ("https://pos.example:8443", "OURS")


@pytest.mark.parametrize(
    ("process", "stripe", "says"),
    [
        (ELSEWHERE, 'gateway = "http://pos.example:8443"', "in the clear; begin it with https://"),
        (HERE, 'gateway = "https://pos.example:8443"', "stands beside process.command"),
        (ELSEWHERE, 'gateway_ca = "ca.pem"', "stands without stripe.gateway"),
        (ELSEWHERE, 'gateway = "pos.example:8443"', "stripe.gateway"),
    ],
)
def test_one_that_cannot_be_meant_is_refused_with_the_fix(
    tmp_path: Path, process: str, stripe: str, says: str
) -> None:
    with pytest.raises(IntegrationError, match=says.replace(".", r"\.")):
        loaded(tmp_path, process, stripe)
