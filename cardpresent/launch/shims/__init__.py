"""Shims: what is loaded into a till that nobody configured for us, and how each is put into its environment.

One a language, data files that the wheel carries: Node.js (`node.cjs`), Python (`python/`), Ruby (`ruby/`) and PHP
(`php/`). All go into the environment at once, so that `npm start`, `sh -c …`, `make run` and `bundle exec` pass them on
to whatever they start, and each leaves in place what stands in its variable already. Each sends what is meant for a
host of Stripe's API to this run's Stripe under this run's key, refuses every other host under stripe.com and every live
key, and says hello: a file `LANGUAGE-PID.json` in the folder of the run.

| variable | what it says to a shim |
|---|---|
| `CARDPRESENT_STRIPE_BASE` | where this run's Stripe is: `http://127.0.0.1:PORT` |
| `CARDPRESENT_STRIPE_KEY` | the key to use there, whatever test key the till would use |
| `CARDPRESENT_STRIPE_HOSTS` | the hosts it stands for, with commas |
| `CARDPRESENT_HELLO` | the folder for hellos |
| `CARDPRESENT_PORTS` | `4242=51234`, with commas: listen at the second instead of the first |
| `CARDPRESENT_PHP_ROUTER` | the router of a till that PHP's own server serves, absolute; said by `php/bin/php` |
| `CARDPRESENT_SHIMS` | the folder of the shims, for PHP's settings |
"""

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cardpresent.launch.keys import KEY_VARIABLES

FOLDER: Final = Path(__file__).resolve().parent
PHP: Final = FOLDER / "php" / "bin" / "php"
# Documented: https://docs.stripe.com/ips (API domains); the others there are for browsers and for people.
HOSTS: Final = ("api.stripe.com", "files.stripe.com", "meter-events.stripe.com")


@dataclass(frozen=True, slots=True)
class Hello:
    """What one process of the till said of itself. `refused`: what its shim stopped, as whole sentences."""

    language: str
    version: str
    pid: int
    program: str
    sdk: str | None
    redirected: int
    refused: tuple[str, ...]

    def __str__(self) -> str:
        what = f"{self.program}, " if self.program else ""
        return f"{self.language} {self.version} ({what}pid {self.pid})" + (f" with {self.sdk}" if self.sdk else "")


def into(environment: Mapping[str, str], base: str, key: str, hello: Path, ports: Mapping[str, str]) -> dict[str, str]:
    """`environment` with every shim in it. `ports` moves a hard-coded port (first) to another (second)."""
    return {
        # Where most tills look for it. One that stands in a .env file or in the source is replaced on the way out.
        **dict.fromkeys(KEY_VARIABLES, key),
        **environment,
        "CARDPRESENT_STRIPE_BASE": base,
        "CARDPRESENT_STRIPE_KEY": key,
        "CARDPRESENT_STRIPE_HOSTS": ",".join(HOSTS),
        "CARDPRESENT_HELLO": str(hello),
        "CARDPRESENT_PORTS": ",".join(f"{old}={new}" for old, new in ports.items()),
        "CARDPRESENT_SHIMS": str(FOLDER),
        "NODE_OPTIONS": _words(f"--require {_quoted(FOLDER / 'node.cjs')}", environment.get("NODE_OPTIONS")),
        "PYTHONPATH": _paths(FOLDER / "python", environment.get("PYTHONPATH")),
        "RUBYLIB": _paths(FOLDER / "ruby", environment.get("RUBYLIB")),
        "RUBYOPT": _words("-rcardpresent_redirect", environment.get("RUBYOPT")),
        # An empty first folder is the one PHP was built with.
        # A router of PHP's own server is not covered by its settings: `php` is found here first, and finds the other.
        "PATH": _paths(PHP.parent, environment.get("PATH", os.defpath)),
        **({"PHP_BINARY": str(PHP)} if _php_in(environment) else {}),
        "PHP_INI_SCAN_DIR": f"{environment.get('PHP_INI_SCAN_DIR', '')}{os.pathsep}{FOLDER / 'php'}",
    }


def hellos(folder: Path) -> list[Hello]:
    """Who has said hello there so far, by pid; what several threads of a process said is joined."""
    told: dict[tuple[str, int], Hello] = {}
    for file in sorted(folder.glob("*.json")):
        said = _read(file)
        if said is None:
            continue
        new = Hello(**{**said, "refused": tuple(said["refused"])})
        before = told.get((new.language, new.pid))
        told[new.language, new.pid] = _joined(before, new) if before else new
    return sorted(told.values(), key=lambda hello: hello.pid)


def _php_in(environment: Mapping[str, str]) -> bool:
    """Whether a till would find a PHP, and names none of its own. Frameworks start their server with the one named.

    Documented: https://github.com/symfony/process (PhpExecutableFinder reads PHP_BINARY first; artisan serve asks it).
    """
    return "PHP_BINARY" not in environment and shutil.which("php", path=environment.get("PATH")) is not None


def _joined(first: Hello, second: Hello) -> Hello:
    refused = tuple(dict.fromkeys(first.refused + second.refused))
    redirected, sdk = first.redirected + second.redirected, first.sdk or second.sdk
    return Hello(first.language, first.version, first.pid, first.program or second.program, sdk, redirected, refused)


def _read(file: Path) -> dict[str, Any] | None:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return said if isinstance(said, dict) and set(said) == set(Hello.__slots__) else None


def _words(ours: str, theirs: str | None) -> str:
    return f"{ours} {theirs}" if theirs else ours


def _paths(ours: Path, theirs: str | None) -> str:
    return os.pathsep.join(_given([str(ours), theirs]))


def _given(parts: Iterable[str | None]) -> Iterable[str]:
    return (part for part in parts if part)


def _quoted(path: Path) -> str:
    """As Node.js reads its options: quotes around what has a space in it, a backslash before what ends them."""
    text = str(path)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if " " in text or '"' in text else text
