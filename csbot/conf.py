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
DATABASE_THREADS = Setting(
    "CSBOT_DATABASE_THREADS", 4, int, "Threads for the sockets' short database work, per process."
)
LEASE_SECONDS = Setting("CSBOT_LEASE_SECONDS", 10.0, (int, float), "How long a turn is held without renewal.")
RENEW_SECONDS = Setting("CSBOT_RENEW_SECONDS", 3.0, (int, float), "How often a running turn's lease is renewed.")
TURN_LIMIT_SECONDS = Setting(
    "CSBOT_TURN_LIMIT_SECONDS", 60.0, (int, float), "A turn's hard limit; its lease is renewed no longer."
)
TURN_ATTEMPTS = Setting("CSBOT_TURN_ATTEMPTS", 3, int, "Attempts before a turn fails and a person is offered.")
SWEEP_SECONDS = Setting(
    "CSBOT_SWEEP_SECONDS", 1.0, (int, float), "How often the sweeper looks for what was left behind."
)
HEARTBEAT_SECONDS = Setting(
    "CSBOT_HEARTBEAT_SECONDS",
    4.0,
    (int, float),
    "How often watched conversations are compared with the database; 5 at most.",
)
RECEIPT_DAYS = Setting("CSBOT_RECEIPT_DAYS", 40, int, "How long a message's external id is remembered; 30 at least.")
MESSAGE_CHARACTERS = Setting("CSBOT_MESSAGE_CHARACTERS", 4000, int, "The longest message accepted, in characters.")
MESSAGES_PER_10_SECONDS = Setting(
    "CSBOT_MESSAGES_PER_10_SECONDS", 20, int, "Messages accepted from one sender in ten seconds."
)

POLICIES = Setting(
    "CSBOT_POLICIES",
    (
        "csbot.dialogue.policies.safety.decide",
        "csbot.dialogue.policies.happenings.decide",
        "csbot.dialogue.policies.waiting.decide",
        "csbot.dialogue.policies.discretion.decide",
        "csbot.dialogue.policies.human.decide",
        "csbot.dialogue.policies.frustration.decide",
        "csbot.dialogue.policies.repair.decide",
        "csbot.dialogue.policies.pending.decide",
        "csbot.dialogue.policies.active_flow.decide",
        "csbot.dialogue.policies.new_flow.decide",
        "csbot.dialogue.policies.answer.decide",
        "csbot.dialogue.policies.small_talk.decide",
        "csbot.dialogue.policies.clarify.decide",
    ),
    (list, tuple),
    "Dotted paths of the dialogue policies, in the order they are asked; the first decision wins.",
)
SLOT_TYPES = Setting(
    "CSBOT_SLOT_TYPES", {}, dict, "Slot types of the host project: name to dotted path of the type's class."
)
ACTIONS = Setting("CSBOT_ACTIONS", (), (list, tuple), "Modules that register actions for flows.")
HTTP_ACTIONS = Setting(
    "CSBOT_HTTP_ACTIONS", {}, dict, "Actions that are a signed HTTP call; see csbot/actions/http.py."
)
HTTP_HOSTS = Setting("CSBOT_HTTP_HOSTS", (), (list, tuple), "Hosts (or host:port) that HTTP actions may call.")
FORBIDDEN_PHRASES = Setting(
    "CSBOT_FORBIDDEN_PHRASES", (), (list, tuple), "Phrases the bot never says, whatever it was told to."
)
REPLY_CHARACTERS = Setting(
    "CSBOT_REPLY_CHARACTERS", {"chat": 4000, "spoken": 900}, dict, "The longest single reply, by form, in characters."
)
CODE_SECONDS = Setting("CSBOT_CODE_SECONDS", 600, int, "How long a one-time code sent by e-mail is good for.")
PROOF_SECONDS = Setting(
    "CSBOT_PROOF_SECONDS",
    24 * 3600,
    int,
    "The window in which a contact, and an order or whatever is to be proven, has three tries.",
)

SITE_URL = Setting(
    "CSBOT_SITE_URL",
    "http://127.0.0.1:8000",
    str,
    "Where this site is reached from outside; links in e-mails begin with it.",
)
ATTACHMENT_BYTES = Setting("CSBOT_ATTACHMENT_BYTES", 10 * 1024 * 1024, int, "The largest file accepted, in bytes.")
TRAIN_ON_CHANGE = Setting(
    "CSBOT_TRAIN_ON_CHANGE",
    True,
    bool,
    "Whether a change of a bot's intents or examples trains it again in the background.",
)

ALL = [value for value in list(globals().values()) if isinstance(value, Setting)]
