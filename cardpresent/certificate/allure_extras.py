"""What makes a folder of Allure results a view of this run: extras, tidy results, results rebuilt from the report."""

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from cardpresent.certificate.report import write_whole
from cardpresent.certificate.wording import VENUES
from cardpresent.evidence.redaction import Redactor

FOLDER: Final = "allure-results"
STATUS: Final = {
    "failed": "failed",
    "harness_error": "broken",
    "config_error": "broken",
    "inconclusive": "broken",
    "not_run": "skipped",
    "not_demonstrated": "skipped",
    "untested": "skipped",
    "waived": "skipped",
    "not_applicable": "skipped",
}
STEP: Final = {"passed": "passed", "failed": "failed", "error": "broken", "broken": "broken"}
SEVERITIES: Final = {"S1": "blocker", "S2": "critical", "S3": "minor"}

Report = Mapping[str, Any]


def write_allure_extras(out: Path, report: Report, clean: Callable[[Any], Any] | None = None) -> None:
    """Write environment.properties, categories.json and executor.json into `out`/allure-results, and tidy the rest.

    Tidy: paths of this machine, its name and pytest-bdd's own parameter go; `clean` removes secrets from every value,
    those that have the shape of one when it is not given. What is waived is shown as the report has it.
    """
    clean = clean or Redactor().clean
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    properties = "".join(f"{_key(name)}={_value(value)}\n" for name, value in _environment(report))
    write_whole(folder / "environment.properties", properties)
    write_whole(folder / "categories.json", (configuration() / "categories.json").read_text(encoding="utf-8"))
    executor = {"name": "cardpresent", "type": "cardpresent", "buildName": report["run"], "reportName": _title(report)}
    write_whole(folder / "executor.json", json.dumps(executor, ensure_ascii=False, indent=1) + "\n")
    waived = {s["title"]: str(s["reason"]) for s in report.get("scenarios", ()) if s["outcome"] == "waived"}
    for path in sorted(folder.glob("*-result.json")) + sorted(folder.glob("*-container.json")):
        found = _with_waiver(json.loads(path.read_text(encoding="utf-8")), waived)
        write_whole(path, json.dumps(clean(_tidy(found)), ensure_ascii=False) + "\n")


def _with_waiver(result: dict[str, Any], waived: Mapping[str, str]) -> dict[str, Any]:
    """A result that pytest called failed before anybody looked at the waivers; what was seen stays in its message."""
    reason = waived.get(str(result.get("name")))
    if reason is None or result.get("status") not in ("failed", "broken"):
        return result
    details = result.get("statusDetails") or {}
    message = "\n".join(filter(None, [reason, details.get("message")]))
    return {**result, "status": STATUS["waived"], "statusDetails": {**details, "message": message}}


def rebuild_results(out: Path, report: Report) -> int:
    """Results of a run whose folder holds none, from its report; gives how many were written.

    What pytest wrote itself is richer and is left as it is.
    """
    folder = out / FOLDER
    if any(folder.glob("*-result.json")):
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    # The report keeps how long a scenario took, not when it began: they are laid end to end from the run's date.
    start = datetime.combine(date.fromisoformat(report["date"]), time(), UTC).timestamp() * 1000
    levels = {line["id"]: line for line in report["requirements"]}
    for scenario in report["scenarios"]:
        stop = start + float(scenario.get("duration_ms") or 0)
        result = _result(report, scenario, levels, int(start), int(stop))
        write_whole(folder / f"{result['uuid']}-result.json", json.dumps(result, ensure_ascii=False) + "\n")
        start = stop
    return len(report["scenarios"])


def configuration() -> Path:
    """The folder of the Allure configuration: inside the package once installed, beside it in a clone."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "suite" / "reports" / "allure"
    return installed if installed.is_dir() else package.parent / "reports" / "allure"


def _environment(report: Report) -> Iterator[tuple[str, object]]:
    till = report["till"]
    yield "Till", till.get("name") or "not named"
    yield "Build", till.get("build") or "not declared"
    yield "Verdict", report["verdict"]
    yield "Venue", VENUES.get(report["venue"], report["venue"])
    yield "Checklist", report["register_revision"]
    yield "Seed", report["seed"]
    for name, version in report["versions"].items():
        if version:
            yield name, version


def _title(report: Report) -> str:
    return f"{report['till'].get('name') or 'Till'}: {report['verdict']}"


def _key(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in str(name))


def _value(value: object) -> str:
    """One line of a Java properties file."""
    return " ".join(str(value).split()).replace("\\", "\\\\")


def _tidy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tidy(_kept(key, each)) for key, each in value.items()}
    if isinstance(value, list):
        return [_tidy(each) for each in value]
    if isinstance(value, str):
        for root, shown in _roots():
            value = value.replace(f"{root}/", shown).replace(root, shown or ".")
    return value


def _kept(key: str, value: Any) -> Any:
    if key == "labels" and isinstance(value, list):
        return [label for label in value if label.get("name") != "host"]
    if key == "parameters" and isinstance(value, list):
        return [parameter for parameter in value if parameter.get("name") != "_pytest_bdd_example"]
    return value


@cache
def _roots() -> list[tuple[str, str]]:
    """Folders of this machine, the longest first, and what stands for them."""
    package = Path(__file__).resolve().parent.parent
    found = {
        str(package.parent): "",
        str(Path.cwd()): "",
        sys.prefix: "",
        sys.base_prefix: "",
        str(Path.home()): "~/",
        tempfile.gettempdir(): "tmp/",
    }
    return sorted(((root, shown) for root, shown in found.items() if len(root) > 3), key=lambda each: -len(each[0]))


def _result(report: Report, scenario: Report, lines: Mapping[str, Report], start: int, stop: int) -> dict[str, Any]:
    identity = hashlib.md5(f"{report['venue']} {scenario['id']}".encode(), usedforsecurity=False).hexdigest()
    broken = [finding for finding in scenario["findings"] if finding["holds"] is False]
    said = [f"{f['requirement']}: expected {f['expected']}, observed {f['observed']}" for f in broken]
    tagged = [lines[tag] for tag in scenario["requirements"] if tag in lines]
    labels = [{"name": "feature", "value": str(scenario.get("feature") or "features")}]
    labels += [{"name": "requirement", "value": line["id"]} for line in tagged]
    if tagged:
        labels.append({"name": "severity", "value": SEVERITIES[min(line["severity"] for line in tagged)]})
    result: dict[str, Any] = {
        "uuid": str(uuid5(NAMESPACE_URL, f"{report['run']} {scenario['id']}")),
        "historyId": identity,
        "testCaseId": identity,
        "fullName": scenario["id"],
        "name": scenario["title"],
        "status": STATUS.get(scenario["outcome"], "passed"),
        "stage": "finished",
        "start": start,
        "stop": stop,
        "labels": labels,
        "links": [{"type": "tms", "name": line["id"], "url": line["source"]} for line in tagged],
        "steps": [
            {
                "name": f"{step['keyword']} {step['text']}",
                "status": STEP.get(step["status"], "skipped"),
                "stage": "finished",
                "start": start,
                "stop": start,
            }
            for step in scenario.get("steps") or ()
        ],
    }
    told = [scenario["reason"], *said] if scenario["outcome"] == "waived" else said
    message = "\n".join(told) or scenario.get("reason")
    if message:
        result["statusDetails"] = {"message": message}
    return result
