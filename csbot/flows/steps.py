"""What a flow is made of: slots, steps, and what follows an outcome. Typed, and complete once `parse` has made it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NEXT, START, END = "next", "start", "end"


@dataclass(frozen=True, slots=True)
class Slot:
    """A named value that the flow needs. `options` and `suggest` are paths or reading actions that list choices."""

    name: str
    type: str
    ask: str
    options: str = ""  # "order.items": a path into what actions saved; "shop.products": a reading action
    others: str = ""  # what a customer may name although it is no option here: recognised, and said to be none
    suggest: str = ""  # a reading action whose options are offered as buttons
    many: bool = False
    secret: bool = False
    remember: bool = False
    wrong: Mapping[str, str] = field(default_factory=dict)  # reason → wording
    label: Mapping[str, str] = field(default_factory=dict)  # what the slot is called, by language
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What follows an outcome: words, slots to forget, and where to go on."""

    say: str = ""
    clear: tuple[str, ...] = ()
    goto: str = NEXT
    handoff: str = ""
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Collect:
    line: int
    slots: tuple[str, ...]
    ask: str = ""  # asked instead of the first slot's own question while nothing at all is known


@dataclass(frozen=True, slots=True)
class Verify:
    line: int
    check: str
    code: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Confirm:
    line: int
    ask: str
    no: Target | None


@dataclass(frozen=True, slots=True)
class Act:
    line: int
    action: str
    arguments: Mapping[str, Any]
    save: str
    on: Mapping[str, Target]


@dataclass(frozen=True, slots=True)
class Branch:
    line: int
    path: str
    cases: Mapping[str, Target]
    otherwise: Target


@dataclass(frozen=True, slots=True)
class Say:
    line: int
    wording: str
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail: the wordings `<wording>.subject` and `<wording>.body`, to the address at the path `to`."""

    line: int
    wording: str
    to: str


@dataclass(frozen=True, slots=True)
class HandOff:
    line: int
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Goto:
    line: int
    label: str


@dataclass(frozen=True, slots=True)
class End:
    line: int
    say: str = ""
    more: bool = True  # ask whether there is anything else


Step = Collect | Verify | Confirm | Act | Branch | Say | Mail | HandOff | Goto | End


@dataclass(frozen=True, slots=True)
class FlowDefinition:
    """A flow that can be run: every label, slot, action and outcome it names exists."""

    key: str
    title: Mapping[str, str]
    topic: str
    slots: Mapping[str, Slot]
    steps: tuple[Step, ...]
    labels: Mapping[str, int]
    digest: str

    def place(self, label: str) -> int:
        """The index of the step that `label` names; `start` and `end` always exist."""
        return {START: 0, END: len(self.steps)}.get(label, self.labels.get(label, 0))

    def called(self, language: str) -> str:
        """The flow's title in `language`, else in any language there is."""
        return str(self.title.get(language) or next(iter(self.title.values()), self.key))
