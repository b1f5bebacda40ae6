"""A browser is found where one is, fetched where that is allowed, and missed with the command that would get one."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cardpresent.launch import browser as browser_module
from cardpresent.launch.browser import (
    LAUNCH_ARGUMENTS,
    NAMED_BY,
    Machine,
    ensure_browser,
    find_browser,
    has_viewer,
    install_command,
    main,
)

ANSWERS = 'echo "{name} 156.0"'


class Box:
    """A machine with nothing on it: an empty PATH, no downloaded browser, a Python whose Playwright cannot download."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bin = root / "bin"
        self.bin.mkdir()
        self.log = root / "log"
        self.machine = Machine(
            environ={"PATH": str(self.bin)},
            python=str(self.command("python", "exit 1")),
            browsers=root / "browsers",
            is_root=False,
            is_debian=False,
        )

    def command(self, name: str, script: str, folder: Path | None = None) -> Path:
        path = (folder or self.bin) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self.log}"\n{script}\n', encoding="utf-8")
        path.chmod(0o755)
        return path

    def browser(self, name: str, folder: Path | None = None) -> Path:
        return self.command(name, ANSWERS.format(name=name), folder)

    def installs(self, name: str, browser: str) -> Path:
        """A command that puts `browser` on PATH."""
        target = self.bin / browser
        script = f"printf '#!/bin/sh\\necho {browser} 156.0\\n' > {target}; /bin/chmod +x {target}"
        return self.command(name, script)

    def ran(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


@pytest.mark.parametrize(
    "name", ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge", "microsoft-edge"]
)
def test_a_browser_on_the_path_is_found_under_each_of_its_names(box: Box, name: str) -> None:
    executable = box.browser(name)

    found = find_browser(box.machine)

    assert found is not None
    assert (found.executable, found.version) == (executable, f"{name} 156.0")


def test_nothing_is_found_on_a_machine_without_a_browser(box: Box) -> None:
    assert find_browser(box.machine) is None
    assert box.ran() == []


def test_playwrights_own_browser_comes_before_the_path(box: Box) -> None:
    box.browser("chromium")
    revision = browser_module._playwright_package()
    assert revision is not None
    text = (revision / "browsers.json").read_text(encoding="utf-8")
    number = text.split('"chromium"')[1].split('"revision": "')[1].split('"')[0]
    own = box.browser("chrome", box.machine.browsers / f"chromium-{number}" / "chrome-linux64")

    found = find_browser(box.machine)

    assert found is not None
    assert found.executable == own


def test_playwrights_browser_of_another_revision_is_not_taken(box: Box) -> None:
    box.browser("chrome", box.machine.browsers / "chromium-1" / "chrome-linux64")

    assert find_browser(box.machine) is None


def test_the_browser_named_by_the_environment_comes_first(box: Box) -> None:
    box.browser("chromium")
    mine = box.browser("my-browser", box.root / "elsewhere")

    found = find_browser(replace(box.machine, environ={**box.machine.environ, NAMED_BY: str(mine)}))

    assert found is not None
    assert found.executable == mine


def test_a_named_browser_that_does_not_answer_is_not_replaced_by_another(box: Box) -> None:
    box.browser("chromium")
    machine = replace(box.machine, environ={**box.machine.environ, NAMED_BY: "/nowhere/browser"})

    assert ensure_browser(machine) is None
    assert f"{NAMED_BY} names /nowhere/browser" in install_command(machine)


def test_a_command_that_only_says_how_to_install_a_browser_is_none(box: Box) -> None:
    box.command("chromium-browser", "echo 'install the snap' >&2; exit 1")
    box.browser("google-chrome")

    found = find_browser(box.machine)

    assert found is not None
    assert found.executable.name == "google-chrome"


def test_a_browser_that_is_there_is_not_fetched_again(box: Box) -> None:
    box.browser("chromium")

    assert ensure_browser(box.machine) == find_browser(box.machine)
    assert all("install" not in line for line in box.ran())


def test_a_missing_browser_is_downloaded_by_playwright(box: Box) -> None:
    box.installs("python", "chromium")
    said: list[str] = []

    found = ensure_browser(box.machine, said.append)

    assert found is not None
    assert box.ran() == ["python -m playwright install --no-shell chromium"]
    assert said == ["no browser found; trying playwright install chromium"]


def test_where_the_download_fails_root_on_debian_installs_the_package(box: Box) -> None:
    box.command("python", "echo 'Error: download failed' >&2; exit 1")
    box.installs("apt-get", "chromium")
    said: list[str] = []

    found = ensure_browser(replace(box.machine, is_root=True, is_debian=True), said.append)

    assert found is not None
    assert box.ran()[1:3] == ["apt-get update", "apt-get install --yes --no-install-recommends chromium"]
    assert "playwright install chromium did not work: Error: download failed" in said


@pytest.mark.parametrize(("is_root", "is_debian"), [(False, True), (True, False)])
def test_no_package_is_installed_without_root_or_elsewhere(box: Box, is_root: bool, is_debian: bool) -> None:
    box.installs("apt-get", "chromium")

    assert ensure_browser(replace(box.machine, is_root=is_root, is_debian=is_debian)) is None
    assert all(not line.startswith("apt-get") for line in box.ran())


def test_an_installer_that_hangs_is_ended_with_all_it_started(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_module, "DOWNLOAD_S", 0.2)
    box.command("python", "/bin/sleep 600 & wait")
    said: list[str] = []

    # The sleeper holds the installer's output open, so this returns only once it is gone too.
    assert ensure_browser(box.machine, said.append) is None

    assert said[-1] == "playwright install chromium did not work: not done after 0 s"


def test_the_command_to_type_names_the_package_only_on_debian(box: Box) -> None:
    assert install_command(box.machine) == f"{box.machine.python} -m playwright install chromium"
    assert "apt-get install chromium" in install_command(replace(box.machine, is_debian=True))


@pytest.mark.parametrize("install", [[], ["--install"]])
def test_the_command_exits_0_without_a_browser_and_says_what_will_not_run(
    box: Box, install: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Machine, "here", lambda: box.machine)
    monkeypatch.setattr(sys, "argv", ["browser", *install])

    main()

    said = capsys.readouterr().err.splitlines()[-1]
    assert "not_run" in said
    assert said.endswith("-m playwright install chromium")


@pytest.mark.parametrize(
    ("environ", "at_terminal", "shown"),
    [
        ({"DISPLAY": ":0"}, True, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True, True),
        ({"DISPLAY": ":0", "CI": "true"}, True, False),
        ({"DISPLAY": ":0"}, False, False),
    ],
)
def test_a_page_is_opened_for_a_person_at_a_terminal_and_never_in_ci(
    box: Box, environ: dict[str, str], at_terminal: bool, shown: bool
) -> None:
    assert has_viewer(replace(box.machine, environ=environ), at_terminal=at_terminal) is shown


def test_the_browsers_own_errands_are_switched_off() -> None:
    assert {"--disable-background-networking", "--disable-component-update", "--disable-sync"} <= set(LAUNCH_ARGUMENTS)
