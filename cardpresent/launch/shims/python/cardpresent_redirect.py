"""Inside the till's Python: what is meant for Stripe goes to this run's Stripe instead, and nothing else changes.

It stands below every client: stripe-python of any age, requests, httpx, urllib and aiohttp look a host up by `socket`
and encrypt by `ssl`. A host of Stripe's API is looked up as the run's Stripe, to which nothing is encrypted; every
other host under stripe.com is refused. Any Python from 3.9; the variables are explained in cardpresent/launch/shims.
"""

import base64
import os
import re
import sys
from importlib.abc import MetaPathFinder
from importlib.util import find_spec
from typing import Any

LIVE = re.compile(rb"[sr]k_live_")
TEST = re.compile(rb"[sr]k_test_")
HEAD = re.compile(rb"[A-Z]+ [^\r\n]* HTTP/1\.1\r\n")
AUTHORIZATION = re.compile(rb"\r\n(authorization:[ \t]*)(bearer|basic)[ \t]+([^\r\n]*)", re.IGNORECASE)
AGENT = re.compile(rb"\r\nuser-agent:[ \t]*Stripe/v1 PythonBindings/(\S+)", re.IGNORECASE)
# What Stripe's names are looked up as: nobody listens there, and whoever connects to it is connected to the run's
# Stripe, even a client that keeps the address and forgets the port.
STRIPE_ADDRESS = "127.83.84.82"


class Refused(OSError):
    """What would have gone to Stripe itself was stopped."""


class Redirection:
    """Where Stripe is in this run, the key to use there, and what has been told to the run of this process."""

    def __init__(self) -> None:
        host, port = os.environ["CARDPRESENT_STRIPE_BASE"].split("//", 1)[1].rstrip("/").rsplit(":", 1)
        self.stripe = (host, int(port))
        self.key = os.environ["CARDPRESENT_STRIPE_KEY"].encode()
        self.hosts = os.environ["CARDPRESENT_STRIPE_HOSTS"].split(",")
        self.ports = dict(pair.split("=") for pair in os.environ.get("CARDPRESENT_PORTS", "").split(",") if pair)
        words = [word for word in getattr(sys, "orig_argv", [])[1:] if not word.startswith("-")]
        self.hello: dict[str, Any] = {
            "language": "Python", "version": sys.version.split()[0],
            "program": os.path.basename(words[0]) if words else "",
        }  # fmt: skip
        self.greet()

    # Hello: who is here, for the run to read -------------------------------------------------------------------------

    def greet(self) -> None:
        """A process begins, or one was forked."""
        self.hello.update(pid=os.getpid(), sdk=None, redirected=0, refused=[])
        self.say()

    def say(self) -> None:
        import json

        file = os.path.join(os.environ.get("CARDPRESENT_HELLO", ""), f"python-{os.getpid()}.json")
        try:
            with open(file + ".new", "w") as out:
                json.dump(self.hello, out)
            os.replace(file + ".new", file)
        except OSError:
            return  # the folder goes with the run; a till that outlives it has nobody to greet

    def refuse(self, what: str) -> Refused:
        if what not in self.hello["refused"]:
            self.hello["refused"].append(what)
            self.say()
            sys.stderr.write(f"cardpresent: {what}\n")
        return Refused("cardpresent: " + what)

    # Which connections are Stripe's ----------------------------------------------------------------------------------

    def place(self, host: Any, port: Any) -> tuple[Any, Any]:
        """Where to connect instead of `host` and `port`: the same, unless it is Stripe's. Raises Refused."""
        name = named(host)
        if name == STRIPE_ADDRESS:
            return self.stripe
        if not under(name):
            return host, port
        if name not in self.hosts:
            only = ", ".join(self.hosts)
            raise self.refuse(f"a connection to {name} was stopped: this run's Stripe stands for {only} only")
        if port not in (443, "443", b"443", "https"):
            raise self.refuse(f"a connection to {name} was stopped: Stripe's API is at port 443 only")
        return self.stripe

    def looked_up(self, host: Any, port: Any) -> tuple[Any, Any]:
        """What to look up instead of `host`. Raises Refused."""
        return (host, port) if self.place(host, port) == (host, port) else (STRIPE_ADDRESS, port)

    def audit(self, event: str, given: tuple[Any, ...]) -> None:
        """No way around: what looks a name up without `socket` is seen by the interpreter itself."""
        if event in ("socket.getaddrinfo", "socket.gethostbyname") and under(named(given[0])):
            name = named(given[0])
            raise self.refuse(f"a connection to {name} was stopped: no shim can send it to this run's Stripe")

    # The run's key in place of the till's own test key ---------------------------------------------------------------

    def with_our_key(self, data: Any) -> Any:
        """What is sent, with its key replaced where it is the head of a request: that is written in one piece."""
        if not bytes(data[:1]).isupper():
            return data
        text = bytes(data)
        if not HEAD.match(text):
            return data
        head, blank, rest = text.partition(b"\r\n\r\n")
        ours = AUTHORIZATION.sub(self._ours, head) + blank + rest
        self._count(head)
        return ours

    def _ours(self, found: re.Match[bytes]) -> bytes:
        name, scheme, told = found.groups()
        basic = scheme.lower() == b"basic"
        try:
            theirs = base64.b64decode(told) if basic else told
        except ValueError:
            return found.group()
        if LIVE.match(theirs):
            raise self.refuse(
                "a live Stripe key (sk_live_... or rk_live_...) was about to be used, and nothing was sent: "
                "give the till a test key"
            )
        if not TEST.match(theirs):
            return found.group()
        return b"\r\n" + name + scheme + b" " + (base64.b64encode(self.key + b":") if basic else self.key)

    def _count(self, head: bytes) -> None:
        found = AGENT.search(head)
        sdk = "stripe-python " + found.group(1).decode("latin-1") if found else self.hello["sdk"]
        self.hello["redirected"] += 1
        if self.hello["redirected"] == 1 or sdk != self.hello["sdk"]:
            self.hello["sdk"] = sdk
            self.say()


