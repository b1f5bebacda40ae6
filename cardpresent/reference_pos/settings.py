"""What the till is told at start-up, read once from the environment. Every wait is here, in seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .environment import needed, number, secret_key

NUMBERS = {
    "poll_s": "POS_POLL_S", "deadline_s": "POS_DEADLINE_S", "sweep_s": "POS_SWEEP_S", "abandon_s": "POS_ABANDON_S",
    "look_back_s": "POS_LOOK_BACK_S", "stripe_timeout_s": "POS_STRIPE_TIMEOUT_S", "backoff_s": "POS_BACKOFF_S",
    "busy_backoff_s": "POS_BUSY_BACKOFF_S", "unsure_s": "POS_UNSURE_S", "retry_s": "POS_RETRY_S",
    "retry_max_s": "POS_RETRY_MAX_S", "answer_s": "POS_ANSWER_S", "db_wait_s": "POS_DB_WAIT_S",
    "fee_percent": "POS_FEE_PERCENT",
}
COUNTS = {
    "port": "POS_PORT", "attempts": "POS_STRIPE_ATTEMPTS", "busy_tries": "POS_BUSY_TRIES",
    "tolerance_s": "POS_WEBHOOK_TOLERANCE_S",
}
TEXTS = {"stripe_api_base": "STRIPE_API_BASE", "currency": "POS_CURRENCY", "shop": "POS_SHOP", "db": "POS_DB"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration. Times in seconds, money limits in minor units."""

    stripe_secret_key: str = field(repr=False)
    token: str = field(repr=False)
    manager_token: str = field(repr=False)
    pin: str = field(repr=False)
    other_token: str = field(default="", repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    stripe_api_base: str = "https://api.stripe.com"
    port: int = 0
    db: str = "till.sqlite3"
    currency: str = "usd"
    location: str | None = None
    reader: str | None = None
    account: str | None = None
    destination: str | None = None
    fee_percent: float = 0.0
    shop: str = "Marlow & Finch Stationers"
    poll_s: float = 1.0
    deadline_s: float = 90.0
    sweep_s: float = 60.0
    abandon_s: float = 1800.0
    look_back_s: float = 172_800.0
    stripe_timeout_s: float = 10.0
    attempts: int = 4
    backoff_s: float = 0.1
    busy_tries: int = 4
    busy_backoff_s: float = 0.25
    unsure_s: float = 2.0
    retry_s: float = 1.0
    retry_max_s: float = 60.0
    answer_s: float = 5.0
    tolerance_s: int = 300
    db_wait_s: float = 2.0
    time_hook: bool = False
    manager_refunds: bool = False
    exit_with_stdin: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read STRIPE_* and POS_* variables. Raises SettingsError naming the first that is missing or wrong."""
        key = secret_key(env)
        secrets = (part.strip() for part in env.get("STRIPE_WEBHOOK_SECRETS", "").split(","))
        settings = cls(
            stripe_secret_key=key,
            token=needed(env, "POS_TOKEN", "any secret text; the cashier's programs send it as a bearer token"),
            manager_token=needed(env, "POS_MANAGER_TOKEN", "any other secret text, for the manager's calls"),
            pin=env.get("POS_PIN", ""),
            other_token=env.get("POS_OTHER_TOKEN", ""),
            manager_refunds=env.get("POS_REFUNDS_BY") == "manager",
            webhook_secrets=tuple(secret for secret in secrets if secret),
            location=env.get("POS_LOCATION") or None,
            reader=env.get("POS_READER") or None,
            account=env.get("POS_ACCOUNT") or None,
            destination=env.get("POS_DESTINATION") or None,
            time_hook=env.get("POS_TIME_HOOK") == "1",
            exit_with_stdin=env.get("POS_EXIT_WITH_STDIN") == "1",
        )
        numbers = {name: number(env, variable) for name, variable in NUMBERS.items() if env.get(variable)}
        counts = {name: int(number(env, variable)) for name, variable in COUNTS.items() if env.get(variable)}
        texts = {name: env[variable] for name, variable in TEXTS.items() if env.get(variable)}
        return replace(settings, **numbers, **counts, **texts)  # type: ignore[arg-type]
