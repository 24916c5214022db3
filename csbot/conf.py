"""Typed settings, read at call time. `docs/settings.md` is generated from this file."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Setting:
    """One `CSBOT_…` setting: its type, default, and what it does."""

    name: str
    default: Any
    kind: type | tuple[type, ...]
    purpose: str

    def __call__(self) -> Any:
        return getattr(settings, self.name, self.default)


ENGINE = Setting("CSBOT_ENGINE", "csbot.dialogue.engine.respond", str, "Dotted path of what runs a turn.")
RUNNER = Setting("CSBOT_RUNNER", "csbot.runners.ThreadRunner", str, "Dotted path of where turns run.")
TURN_THREADS = Setting("CSBOT_TURN_THREADS", 4, int, "Threads of the in-process runner.")
LEASE_SECONDS = Setting("CSBOT_LEASE_SECONDS", 10.0, (int, float), "How long a turn is held without renewal.")
RENEW_SECONDS = Setting("CSBOT_RENEW_SECONDS", 3.0, (int, float), "How often a running turn's lease is renewed.")
TURN_LIMIT_SECONDS = Setting("CSBOT_TURN_LIMIT_SECONDS", 60.0, (int, float), "A turn's hard limit; its lease is renewed no longer.")
TURN_ATTEMPTS = Setting("CSBOT_TURN_ATTEMPTS", 3, int, "Attempts before a turn fails and a person is offered.")
SWEEP_SECONDS = Setting("CSBOT_SWEEP_SECONDS", 1.0, (int, float), "How often the sweeper looks for what was left behind.")
HEARTBEAT_SECONDS = Setting("CSBOT_HEARTBEAT_SECONDS", 4.0, (int, float), "How often watched conversations are compared with the database; 5 at most.")
RECEIPT_DAYS = Setting("CSBOT_RECEIPT_DAYS", 40, int, "How long a message's external id is remembered; 30 at least.")
MESSAGE_CHARACTERS = Setting("CSBOT_MESSAGE_CHARACTERS", 4000, int, "The longest message accepted, in characters.")
MESSAGES_PER_10_SECONDS = Setting("CSBOT_MESSAGES_PER_10_SECONDS", 20, int, "Messages accepted from one sender in ten seconds.")

ALL = [value for value in list(globals().values()) if isinstance(value, Setting)]
