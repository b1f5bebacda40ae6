"""The parts of README.md that are made, not written: `python -m tests.ground.readme` rewrites them.

With `--run` it also certifies the reference POS, shows what that printed, and takes a picture of its certificate.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cardpresent.cli.selection import Listed, listed
from cardpresent.launch.browser import find_browser
from cardpresent.model.requirement import Register, Requirement
from tests.ground.project_files import ROOT

README: Final = ROOT / "README.md"
PICTURE: Final = ROOT / "docs" / "certificate.png"
SIZE: Final = "1100,935"
SEED: Final = "1"

# What a chapter of the checklist is called to people, in the order in which they ask.
AREAS: Final = {
    "sale": "Charging a sale",
    "decline": "Declined cards",
    "cancel": "Cancelling",
    "network": "Stripe's answers lost, late or refused",
    "reader": "Readers that drop out or make one wait",
    "fleet": "Several readers, new readers, Locations",
    "connect": "Platforms that take payments for others",
    "recovery": "Power cuts and restarts",
    "offline": "Payments taken without a network",
    "app": "An app and its mobile reader",
    "webhooks": "Webhooks: twice, late, lost, forged",
    "cart": "The cart on the reader",
    "saved_cards": "Cards that are kept",
    "forms": "What the reader asks beside a card",
    "telephone": "Orders by telephone",
    "refunds": "Refunds",
    "holds": "Holds that are raised",
    "tips": "Tips",
    "receipts": "Receipts",
    "day": "The end of the day",
    "access": "Doors and secrets",
    "screen": "The page a cashier works at",
    "interleavings": "Whatever happens, in whatever order",
    "native": "Sales taken by hand on an app's device",
    "people": "What only people can see",
    "money": "Countries and currencies",
    "partial": "Approvals for less (supplementary, never in the verdict)",
}


def checked() -> str:
    """The table of areas. A requirement may be looked at in several; the last line counts each once."""
    register, scenarios = Register.load(ROOT / "features" / "requirements.toml"), listed(ROOT)
    chapters = {s.path.split("/")[1] for s in scenarios}
    if chapters != set(AREAS):
        raise SystemExit(f"tests/ground/readme.py: AREAS and the chapters differ: {sorted(chapters ^ set(AREAS))}")
    rows = ["| area | requirements | musts | shoulds | scenarios |", "|---|---:|---:|---:|---:|"]
    for chapter, title in AREAS.items():
        inside = [s for s in scenarios if s.path.split("/")[1] == chapter]
        rows.append(_row(title, _looked_at(inside, register), len(inside)))
    rows.append(_row("**All areas, each requirement once**", _looked_at(scenarios, register), len(scenarios)))
    rows.append(_row("Not testable here, each with its written reason", [r for r in register if r.untested], None))
    rows.append(_row(f"**Checklist revision {register.revision}**", list(register), len(scenarios)))
    return "\n".join(rows)


def _looked_at(scenarios: list[Listed], register: Register) -> list[Requirement]:
    return [r for r in register if any(r.id in s.tags for s in scenarios)]


def _row(title: str, lines: list[Requirement], scenarios: int | None) -> str:
    musts = sum(line.level == "must" for line in lines)
    return f"| {title} | {len(lines)} | {musts} | {len(lines) - musts} | {'–' if scenarios is None else scenarios} |"


def fidelity() -> str:
    """How many behaviours of the emulator are known in which way, as its own command counts them."""
    return f'{_said(["-m", "cardpresent.emulator", "--fidelity", "counts"]).strip()}.'


def _said(options: list[str]) -> str:
    return subprocess.run([sys.executable, *options], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def run() -> str:
    """What `make certify` prints at the end, from a real run; the picture is taken of the same run's certificate."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "certificate"
        arguments = f"--seed {SEED} --out {out}"
        done = subprocess.run(
            ["make", "certify", f"ARGS={arguments}"], cwd=ROOT, env={**os.environ, "CI": "true"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"the reference POS was not certified:\n{done.stdout}{done.stderr}")
        _picture(out / "certificate.html")
        printed = done.stdout.replace(str(out), "reports/out/<run>")
    return f"```\n$ make certify\n{printed.strip()}\n```"


def _picture(page: Path) -> None:
    browser = find_browser()
    if browser is None:
        raise SystemExit("no browser was found to take the picture with")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [browser.executable, "--headless", "--no-sandbox", "--hide-scrollbars", f"--user-data-dir={profile}",
             f"--window-size={SIZE}", f"--screenshot={PICTURE}", page.as_uri()],
            capture_output=True, check=True, timeout=120,
        )  # fmt: skip


def with_blocks(text: str, blocks: Mapping[str, str]) -> str:
    """`text` with what stands between `<!-- name -->` and `<!-- /name -->` replaced, for each block."""
    for name, made in blocks.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not pattern.search(text):
            raise SystemExit(f"README.md has no block {name}")
        text = pattern.sub(lambda match, made=made: f"{match[1]}{made}\n{match[2]}", text)  # type: ignore[misc]
    return text


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.ground.readme", description=__doc__)
    parser.add_argument("--run", action="store_true", help="certify the reference POS and show that, too")
    blocks = {"checked": checked(), "fidelity": fidelity()}
    if parser.parse_args().run:
        blocks["run"] = run()
    README.write_text(with_blocks(README.read_text(encoding="utf-8"), blocks), encoding="utf-8")


if __name__ == "__main__":
    main()
