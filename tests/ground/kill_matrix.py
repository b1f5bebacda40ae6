"""`python -m tests.ground.kill_matrix`: docs/kill-matrix.md from what the last `cardpresent prove` found."""

import argparse
import json
from pathlib import Path
from typing import Final

from cardpresent.prove.document import document
from tests.ground.project_files import ROOT

PAGE: Final = ROOT / "docs" / "kill-matrix.md"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("matrix", type=Path, nargs="?", default=ROOT / "reports" / "out" / "kill-matrix.json")
    found = json.loads(parser.parse_args().matrix.read_text(encoding="utf-8"))
    PAGE.write_text(document(found), encoding="utf-8")


if __name__ == "__main__":
    main()
