"""Each behaviour of the stand-in says how it is known."""

import tomllib
from pathlib import Path

from cardpresent import sdk

TOLD = tomllib.loads((Path(sdk.__file__).parent / "behaviours.toml").read_text(encoding="utf-8"))


def test_each_behaviour_says_how_it_is_known_and_names_a_source_unless_it_is_assumed() -> None:
    for name, entry in TOLD.items():
        assert entry["known"] in ("documented", "observed", "assumed"), name
        assert entry["known"] == "assumed" or entry["source"].startswith("https://"), name
        assert entry["summary"].endswith("."), name


def test_every_error_code_but_a_chips_own_is_raised_somewhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in Path(sdk.__file__).parent.glob("*.py"))

    unused = [code.name for code in sdk.ErrorCode if text.count(f"ErrorCode.{code.name}") == 0]

    assert unused == ["OFFLINE_TRANSACTION_DECLINED"]
