"""What must hold across the keys of an integration file, beyond the shape of each."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from cardpresent.profile import placeholders
from cardpresent.profile.load_rules import check_goals
from cardpresent.profile.outside import check_outside
from cardpresent.profile.prices import ENDINGS, SMALLEST
from cardpresent.profile.schema import (
    Extract,
    Extraction,
    File,
    Locator,
    Login,
    Operation,
    PageStep,
    Record,
    Request,
    Worklist,
)
from cardpresent.profile.shape import ShapeError, closest
from cardpresent.profile.vocabulary import (
    BY_APP,
    BY_HAND,
    CAPABILITIES,
    CAPABILITY_VALUES,
    CAPABILITY_VERBS,
    HARMLESS_PROBES,
    STARTS,
    STATUS_IS_ENOUGH,
    VERBS,
    Verb,
)

NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
BOUND_VERB: Final = "bind_reader"
BODIES: Final = ("json", "form", "body")
ACTIONS: Final = ("goto", "fill", "click", "expect")
EXTRACTIONS: Final = ("jsonpath", "regex", "css", "header", "cookie", "redirect", "newest", "constant")


def check_rules(file: File, raw: Mapping[str, Any]) -> None:
    """Raise ShapeError for the first rule that `file` breaks. `raw` is the same file as parsed TOML."""
    check_outside(file)
    _till(file)
    _process(file)
    _data(file)
    _page_till(file)
    _operations(file)
    _stripe_and_reader(file)
    _staging(file)
    check_goals(file.load)
    _webhooks(file, raw)
    _capabilities(file)
    _page(file)
    _placeholders(file, raw)


def _till(file: File) -> None:
    fixed, currency = file.till.fixed_amount, file.till.currencies[0]
    if fixed is None:
        return
    if fixed % 100 in ENDINGS:
        raise ShapeError(
            "till.fixed_amount", f"ends in {fixed % 100:02d}, which a simulated bank declines",
            "price what the suite buys at an amount that does not end in 01, 02, 03, 05, 55, 65 or 75",
        )  # fmt: skip
    if fixed < SMALLEST.get(currency, 0):
        raise ShapeError("till.fixed_amount", f"is below the smallest charge in {currency.upper()}",
                         f"price what the suite buys at {SMALLEST[currency]} or more")  # fmt: skip
    if file.capabilities.get("edit_sale") is True:
        raise ShapeError(
            "capabilities.edit_sale", "is true beside till.fixed_amount",
            "drop fixed_amount if the amount of a sale can be changed, else say that it cannot",
        )  # fmt: skip


def _data(file: File) -> None:
    if file.data.consent and not file.data.holds_rows:
        raise ShapeError("data.consent", "stands without holds_rows", "write holds_rows = true, or drop it")
    if isinstance(file.data.consent, str) and not file.data.consent.strip():
        raise ShapeError("data.consent", "is blank", "say who consents, or write true")


def _process(file: File) -> None:
    process = file.process
    if bool(process.command) == bool(process.base_url):
        raise ShapeError(
            "process",
            "command and base_url are both given" if process.command else "neither command nor base_url is given",
            "write command for a till to be started, base_url for one that runs already",
        )
    for name in file.processes:
        if not NAME.fullmatch(name):
            raise ShapeError(f"processes.{name}", "is no name for a process", "use small letters, digits and _")
    if file.processes and process.base_url:
        raise ShapeError("processes", "stands beside process.base_url", "drop it, or give the command to start")
    if process.base_url and (process.setup or process.env or process.port_env):
        raise ShapeError(
            "process.base_url", "stands beside setup, env or port_env", "drop those, or give the command to start"
        )
    if process.ports and (process.base_url or not process.shims):
        beside = "base_url" if process.base_url else "shims = false"
        raise ShapeError("process.ports", f"stands beside {beside}", "drop one of the two: only a shim can move a port")


def _staging(file: File) -> None:
    """A gateway on another host serves a till that runs there, too; what is started here has one of its own."""
    if file.stripe.gateway and file.process.command:
        raise ShapeError(
            "stripe.gateway", "stands beside process.command",
            "drop it for a till that is started here, or give process.base_url for one that runs elsewhere",
        )
    address = urlsplit(file.stripe.gateway or "")
    if address.scheme == "http" and address.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise ShapeError("stripe.gateway", "sends its token over a network in the clear", "begin it with https://")
    if file.stripe.gateway_ca and not file.stripe.gateway:
        raise ShapeError("stripe.gateway_ca", "stands without stripe.gateway", "give the gateway, or drop it")


def _operations(file: File) -> None:
    if not file.operations and not file.page and not file.adapter:
        raise ShapeError("operations", "is empty", "describe at least start_sale and sale_state")
    _each_verb(file)
    if file.till.kind == "sdk" or (file.till.kind == "native" and "start_sale" in file.operations):
        _app(file)
    for needed in _needed(file):
        if needed not in file.operations:
            raise ShapeError(f"operations.{needed}", "missing", "describe it: no sale can be judged without")
    for role, identity in file.auth.roles.items():
        if identity.login:
            _chain(f"auth.{role}.login", identity.login)
    if file.data.reset:
        _request("data.reset", file.data.reset)
    if file.clock:
        _request("clock.advance", file.clock.advance)


def _each_verb(file: File) -> None:
    for verb, operation in file.operations.items():
        key = f"operations.{verb}"
        if verb not in VERBS:
            raise ShapeError(key, "unknown verb", closest(verb, VERBS))
        _operation(key, operation)
        if verb not in STATUS_IS_ENOUGH and not operation.outcome and not operation.requests[-1].outcome:
            raise ShapeError(
                f"{key}.outcome", "missing", "say which answers mean what: an HTTP status alone is no verdict on money"
            )
        if operation.blocks:
            _blocking(file, key, verb)
        if operation.poll and operation.poll.verb not in file.operations:
            raise ShapeError(f"{key}.poll.verb", f"[operations.{operation.poll.verb}] is missing", "describe it")


def _needed(file: File) -> tuple[Verb, ...]:
    """The verbs no sale can be judged without. An app says how a sale stands, as does an answer at the very end."""
    # Sales of an app on a device are taken there, by hand.
    if file.page or file.adapter or file.till.kind == "native":
        return ()
    starts = file.operations.get("start_sale")
    told = file.till.kind == "sdk" or (starts is not None and starts.blocks)
    return ("start_sale",) if told else ("start_sale", "sale_state")


def _app(file: File) -> None:
    """What an app needs of its backend."""
    token, start = file.operations.get("connection_token"), file.operations.get("start_sale")
    for verb, operation, name in (("connection_token", token, "secret"), ("start_sale", start, "client_secret")):
        if operation is None:
            beside = " beside start_sale" if file.till.kind == "native" else ""
            raise ShapeError(
                "till.kind", f'"{file.till.kind}" needs [operations.{verb}]{beside}',
                "describe it: an app cannot do without",
            )  # fmt: skip
        if not any(name in request.save for request in (operation, *operation.steps)):
            raise ShapeError(f"operations.{verb}.save", f"has no {name}", "save it: the suite's app works with it")


def _blocking(file: File, key: str, verb: str) -> None:
    if verb not in STARTS:
        raise ShapeError(f"{key}.blocks", "waits for no customer", f"only {', '.join(sorted(STARTS))} may block")
    if file.timing.answer_within_s <= file.timing.deadline_s:
        raise ShapeError(
            f"{key}.blocks", "its answer may take as long as a customer does, and timing.answer_within_s is "
            f"{file.timing.answer_within_s:g}", f"write more than deadline_s, which is {file.timing.deadline_s:g}",
        )  # fmt: skip


def _chain(key: str, chain: Operation | Login) -> None:
    """A table that is one request, or several in order."""
    if chain.steps:
        for name in ("method", "path", "query", "headers", *BODIES):
            if getattr(chain, name):
                raise ShapeError(f"{key}.{name}", "stands beside steps", "move it into one of the steps")
        for index, step in enumerate(chain.steps):
            _request(f"{key}.steps[{index}]", step)
        _extractions(key, chain)
    else:
        _request(key, chain)


def _operation(key: str, operation: Operation) -> None:
    _chain(key, operation)
    if operation.worklist:
        _worklist(f"{key}.worklist", operation.worklist)
        for name in ("listed", "owner", "overdue", "count", "sum_stored", "sum_lost"):
            _extraction(f"{key}.worklist.{name}", getattr(operation.worklist, name))
    if operation.record:
        for name in ("currency", "paid", "tip", "refunded", "refundable", "tip_refunded"):
            _extraction(f"{key}.record.{name}", getattr(operation.record, name))
        _record(f"{key}.record", operation.record)


def _worklist(key: str, worklist: Worklist) -> None:
    if not (worklist.stored and worklist.lost):
        raise ShapeError(key, "does not say which values mean stored and lost", "give lists for both")


def _record(key: str, record: Record) -> None:
    if not (record.paid or record.tip or record.refunded):
        raise ShapeError(key, "names nothing to read", "give at least one of paid, tip, refunded")


def _request(key: str, request: Request) -> None:
    for name in ("method", "path"):
        if not getattr(request, name):
            raise ShapeError(f"{key}.{name}", "missing", "add it, or give steps")
    given = [name for name in BODIES if getattr(request, name) is not None]
    if len(given) > 1:
        raise ShapeError(f"{key}.{given[1]}", f"stands beside {given[0]}", "keep one kind of body")
    _extractions(key, request)


def _extractions(key: str, request: Request) -> None:
    for name, extract in request.save.items():
        _extraction(f"{key}.save.{name}", extract, saved_as=name)
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise ShapeError(f"{key}.save.{name}", "is no name for a placeholder", "use letters, digits and _")
    _extraction(f"{key}.words", request.words)
    several = not isinstance(request.outcome, msgspec.Struct)
    for index, table in enumerate(request.outcomes):
        place = f"{key}.outcome[{index}]" if several else f"{key}.outcome"
        if table.by != "status":
            _extraction(f"{place}.by", table.by)
        seen: dict[str, str] = {}
        for name in ("accepted", "refused", "unknown", "collecting", "held", "stored"):
            for value in getattr(table, name):
                if value in seen:
                    raise ShapeError(f"{place}.{name}", f'"{value}" stands in {seen[value]} too', "keep one of the two")
                seen[value] = name


def _extraction(key: str, extract: Extract | None, saved_as: str | None = None) -> None:
    if isinstance(extract, str):
        if not extract.startswith("$"):
            raise ShapeError(
                key, f'"{extract}" is no extraction',
                "write a JSONPath like $.id, or {css=…}, {regex=…}, {header=…}, {cookie=…}, {redirect=…}",
            )  # fmt: skip
        _jsonpath(key, extract)
    elif extract is not None:
        _extraction_table(key, extract, saved_as)


def _extraction_table(key: str, extract: Extraction, saved_as: str | None) -> None:
    given = [name for name in EXTRACTIONS if getattr(extract, name) is not None]
    if len(given) != 1:
        raise ShapeError(
            key, f"gives {' and '.join(given) or 'nothing'}", f"give exactly one of {', '.join(EXTRACTIONS)}"
        )
    if extract.jsonpath:
        _jsonpath(f"{key}.jsonpath", extract.jsonpath)
    if extract.regex:
        _regex(f"{key}.regex", extract.regex)
    if extract.css:
        _css(f"{key}.css", extract.css)
    if extract.attribute and not extract.css:
        raise ShapeError(f"{key}.attribute", "stands without css", "say in css which element's attribute it is")
    if isinstance(extract.redirect, str):
        _regex(f"{key}.redirect", extract.redirect)
    if extract.redirect is False:
        raise ShapeError(f"{key}.redirect", "is false", "write true, or a regular expression for a part of the address")
    if extract.newest and saved_as != extract.newest:
        raise ShapeError(
            f"{key}.newest", f"looks for a {extract.newest} that is not saved as one",
            f'write it as save = {{ {extract.newest} = {{ newest = "{extract.newest}" }} }}',
        )  # fmt: skip


def _regex(key: str, pattern: str) -> None:
    try:
        groups = re.compile(pattern).groups
    except (re.error, OverflowError, RecursionError) as error:
        raise ShapeError(key, f"is no regular expression ({error})", "mend it") from None
    if groups > 1:
        raise ShapeError(key, f"has {groups} groups", "keep one: what it matches is the value")


def _css(key: str, selector: str) -> None:
    from soupsieve import SelectorSyntaxError
    from soupsieve import compile as compile_selector

    try:
        compile_selector(placeholders.fill(selector, lambda name: "x"))
    except SelectorSyntaxError as error:
        reason = str(error).splitlines()[0]
        raise ShapeError(key, f'"{selector}" is no CSS selector ({reason})', "mend it") from None


def _jsonpath(key: str, path: str) -> None:
    from jsonpath import compile as compile_path
    from jsonpath.exceptions import JSONPathError

    try:
        compile_path(placeholders.fill(path, lambda name: name))
    except JSONPathError as error:
        reason = str(error).splitlines()[0]
        raise ShapeError(key, f'"{path}" is no JSONPath ({reason})', "mend it") from None


def _stripe_and_reader(file: File) -> None:
    probe = file.stripe.probe
    if probe not in HARMLESS_PROBES:
        named = " or ".join(sorted(HARMLESS_PROBES))
        raise ShapeError("stripe.probe", f"{probe} moves money or readers before the till is known to be redirected",
                         f"name {named}")  # fmt: skip
    if probe != "startup" and probe not in file.operations and not file.adapter:
        raise ShapeError("stripe.probe", f"[operations.{probe}] is missing", 'describe it, or write "startup"')
    if file.reader.chosen == "bound" and BOUND_VERB not in file.operations:
        raise ShapeError("reader.chosen", f'"bound" needs [operations.{BOUND_VERB}]', "describe how a reader is bound")


def _webhooks(file: File, raw: Mapping[str, Any]) -> None:
    hooks = file.webhooks
    if hooks is None:
        return
    if hooks.secret and hooks.secret_env:
        raise ShapeError("webhooks.secret", "stands beside secret_env", "keep one of the two")
    handed = any(name == "webhook_secret" for _, name in placeholders.found_in(raw.get("process", {})))
    if not (hooks.secret or hooks.secret_env or handed):
        raise ShapeError(
            "webhooks.secret_env",
            "the till never learns the signing secret",
            'put "{webhook_secret}" into [process], or say where the secret it has is found',
        )


def _capabilities(file: File) -> None:
    for name, declared in file.capabilities.items():
        key = f"capabilities.{name}"
        if name not in CAPABILITIES:
            raise ShapeError(key, "unknown capability", closest(name, CAPABILITIES))
        if isinstance(declared, str) and not declared.strip():
            raise ShapeError(key, "is blank", "say why it does not apply, or write false")
        if declared is True and (missing := _unreachable(file, name)):
            raise ShapeError(key, f"is true but {missing}", "describe it, or write false or why it does not apply")


def _unreachable(file: File, name: str) -> str | None:
    verbs = CAPABILITY_VERBS.get(name, ())
    if _by_other_means(file, name):
        return None
    if verbs and not _at_page(file, name) and not any(verb in file.operations for verb in verbs):
        return " and ".join(f"[operations.{verb}]" for verb in verbs) + " is missing"
    if name in CAPABILITY_VALUES and not _names(file, "start_sale", CAPABILITY_VALUES[name]):
        return f"[operations.start_sale] never names {{{CAPABILITY_VALUES[name]}}}"
    if name in {"webhooks", "clock", "page"} and getattr(file, name) is None:
        return f"[{name}] is missing"
    return _without_verb(file).get(name)


def _by_other_means(file: File, name: str) -> bool:
    """Whether the capability needs no operation: the app has it, a hand at the device, or an adapter once it runs."""
    by_kind = {"sdk": BY_APP, "native": BY_HAND}.get(file.till.kind, frozenset())
    return name in by_kind or (file.adapter is not None and name in CAPABILITY_VERBS)


def _at_page(file: File, capability: str) -> bool:
    """Whether a capability is shown at the page, and needs no request."""
    steps = {"cancel": "cancel", "retry": "retry_sale", "check_status": "check_status"}.get(capability)
    return file.page is not None and steps is not None and bool(getattr(file.page, steps))


def _without_verb(file: File) -> dict[str, str]:
    """What is missing for the capabilities that no single verb stands for."""
    bound = file.reader.chosen == "per_sale" or BOUND_VERB in file.operations
    records = [operation.record for operation in file.operations.values() if operation.record]
    names = any("differences" in operation.save for operation in file.operations.values())
    word = file.operations.get("sale_state")
    guides = word is not None and {"support_reference", "next_step"} <= set(word.save)
    present = {
        "guidance": (guides, "operations.sale_state saves no support_reference and next_step"),
        "sweep": (file.timing.sweep_s is not None, "timing.sweep_s is missing"),
        "differences": (names, "operations.end_of_day saves no differences"),
        "refund_offer": (any(record.refundable for record in records), "no record says what is refundable"),
        "tip_refunds": (any(r.tip_refunded and r.tip_rule for r in records), "no record has tip_refunded and tip_rule"),
        "other_shop": (file.auth.other_shop is not None, "[auth.other_shop] is missing"),
        "connect": (file.till.connect is not None, "[till.connect] is missing"),
        "restart": (bool(file.process.command) and file.process.restart, "[process] cannot start the till again"),
        "several_registers": (bound, f"[operations.{BOUND_VERB}] is missing"),
        "books": (any(operation.record for operation in file.operations.values()), "no operation has a record"),
    }
    return {name: missing for name, (there, missing) in present.items() if not there}


def _names(file: File, verb: str, placeholder: str) -> bool:
    operation = file.operations.get(verb)
    named = placeholders.found_in(msgspec.to_builtins(operation)) if operation else ()
    return any(name == placeholder for _, name in named)


def _page(file: File) -> None:
    if file.page is None:
        return
    for name in ("login", "connect", "start_sale", "sale_state", "cancel", "retry_sale", "check_status"):
        for index, step in enumerate(getattr(file.page, name)):
            _page_step(f"page.{name}[{index}]", step)
    _locator("page.outcome.at", file.page.outcome.at)


def _page_till(file: File) -> None:
    """A page that holds the reader's SDK is the one way to work its till."""
    if file.till.kind != "js-sdk":
        return
    if file.page is None:
        raise ShapeError("page", "missing", 'describe the page: a till of kind "js-sdk" is worked nowhere else')
    if not file.page.start_sale:
        raise ShapeError("page.start_sale", "missing", "give the steps that take a payment at the page")
    for verb in ("start_sale", "sale_state", "cancel_sale", "retry_sale"):
        if verb in file.operations:
            name = "cancel" if verb == "cancel_sale" else verb
            raise ShapeError(
                f"operations.{verb}", "stands beside the page of a till of kind \"js-sdk\"",
                f"drop it: the sale lives in the page, so give page.{name}",
            )


