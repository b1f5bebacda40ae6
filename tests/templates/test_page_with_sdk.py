"""The template for a web page with Stripe's JavaScript SDK in it, written for a till of that shape; wants a browser."""

from pathlib import Path

from cardpresent.profile.drafting import drafted
from tests.certify.running import PAID, Bench
from tests.clients.clients import INSTALLED, needs
from tests.templates.conftest import ANSWERS, QUICK, ROOT, TEMPLATES

DECLINED = "A declined card leaves the sale open and the customer uncharged"
SERVER = ROOT / "fixtures" / "tills" / "js_sdk_page" / "server.js"
MODULES = INSTALLED / "node" / "node_modules"


def written(folder: Path) -> Path:
    """The template's file, its buttons' names as they are: the sample page has the names of Stripe's own sample."""
    needs(MODULES / "stripe")
    answers = {**ANSWERS, "ready": "/", "command": ("node", str(SERVER))}
    text = drafted(TEMPLATES["js_sdk_page"], answers)
    for old, new in (*QUICK[:2], ("deadline_s = 60", "deadline_s = 4")):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    text = text.replace("[process.env]\n", f'[process.env]\nNODE_PATH = "{MODULES}"\n')
    path = folder / "cardpresent.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_template_of_a_page_takes_a_sale_and_tells_a_declined_card(bench: Bench, tmp_path: Path) -> None:
    ended = bench.certify("--integration", written(tmp_path), "--select", PAID, "--select", DECLINED)

    assert ended.outcomes() == {PAID: "passed", DECLINED: "passed"}


def test_the_doctor_finds_nothing_wrong_with_it(bench: Bench, tmp_path: Path) -> None:
    ended = bench.run("doctor", "--integration", written(tmp_path))

    assert ended.code == 0, ended.stdout + ended.stderr
    assert "All is well" in ended.stdout
