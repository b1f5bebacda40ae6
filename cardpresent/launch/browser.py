"""A Chromium for the scenarios that work a page: found, or fetched where that can be done without asking.

`python -m cardpresent.launch.browser` says which one would be used; with `--install` it fetches one first if there is
none. It exits 0 either way, for a machine without a browser certifies everything but the page scenarios.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Self

NAMED_BY: Final = "CARDPRESENT_BROWSER"
ON_PATH: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "msedge",
    "microsoft-edge",
    "microsoft-edge-stable",
)
# A certification reaches nothing but this machine, so the browser's own errands are switched off.
LAUNCH_ARGUMENTS: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-gpu",
)
ANSWER_S: Final = 20.0
DOWNLOAD_S: Final = 300.0
PACKAGE_LISTS_S: Final = 120.0
PACKAGE_S: Final = 300.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that answered `--version`. `origin` says in words how it was found."""

    executable: Path
    version: str
    origin: str

    def __str__(self) -> str:
        return f"{self.version}: {self.executable} ({self.origin})"


@dataclass(frozen=True, slots=True)
class Machine:
    """What the search depends on. `browsers` is the folder Playwright keeps its own browsers in."""

    environ: Mapping[str, str]
    python: str
    browsers: Path
    is_root: bool
    is_debian: bool

    @classmethod
    def here(cls) -> Self:
        return cls(
            environ=dict(os.environ),
            python=sys.executable,
            browsers=_playwright_folder(os.environ),
            is_root=hasattr(os, "geteuid") and os.geteuid() == 0,
            is_debian=Path("/etc/debian_version").exists(),
        )

    def which(self, command: str) -> str | None:
        return shutil.which(command, path=self.environ.get("PATH", os.defpath))


def find_browser(machine: Machine | None = None) -> Browser | None:
    """The browser to use, None where none answers. One named by CARDPRESENT_BROWSER is used or none is."""
    machine = machine or Machine.here()
    for executable, origin in _candidates(machine):
        if version := _version(executable, machine):
            return Browser(executable, version, origin)
    return None


def ensure_browser(machine: Machine | None = None, say: Say = lambda line: None) -> Browser | None:
    """The browser to use, fetched if there is none: Playwright's Chromium, else Debian's where we are root.

    Every attempt is bounded in time (ten minutes at worst); None where all of them fail.
    """
    machine = machine or Machine.here()
    if (browser := find_browser(machine)) or machine.environ.get(NAMED_BY):
        return browser
    for what, steps in _ways(machine):
        say(f"no browser found; trying {what}")
        for command, limit_s in steps:
            if complaint := _run(command, machine, limit_s):
                say(f"{what} did not work: {complaint}")
                break
        if browser := find_browser(machine):
            return browser
    return None


def install_command(machine: Machine | None = None) -> str:
    """What to type to get a browser here, as one line of text."""
    machine = machine or Machine.here()
    if named := machine.environ.get(NAMED_BY):
        return f"{NAMED_BY} names {named}, which does not answer --version; name one that does, or unset it"
    here = Path.cwd()
    python = Path(machine.python)
    shown = python.relative_to(here) if python.is_relative_to(here) else python
    command = f"{shown} -m playwright install chromium"
    return f"{command}   (or, as root: apt-get install chromium)" if machine.is_debian else command


def has_viewer(machine: Machine, *, at_terminal: bool) -> bool:
    """Whether a page may be opened for a person: at a terminal with a screen behind it, and never in CI."""
    screen = sys.platform == "darwin" or machine.environ.get("DISPLAY") or machine.environ.get("WAYLAND_DISPLAY")
    return at_terminal and not machine.environ.get("CI") and bool(screen)


def _candidates(machine: Machine) -> Iterator[tuple[Path, str]]:
    if named := machine.environ.get(NAMED_BY):
        if found := machine.which(named):
            yield Path(found), f"named by {NAMED_BY}"
        return
    if own := _playwright_chromium(machine.browsers):
        yield own, "Playwright's own"
    for command in ON_PATH:
        if found := machine.which(command):
            yield Path(found), "on PATH"


def _playwright_package() -> Path | None:
    """The folder of Playwright's driver, read as files: asking Playwright itself starts Node and costs a second."""
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "driver" / "package"


def _playwright_folder(environ: Mapping[str, str]) -> Path:
    named = environ.get("PLAYWRIGHT_BROWSERS_PATH")
    package = _playwright_package()
    if named == "0" and package:
        return package / ".local-browsers"
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    return Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ms-playwright"


def _playwright_chromium(browsers: Path) -> Path | None:
    """Playwright's own Chromium of the revision this Playwright expects, if it has been downloaded."""
    package = _playwright_package()
    if package is None:
        return None
    listed = json.loads((package / "browsers.json").read_text(encoding="utf-8"))["browsers"]
    revision = next(browser["revision"] for browser in listed if browser["name"] == "chromium")
    folder = browsers / f"chromium-{revision}"
    places = [*folder.glob("chrome-*/chrome"), *folder.glob("chrome-*/*.app/Contents/MacOS/*")]
    return next((place for place in places if os.access(place, os.X_OK)), None)


def _version(executable: Path, machine: Machine) -> str | None:
    """What it says of itself; None when it does not run, as where libraries are missing or it is an empty package."""
    try:
        answer = subprocess.run(
            [executable, "--version"],
            env=dict(machine.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ANSWER_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = answer.stdout.strip()
    return words.splitlines()[-1].strip() if answer.returncode == 0 and words else None


def _ways(machine: Machine) -> Iterator[tuple[str, Sequence[tuple[Sequence[str], float]]]]:
    download = [machine.python, "-m", "playwright", "install", "--no-shell", "chromium"]
    yield "playwright install chromium", [(download, DOWNLOAD_S)]
    if machine.is_root and machine.is_debian and (apt := machine.which("apt-get")):
        install = [apt, "install", "--yes", "--no-install-recommends", "chromium"]
        yield "apt-get install chromium", [([apt, "update"], PACKAGE_LISTS_S), (install, PACKAGE_S)]


def _run(command: Sequence[str], machine: Machine, limit_s: float) -> str | None:
    """Run an installer to its end or its limit, with all it starts; its complaint in one line, None when it worked."""
    with subprocess.Popen(
        command,
        env={**machine.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return f"not done after {limit_s:.0f} s"
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode == 0:
        return None
    lines = [line.strip() for line in output.splitlines() if line.strip(" │╔╗╚╝═╟╢─")]
    return lines[-1] if lines else f"exit code {process.returncode}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cardpresent.launch.browser", description=__doc__)
    parser.add_argument("--install", action="store_true", help="fetch a browser if none is found")
    parser.add_argument("--show", type=Path, metavar="PAGE", help="only open PAGE, and only for a person at a terminal")
    asked = parser.parse_args()
    if asked.show:
        if asked.show.is_file() and has_viewer(Machine.here(), at_terminal=sys.stdout.isatty()):
            webbrowser.open(asked.show.resolve().as_uri())
        return

    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    browser = ensure_browser(say=say) if asked.install else find_browser()
    if browser:
        say(f"browser: {browser}")
    else:
        say(f"browser: none; scenarios that work a page will be not_run. To get one: {install_command()}")


if __name__ == "__main__":
    main()
