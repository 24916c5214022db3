"""What goes into a turn and what comes out: the contract between the core, which claims and commits turns, and
the engine, which runs them outside any transaction.

The core builds a `TurnRequest`; the engine returns a `TurnResult`; only the core writes. The one exception is the
journal of business actions, which the engine reaches through `TurnRequest.journal`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from csbot.messages import Assurance, FileRef, Happening, Heard, Outbound


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as the dialogue sees it. `sender` is customer, bot, agent or system."""

    seq: int
    sender: str
    text: str
    choice: str = ""
    happening: Happening | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)  # a happening's: the timer's kind, the agent's name …
    attachments: tuple[FileRef, ...] = ()
    heard: Heard | None = None
    language: str = ""
    at: datetime | None = None


class Journal(Protocol):
    """Runs a business action at most once for (turn, step, arguments), across every re-run of the turn."""

    def run(self, step: str, action: str, arguments: Mapping[str, Any], call: Callable[[str], Any]) -> Any:
        """The result of `call(idempotency_key)`: replayed when this step was done before.

        Raises `csbot.turns.Superseded` when the turn lost its fence before the action began; nothing was done then.
        """
        ...


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """Everything a turn may know. `state` is the committed dialogue state before this turn (a JSON object)."""

    conversation: UUID
    number: int
    attempt: int
    brand: str
    bot: int  # primary key; the engine loads and caches what it needs by (bot, revision)
    bot_revision: int
    inbox: str
    inbox_mode: str
    channel: str
    form: str  # chat | spoken
    language: str
    languages: tuple[str, ...]
    assurance: Assurance
    subject: str  # the verified user's id at the embedding site, or ""
    contact: int
    contact_name: str
    email: str  # a verified address of the contact, or ""
    batch: tuple[Line, ...]  # what this turn answers, oldest first; never empty
    history: Callable[[], tuple[Line, ...]]  # reads the lines before the batch, oldest first, at most 20
    state: Mapping[str, Any]
    sentiments: tuple[float, ...]  # of the customer's earlier lines, newest last
    waiting: bool  # the conversation stands in a queue: the bot keeps the customer company, no more
    journal: Journal
    show: Callable[[int, str], None]  # (index, sentence): sends a draft; marks the turn as shown


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """Passing the conversation to people. `reason` is one of `Handoff.Reason`."""

    reason: str
    topic: str = ""
    detail: str = ""  # one line for the agent: why, in plain words
    summary: Mapping[str, Any] = field(default_factory=dict)  # intent, slots, what was tried and why it failed


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """The customer left an e-mail address instead of waiting."""

    email: str
    topic: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimerRequest:
    """Fire a happening of `kind` after `delay`; one per kind and conversation, the newest wins. None cancels it."""

    kind: str
    delay: timedelta | None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail that must go out once the turn is committed."""

    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class GapNote:
    """A question that nothing answered; `question` is masked. `near` are the hits that came closest."""

    question: str
    language: str
    reason: str
    near: tuple[Any, ...] = ()


@dataclass(slots=True)
class Stage:
    """One line of the trace: what a stage found and how long it took."""

    name: str
    finding: dict[str, Any]
    milliseconds: float


@dataclass(slots=True)
class TurnResult:
    """What a turn decided. Committed whole under the fence, or not at all."""

    replies: list[Outbound] = field(default_factory=list)
    state: dict[str, Any] = field(default_factory=dict)
    summary: str = ""  # the trace's first line: one plain sentence
    stages: list[Stage] = field(default_factory=list)
    language: str = ""
    sentiment: float | None = None
    topic: str = ""
    assurance: Assurance | None = None  # raised to this level
    subject: str = ""
    verified_email: str = ""  # an address whose ownership this turn proved
    handoff: HandoffRequest | None = None
    leave_queue: bool = False
    ticket: TicketRequest | None = None
    close: bool = False
    timers: list[TimerRequest] = field(default_factory=list)
    emails: list[Email] = field(default_factory=list)
    gaps: list[GapNote] = field(default_factory=list)
    # For programs that watch (csbot_chat --json, tests): intent, confidence, slots, decision, flow, sentiment
    facts: dict[str, Any] = field(default_factory=dict)


class Engine(Protocol):
    """What runs a turn. `CSBOT_ENGINE` names it by dotted path; it keeps no conversation state of its own."""

    def __call__(self, request: TurnRequest) -> TurnResult: ...
