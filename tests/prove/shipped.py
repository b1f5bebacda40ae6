"""The suite's own seeded defects and harmless variants, each a case of its own."""

from cardpresent.prove.defect import Seeded, all_in
from tests.ground.project_files import ROOT

FIXTURES = ROOT / "fixtures"
POS = ROOT / "cardpresent" / "reference_pos"
INTEGRATION = FIXTURES / "integrations" / "reference_pos.toml"


def seeded() -> list[Seeded]:
    return all_in(FIXTURES)
