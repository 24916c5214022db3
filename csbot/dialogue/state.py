"""The dialogue state: a versioned JSON document, committed with the turn that made it.

Conversations outlive deploys: `load` reads every earlier version, and a document that cannot be read at all begins
anew rather than failing the turn.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

logger = logging.getLogger(__name__)

SCHEMA = 1
REMEMBERED_LINES = 6
FAILURES_KEPT = 6


@dataclass(slots=True)
class Frame:
    """One flow under way. `data` is what actions saved, `heard` the customer's latest lines that concerned it."""

    flow: str
    digest: str
    step: int = 0
    slots: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    asked: str = ""  # a slot's name, or "?confirm", "?proof", "?code", "?retry", "?change"
    tries: int = 0
    heard: list[str] = field(default_factory=list)
    acted: bool = False  # something was changed in the business: there is no going back to correct it

    def hear(self, text: str) -> None:
        """Keeps a line for slots whose options are not known yet."""
        if text and text not in self.heard:
            self.heard = [*self.heard, text][-REMEMBERED_LINES:]


@dataclass(slots=True)
class Pending:
    """A question asked outside any flow, and what its answers mean."""

    kind: str  # guess, choose, more, person, email, resume
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class DialogueState:
    """Everything a conversation remembers between turns."""

    stack: list[Frame] = field(default_factory=list)
    pending: Pending | None = None
    ladder: int = 0  # how many rungs of the clarify ladder were climbed since the last success
    declined: list[str] = field(default_factory=list)  # guesses that were wrong: never offered twice in a row
    failures: list[str] = field(default_factory=list)  # what was tried and why it failed, for the agent
    last: dict[str, Any] = field(default_factory=dict)  # the last answer: article, title, tags, question
    intent: str = ""
    topic: str = ""
    known: dict[str, Any] = field(default_factory=dict)  # slots worth remembering for the next flow
    said: dict[str, int] = field(default_factory=dict)  # how often each wording was used: variants go on from there
    spoken: list[dict[str, Any]] = field(default_factory=list)  # the last turn's replies, for "say that again"
    anger: int = 0
    silences: int = 0
    greeted: bool = False
    company: bool = False  # somebody who waits has been told that a person will read what they write
    subject: str = ""  # whose data the flows hold
    language: str = ""  # what the customer was last understood to speak
    finished: str = ""  # the flow that has just ended: an order number on its own asks for it again
    unsupported: bool = False  # told once that a language is not spoken here

    @property
    def frame(self) -> Frame | None:
        """The flow that has the floor."""
        return self.stack[-1] if self.stack else None

    def fail(self, what: str) -> None:
        """Notes an attempt that did not help."""
        self.failures = [*self.failures, what][-FAILURES_KEPT:]

    def succeed(self) -> None:
        """The customer was helped: the ladder starts over."""
        self.ladder = 0
        self.declined = []

    def to_json(self) -> dict[str, Any]:
        """The document. `slots` repeats the running flow's for whoever reads the state without the engine."""
        document = {key: value for key, value in asdict(self).items() if value not in (None, "", 0, False, [], {})}
        document["schema"] = SCHEMA
        if self.stack:
            document["slots"] = dict(self.stack[-1].slots)
        return document


Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
UPGRADES: dict[int, Upgrade] = {}
"""From each earlier schema to the one after it."""


def load(document: Mapping[str, Any]) -> DialogueState:
    """The state in `document`, brought to the newest schema; a new state when it is empty, from a later release, or
    cannot be read."""
    if not document:
        return DialogueState()
    try:
        return _read(dict(document))
    except (AttributeError, KeyError, TypeError, ValueError):
        logger.exception("A dialogue state of schema %r cannot be read; it begins anew.", document.get("schema"))
        return DialogueState()


def _read(data: dict[str, Any]) -> DialogueState:
    version = int(data.get("schema", 0) or 0)
    if not version or version > SCHEMA:
        return DialogueState()
    while version < SCHEMA:
        data = UPGRADES[version](data)
        version += 1
    known = {item.name for item in fields(DialogueState)}
    values = {key: value for key, value in data.items() if key in known}
    values["stack"] = [_made(Frame, frame) for frame in data.get("stack", ())]
    values["pending"] = _made(Pending, data["pending"]) if data.get("pending") else None
    return DialogueState(**values)


def _made(kind: type[Any], data: Mapping[str, Any]) -> Any:
    known = {item.name for item in fields(kind)}
    return kind(**{key: value for key, value in data.items() if key in known})
