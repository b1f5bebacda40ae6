"""What is put around a till so that its Stripe traffic comes to us, and what is known of whether it does."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from cardpresent.launch import shims
from cardpresent.launch.refusing import RefusingProxy

PROXY_VARIABLES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
LOOPBACK: Final = "127.0.0.1,localhost,::1"
# Shells, make and the like start others and call nobody themselves.
STARTERS: Final = frozenset({"sh", "bash", "dash", "zsh", "make", "env", "timeout", "nice", "tini", "dumb-init"})


class Redirecting:
    """One till's way to Stripe, and every other way closed. `folder`: where the shims say hello."""

    def __init__(self, folder: Path, *, with_shims: bool) -> None:
        self._folder = folder
        self.with_shims = with_shims
        folder.mkdir(parents=True, exist_ok=True)
        self._refusing = RefusingProxy()

    def end(self) -> None:
        self._refusing.end()

    def around(
        self, kept: Mapping[str, str], own: Mapping[str, str], base: str, key: str, ports: Mapping[str, str]
    ) -> dict[str, str]:
        """The till's environment: the user's (`kept`), no way out, the till's `own`, and the shims in front of it."""
        closed = dict.fromkeys((*PROXY_VARIABLES, *map(str.lower, PROXY_VARIABLES)), self._refusing.url)
        local = dict.fromkeys(("NO_PROXY", "no_proxy"), LOOPBACK)
        environment = {**kept, **closed, **local, **own}
        return shims.into(environment, base, key, self._folder, ports) if self.with_shims else environment

    def hellos(self) -> list[shims.Hello]:
        return shims.hellos(self._folder)

    def how(self) -> str:
        """In what the calls were redirected, for the certificate; empty where the till was told Stripe's address."""
        callers = {f"{hello.language} with {hello.sdk or 'no SDK'}" for hello in self.hellos() if hello.redirected}
        return f", redirected by a shim in {' and '.join(sorted(callers))}" if callers else ""

    @property
    def stopped(self) -> list[str]:
        """What was on its way to Stripe itself and did not get there, as parts of a sentence."""
        by_shims = [what for hello in self.hellos() for what in hello.refused]
        hosts = self._refusing.stripe_hosts
        return [*by_shims, *(f"something without a shim asked for {host}, and was refused" for host in hosts)]

    def told(self, groups: Collection[int]) -> list[str]:
        """What speaks against it, worst first, as parts of a sentence. `groups`: the process groups of the till."""
        hellos, found = self.hellos(), self.stopped
        if self.with_shims:
            found.append(f"a shim said hello in {', '.join(map(str, hellos))}" if hellos else "no shim said hello")
            silent = _silent(groups, {hello.pid for hello in hellos})
            if silent:
                found.append(f"without a shim: {', '.join(silent)}")
        return found


def _silent(groups: Collection[int], greeted: set[int]) -> list[str]:
    """Processes of the till in which no shim is; known on Linux only, where /proc tells."""
    found = []
    for place in Path("/proc").glob("[0-9]*") if groups else ():
        try:
            name = (place / "comm").read_text(encoding="utf-8").strip()
            ours = os.getpgid(int(place.name)) in groups
        except (OSError, ValueError):
            continue
        if ours and int(place.name) not in greeted and name not in STARTERS:
            found.append(f"{name} (pid {place.name})")
    return sorted(found)
