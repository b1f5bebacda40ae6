"""Every view of a load run, made again from its report and its journal."""

from pathlib import Path
from typing import Any

from cardpresent.certificate.load_junit import junit
from cardpresent.certificate.load_page import write_load_page
from cardpresent.certificate.load_report import load_of
from cardpresent.certificate.machine import save_junit


def write_load_views(report: dict[str, Any], out: Path) -> None:
    """Write load.html and junit.xml in `out`, replacing what is there.

    `report` is what report.json holds; evidence comes from journal.jsonl in `out`, where there is one. Raises
    ReportError for a report of another shape, before anything is written.
    """
    load = load_of(report)
    write_load_page(report, out)
    save_junit(junit(report, load), out)
