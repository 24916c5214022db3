"""Numbered system checks: each mistake in a setting has its id, its words and what to do about it."""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.utils.module_loading import import_string

from csbot import conf

DOTTED = (conf.ENGINE, conf.RUNNER)
POSITIVE = (
    conf.TURN_THREADS,
    conf.DATABASE_THREADS,
    conf.LEASE_SECONDS,
    conf.RENEW_SECONDS,
    conf.TURN_LIMIT_SECONDS,
    conf.TURN_ATTEMPTS,
    conf.SWEEP_SECONDS,
    conf.HEARTBEAT_SECONDS,
    conf.MESSAGE_CHARACTERS,
    conf.MESSAGES_PER_10_SECONDS,
    conf.ATTACHMENT_BYTES,
    conf.CODE_SECONDS,
)


@register
def check_types(**_: Any) -> list[CheckMessage]:
    """E001: a setting of the wrong type. E002: a number that must be above zero."""
    found: list[CheckMessage] = []
    for setting in conf.ALL:
        value = setting()
        kinds = setting.kind if isinstance(setting.kind, tuple) else (setting.kind,)
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            found.append(
                Error(
                    f"{setting.name} is {value!r}, which is {type(value).__name__} and not {wanted}.",
                    hint=f"{setting.purpose} The default is {setting.default!r}.",
                    id="csbot.E001",
                )
            )
        elif setting in POSITIVE and isinstance(value, int | float) and value <= 0:
            found.append(
                Error(
                    f"{setting.name} is {value!r}; it must be above 0.",
                    hint=f"{setting.purpose} The default is {setting.default!r}.",
                    id="csbot.E002",
                )
            )
    return found


@register
def check_paths(**_: Any) -> list[CheckMessage]:
    """E003: a dotted path that cannot be imported."""
    paths = [(setting, setting()) for setting in DOTTED]
    paths += [(conf.POLICIES, path) for path in _list(conf.POLICIES())]
    paths += [(conf.SLOT_TYPES, path) for path in _list(conf.SLOT_TYPES())]
    found: list[CheckMessage] = []
    for setting, path in paths:
        try:
            import_string(path)
        except (ImportError, AttributeError, TypeError) as error:
            found.append(
                Error(
                    f"{setting.name} names {path!r}, which cannot be imported: {error}",
                    hint=f"{setting.purpose} Check the spelling, or leave the setting out for its default.",
                    id="csbot.E003",
                )
            )
    return found


@register
def check_times(**_: Any) -> list[CheckMessage]:
    """E004: leases that lapse between renewals. E005: receipts forgotten too soon. W001: a slow heartbeat."""
    found: list[CheckMessage] = []
    lease, renew = conf.LEASE_SECONDS(), conf.RENEW_SECONDS()
    if _numbers(lease, renew) and renew * 2 > lease:
        found.append(
            Error(
                f"CSBOT_RENEW_SECONDS is {renew} with CSBOT_LEASE_SECONDS {lease}: running turns would lapse.",
                hint="Renew at least twice within a lease, such as every 3 of 10 seconds.",
                id="csbot.E004",
            )
        )
    days = conf.RECEIPT_DAYS()
    if _numbers(days) and days < 30:
        found.append(
            Error(
                f"CSBOT_RECEIPT_DAYS is {days}: a message repeated after that would be answered twice.",
                hint="Keep 30 days or more; messaging services repeat for up to a week.",
                id="csbot.E005",
            )
        )
    beat = conf.HEARTBEAT_SECONDS()
    if _numbers(beat) and beat > 5:
        found.append(
            checks.Warning(
                f"CSBOT_HEARTBEAT_SECONDS is {beat}: a lost live event heals later than the promised 5 seconds.",
                hint="Set 5 or less.",
                id="csbot.W001",
            )
        )
    return found


@register
def check_scaled_out(**_: Any) -> list[CheckMessage]:
    """E006: turns on Celery that no browser can hear of. E007: no broker."""
    if not str(conf.RUNNER()).endswith("CeleryRunner"):
        return []
    found: list[CheckMessage] = []
    layer = getattr(settings, "CHANNEL_LAYERS", {}).get("default", {}).get("BACKEND", "")
    if layer.endswith("InMemoryChannelLayer") or not layer:
        found.append(
            Error(
                "Turns run on Celery, but the channel layer is in this process's memory: replies would be shown late.",
                hint="Set CHANNEL_LAYERS to channels_redis.core.RedisChannelLayer (in this site: CSBOT_REDIS_URL).",
                id="csbot.E006",
            )
        )
    if not getattr(settings, "CELERY_BROKER_URL", "") and not getattr(settings, "BROKER_URL", ""):
        found.append(
            checks.Warning(
                "Turns run on Celery, but CELERY_BROKER_URL is not set.",
                hint="Name the Redis or RabbitMQ that the workers listen on, such as redis://localhost:6379/0.",
                id="csbot.W002",
            )
        )
    return found


@register(Tags.database)
def check_database(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """E008: a database csbot is not made for. W003: SQLite without the settings that keep it from locking."""
    return database_findings(settings.DATABASES["default"])


def database_findings(default: dict[str, Any]) -> list[CheckMessage]:
    """What is wrong with one entry of `DATABASES`."""
    found: list[CheckMessage] = []
    engine = default["ENGINE"]
    if "sqlite3" not in engine and "postgresql" not in engine and "postgis" not in engine:
        found.append(
            Error(
                f"The database engine is {engine}; csbot runs on PostgreSQL and SQLite.",
                hint="Its promises are conditional unique constraints: use django.db.backends.postgresql or sqlite3.",
                id="csbot.E008",
            )
        )
    options = default.get("OPTIONS", {})
    if "sqlite3" in engine and options.get("transaction_mode") != "IMMEDIATE":
        found.append(
            checks.Warning(
                "SQLite opens transactions that fail with “database is locked” when they turn from reading to writing.",
                hint='Set DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, '
                '"init_command": "PRAGMA journal_mode=WAL;"}.',
                id="csbot.W003",
            )
        )
    return found


def _list(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = value.values()
    return [path for path in value if isinstance(path, str)] if not isinstance(value, str) else []


def _numbers(*values: Any) -> bool:
    return all(isinstance(value, int | float) for value in values)
