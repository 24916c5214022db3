"""What a slot type is: it reads a value out of a sentence, and says what an answer may look like."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from csbot.flows.definition import Slot
from csbot.flows.matching import Option
from csbot.messages import Expects


@dataclass(frozen=True, slots=True)
class Question:
    """What a slot type may know when it reads.

    `asked`: this slot is what the customer was just asked for, so that a bare answer counts; else only what names
    itself does. `cued`: the sentence corrects something, or another slot was asked, so that only what is labelled
    (“order 54321”) or unmistakable counts. `others`: what may be named although it is no option here.
    """

    slot: Slot
    language: str
    asked: bool
    cued: bool = False
    options: tuple[Option, ...] = ()
    others: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A value, as JSON. `whole`: the sentence says this and nothing else worth understanding."""

    value: Any
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Wrong:
    """An attempt at a value that is none; `reason` picks the wording, `values` fill it."""

    reason: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Several:
    """The sentence fits several options: ask which of them."""

    options: tuple[Option, ...]


Reading = Found | Wrong | Several | None


class SlotType(Protocol):
    """One kind of value. Reading never raises; None means that the sentence says nothing of this kind."""

    name: str
    free: bool  # takes any words: while it is asked, other slots read only what is labelled

    def read(self, text: str, question: Question) -> Reading: ...

    def expects(self, slot: Slot, options: tuple[Option, ...]) -> Expects: ...
