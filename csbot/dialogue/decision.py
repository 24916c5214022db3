"""What a policy decides: things to say, and what is to happen. Words come later, in `respond`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from csbot.dialogue.turn import Email, GapNote, HandoffRequest, TicketRequest, TimerRequest
from csbot.messages import PERSON, Expects, Outbound
from kb.search import Hit


@dataclass(frozen=True, slots=True)
class Press:
    """A button: its title as a wording's key, or as text that stands in the content already."""

    value: str
    key: str = ""
    title: str = ""


A_PERSON = Press(PERSON, key="button.person")
YES = Press("yes", key="button.yes")
NO = Press("no", key="button.no")
TRY_AGAIN = (Press("yes", key="button.try_again"), A_PERSON)


@dataclass(frozen=True, slots=True)
class Say:
    """One message: a wording with values, an article, or something said before."""

    key: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    hit: Hit | None = None
    again: Outbound | None = None
    buttons: tuple[Press, ...] = ()
    expects: Expects | None = None
    personal: bool = False  # carries what an action told about the customer: only said to a proven one
    joined: bool = False  # goes into the same message as the one before


@dataclass(slots=True)
class Decision:
    """The first policy that returns one has decided the turn. `sentence` is the trace's first line."""

    policy: str
    sentence: str
    says: list[Say] = field(default_factory=list)
    handoff: HandoffRequest | None = None
    leave_queue: bool = False
    ticket: TicketRequest | None = None
    close: bool = False
    timers: list[TimerRequest] = field(default_factory=list)
    emails: list[Email] = field(default_factory=list)
    gaps: list[GapNote] = field(default_factory=list)
    flow: str = ""
    topic: str = ""


def timer(kind: str, seconds: float | None, **data: Any) -> TimerRequest:
    """A timer in `seconds`, or the end of the one of this kind."""
    return TimerRequest(kind, None if seconds is None else timedelta(seconds=seconds), data)