def _page_step(key: str, step: PageStep) -> None:
    given = [name for name in ACTIONS if getattr(step, name) is not None]
    if len(given) != 1:
        raise ShapeError(key, f"says {' and '.join(given) or 'nothing'}", f"give exactly one of {', '.join(ACTIONS)}")
    if (step.fill is None) != (step.value is None):
        raise ShapeError(f"{key}.value", "fill and value go together", "give both or neither")
    for name in ("fill", "click", "expect"):
        if (locator := getattr(step, name)) is not None:
            _locator(f"{key}.{name}", locator)


def _locator(key: str, locator: Locator) -> None:
    given = [name for name in ("role", "label", "text", "test_id") if getattr(locator, name) is not None]
    if len(given) != 1:
        raise ShapeError(key, f"points by {' and '.join(given) or 'nothing'}", "give one of role, label, text, test_id")
    if locator.name is not None and locator.role is None:
        raise ShapeError(f"{key}.name", "stands without a role", "give the role it names")


def _placeholders(file: File, raw: Mapping[str, Any]) -> None:
    saved = {name for _, request in _all_requests(file) for name in request.save}
    beside = {f"processes.{name}.{what}" for name in file.processes for what in placeholders.ABOUT_A_PROCESS}
    everywhere = placeholders.ABOUT_THE_SALE | placeholders.ABOUT_THE_RUN | saved | beside
    fixed = {"reader", "register"} if file.reader.chosen == "fixed" else set()
    at_start = placeholders.ABOUT_THE_RUN | beside | fixed
    for table in raw:
        known = at_start if table in {"process", "processes", "webhooks", "logs"} else everywhere
        known = known | {"advance_s"} if table == "clock" else known
        for key, name in placeholders.found_in(raw[table], table):
            if name in known or re.fullmatch(r"env\.\w+", name) or _is_regex(key):
                continue
            problem = f"nothing fills {{{name}}}"
            if name in everywhere:
                problem += " before a sale"
            raise ShapeError(key, problem, closest(name, known) + " (or write {{ for a brace)")


def _is_regex(key: str) -> bool:
    return key.endswith(".regex")


def _all_requests(file: File) -> Iterator[tuple[str, Request]]:
    for verb, operation in file.operations.items():
        yield f"operations.{verb}", operation
        for step in operation.steps:
            yield f"operations.{verb}", step
    for role, identity in file.auth.roles.items():
        if identity.login:
            yield f"auth.{role}.login", identity.login
            for step in identity.login.steps:
                yield f"auth.{role}.login", step