def named(host: Any) -> str:
    text = host.decode("latin-1") if isinstance(host, (bytes, bytearray)) else host
    return text.lower().rstrip(".") if isinstance(text, str) else ""


def under(name: str) -> bool:
    return name == "stripe.com" or name.endswith(".stripe.com")


# What is changed, and when: each module as soon as somebody imports it ------------------------------------------------


def patch_socket(module: Any, here: Redirection) -> None:
    kind = module.socket
    getaddrinfo, connect, connect_ex, bind = module.getaddrinfo, kind.connect, kind.connect_ex, kind.bind

    def is_pair(address: Any) -> bool:
        return isinstance(address, tuple) and len(address) >= 2 and isinstance(address[0], (str, bytes, bytearray))

    def target(address: Any) -> Any:
        # An address of IPv6 has more to it than a host and a port, and is never one of these.
        return here.place(*address) if is_pair(address) and len(address) == 2 else address

    def moved(address: Any) -> Any:
        port = here.ports.get(str(address[1])) if is_pair(address) else None
        return (address[0], int(port), *address[2:]) if port else address

    module.getaddrinfo = lambda host, port, *given, **more: getaddrinfo(*here.looked_up(host, port), *given, **more)
    kind.connect = lambda self, address: connect(self, target(address))
    kind.connect_ex = lambda self, address: connect_ex(self, target(address))
    kind.bind = lambda self, address: bind(self, moved(address))


def patch_ssl(module: Any, here: Redirection) -> None:
    from cardpresent_unencrypted import PlainObject, plain_socket  # type: ignore[import-not-found]

    wrap_socket, wrap_bio = module.SSLContext.wrap_socket, module.SSLContext.wrap_bio

    def wrapped_socket(self: Any, sock: Any, *given: Any, **more: Any) -> Any:
        try:
            there = sock.getpeername()[:2] == here.stripe
        except (OSError, ValueError):
            there = False
        return plain_socket(sock, self, here.with_our_key) if there else wrap_socket(self, sock, *given, **more)

    def wrapped_bio(self: Any, incoming: Any, outgoing: Any, server_side: bool = False,
                    server_hostname: Any = None, session: Any = None) -> Any:  # fmt: skip
        if not under(named(server_hostname)):
            return wrap_bio(self, incoming, outgoing, server_side, server_hostname, session)
        here.place(server_hostname, 443)
        return PlainObject(self, incoming, outgoing, here.with_our_key, server_hostname)

    module.SSLContext.wrap_socket, module.SSLContext.wrap_bio = wrapped_socket, wrapped_bio


def patch_uvloop(module: Any, here: Redirection) -> None:
    """An event loop that looks names up by itself."""
    kind = module.Loop
    create_connection, getaddrinfo = kind.create_connection, kind.getaddrinfo

    async def connected(self: Any, factory: Any, host: Any = None, port: Any = None, **more: Any) -> Any:
        # The name stays: what is encrypted for it, or is not, goes by it.
        if under(named(host)) and more.get("ssl"):
            more.setdefault("server_hostname", host)
        return await create_connection(self, factory, *here.place(host, port), **more)

    async def looked_up(self: Any, host: Any, port: Any, **more: Any) -> Any:
        return await getaddrinfo(self, *here.looked_up(host, port), **more)

    kind.create_connection, kind.getaddrinfo = connected, looked_up


def patch_aiohttp(module: Any, here: Redirection) -> None:
    """Its other resolver asks the name servers itself, past everything."""
    module.DefaultResolver = module.ThreadedResolver


PATCHES = {"socket": patch_socket, "ssl": patch_ssl, "uvloop": patch_uvloop, "aiohttp.resolver": patch_aiohttp}


class WhenImported(MetaPathFinder):
    """Finds what is to be changed as everybody does, and changes it once it is loaded."""

    def __init__(self, here: Redirection) -> None:
        self._here = here
        self._looking: set[str] = set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in PATCHES or name in self._looking:
            return None
        self._looking.add(name)
        try:
            spec = find_spec(name)
        finally:
            self._looking.discard(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def executed(module: Any) -> None:
            execute(module)
            PATCHES[name](module, self._here)

        spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec


def begin() -> None:
    """Called once, before the till's first line. Without a run around it nothing happens."""
    if not os.environ.get("CARDPRESENT_STRIPE_BASE"):
        return
    here = Redirection()
    for name, patch in PATCHES.items():
        if name in sys.modules:
            patch(sys.modules[name], here)
    sys.meta_path.insert(0, WhenImported(here))
    sys.addaudithook(here.audit)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=here.greet)
    # Proxies are for programs without a shim: they refuse. This one needs none; the environment that is inherited by
    # what it starts stays as it is.
    for name in [name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy")]:
        os.environ._data.pop(os.environ.encodekey(name), None)  # type: ignore[attr-defined]
