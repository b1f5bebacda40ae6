"""Every view of a run, made again from its report and its journal."""

from pathlib import Path

from cardpresent.certificate.allure_extras import rebuild_results, write_allure_extras
from cardpresent.certificate.load_report import is_load
from cardpresent.certificate.load_views import write_load_views
from cardpresent.certificate.machine import write_certificate, write_junit
from cardpresent.certificate.page import write_page
from cardpresent.certificate.report import read_report


def write_views(out: Path) -> None:
    """Write certificate.html, certificate.json, junit.xml and allure-results/ in `out`, replacing what is there.

    Of a load run: load.html and junit.xml.

    Reads report.json and journal.jsonl and nothing else. Raises ReportError when the report cannot be used.
    """
    report = read_report(out)
    if is_load(report):
        write_load_views(report, out)
        return
    write_page(out)
    write_certificate(out)
    write_junit(out)
    rebuild_results(out, report)
    write_allure_extras(out, report)
