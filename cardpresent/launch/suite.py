"""Where the suite lies."""

from pathlib import Path


def suite_root() -> Path:
    """Where features, steps and fixtures lie: inside the package in a wheel, beside it in a clone."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "suite"
    return shipped if (shipped / "features").is_dir() else package.parent
