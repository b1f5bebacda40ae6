"""What the app is told at start-up, read once from the environment. Times in seconds, limits in minor units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cardpresent.reference_pos.environment import needed, number, secret_key

NUMBERS: Final = {
    "deadline_s": "POS_DEADLINE_S", "answer_s": "POS_ANSWER_S", "stripe_timeout_s": "POS_STRIPE_TIMEOUT_S",
    "retry_s": "POS_RETRY_S", "retry_max_s": "POS_RETRY_MAX_S", "overdue_s": "POS_OVERDUE_S",
    "reconnect_s": "POS_RECONNECT_S", "reader_patience_s": "POS_READER_PATIENCE_S",
}
COUNTS: Final = {"port": "POS_PORT", "each_max": "POS_OFFLINE_EACH_MAX", "total_max": "POS_OFFLINE_TOTAL_MAX"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`each_max` and `total_max`: what is taken at most without a network, in one payment and in all that wait."""

    stripe_secret_key: str = field(repr=False)
    token: str = field(repr=False)
    manager_token: str = field(repr=False)
    folder: Path
    stripe_api_base: str = "https://api.stripe.com"
    reader_base: str = ""
    port: int = 0
    currency: str = "usd"
    location: str | None = None
    each_max: int = 10_000
    total_max: int = 50_000
    overdue_s: float = 86_400.0
    deadline_s: float = 90.0
    answer_s: float = 5.0
    stripe_timeout_s: float = 10.0
    retry_s: float = 1.0
    retry_max_s: float = 60.0
    reconnect_s: float = 60.0
    reader_patience_s: float = 60.0
    time_hook: bool = False
    exit_with_stdin: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read STRIPE_* and POS_* variables. Raises SettingsError naming the first that is missing or wrong."""
        key = secret_key(env)
        base = env.get("STRIPE_API_BASE", "https://api.stripe.com")
        numbers = {name: number(env, variable) for name, variable in NUMBERS.items() if env.get(variable)}
        counts = {name: int(number(env, variable)) for name, variable in COUNTS.items() if env.get(variable)}
        return cls(
            stripe_secret_key=key,
            token=needed(env, "POS_TOKEN", "any secret text; the cashier's programs send it as a bearer token"),
            manager_token=needed(env, "POS_MANAGER_TOKEN", "any other secret text, for the manager's calls"),
            folder=Path(needed(env, "POS_FOLDER", "a folder of the app's own")),
            stripe_api_base=base,
            reader_base=env.get("POS_READER_BASE", base),
            currency=env.get("POS_CURRENCY", "usd"),
            location=env.get("POS_LOCATION") or None,
            time_hook=env.get("POS_TIME_HOOK") == "1",
            exit_with_stdin=env.get("POS_EXIT_WITH_STDIN") == "1",
            **numbers,  # type: ignore[arg-type]
            **counts,
        )
